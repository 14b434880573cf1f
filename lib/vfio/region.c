/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "lib/vfio/config.h"

/* Regions of a device: what there is, what may be mapped, and where an access goes. */

#define REGION_OFFSET MASK(VFIO_REGION_SHIFT - 1, 0)

static unsigned region_of(uint64_t offset)
{
    return (unsigned)MIN(offset >> VFIO_REGION_SHIFT, VFIO_PCI_NUM_REGIONS);
}

/* The BAR behind a region index, if the CPU can reach it; else NULL. */
static const struct pci_bar *bar_of(const struct vfio_device *d, unsigned index)
{
    const struct pci_bar *bar;

    if (index > VFIO_PCI_BAR5_REGION_INDEX)
        return NULL;
    bar = &d->pci->bar[index];
    return bar->present && !bar->io && paddr_valid(bar->cpu) ? bar : NULL;
}

/* --- What may be mapped ---------------------------------------------------------------------- */

/* The parts of a BAR that hold the MSI-X table and PBA, as offsets; how many there are. */
static unsigned msix_parts(const struct vfio_device *d, unsigned bar, struct range parts[2])
{
    const struct pci_msix *x = &d->pci->msix;
    unsigned n = 0;

    if (x->cap == 0)
        return 0;
    if (x->table_bar == bar && range_make(x->table_off, MAX(x->count, 1) * UINT64_C(16), &parts[n]))
        n++;
    /* One bit a vector, in whole quadwords (7.7.2.4). */
    if (x->pba_bar == bar && range_make(x->pba_off, align_up(MAX(x->count, 1), 64) / 8, &parts[n]))
        n++;
    return n;
}

static bool shares_page(const struct pci_bar *a, const struct pci_bar *b)
{
    return a != b && b->present && !b->io && paddr_valid(b->cpu) &&
           align_down(a->cpu.v, PAGE_SIZE) <= b->cpu.v + b->size - 1 &&
           b->cpu.v <= align_down(a->cpu.v, PAGE_SIZE) + PAGE_SIZE - 1;
}

/* A BAR smaller than a page can be mapped only if nothing else of the host bridge is in its page.
 */
static bool is_alone(const struct vfio_device *d, const struct pci_bar *bar)
{
    const struct pci_dev *other;

    TAILQ_FOREACH (other, &d->pci->host->devs, link) {
        for (unsigned i = 0; i < ARRAY_SIZE(other->bar); i++) {
            if (shares_page(bar, &other->bar[i]))
                return false;
        }
    }
    return true;
}

static bool is_mappable(const struct vfio_device *d, const struct pci_bar *bar)
{
    return is_aligned(bar->cpu.v, PAGE_SIZE) && (bar->size >= PAGE_SIZE || is_alone(d, bar));
}

/* Takes the pages of `part` out of the last of n areas; parts come in rising order. */
static unsigned cut(struct range *areas, unsigned n, struct range part)
{
    struct range last = areas[n - 1];
    uint64_t from = align_down(part.start, PAGE_SIZE), to = part.last | (PAGE_SIZE - 1);

    if (to < last.start || from > last.last)
        return n;
    n--;
    if (from > last.start)
        areas[n++] = (struct range){last.start, from - 1};
    if (to < last.last)
        areas[n++] = (struct range){to + 1, last.last};
    return n;
}

/* The BAR without the pages that hold the MSI-X table or PBA: with them the workload would write
 * messages of its own. At most three areas; none of what is no BAR. */
static unsigned mappable_areas(const struct vfio_device *d, unsigned index, struct range areas[3])
{
    const struct pci_bar *bar = bar_of(d, index);
    struct range parts[2];
    unsigned n = 1, part_count = msix_parts(d, index, parts);

    if (!bar)
        return 0;
    areas[0] = (struct range){0, align_up(bar->size, PAGE_SIZE) - 1};
    if (part_count == 2 && parts[1].start < parts[0].start) {
        struct range first = parts[1];

        parts[1] = parts[0];
        parts[0] = first;
    }
    for (unsigned i = 0; i < part_count && n != 0; i++)
        n = cut(areas, n, parts[i]);
    return n;
}

/* --- VFIO_DEVICE_GET_REGION_INFO ------------------------------------------------------------- */

#define READ_WRITE (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)

static void add_sparse_mmap(struct vfio_caps *caps, const struct range *areas, unsigned n)
{
    struct vfio_region_info_cap_sparse_mmap *cap = vfio_caps_add(
        caps, VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1, sizeof(*cap) + n * sizeof(cap->areas[0]));

    cap->nr_areas = n;
    for (unsigned i = 0; i < n; i++) {
        cap->areas[i] = (struct vfio_region_sparse_mmap_area){areas[i].start, range_size(areas[i])};
    }
}

