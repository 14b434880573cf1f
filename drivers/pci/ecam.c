/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/pci/ecam.h"

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/pci/regs.h"

#define FUNCTION_LG2 12 /* a requester id is the number of its 4 KiB */
#define BUS_LG2      20

struct ecam {
    struct pci_host host;
    struct mmio regs;
    uint64_t first; /* of the first bus, if bus 0 were at 0 */
    uint64_t size;  /* of the functions of its buses, as far as they are mapped whole */
};

/* False for what is not there: another bus, beyond the mapping, beyond the function, or across the
 * access width. */
static inline bool locate(const struct ecam *e, pci_rid_t rid, unsigned off, unsigned width,
                          uint32_t *at)
{
    uint64_t function = ((uint64_t)rid << FUNCTION_LG2) - e->first;

    *at = (uint32_t)function + off;
    return function < e->size && off < PCI_CFG_SIZE && (off & (width - 1)) == 0;
}

static __attribute__((noinline)) uint32_t read_narrow(const struct ecam *e, uint32_t at,
                                                      unsigned width)
{
    uint64_t v = UINT64_MAX;

    (void)mmio_try_read(&e->regs, at, width, &v);
    return (uint32_t)(v & MASK(8 * width - 1, 0));
}

/* What does not answer reads as all ones (2.3.2), also where the host bridge makes an error on the
 * bus of it. */
static uint32_t ecam_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    const struct ecam *e = CONTAINER_OF(h, struct ecam, host);
    uint32_t at;

    if (!locate(e, rid, off, width, &at))
        return (uint32_t)MASK(8 * width - 1, 0);
    return width == 4 ? mmio_read32_or_ones(&e->regs, REG32(at)) : read_narrow(e, at, width);
}

static void ecam_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width, uint32_t v)
{
    const struct ecam *e = CONTAINER_OF(h, struct ecam, host);
    uint32_t at;

    if (locate(e, rid, off, width, &at))
        (void)mmio_try_write(&e->regs, at, width, v);
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
    e->first = (uint64_t)cfg->bus_first << BUS_LG2;
    e->size = MIN(align_down(cfg->ecam.size, UINT64_C(1) << FUNCTION_LG2),
                  (uint64_t)(cfg->bus_last - cfg->bus_first + 1) << BUS_LG2);
    e->host.ops = &ecam_ops;
    e->host.name = cfg->name;
    e->host.segment = cfg->segment;
    e->host.bus_first = cfg->bus_first;
    e->host.bus_last = cfg->bus_last;
    e->host.other_roots = cfg->other_roots;
    e->host.window_count = cfg->window_count;
    for (unsigned i = 0; i < cfg->window_count; i++)
        e->host.window[i] = cfg->window[i];
    TAILQ_INIT(&e->host.devs);
    *out = &e->host;
    return 0;
}
