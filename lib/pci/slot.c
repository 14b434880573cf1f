/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/slot.h"

#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/pci/regs.h"

#define COMMAND_US 1000000 /* the longest that a command may take (6.7.3.2) */

static uint32_t read_pcie(const struct pci_dev *d, unsigned reg, unsigned width)
{
    return pci_read(d, d->cap_pcie + reg, width);
}

static bool has_message(const struct pci_dev *d)
{
    return d->msi.cap || (d->msix.cap && paddr_valid(d->bar[d->msix.table_bar].cpu));
}

bool pci_slot_can_send(const struct pci_dev *d)
{
    const uint32_t wanted = PCI_EXP_SLTCAP_HPC;

    if (!d->is_pcie || d->port_type != PCI_PORT_ROOT || !has_message(d) ||
        pci_cap_size(d, d->cap_pcie, PCI_CAP_ID_PCIE) < PCI_EXP_SLTSTA + 2 ||
        !(read_pcie(d, PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_SLOT))
        return false;
    return (read_pcie(d, PCI_EXP_SLTCAP, 4) & (wanted | PCI_EXP_SLTCAP_NCCS)) == wanted;
}

/* --- commands of the slot ------------------------------------------------------------------ */

static bool is_completed(const struct pci_dev *d)
{
    return read_pcie(d, PCI_EXP_SLTSTA, 2) & PCI_EXP_SLTSTA_CC;
}

/* The status bits are cleared by writing 1: the others stay. */
static void clear_completed(const struct pci_dev *d)
{
    if (is_completed(d))
        pci_write(d, d->cap_pcie + PCI_EXP_SLTSTA, 2, PCI_EXP_SLTSTA_CC);
}

static void give_command(const struct pci_dev *d, uint32_t control)
{
    pci_write(d, d->cap_pcie + PCI_EXP_SLTCTL, 2, control);
}

/* Before the next command may be given (6.7.3.2). A port that never tells is left as it is. */
static void finish_command(const struct pci_dev *d)
{
    deadline_t end = deadline_in_us(COMMAND_US);

    while (!is_completed(d) && !deadline_passed(end))
        clock_relax();
    clear_completed(d);
}

/* --- the message --------------------------------------------------------------------------- */

/* Which entry of the table it is can be read only while MSI-X is enabled (7.5.3.2). */
static int set_msix(struct pci_slot *s, uint64_t address, uint32_t data)
{
    const struct pci_dev *d = s->port;

    pci_msix_enable(d);
    s->entry = (uint16_t)FIELD_GET(PCI_EXP_FLAGS_MESSAGE, read_pcie(d, PCI_EXP_FLAGS, 2));
    if (s->entry >= d->msix.count) {
        pci_msix_disable(d);
        return trace(-RF_EINVAL);
    }
    pci_msix_set(s->table, s->entry, address, data);
    pci_msix_mask(s->table, s->entry, false);
    return 0;
}

static int set_message(struct pci_slot *s, uint64_t address, uint32_t data)
{
    if (s->port->msi.cap)
        return pci_msi_enable(s->port, 1, address, data);
    return set_msix(s, address, data);
}

static void clear_message(const struct pci_slot *s)
{
    const struct pci_dev *d = s->port;

    if (!d->msi.cap) {
        pci_msix_set(s->table, s->entry, 0, 0);
        pci_msix_disable(d);
        return;
    }
    pci_msi_disable(d);
    pci_write(d, d->msi.cap + PCI_MSI_ADDR, 4, 0);
    if (d->msi.is_64)
        pci_write(d, d->msi.cap + PCI_MSI_ADDR_UPPER, 4, 0);
    pci_write(d, d->msi.cap + PCI_MSI_DATA(d->msi.is_64), 2, 0);
}

/* --- the whole ----------------------------------------------------------------------------- */

/* A message is sent when there is an enabled event and was none before (6.7.3.4): so the completed
 * command becomes the only enabled one. */
int pci_slot_send(struct pci_slot *s, uint64_t address, uint32_t data)
{
    const struct pci_dev *d = s->port;
    int err;

    s->command = (uint16_t)pci_read(d, PCI_COMMAND, 2);
    s->control = (uint16_t)read_pcie(d, PCI_EXP_SLTCTL, 2);
    pci_write(d, PCI_COMMAND, 2, s->command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    err = set_message(s, address, data);
    if (err) {
        pci_write(d, PCI_COMMAND, 2, s->command);
        return err;
    }
    clear_completed(d);
    give_command(d, (s->control & ~(uint32_t)PCI_EXP_SLTCTL_EVENTS) | PCI_EXP_SLTCTL_CCIE |
                        PCI_EXP_SLTCTL_HPIE);
    return 0;
}

/* Bus mastering goes off first, so that nothing below is a cause to write again. */
void pci_slot_restore(const struct pci_slot *s)
{
    const struct pci_dev *d = s->port;
    uint32_t memory_only = (s->command & ~(uint32_t)PCI_COMMAND_MASTER) | PCI_COMMAND_MEMORY;

    finish_command(d);
    pci_write(d, PCI_COMMAND, 2, memory_only);
    give_command(d, s->control);
    finish_command(d);
    clear_message(s);
    pci_write(d, PCI_COMMAND, 2, s->command);
    (void)pci_read(d, PCI_COMMAND, 2); /* its completion pushes earlier writes (2.4.1) */
}
