/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <ringfence/device.h>

#define BARS               6u
#define PCI_COMMAND        0x04u
#define PCI_COMMAND_MASTER 0x04u

static int fail(int err)
{
    errno = err;
    return -1;
}

static int group_of(const char *bdf, unsigned *id)
{
    char path[64], target[96];
    const char *slash;
    ssize_t n;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
    n = readlink(path, target, sizeof(target) - 1);
    if (n < 0)
        return -1;
    target[n] = 0;
    slash = strrchr(target, '/');
    if (!slash)
        return fail(ENODEV);
    *id = (unsigned)strtoul(slash + 1, NULL, 10);
    return 0;
}

static int join_container(struct rf_device *d, int fresh)
{
    struct vfio_group_status status = {.argsz = sizeof(status)};

    if (ioctl(d->group, VFIO_GROUP_GET_STATUS, &status))
        return -1;
    if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
        return fail(EPERM);
    if (ioctl(d->group, VFIO_GROUP_SET_CONTAINER, &d->container))
        return -1;
    if (fresh && ioctl(d->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU))
        return -1;
    d->fd = ioctl(d->group, VFIO_GROUP_GET_DEVICE_FD, d->bdf);
    return d->fd < 0 ? -1 : 0;
}

static int open_in(struct rf_device *d, const char *bdf, int container)
{
    char path[32];
    int err;

    *d = (struct rf_device){.container = -1, .group = -1, .fd = -1};
    snprintf(d->bdf, sizeof(d->bdf), "%s", bdf);
    if (group_of(bdf, &d->group_id))
        return -1;
    d->container = container >= 0 ? dup(container) : open("/dev/vfio/vfio", O_RDWR);
    snprintf(path, sizeof(path), "/dev/vfio/%u", d->group_id);
    if (d->container >= 0)
        d->group = open(path, O_RDWR);
    if (d->container >= 0 && d->group >= 0 && join_container(d, container < 0) == 0)
        return 0;
    err = errno;
    rf_close(d);
    return fail(err);
}

int rf_open(struct rf_device *d, const char *bdf)
{
    return open_in(d, bdf, -1);
}

int rf_open_with(struct rf_device *d, const char *bdf, const struct rf_device *other)
{
    return open_in(d, bdf, other->container);
}

void rf_close(struct rf_device *d)
{
    for (unsigned i = 0; i < BARS; i++) {
        if (d->bar[i].address)
            munmap((void *)d->bar[i].address, d->bar[i].size);
        d->bar[i].address = NULL;
    }
    if (d->fd >= 0)
        close(d->fd);
    if (d->group >= 0)
        close(d->group);
    if (d->container >= 0)
        close(d->container);
    d->fd = d->group = d->container = -1;
}

static int region(const struct rf_device *d, unsigned index, struct vfio_region_info *info)
{
    *info = (struct vfio_region_info){.argsz = sizeof(*info), .index = index};
    return ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, info);
}

volatile void *rf_bar(struct rf_device *d, unsigned index, size_t *size)
{
    struct vfio_region_info info;
    void *p;

    if (index >= BARS || region(d, index, &info))
        return NULL;
    if (size)
        *size = info.size;
    if (d->bar[index].address)
        return d->bar[index].address;
    if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP)) {
        errno = ENODEV;
        return NULL;
    }
    p = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, (off_t)info.offset);
    if (p == MAP_FAILED)
        return NULL;
    d->bar[index].address = p;
    d->bar[index].size = info.size;
    return p;
}

int rf_dma_map(const struct rf_device *d, void *memory, uint64_t iova, size_t size, unsigned rights)
{
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof(map),
        .flags = rights,
        .vaddr = (uintptr_t)memory,
        .iova = iova,
        .size = size,
    };

    return ioctl(d->container, VFIO_IOMMU_MAP_DMA, &map);
}

