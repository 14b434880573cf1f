/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/sriov.h"

#include <stdarg.h>
#include <stdio.h>

#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/pci/function.h"
#include "lib/pci/regs.h"

/* Virtual functions (9). Function dependencies (9.3.3.8) and migration (9.3.3.3.1) are not looked
 * at: all virtual functions go to one workload. */

#define READY_US  100000  /* until a virtual function need not answer (9.3.3.3.1) */
#define ANSWER_US 1000000 /* ... and must answer by then (9.3.3.3.1) */
#define GONE_US   1000000 /* VF Enable off until the function may be touched (9.3.3.3.1) */

static int refuse(struct pci_vf_wish *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(struct pci_vf_wish *w, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(w->why, sizeof(w->why), fmt, args);
    va_end(args);
    return -RF_ENODEV;
}

static uint32_t read_reg(const struct pci_dev *pf, unsigned reg)
{
    return pci_read(pf, pf->cap_sriov + reg, 2);
}

static void write_reg(const struct pci_dev *pf, unsigned reg, uint32_t v)
{
    pci_write(pf, pf->cap_sriov + reg, 2, v);
}

/* --- before the BARs have addresses --------------------------------------------------------- */

static struct pci_vf_wish *wish_of(const struct pci_dev *d)
{
    for (unsigned i = 0; i < d->host->wish_count; i++) {
        if (d->host->wish[i].pf == d->rid)
            return &d->host->wish[i];
    }
    return NULL;
}

static int check_capability(const struct pci_dev *pf, struct pci_vf_wish *w)
{
    unsigned initial, total;

    if (pf->cap_sriov == 0)
        return refuse(w, "it has no SR-IOV capability");
    if (pf->cap_sriov + PCI_SRIOV_SIZE > PCI_CFG_SIZE)
        return refuse(w, "its SR-IOV capability does not fit into configuration space");
    initial = read_reg(pf, PCI_SRIOV_INITIAL);
    total = read_reg(pf, PCI_SRIOV_TOTAL);
    if (initial > total)
        return refuse(w, "it says that %u of its %u virtual functions are there", initial, total);
    if (w->count > initial)
        return refuse(w, "it has %u virtual functions", initial);
    if (!(pci_read(pf, pf->cap_sriov + PCI_SRIOV_PAGES, 4) & PCI_SRIOV_PAGE_4K))
        return refuse(w, "its virtual functions cannot lie in pages of 4 KiB");
    return 0;
}

static bool forwards_ari(const struct pci_dev *port)
{
    return port && pci_cap_size(port, port->cap_pcie, PCI_CAP_ID_PCIE) >= PCI_EXP_DEVCTL2 + 2 &&
           pci_read(port, port->cap_pcie + PCI_EXP_DEVCAP2, 4) & PCI_EXP_DEVCAP2_ARI;
}

/* ARI Capable Hierarchy is a bit of the lowest physical function of a device, for all of them
 * (9.3.3.3.5). */
static const struct pci_dev *lowest_pf(const struct pci_dev *pf)
{
    const struct pci_dev *d;

    TAILQ_FOREACH (d, &pf->host->devs, link) {
        if ((d->rid & ~7u) == (pf->rid & ~7u) && d->cap_sriov &&
            d->cap_sriov + PCI_SRIOV_SIZE <= PCI_CFG_SIZE)
            return d;
    }
    return pf;
}

/* With ARI a device has 256 functions (6.13): virtual functions then need fewer bus numbers. The
 * port forwards to them only when it is told to. */
static void set_ari(const struct pci_dev *pf)
{
    const struct pci_dev *port = pf->parent, *lowest = lowest_pf(pf);
    unsigned reg;

    if (pf->cap_ari == 0 || !forwards_ari(port))
        return;
    reg = port->cap_pcie + PCI_EXP_DEVCTL2;
    pci_write(port, reg, 2, pci_read(port, reg, 2) | (uint32_t)PCI_EXP_DEVCTL2_ARI);
    write_reg(lowest, PCI_SRIOV_CTRL, read_reg(lowest, PCI_SRIOV_CTRL) | (uint32_t)PCI_SRIOV_ARI);
}

/* First VF Offset and VF Stride are known when ARI and NumVFs are set (9.3.3.9, 9.3.3.10). */
static int read_routing(struct pci_dev *pf, struct pci_vf_wish *w)
{
    struct pci_sriov s = {.count = w->count};
    uint32_t last;

    set_ari(pf);
    write_reg(pf, PCI_SRIOV_NUM, s.count);
    pci_write(pf, pf->cap_sriov + PCI_SRIOV_PAGE_SIZE, 4, PCI_SRIOV_PAGE_4K);
    s.offset = (uint16_t)read_reg(pf, PCI_SRIOV_OFFSET);
    s.stride = (uint16_t)read_reg(pf, PCI_SRIOV_STRIDE);
    last = (uint32_t)pf->rid + s.offset + (s.count - 1u) * s.stride;
    if (s.offset == 0 || (s.stride == 0 && s.count > 1) || last > UINT16_MAX)
        return refuse(w, "First VF Offset 0x%x and VF Stride 0x%x lead nowhere", s.offset,
                      s.stride);
    pf->sriov = s;
    return 0;
}

void pci_sriov_prepare(struct pci_dev *d)
{
    struct pci_vf_wish *w = wish_of(d);

    if (w && !check_capability(d, w))
        (void)read_routing(d, w);
}

pci_rid_t pci_sriov_rid(const struct pci_dev *pf, unsigned n)
{
    return (pci_rid_t)(pf->rid + pf->sriov.offset + n * pf->sriov.stride);
}

unsigned pci_sriov_last_bus(const struct pci_dev *d)
{
    return PCI_BUS(d->sriov.count ? pci_sriov_rid(d, d->sriov.count - 1u) : d->rid);
}

/* --- is there a way to them? ----------------------------------------------------------------- */

static bool claims(const struct pci_dev *bridge, unsigned bus)
{
    return bridge->is_bridge && bus >= bridge->bus_secondary && bus <= bridge->bus_subordinate;
}

/* Whether nothing else has this requester id, or leads to its bus. */
static bool is_free(const struct pci_dev *pf, pci_rid_t rid)
{
    const struct pci_dev *d;

    TAILQ_FOREACH (d, &pf->host->devs, link) {
        if (d->rid == rid || (d->parent == pf->parent && claims(d, PCI_BUS(rid))))
            return false;
    }
    return true;
}

/* The bus behind a port has one device number, unless the port forwards ARI. */
static bool is_device_there(const struct pci_dev *pf, pci_rid_t rid)
{
    return !pf->parent || PCI_BUS(rid) != pf->parent->bus_secondary || PCI_DEV(rid) == 0 ||
           read_reg(lowest_pf(pf), PCI_SRIOV_CTRL) & PCI_SRIOV_ARI;
}

static bool is_bus_there(const struct pci_dev *pf, unsigned bus)
{
    const struct pci_dev *port = pf->parent;

    return port ? bus >= port->bus_secondary && bus <= port->bus_subordinate
                : bus >= pf->host->bus_first && bus <= pf->host->bus_last;
}

static int check_routes(const struct pci_dev *pf, struct pci_vf_wish *w)
{
    for (unsigned n = 0; n < pf->sriov.count; n++) {
        pci_rid_t rid = pci_sriov_rid(pf, n);

        if (!is_bus_there(pf, PCI_BUS(rid)))
            return refuse(w, "no bus number 0x%02x leads to its virtual function %u", PCI_BUS(rid),
                          n);
        if (!is_device_there(pf, rid))
            return refuse(w, "the port above does not forward ARI, which virtual function %u needs",
                          n);
        if (!is_free(pf, rid))
            return refuse(w, "the bus address %02x:%02x.%x of its virtual function %u is taken",
                          PCI_BUS(rid), PCI_DEV(rid), PCI_FN(rid), n);
    }
    return 0;
}

/* BARs below the System Page Size would put two functions into one page. */
static int check_bars(const struct pci_dev *pf, struct pci_vf_wish *w)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pf->sriov.bar); i++) {
        const struct pci_bar *b = &pf->sriov.bar[i];

        if (!b->present)
            continue;
        if (b->io || b->size < KIB(4))
            return refuse(w, "VF BAR %u is not memory in pages of its own", i);
        if (!paddr_valid(b->cpu))
            return refuse(w, "no window has room for VF BAR %u (%u times 0x%lx bytes)", i,
                          pf->sriov.count, b->size);
    }
    return 0;
}

