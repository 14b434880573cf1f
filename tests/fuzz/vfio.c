/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

#include "tests/fuzz/input.h"

/* Calls of VFIO with any arguments, in any order, with memory that changes between two reads and
 * with allocations, copies and IOMMU operations that fail. The end gives everything back. */

#define STEPS 200u

static struct input in;
static bool group_open, container_open, device_open;

/* ---- memory that changes ------------------------------------------------------------------ */

static bool fickle;

static int fickle_copy_in(void *dst, uint64_t uaddr, size_t n)
{
    int err = user_copy_in(dst, uaddr, n);

    if (!err && n && fickle)
        user.arg[uaddr - ARG + input_u8(&in) % n] ^= input_u8(&in);
    return err;
}

/* ---- calls -------------------------------------------------------------------------------- */

/* A good argument of each call, which the input then spoils. */
union argument {
    uint32_t argsz;
    int32_t fd;
    char name[64];
    struct vfio_iommu_type1_info info;
    struct vfio_iommu_type1_dma_map map;
    struct vfio_iommu_type1_dma_unmap unmap;
    struct vfio_region_info region;
    struct vfio_irq_info irq;
    struct {
        uint32_t argsz, flags; /* struct vfio_iommu_type1_dirty_bitmap */
        struct vfio_iommu_type1_dirty_bitmap_get get;
    } dirty;
    struct {
        uint32_t argsz, flags, index, start, count; /* struct vfio_irq_set */
        int32_t fds[8];
    } irqs;
    uint8_t bytes[96];
};

static const struct {
    unsigned cmd;
    union argument good;
} calls[] = {
    {VFIO_GET_API_VERSION, {0}},
    {VFIO_CHECK_EXTENSION, {0}},
    {VFIO_SET_IOMMU, {0}},
    {VFIO_IOMMU_GET_INFO, {.info = {.argsz = sizeof(union argument)}}},
    {VFIO_IOMMU_MAP_DMA,
     {.map = {sizeof(struct vfio_iommu_type1_dma_map), 3, DMA, 0x100000, 0x4000}}},
    {VFIO_IOMMU_UNMAP_DMA,
     {.unmap = {sizeof(struct vfio_iommu_type1_dma_unmap), 0, 0x100000, 0x4000}}},
    {VFIO_IOMMU_MAP_DMA,
     {.map = {sizeof(struct vfio_iommu_type1_dma_map), 3, REGS, 0x200000, 0x4000}}},
    {VFIO_IOMMU_DIRTY_PAGES, {.dirty = {8, VFIO_IOMMU_DIRTY_PAGES_FLAG_START, {0}}}},
    {VFIO_IOMMU_DIRTY_PAGES,
     {.dirty = {48,
                VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP,
                {0x100000, 0x200000, {PAGE_SIZE, 64, (uint64_t *)(uintptr_t)(ARG + 0x1000)}}}}},
    {VFIO_GROUP_GET_STATUS, {.argsz = 8}},
    {VFIO_GROUP_SET_CONTAINER, {.fd = FD_CONTAINER}},
    {VFIO_GROUP_UNSET_CONTAINER, {0}},
    {VFIO_GROUP_GET_DEVICE_FD, {.name = "0000:00:00.0"}},
    {VFIO_DEVICE_GET_INFO, {.argsz = 32}},
    {VFIO_DEVICE_GET_REGION_INFO, {.region = {.argsz = 96}}},
    {VFIO_DEVICE_GET_IRQ_INFO, {.irq = {.argsz = sizeof(struct vfio_irq_info)}}},
    {VFIO_DEVICE_SET_IRQS,
     {.irqs = {sizeof(struct vfio_irq_set) + 16,
               VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
               VFIO_PCI_MSIX_IRQ_INDEX,
               0,
               4,
               {FD_EVENT(0), FD_EVENT(1), -1, FD_EVENT(2)}}}},
    {VFIO_DEVICE_RESET, {0}},
    {VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, {.argsz = 96}},
    {VFIO_DEVICE_PCI_HOT_RESET, {.argsz = 16}},
    {VFIO_DEVICE_FEATURE, {.argsz = 32}},
};

