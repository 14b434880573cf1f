/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_BOOT_WORKLOAD_H
#define RF_TESTS_DRIVER_BOOT_WORKLOAD_H

#include "tests/unit/sys_fixture.h"

#include "lib/vfio/uapi.h"
#include "tests/model/board/board.h"

/* A workload for simulated boots: by system calls it opens the device of tests/model/board/pci.c,
 * has it copy memory, and sleeps until its interrupt. */

#define IOVA  UINT64_C(0x10000000)
#define WORDS 32u

static inline int64_t openat(const char *path)
{
    return fx_call(NR_openat, (uint64_t)-100, fx_string(path), 2, 0);
}

/* An ioctl whose argument is a structure, in and out. */
static inline int64_t ioctl_with(int64_t fd, uint64_t cmd, void *arg, size_t n)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    int64_t result;

    assert_int_equal(copy_out(at, arg, n), 0);
    result = fx_call(NR_ioctl, (uint64_t)fd, cmd, at);
    assert_int_equal(copy_in(arg, at, n), 0);
    return result;
}

static inline int64_t open_device(int64_t container, int64_t group)
{
    int32_t fd = (int32_t)container;

    assert_int_equal(ioctl_with(group, VFIO_GROUP_SET_CONTAINER, &fd, sizeof(fd)), 0);
    assert_int_equal(fx_call(NR_ioctl, (uint64_t)container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
    return fx_call(NR_ioctl, (uint64_t)group, VFIO_GROUP_GET_DEVICE_FD, fx_string("0000:01:00.0"));
}

static inline uint64_t page_size(int64_t container)
{
    struct vfio_iommu_type1_info info = {.argsz = sizeof(info)};

    assert_int_equal(ioctl_with(container, VFIO_IOMMU_GET_INFO, &info, sizeof(info)), 0);
    return info.iova_pgsizes & -info.iova_pgsizes;
}

static inline int64_t map_at_iova(int64_t container, uint64_t vaddr, uint64_t size)
{
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof(map),
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = vaddr,
        .iova = IOVA,
        .size = size,
    };

    return ioctl_with(container, VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

/* Memory of the program, aligned as the IOMMU wants it, at IOVA; smaller pieces are refused. */
static inline uint64_t map_dma(int64_t container, uint64_t size)
{
    uint64_t vaddr = align_up(fx_map(2 * size, FX_RW), size);

    if (size > PAGE_SIZE)
        assert_int_equal(map_at_iova(container, vaddr, PAGE_SIZE), -RF_EINVAL);
    assert_int_equal(map_at_iova(container, vaddr, size), 0);
    return vaddr;
}

static inline uint64_t region_offset(int64_t device, uint32_t index)
{
    struct vfio_region_info info = {.argsz = sizeof(info), .index = index};

    assert_int_equal(ioctl_with(device, VFIO_DEVICE_GET_REGION_INFO, &info, sizeof(info)), 0);
    return info.offset;
}

static inline void write_at(int64_t device, uint64_t offset, uint64_t value, size_t n)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);

    assert_int_equal(copy_out(at, &value, n), 0);
    assert_int_equal(fx_call(NR_pwrite64, (uint64_t)device, at, n, offset), n);
}

static inline uint64_t read_at(int64_t device, uint64_t offset, size_t n)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW), value = 0;

    assert_int_equal(fx_call(NR_pread64, (uint64_t)device, at, n, offset), n);
    assert_int_equal(copy_in(&value, at, n), 0);
    return value;
}

static inline int64_t enable_msix(int64_t device, int64_t event)
{
    struct {
        struct vfio_irq_set set;
        int32_t fd;
    } a = {.set = {.argsz = sizeof(a),
                   .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                   .index = VFIO_PCI_MSIX_IRQ_INDEX,
                   .count = 1},
           .fd = (int32_t)event};

    return ioctl_with(device, VFIO_DEVICE_SET_IRQS, &a, sizeof(a));
}

static inline void enable_master(int64_t device)
{
    uint64_t config = region_offset(device, VFIO_PCI_CONFIG_REGION_INDEX);

    write_at(device, config + 4, read_at(device, config + 4, 2) | 6, 2);
}

