/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "arch/mmu.h"
#include "lib/vfio/config.h"

/* pread and pwrite of a BAR: the widest naturally aligned accesses that the buffer allows. */

/* Register offsets have 32 bits; what lies beyond is reached by mmap. */
#define BAR_REACH GIB(4)

static unsigned width_at(uint64_t off, size_t n)
{
    unsigned width = 8;

    while (!is_aligned(off, width) || n < width)
        width /= 2;
    return width;
}

/* The MSI-X table is the kernel's: as in Linux it reads as all ones, and writes to it are dropped.
 * It starts at a multiple of 8, so no access is partly inside. */
static bool is_msix_table(const struct vfio_device *d, unsigned bar, uint64_t off)
{
    const struct pci_msix *x = &d->pci->msix;

    return x->cap && x->table_bar == bar && off >= x->table_off &&
           off - x->table_off < (uint64_t)x->count * 16;
}

static int access_one(struct vfio_device *d, unsigned bar, uint64_t uaddr, uint32_t off,
                      unsigned width, bool write)
{
    bool closed = is_msix_table(d, bar, off);
    uint64_t value = UINT64_MAX;
    int err;

    if (!write) {
        if (!closed && !mmio_try_read(&d->bar[bar], off, width, &value))
            return trace(-RF_EIO);
        return vfio_env->copy_out(uaddr, &value, width);
    }
    err = vfio_env->copy_in(&value, uaddr, width);
    if (!err && !closed && !mmio_try_write(&d->bar[bar], off, width, value))
        err = trace(-RF_EIO);
    return err;
}

/* A BAR stays mapped for the kernel once it was: device maps are never taken back. */
static int map_bar(struct vfio_device *d, unsigned bar)
{
    const struct pci_bar *b = &d->pci->bar[bar];

    return d->bar[bar].size ? 0 : mmu_map_device(b->cpu, MIN(b->size, BAR_REACH), &d->bar[bar]);
}

long vfio_bar_access(struct vfio_device *d, unsigned bar, uint64_t uaddr, size_t n, uint64_t offset,
                     bool write)
{
    uint64_t reach = MIN(d->pci->bar[bar].size, BAR_REACH);
    int err;

    if (offset >= reach)
        return trace(-RF_EINVAL);
    if (!vfio_config_memory(d))
        return trace(-RF_EIO);
    n = MIN(n, reach - offset);
    err = map_bar(d, bar);
    for (size_t done = 0; !err && done < n;) {
        unsigned width = width_at(offset + done, n - done);

        err = access_one(d, bar, uaddr + done, (uint32_t)(offset + done), width, write);
        done += width;
    }
    return err ? err : (long)n;
}
