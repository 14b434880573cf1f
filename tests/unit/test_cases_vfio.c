/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/cases_vfio.h"
#include "tests/unit/fake_vectors.h"

/* The cases of Linux's VFIO self-tests, which use a real DMA engine: those that need one are rows.
 */

#define P        PAGE_SIZE
#define APERTURE (UINT64_C(1) << 48)

static unsigned leaf_lg2(uint64_t iova)
{
    struct pt_leaf leaf;

    assert_true(pt_lookup(&LIST_FIRST(&space()->domains)->pt, iova, &leaf));
    return leaf.size_lg2;
}

/* ---- maps ----------------------------------------------------------------------------------- */

static void map_4k(void **state)
{
    (void)state;
    assert_int_equal(map_dma(MIB(2), DMA, P), 0);
    assert_int_equal(leaf_lg2(MIB(2)), 12);
    assert_denied(MIB(2) + P);
}

static void map_2m(void **state)
{
    (void)state;
    assert_int_equal(map_dma(MIB(2), DMA, MIB(2)), 0);
    assert_int_equal(leaf_lg2(MIB(3)), 21);
    assert_int_equal(map_dma(MIB(8) + P, DMA + P, MIB(2) - P), 0); /* one page short of it */
    assert_int_equal(leaf_lg2(MIB(9)), 12);
}

/* More memory than the fake workload has: the layer below is asked. */
static void map_1g(void **state)
{
    const struct aspace_seg seg = {PADDR(GIB(4)), GIB(1)};
    struct iommu_aspace *a = &containers[0]->aspace;
    uint64_t bytes;

    (void)state;
    a->cfg.release = NULL; /* it was not pinned */
    assert_int_equal(
        fake_map(a, (struct range){GIB(1), GIB(2) - 1}, &seg, 1, PT_READ | PT_WRITE, NULL), 0);
    assert_int_equal(leaf_lg2(GIB(2) - P), 30);
    assert_int_equal(unmap_dma(0, GIB(1), GIB(1), &bytes), 0);
    assert_int_equal(bytes, GIB(1));
    assert_denied(GIB(1));
}

static void unmap(void **state)
{
    static const uint64_t sizes[] = {P, MIB(2), MIB(2) - P};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint64_t bytes;

        assert_int_equal(map_dma(MIB(4), DMA, sizes[i]), 0);
        assert_translates(MIB(4), DMA);
        assert_int_equal(unmap_dma(0, MIB(4), sizes[i], &bytes), 0);
        assert_int_equal(bytes, sizes[i]);
        assert_denied(MIB(4));
    }
}

static void last_page(void **state)
{
    uint64_t bytes;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(map_dma(APERTURE - P, DMA, P), 0);
        assert_translates(APERTURE - P, DMA);
        assert_int_equal(i ? unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes)
                           : unmap_dma(0, APERTURE - P, P, &bytes),
                         0);
        assert_int_equal(bytes, P);
        assert_denied(APERTURE - P);
    }
}

static void overflow(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(map_dma(UINT64_MAX - (P - 1), DMA, 2 * P), -RF_EOVERFLOW);
    assert_int_equal(unmap_dma(0, UINT64_MAX - (P - 1), 2 * P, &bytes), -RF_EOVERFLOW);
}

/* ---- registers as the source ---------------------------------------------------------------- */

static void mmio(uint64_t offset, uint64_t vaddr, uint64_t size)
{
    paddr_t pa;

    user.regs_offset = REGION(4);
    assert_int_equal(map_dma(MIB(4), vaddr, size), 0);
    assert_true(fake_access(&fake_a, SID, MIB(4), &pa));
    assert_int_equal(pa.v, BAR4 + offset);
}

static void mmio_full(void **state)
{
    (void)state;
    mmio(0, REGS, MIB(1));
    assert_int_equal(leaf_lg2(MIB(4)), 12);
}

static void mmio_part(void **state)
{
    (void)state;
    mmio(3 * P, REGS + 3 * P, P);
    assert_denied(MIB(4) + P);
}

/* Where the workload sees the BAR does not matter, only where it is. */
static void mmio_misalign(void **state)
{
    (void)state;
    mmio(P, REGS + P, MIB(1) - P);
}

/* ---- the device ----------------------------------------------------------------------------- */

static void config_space(void **state)
{
    (void)state;
    assert_int_equal(config_read(PCI_VENDOR_ID, 4), 0x00101b36);
    config_write(PCI_CACHE_LINE, 1, 0x10);
    assert_int_equal(config_read(PCI_CACHE_LINE, 1), 0x10);
    config_write(PCI_VENDOR_ID, 2, 0x1234);
    assert_int_equal(config_read(PCI_VENDOR_ID, 2), 0x1b36);
}