/* Which call, with its argument in memory; *value is what an ioctl without a structure gets. */
static unsigned choose(uint64_t *value)
{
    unsigned i = input_u8(&in) % ARRAY_SIZE(calls), spoil = input_u8(&in);
    union argument a = calls[i].good;

    for (unsigned n = spoil % 8; n > 0; n--)
        a.bytes[input_u8(&in) % sizeof(a)] ^= input_u8(&in);
    memcpy(user.arg, &a, sizeof(a));
    *value = spoil & 0x80 ? input_u64(&in) : spoil & 0x40 ? VFIO_TYPE1v2_IOMMU : ARG;
    return spoil & 0x20 ? input_u32(&in) : calls[i].cmd;
}

static void on_container(void)
{
    uint64_t value;
    unsigned cmd = choose(&value);

    if (container_open)
        (void)vfio_container_ioctl(containers[0], cmd, value);
}

static void on_group(void)
{
    uint64_t value;
    unsigned cmd = choose(&value);

    if (!group_open)
        return;
    if (cmd == VFIO_GROUP_GET_DEVICE_FD && device_open) /* one descriptor is enough here */
        return;
    device_open |= vfio_group_ioctl(group, cmd, value) == FD_DEVICE;
}

static void on_device(void)
{
    uint64_t value;
    unsigned cmd = choose(&value);

    if (device_open)
        (void)vfio_device_ioctl(opened, cmd, value);
}

/* Configuration space and registers, of any width. */
static void transfer(void)
{
    uint64_t offset = REGION(input_u8(&in) % 10) + input_u16(&in);
    size_t n = input_u8(&in) % 16;
    bool write = input_u8(&in) & 1;

    input_bytes(&in, user.arg, n);
    if (device_open)
        (void)(write ? vfio_device_write : vfio_device_read)(opened, ARG, n, offset);
}

static void touch(void)
{
    uint64_t offset = REGION(input_u8(&in) % 10) + PAGE_SIZE * (input_u8(&in) % 64u);
    paddr_t pa;

    if (device_open && vfio_device_mmap(opened, offset, PAGE_SIZE) == 0)
        (void)vfio_device_page(opened, offset, &pa);
}

/* ---- descriptors -------------------------------------------------------------------------- */

static void close_device(void)
{
    if (device_open)
        vfio_device_close(opened);
    device_open = false;
}

static void toggle_group(void)
{
    if (group_open)
        vfio_group_close(group);
    group_open = !group_open && vfio_group_open(GROUP_ID, &group) == 0;
}

static void toggle_container(void)
{
    if (container_open)
        vfio_container_close(containers[0]);
    container_open = !container_open && vfio_container_open(&containers[0]) == 0;
    if (!container_open)
        containers[0] = NULL;
}

/* ---- the world ---------------------------------------------------------------------------- */

static void interrupt(void)
{
    gic.pending |= gic.enabled & input_u64(&in);
    irq_poll();
}

static void fail_something(void)
{
    unsigned what = input_u8(&in), when = 1 + what / 4 % 16;

    inject_after(what % 4 == 1 ? when : 0);
    fake_fail(what % 4 == 2 ? when : 0);
    user.copy_fails_at = what % 4 == 3 ? user.copies + when : 0;
}

static void (*const steps[])(void) = {
    on_container, on_container, on_group,     on_group,         on_device, on_device,      transfer,
    touch,        close_device, toggle_group, toggle_container, interrupt, fail_something,
};

/* The function's other BARs: registers that hold nothing. */
static uint64_t empty_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx, (void)off, (void)width;
    return 0;
}

static void empty_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx, (void)off, (void)width, (void)v;
}

static const struct host_mmio_ops empty = {empty_read, empty_write};
static struct vfio_env env;

static void start(void)
{
    env = fake_env;
    env.copy_in = fickle_copy_in;
    assert_int_equal(vfio_up_open(NULL), 0);
    user.regs_offset = REGION(VFIO_PCI_BAR4_REGION_INDEX);
    vfio_set_env(&env);
    host_mmio_register(BAR2, PAGE_SIZE, &empty, NULL);
    host_mmio_register(BAR4, MIB(1), &empty, NULL);
    group_open = container_open = device_open = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    in = (struct input){data, size};
    fickle = false;
    start();
    fickle = input_u8(&in) & 1;
    for (unsigned n = 0; n < STEPS && in.left != 0; n++)
        steps[input_u8(&in) % ARRAY_SIZE(steps)]();
    fickle = false;
    assert_int_equal(vfio_down(NULL), 0);
    return 0;
}
