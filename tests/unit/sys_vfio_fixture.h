/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_SYS_VFIO_FIXTURE_H
#define RF_TESTS_SYS_VFIO_FIXTURE_H

#include "tests/unit/sys_fixture.h"

#include "lib/vfio/config.h"
#include "lib/vfio/objects.h"
#include "tests/unit/fake_function.h"
#include "tests/unit/fake_iommu.h"

/* A program to which a function behind a fake IOMMU is offered. */

#define GROUP_ID 7u
#define SID      1u
#define IOVA     UINT64_C(0x200000)

static struct msi_controller frame = {
    .ops = &frame_ops, .name = "v2m", .base = {FRAME}, .size = 0x1000, .alone_lg2 = 12};
static int container, group, device;
static uint64_t arg;          /* a page of the program for arguments */
static unsigned only_granule; /* the unit has no other; 0: it has all */

/* ---- the machine -------------------------------------------------------------------------- */

static inline int offer(void)
{
    const struct vfio_policy policy = {.granule_lg2 = only_granule ? 0 : 12};
    struct iommu_group *g;

    memset(&gic, 0, sizeof(gic));
    fn_build();
    pci_build();
    host_mmio_register(BAR0, BAR0_SIZE, &bar0_ops, NULL);
    irq_set_chip(&fake_chip);
    LIST_INIT(&iommu_units);
    LIST_INIT(&iommu_groups);
    fake_fail(0);
    fake_unit_init(&fake_a, "fake@a");
    if (only_granule)
        fake_a.unit.caps.granules = BIT(only_granule);
    vfio_set_policy(&policy);
    g = iommu_group_get(GROUP_ID);
    return iommu_unit_start(&fake_a.unit) || !g ||
           iommu_group_add(g, &fake_a.unit, SID, "nvme 0000:00:00.0") ||
           vfio_device_add(&pci_fn, g, &frame);
}

/* A program runs, and the function is offered to it. */
static inline int up(void **state)
{
    const char *why;

    if (fx_boot(state) || offer())
        return -1;
    fx_free_at_start = fx_free_pages();
    if (fx_load(&why))
        return -1;
    arg = fx_map(PAGE_SIZE, FX_RW);
    return 0;
}

static inline int down(void **state)
{
    struct iommu_group *g = iommu_group_find(GROUP_ID);

    fx_end(state); /* no page is lost */
    assert_int_equal(gic.taken | gic.enabled, 0);
    assert_null(fake_a.stream[SID]);
    assert_false(pci_bus_master(&pci_fn));
    assert_false(fn.touched_undecoded || fn.master_in_reset);
    struct vfio_device *d = TAILQ_FIRST(&vfio_devices);
    TAILQ_REMOVE(&vfio_devices, d, link);
    free(d);
    struct vfio_group *vg = LIST_FIRST(&vfio_groups);
    LIST_REMOVE(vg, link);
    free(vg);
    struct iommu_endpoint *e = TAILQ_FIRST(&g->endpoints);
    TAILQ_REMOVE(&g->endpoints, e, link);
    free(e);
    LIST_REMOVE(g, link);
    free(g);
    fake_unit_fini(&fake_a);
    return 0;
}

/* ---- calls -------------------------------------------------------------------------------- */

static inline int64_t ioctl_with(int fd, unsigned cmd, const void *s, size_t n)
{
    assert_int_equal(copy_out(arg, s, n), 0);
    return fx_call(NR_ioctl, (uint64_t)fd, cmd, arg);
}

#define IOCTL(fd, cmd, s) ioctl_with(fd, cmd, s, sizeof(*(s)))

static inline int close_fd(int fd)
{
    return (int)fx_call(NR_close, (uint64_t)fd);
}

static inline int open_up(void **state)
{
    static const char bdf[] = "0000:00:00.0";

    if (up(state))
        return -1;
    container = fx_open("/dev/vfio/vfio", LX_O_RDWR);
    group = fx_open("/dev/vfio/7", LX_O_RDWR);
    if (container < 0 || group < 0 || IOCTL(group, VFIO_GROUP_SET_CONTAINER, &container) ||
        fx_call(NR_ioctl, (uint64_t)container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
        return -1;
    device = (int)ioctl_with(group, VFIO_GROUP_GET_DEVICE_FD, bdf, sizeof(bdf));
    return device < 0 ? -1 : 0;
}

static inline int64_t map_size(uint64_t vaddr, uint64_t iova, uint64_t size)
{
    struct vfio_iommu_type1_dma_map m = {
        .argsz = sizeof(m), .flags = 3, .vaddr = vaddr, .iova = iova, .size = size};

    return IOCTL(container, VFIO_IOMMU_MAP_DMA, &m);
}

static inline int64_t map(uint64_t vaddr, uint64_t iova)
{
    return map_size(vaddr, iova, PAGE_SIZE);
}

#endif