static void describe_bar(const struct vfio_device *d, struct vfio_region_info *info,
                         struct vfio_caps *caps)
{
    const struct pci_bar *bar = bar_of(d, info->index);
    struct range areas[3], parts[2];
    unsigned n;

    if (!bar)
        return;
    info->size = bar->size;
    info->flags = READ_WRITE;
    if (!is_mappable(d, bar))
        return;
    n = mappable_areas(d, info->index, areas);
    if (n == 0)
        return;
    info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
    if (msix_parts(d, info->index, parts) == 0)
        return;
    info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
    add_sparse_mmap(caps, areas, n);
}

/* ROM is a region of size 0, VGA is none. */
static int describe(const struct vfio_device *d, struct vfio_region_info *info,
                    struct vfio_caps *caps)
{
    if (info->index >= VFIO_PCI_VGA_REGION_INDEX)
        return trace(-RF_EINVAL);
    info->flags = 0;
    info->size = 0;
    info->cap_offset = 0;
    info->offset = (uint64_t)info->index << VFIO_REGION_SHIFT;
    if (info->index == VFIO_PCI_CONFIG_REGION_INDEX) {
        info->size = d->config->size;
        info->flags = READ_WRITE;
    }
    describe_bar(d, info, caps);
    return 0;
}

long vfio_region_get_info(struct vfio_device *d, uint64_t uarg)
{
    struct vfio_region_info info;
    struct vfio_caps caps;
    int err = vfio_args_in(&info, uarg, sizeof(info));

    if (err)
        return err;
    vfio_caps_init(&caps, sizeof(info));
    err = describe(d, &info, &caps);
    if (!err && caps.size)
        err = vfio_caps_out(&caps, uarg, &info.argsz, &info.cap_offset);
    return err ? err : vfio_env->copy_out(uarg, &info, sizeof(info));
}

/* --- pread and pwrite ------------------------------------------------------------------------ */

static long bar_access(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset, bool write)
{
    unsigned index = region_of(offset);

    if (index >= VFIO_PCI_NUM_REGIONS)
        return trace(-RF_EINVAL);
    if (n == 0)
        return 0;
    if (!bar_of(d, index))
        return trace(-RF_EINVAL);
    return vfio_bar_access(d, index, uaddr, n, offset & REGION_OFFSET, write);
}

long vfio_device_read(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset)
{
    if (region_of(offset) == VFIO_PCI_CONFIG_REGION_INDEX)
        return vfio_config_read(d, uaddr, n, offset & REGION_OFFSET);
    return bar_access(d, uaddr, n, offset, false);
}

long vfio_device_write(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset)
{
    if (region_of(offset) == VFIO_PCI_CONFIG_REGION_INDEX)
        return vfio_config_write(d, uaddr, n, offset & REGION_OFFSET);
    return bar_access(d, uaddr, n, offset, true);
}

/* --- mmap ------------------------------------------------------------------------------------ */

int vfio_device_mmap(struct vfio_device *d, uint64_t offset, uint64_t size)
{
    const struct pci_bar *bar = bar_of(d, region_of(offset));
    uint64_t at = offset & REGION_OFFSET, end;
    struct range areas[3];

    if (!bar || size == 0 || !is_aligned(at, PAGE_SIZE))
        return trace(-RF_EINVAL);
    end = align_up(bar->size, PAGE_SIZE);
    if (at >= end || size > end - at || !is_mappable(d, bar))
        return trace(-RF_EINVAL);
    return mappable_areas(d, region_of(offset), areas) ? 0 : trace(-RF_EINVAL);
}

int vfio_region_locate(const struct vfio_device *d, uint64_t offset, uint64_t size, paddr_t *pa)
{
    unsigned index = region_of(offset);
    const struct pci_bar *bar = bar_of(d, index);
    uint64_t at = offset & REGION_OFFSET;
    struct range areas[3];

    if (!bar || size == 0 || at >= bar->size || size > bar->size - at)
        return trace(-RF_EINVAL);
    for (unsigned i = 0, n = mappable_areas(d, index, areas); i < n; i++) {
        if (range_contains(areas[i], (struct range){at, at + (size - 1)})) {
            *pa = paddr_add(bar->cpu, at);
            return 0;
        }
    }
    return trace(-RF_EBUSY);
}

int vfio_device_page(struct vfio_device *d, uint64_t offset, paddr_t *pa)
{
    unsigned index = region_of(offset);
    uint64_t page = align_down(offset, PAGE_SIZE), at = page & REGION_OFFSET;
    struct range areas[3];
    unsigned n;

    if (d->opens == 0 || !vfio_config_memory(d) || vfio_device_mmap(d, page, PAGE_SIZE))
        return -RF_EIO;
    n = mappable_areas(d, index, areas);
    for (unsigned i = 0; i < n; i++) {
        if (range_has(areas[i], at)) {
            *pa = paddr_add(d->pci->bar[index].cpu, at);
            return 0;
        }
    }
    return -RF_EFAULT;
}