int rf_dma_unmap(const struct rf_device *d, uint64_t iova, size_t size)
{
    struct vfio_iommu_type1_dma_unmap unmap = {.argsz = sizeof(unmap), .iova = iova, .size = size};

    if (ioctl(d->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
        return -1;
    return unmap.size == size ? 0 : fail(ENOENT);
}

#define IOVA_LOWEST (1ul << 20)
#define IOVA_ALIGN  (1ul << 21)

static int fit(const struct vfio_iommu_type1_info_cap_iova_range *cap, size_t size, uint64_t *iova)
{
    for (uint32_t i = 0; i < cap->nr_iovas; i++) {
        uint64_t start = cap->iova_ranges[i].start;

        start = start < IOVA_LOWEST ? IOVA_LOWEST : start;
        start = (start + IOVA_ALIGN - 1) & ~(IOVA_ALIGN - 1);
        if (start <= cap->iova_ranges[i].end && cap->iova_ranges[i].end - start >= size - 1) {
            *iova = start;
            return 0;
        }
    }
    return fail(ENOSPC);
}

int rf_iova_find(const struct rf_device *d, size_t size, uint64_t *iova)
{
    uint64_t words[256]; /* 8-byte aligned; a chain with 100 ranges fits */
    struct vfio_iommu_type1_info *info = (struct vfio_iommu_type1_info *)words;
    uint32_t offset;

    memset(words, 0, sizeof(words));
    info->argsz = sizeof(words);
    if (ioctl(d->container, VFIO_IOMMU_GET_INFO, info))
        return -1;
    offset = info->flags & VFIO_IOMMU_INFO_CAPS ? info->cap_offset : 0;
    while (offset != 0 && offset < sizeof(words) - sizeof(struct vfio_info_cap_header)) {
        struct vfio_info_cap_header *h = (struct vfio_info_cap_header *)((char *)words + offset);

        if (h->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
            return fit((struct vfio_iommu_type1_info_cap_iova_range *)h, size, iova);
        offset = h->next;
    }
    return fail(ENODATA);
}

size_t rf_quantum(const struct rf_device *d)
{
    struct vfio_iommu_type1_info info = {.argsz = sizeof(info)};

    if (ioctl(d->container, VFIO_IOMMU_GET_INFO, &info))
        return 0;
    return info.iova_pgsizes & -info.iova_pgsizes;
}

/* Anonymous memory that starts at a multiple of align: what is too much at both ends goes back. */
static void *map_aligned(size_t size, size_t align)
{
    char *p = mmap(NULL, size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t head;

    if (p == MAP_FAILED)
        return NULL;
    head = -(uintptr_t)p & (align - 1);
    if (head)
        munmap(p, head);
    munmap(p + head + size, align - head);
    return p + head;
}

void *rf_dma_alloc(const struct rf_device *d, uint64_t iova, size_t size)
{
    size_t quantum = rf_quantum(d);
    void *p;

    if (quantum == 0)
        return NULL;
    size = (size + quantum - 1) & ~(quantum - 1);
    p = map_aligned(size, quantum);
    if (!p)
        return NULL;
    if (rf_dma_map(d, p, iova, size, RF_DMA_READ | RF_DMA_WRITE)) {
        munmap(p, size);
        return NULL;
    }
    return p;
}

uint32_t rf_config_read(const struct rf_device *d, unsigned offset, unsigned width)
{
    struct vfio_region_info info;
    uint32_t v = 0;

    if (region(d, VFIO_PCI_CONFIG_REGION_INDEX, &info) ||
        pread(d->fd, &v, width, (off_t)(info.offset + offset)) != (ssize_t)width)
        return UINT32_MAX;
    return v;
}

int rf_config_write(const struct rf_device *d, unsigned offset, unsigned width, uint32_t value)
{
    struct vfio_region_info info;

    if (region(d, VFIO_PCI_CONFIG_REGION_INDEX, &info))
        return -1;
    if (pwrite(d->fd, &value, width, (off_t)(info.offset + offset)) != (ssize_t)width)
        return -1;
    return 0;
}

int rf_bus_master(const struct rf_device *d, int on)
{
    uint32_t command = rf_config_read(d, PCI_COMMAND, 2);

    command = on ? command | PCI_COMMAND_MASTER : command & ~PCI_COMMAND_MASTER;
    return rf_config_write(d, PCI_COMMAND, 2, command);
}

int rf_irqs(const struct rf_device *d, unsigned index, const int *eventfds, unsigned n)
{
    size_t bytes = sizeof(struct vfio_irq_set) + n * sizeof(int);
    struct vfio_irq_set *set = calloc(1, bytes);
    int r;

    if (!set)
        return fail(ENOMEM);
    set->argsz = (uint32_t)bytes;
    set->flags =
        VFIO_IRQ_SET_ACTION_TRIGGER | (n ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE);
    set->index = index;
    set->count = n;
    memcpy(set->data, eventfds, n * sizeof(int));
    r = ioctl(d->fd, VFIO_DEVICE_SET_IRQS, set);
    free(set);
    return r;
}
