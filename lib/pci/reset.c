/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"
#include "lib/pci/acs.h"
#include "lib/pci/bar.h"
#include "lib/pci/regs.h"

/* Function level reset (6.6.2) and its two substitutes. */

#define PENDING_US \
    100000               /* transactions of a function that no longer masters the bus drain in ms */
#define RESET_US  100000 /* a function need not answer earlier (6.6.2) */
#define ANSWER_US 1000000 /* ... and must answer by then (6.6.1) */
#define POWER_US  10000   /* D0 to D3hot and back (5.9) */

/* Either of the two status bits that say that requests are under way. */
static bool is_pending(const struct pci_dev *d)
{
    if (d->cap_pcie)
        return pci_read(d, d->cap_pcie + PCI_EXP_DEVSTA, 2) & PCI_EXP_DEVSTA_PENDING;
    return d->cap_af && (pci_read(d, d->cap_af + PCI_AF_STATUS, 1) & PCI_AF_STATUS_TP);
}

static bool is_gone(const struct pci_dev *d)
{
    return pci_read(d, PCI_COMMAND, 2) == 0xffff; /* the vendor id of a VF always is */
}

/* False after us microseconds; the last look is after the deadline. */
static bool wait_while(const struct pci_dev *d, bool (*busy)(const struct pci_dev *d), uint64_t us)
{
    deadline_t deadline = deadline_in_us(us);

    for (;;) {
        bool late = deadline_passed(deadline);

        if (!busy(d))
            return true;
        if (late)
            return false;
        clock_relax();
    }
}

static bool has_pcie_flr(const struct pci_dev *d)
{
    return d->cap_pcie && (pci_read(d, d->cap_pcie + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR);
}

static void pcie_flr(const struct pci_dev *d)
{
    uint32_t ctrl = pci_read(d, d->cap_pcie + PCI_EXP_DEVCTL, 2);

    pci_write(d, d->cap_pcie + PCI_EXP_DEVCTL, 2, ctrl | (uint32_t)PCI_EXP_DEVCTL_FLR);
    wait_us(RESET_US);
}

static bool has_af_flr(const struct pci_dev *d)
{
    return d->cap_af != 0;
}

static void af_flr(const struct pci_dev *d)
{
    pci_write(d, d->cap_af + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR);
    wait_us(RESET_US);
}

static bool has_pm_reset(const struct pci_dev *d)
{
    return d->cap_pm && !(pci_read(d, d->cap_pm + PCI_PM_CTRL, 2) & PCI_PM_NO_SOFT_RESET);
}

static void set_power_state(const struct pci_dev *d, uint32_t state)
{
    uint32_t ctrl = pci_read(d, d->cap_pm + PCI_PM_CTRL, 2);

    pci_write(d, d->cap_pm + PCI_PM_CTRL, 2, (uint32_t)FIELD_SET(ctrl, PCI_PM_STATE, state));
    wait_us(POWER_US);
}

static void pm_reset(const struct pci_dev *d)
{
    set_power_state(d, PCI_PM_D3HOT);
    set_power_state(d, 0);
}

/* The first that the function has. */
static const struct reset_method {
    bool (*has)(const struct pci_dev *d);
    void (*reset)(const struct pci_dev *d);
} methods[] = {
    {has_pcie_flr, pcie_flr},
    {has_af_flr, af_flr},
    {has_pm_reset, pm_reset},
};

int pci_reset(struct pci_dev *d)
{
    if (is_gone(d))
        return trace(-RF_ENXIO);
    for (unsigned i = 0; i < ARRAY_SIZE(methods); i++) {
        if (!methods[i].has(d))
            continue;
        if (!wait_while(d, is_pending, PENDING_US))
            log_warn_limited("%s: transactions are still pending: it is reset all the same",
                             d->name);
        methods[i].reset(d);
        if (wait_while(d, is_gone, ANSWER_US))
            return 0;
        log_limited(LOG_ERR, "%s: it does not answer 1 s after its reset", d->name);
        return -RF_ETIMEDOUT;
    }
    return -RF_EOPNOTSUPP;
}

void pci_restore(const struct pci_dev *d)
{
    pci_write(d, PCI_COMMAND, 2, PCI_COMMAND_INTX);
    pci_enable_acs(d);
    pci_write_bars(d);
    pci_set_memory(d, true);
}