static void bars(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= VFIO_PCI_BAR5_REGION_INDEX; i++) {
        struct vfio_region_info info = {.argsz = sizeof(info), .index = i};

        assert_int_equal(DEVICE(VFIO_DEVICE_GET_REGION_INFO, &info), 0);
        memcpy(&info, user.arg, sizeof(info));
        assert_int_equal(info.size & (info.size - 1), 0);
        assert_int_equal(info.size != 0, i % 2 == 0);
        if (info.size != 0)
            assert_int_equal(vfio_device_mmap(opened, info.offset, P), 0);
    }
}

static void one_event_each(uint32_t index, unsigned count, bool (*raise_vector)(unsigned))
{
    assert_int_equal(set_events(index, 0, count), 0);
    assert_int_equal(irq_poll(), 0);
    for (unsigned v = 0; v < count; v++) {
        assert_true(raise_vector(v));
        assert_int_equal(irq_poll(), 1);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(events[i].count, i <= v);
    }
    assert_int_equal(disable(index), 0);
    assert_all_off();
}

static void irq_msi(void **state)
{
    (void)state;
    one_event_each(MSI, MSI_COUNT, raise_msi);
}

static void irq_msix(void **state)
{
    (void)state;
    one_event_each(MSIX, VECTORS, raise_msix);
}

static void reset(void **state)
{
    unsigned resets = fn.resets;

    (void)state;
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
    assert_int_equal(fn.resets, resets + 1);
    assert_false(pci_bus_master(&pci_fn));
}

static void driver_loop(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(set_container(FD_CONTAINER) | set_iommu(), 0);
        assert_int_equal(open_device(), FD_DEVICE);
        assert_int_equal(map_dma(0, DMA, P), 0);
        vfio_device_close(opened);
        assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
    }
}

static void set_up(void **state)
{
    struct vfio_group *again;

    (void)state;
    assert_int_equal(open_device(), -RF_EINVAL); /* before there is an IOMMU */
    assert_int_equal(set_iommu(), -RF_EINVAL);   /* before there is a group */
    assert_int_equal(set_container(FD_CLOSED), -RF_EBADF);
    assert_int_equal(vfio_group_open(GROUP_ID, &again), -RF_EBUSY);
    assert_int_equal(vfio_group_open(GROUP_ID + 1, &again), -RF_ENOENT);
    assert_int_equal(set_container(FD_CONTAINER), 0);
    assert_int_equal(set_container(FD_CONTAINER), -RF_EINVAL);
    assert_int_equal(set_container(FD_OTHER), -RF_EINVAL);
    assert_int_equal(set_iommu(), 0);
    assert_int_equal(set_iommu(), -RF_EINVAL);
}

static const struct foreign_case cases[] = {
    {.id = "VF-MAP-4K", .run = map_4k},
    {.id = "VF-MAP-2M", .run = map_2m},
    {.id = "VF-MAP-1G", .run = map_1g},
    {.id = "VF-UNMAP", .run = unmap},
    {.id = "VF-LAST-PAGE", .run = last_page},
    {.id = "VF-OVERFLOW", .run = overflow},
    {.id = "VF-MMIO-FULL", .run = mmio_full, .up = vfio_up_open},
    {.id = "VF-MMIO-PART", .run = mmio_part, .up = vfio_up_open},
    {.id = "VF-MMIO-MISALIGN", .run = mmio_misalign, .up = vfio_up_open},
    {.id = "VF-CFG", .run = config_space, .up = vfio_up_open},
    {.id = "VF-BARS", .run = bars, .up = vfio_up_open},
    {.id = "VF-IRQ-MSI", .run = irq_msi, .up = vfio_up_mastering},
    {.id = "VF-IRQ-MSIX", .run = irq_msix, .up = vfio_up_mastering},
    {.id = "VF-RESET", .run = reset, .up = vfio_up_open},
    {.id = "VF-DRV-LOOP", .run = driver_loop, .up = vfio_up},
    {.id = "VF-COPY", .row = "edu-copy"},
    {.id = "VF-COPY-BAD-SRC", .row = "refuse-outside-read"},
    {.id = "VF-COPY-BAD-DST", .row = "refuse-outside-write"},
    {.id = "VF-MSI", .row = "edu-copy"},
    {.id = "VF-MIX", .row = "refuse-mix"},
    {.id = "VF-STORM", .row = "edu-many"},
    {.id = "VF-SETUP", .run = set_up, .up = vfio_up},
    {.id = "VF-SRIOV", .why = "virtual functions are off, so there are none to be given away"},
    {.id = "VF-INITPERF", .why = "there is one thread, so nothing starts in parallel"},
};

int main(void)
{
    return cases_run_vfio("cases vfio", cases, ARRAY_SIZE(cases));
}
