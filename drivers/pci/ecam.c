/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/pci/ecam.h"

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/pci/regs.h"

#define FUNCTION_LG2 12 /* a requester id is the number of its 4 KiB */

struct ecam {
    struct pci_host host;
    struct mmio regs;
};

static const struct mmio *regs_of(struct pci_host *h)
{
    return &CONTAINER_OF(h, struct ecam, host)->regs;
}

/* False for what is not there: another bus, beyond the mapping, beyond the function, or across the
 * access width. */
static bool locate(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width, uint32_t *at)
{
    uint64_t first = (uint64_t)PCI_RID(h->bus_first, 0, 0) << FUNCTION_LG2;
    uint64_t offset = ((uint64_t)rid << FUNCTION_LG2) + off - first;

    if (PCI_BUS(rid) < h->bus_first || PCI_BUS(rid) > h->bus_last || off >= PCI_CFG_SIZE ||
        off % width != 0 || offset + width > regs_of(h)->size)
        return false;
    *at = (uint32_t)offset;
    return true;
}

/* What does not answer reads as all ones (2.3.2), also where the host bridge makes an error on the
 * bus of it. */
static uint32_t ecam_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    uint64_t v = UINT64_MAX;
    uint32_t at;

    if (locate(h, rid, off, width, &at))
        (void)mmio_try_read(regs_of(h), at, width, &v);
    return (uint32_t)(v & MASK(8 * width - 1, 0));
}

static void ecam_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width, uint32_t v)
{
    uint32_t at;

    if (locate(h, rid, off, width, &at))
        (void)mmio_try_write(regs_of(h), at, width, v);
}

static const struct pci_host_ops ecam_ops = {.read = ecam_read, .write = ecam_write};

int ecam_create(const struct ecam_config *cfg, struct pci_host **out)
{
    struct ecam *e;

    if (cfg->bus_first > cfg->bus_last || cfg->window_count > PCI_WINDOWS)
        return -RF_EINVAL;
    e = heap_alloc(sizeof(*e));
    if (!e)
        return -RF_ENOMEM;
    e->regs = cfg->ecam;
    e->host.ops = &ecam_ops;
    e->host.name = cfg->name;
    e->host.segment = cfg->segment;
    e->host.bus_first = cfg->bus_first;
    e->host.bus_last = cfg->bus_last;
    e->host.window_count = cfg->window_count;
    for (unsigned i = 0; i < cfg->window_count; i++)
        e->host.window[i] = cfg->window[i];
    TAILQ_INIT(&e->host.devs);
    *out = &e->host;
    return 0;
}