static inline void start_copy(int64_t device, uint64_t from, uint64_t to)
{
    uint64_t bar = region_offset(device, VFIO_PCI_BAR0_REGION_INDEX);

    assert_int_equal(read_at(device, bar + COPY_ID, 4), COPY_ID_VALUE);
    write_at(device, bar + COPY_SRC, from, 8);
    write_at(device, bar + COPY_DST, to, 8);
    write_at(device, bar + COPY_COUNT, WORDS * 8, 8);
    write_at(device, bar + COPY_START, 1, 4);
}

/* Sleeps until the device says that it has copied. */
static inline void copy_by_device(int64_t device, int64_t event, uint64_t from, uint64_t to)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW), count = 0;

    start_copy(device, from, to);
    assert_int_equal(fx_call(NR_read, (uint64_t)event, at, 8), 8);
    assert_int_equal(copy_in(&count, at, 8), 0);
    assert_int_equal(count, 1);
}

static inline void fill(uint64_t at, uint64_t first)
{
    for (uint64_t i = 0; i < WORDS; i++) {
        uint64_t word = first + i;

        assert_int_equal(copy_out(at + 8 * i, &word, 8), 0);
    }
}

static inline void expect(uint64_t at, uint64_t first)
{
    for (uint64_t i = 0; i < WORDS; i++) {
        uint64_t word;

        assert_int_equal(copy_in(&word, at + 8 * i, 8), 0);
        assert_int_equal(word, first + i);
    }
}

static inline void use_device(int64_t container, int64_t device)
{
    int64_t event = fx_call(NR_eventfd2, 0, 0);
    uint64_t size = page_size(container), bar, at = map_dma(container, size);

    assert_true(event >= 0);
    bar = region_offset(device, VFIO_PCI_BAR0_REGION_INDEX);
    assert_int_equal(enable_msix(device, event), 0);
    assert_false(board_pci_try(IOVA, true)); /* bus mastering is off */
    enable_master(device);
    fill(at, 0x1000);
    copy_by_device(device, event, IOVA, IOVA + size / 2);
    expect(at + size / 2, 0x1000);
    assert_int_equal(read_at(device, bar + COPY_STATUS, 4), 2);
    assert_int_equal(board_gic_rings(), 1);

    /* Where nothing is mapped the device does not get, and says so by its interrupt. */
    copy_by_device(device, event, IOVA, IOVA + size);
    assert_int_equal(read_at(device, bar + COPY_STATUS, 4), 4);
    assert_false(board_pci_try(0xe1180040, true)); /* the doorbell is at an address of its own */
}

/* The group of the only device that is offered; negative: none is. */
static inline int64_t open_group(void)
{
    int64_t group = -1;
    char path[32];

    for (unsigned g = 0; g < 8 && group < 0; g++) {
        snprintf(path, sizeof(path), "/dev/vfio/%u", g);
        group = openat(path);
    }
    return group;
}

/* The device of the only group; both in a container with an IOMMU. */
static inline int64_t open_only_device(int64_t *container)
{
    int64_t group = open_group(), device;

    *container = openat("/dev/vfio/vfio");
    assert_true(*container >= 0 && group >= 0);
    device = open_device(*container, group);
    assert_true(device >= 0);
    return device;
}

static inline void workload(void *ctx, struct user_regs *r, struct user_trap *out)
{
    int64_t container, device = open_only_device(&container);

    use_device(container, device);
    fx_exit_at_once(ctx, r, out);
}

/* Where the device's messages are refused it is asked again and again. */
static inline void workload_that_polls(void *ctx, struct user_regs *r, struct user_trap *out)
{
    int64_t container, device = open_only_device(&container);
    uint64_t size = page_size(container), at = map_dma(container, size);

    assert_int_equal(enable_msix(device, fx_call(NR_eventfd2, 0, 0)), -RF_EPERM);
    enable_master(device);
    fill(at, 0x2000);
    start_copy(device, IOVA, IOVA + size / 2);
    board_pci_work();
    expect(at + size / 2, 0x2000);
    assert_int_equal(board_gic_rings(), 0);
    fx_exit_at_once(ctx, r, out);
}

static inline void workload_without_device(void *ctx, struct user_regs *r, struct user_trap *out)
{
    assert_true(open_group() < 0);
    fx_exit_at_once(ctx, r, out);
}

#endif
