/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/config.h"

static struct vfio_config_dword *dword_at(const struct vfio_device *d, unsigned off)
{
    return &d->config->dword[off / 4];
}

/* --- What a write brings about --------------------------------------------------------------- */

static bool in_d0(const struct vfio_device *d)
{
    return d->pci->cap_pm == 0 ||
           FIELD_GET(PCI_PM_STATE, dword_at(d, d->pci->cap_pm + PCI_PM_CTRL)->value) == PCI_PM_D0;
}

bool vfio_config_memory(const struct vfio_device *d)
{
    return !d->lost && in_d0(d) && dword_at(d, PCI_COMMAND)->value & PCI_COMMAND_MEMORY;
}

void vfio_config_apply(struct vfio_device *d)
{
    uint32_t command = d->lost ? 0 : dword_at(d, PCI_COMMAND)->value;

    pci_set_memory(d->pci, command & PCI_COMMAND_MEMORY);
    pci_set_bus_master(d->pci,
                       command & PCI_COMMAND_MASTER && in_d0(d) && vfio_group_attached(d->group));
}

/* Maps of the BARs go before decode does: a load from a BAR that does not decode may come back to
 * the CPU as an SError, and a device would reach whatever takes the address next. */
static void update(struct vfio_device *d)
{
    if (!vfio_config_memory(d))
        vfio_peer_revoke(d);
    vfio_config_apply(d);
}

static void command_written(struct vfio_device *d, struct vfio_config_dword *dword, uint32_t old)
{
    if ((dword->value ^ old) & (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER))
        update(d);
}

/* A write of a state that the function does not have changes nothing (7.5.2.2). */
static void power_written(struct vfio_device *d, struct vfio_config_dword *dword, uint32_t old)
{
    uint32_t state = FIELD_GET(PCI_PM_STATE, dword->value);

    if (state != PCI_PM_D0 && state != PCI_PM_D3HOT)
        dword->value = old;
    if (dword->value != old)
        update(d);
}

static void reset_written(struct vfio_device *d, struct vfio_config_dword *dword, uint32_t bit)
{
    bool wanted = dword->value & bit;

    dword->value &= ~bit; /* reads as 0 always */
    if (wanted && d->pci->has_flr)
        vfio_device_reset(d);
}

static bool is_register(unsigned off, unsigned cap, unsigned reg)
{
    return cap && off == cap + reg;
}

static void written(struct vfio_device *d, unsigned off, uint32_t old)
{
    const struct pci_dev *pci = d->pci;
    struct vfio_config_dword *dword = dword_at(d, off);

    off = (unsigned)align_down(off, 4);
    if (off == PCI_COMMAND)
        command_written(d, dword, old);
    else if (is_register(off, pci->cap_pm, PCI_PM_CTRL))
        power_written(d, dword, old);
    else if (is_register(off, pci->cap_pcie, PCI_EXP_DEVCTL))
        reset_written(d, dword, PCI_EXP_DEVCTL_FLR);
    else if (is_register(off, pci->cap_af, PCI_AF_CTRL))
        reset_written(d, dword, PCI_AF_CTRL_FLR);
}

/* --- One access ------------------------------------------------------------------------------ */

/* Bits of a dword that an access of `width` bytes at `off` covers. */
static uint32_t lane(unsigned off, unsigned width)
{
    return UINT32_MAX >> (32 - 8 * width) << (8 * (off & 3));
}

static uint32_t read_field(const struct vfio_device *d, unsigned off, unsigned width)
{
    const struct vfio_config_dword *dword = dword_at(d, off);
    unsigned shift = 8 * (off & 3);
    uint32_t device = lane(off, width) & ~dword->virt, own = lane(off, width) & dword->virt;

    if (device)
        device &= pci_read(d->pci, off, width) << shift;
    return (device | (dword->value & own)) >> shift;
}

/* Bits that the workload may not write go out as they are. */
static void write_device(const struct vfio_device *d, unsigned off, unsigned width, uint32_t value)
{
    const struct vfio_config_dword *dword = dword_at(d, off);
    unsigned shift = 8 * (off & 3);
    uint32_t bits = lane(off, width) & dword->write & ~dword->virt;
    uint32_t now;

    if (bits == 0)
        return;
    now = pci_read(d->pci, off, width) << shift;
    now = (now & ~bits) | (value & bits);
    pci_write(d->pci, off, width, now >> shift);
}

static void write_field(struct vfio_device *d, unsigned off, unsigned width, uint32_t value)
{
    struct vfio_config_dword *dword = dword_at(d, off);
    uint32_t bits = lane(off, width) & dword->write & dword->virt;
    uint32_t old = dword->value;

    value <<= 8 * (off & 3);
    dword->value = (old & ~bits) | (value & bits);
    write_device(d, off, width, value);
    written(d, off, old);
}

/* --- pread and pwrite ------------------------------------------------------------------------ */

/* The widest naturally aligned access at off that n bytes allow. */
static unsigned width_at(uint64_t off, size_t n)
{
    if (is_aligned(off, 4) && n >= 4)
        return 4;
    return is_aligned(off, 2) && n >= 2 ? 2 : 1;
}

static int read_one(struct vfio_device *d, uint64_t uaddr, unsigned off, unsigned width)
{
    uint32_t value = read_field(d, off, width);

    return vfio_env->copy_out(uaddr, &value, width);
}

static int write_one(struct vfio_device *d, uint64_t uaddr, unsigned off, unsigned width)
{
    uint32_t value = 0;
    int err = vfio_env->copy_in(&value, uaddr, width);

    if (!err)
        write_field(d, off, width, value);
    return err;
}

typedef int (*one_fn)(struct vfio_device *d, uint64_t uaddr, unsigned off, unsigned width);

static __attribute__((noinline)) long access_all(struct vfio_device *d, uint64_t uaddr, size_t n,
                                                 uint64_t offset, one_fn one)
{
    if (n == 0)
        return 0;
    if (offset >= d->config->size || n > d->config->size - offset)
        return trace(-RF_EFAULT);
    for (size_t done = 0; done < n;) {
        unsigned at = (unsigned)(offset + done), width = width_at(at, n - done);
        int err = one(d, uaddr + done, at, width);

        if (err)
            return err;
        done += width;
    }
    return (long)n;
}

/* A dword at a time is how most drivers read. */
static bool is_dword(const struct vfio_config *config, size_t n, uint64_t offset)
{
    return n == 4 && is_aligned(offset, 4) && offset < config->size;
}

static uint32_t read_dword(const struct vfio_device *d, unsigned off)
{
    const struct vfio_config_dword *dword = dword_at(d, off);

    if (dword->virt == UINT32_MAX)
        return dword->value;
    return (pci_read(d->pci, off, 4) & ~dword->virt) | (dword->value & dword->virt);
}

long vfio_config_read(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset)
{
    uint32_t value;
    int err;

    if (!is_dword(d->config, n, offset))
        return access_all(d, uaddr, n, offset, read_one);
    value = read_dword(d, (unsigned)offset);
    err = vfio_words_out(uaddr, &value, sizeof(value));
    return err ? err : (long)sizeof(value);
}

long vfio_config_write(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset)
{
    return access_all(d, uaddr, n, offset, write_one);
}