/* --- on and off ------------------------------------------------------------------------------ */

static bool answers(const struct pci_dev *pf, pci_rid_t rid)
{
    deadline_t end = deadline_in_us(ANSWER_US);

    for (;;) {
        bool late = deadline_passed(end);

        if (pf->host->ops->read(pf->host, rid, PCI_COMMAND, 2) != 0xffff)
            return true;
        if (late)
            return false;
        clock_relax();
    }
}

static int take_all(struct pci_dev *pf, struct pci_vf_wish *w)
{
    for (unsigned n = 0; n < pf->sriov.count; n++) {
        if (!answers(pf, pci_sriov_rid(pf, n)))
            return refuse(w, "its virtual function %u does not answer", n);
        if (!pci_take_vf(pf, n))
            return refuse(w, "there is no memory for virtual function %u", n);
    }
    return 0;
}

/* Memory decode of a virtual function is VF MSE, here (9.3.3.3.4), so what is above it must forward
 * always: the physical function's own decode is what keeps the bridges open. */
int pci_sriov_enable(struct pci_dev *pf, struct pci_vf_wish *w)
{
    int err = check_bars(pf, w);

    if (!err)
        err = check_routes(pf, w);
    if (err)
        return err;
    pci_set_memory(pf, true);
    write_reg(pf, PCI_SRIOV_CTRL,
              read_reg(pf, PCI_SRIOV_CTRL) | (uint32_t)(PCI_SRIOV_VF_ENABLE | PCI_SRIOV_VF_MEMORY));
    clock_delay_us(READY_US);
    err = take_all(pf, w);
    if (err)
        pci_sriov_disable(pf);
    return err;
}

void pci_sriov_disable(struct pci_dev *pf)
{
    const uint32_t on = PCI_SRIOV_VF_ENABLE | PCI_SRIOV_VF_MEMORY;
    struct pci_dev *d = TAILQ_FIRST(&pf->host->devs), *next;

    for (; d; d = next) {
        next = TAILQ_NEXT(d, link);
        if (d->pf != pf)
            continue;
        pci_set_bus_master(d, false);
        pci_drop(d);
    }
    write_reg(pf, PCI_SRIOV_CTRL, read_reg(pf, PCI_SRIOV_CTRL) & ~on);
    clock_delay_us(GONE_US);
    pci_set_memory(pf, false);
}
