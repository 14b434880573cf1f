/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/cases_vfio.h"

/* The cases of Linux's iommufd self-tests: what is mapped, type 1, failures. */

#define P PAGE_SIZE

/* ---- what is mapped ------------------------------------------------------------------------- */

static void map_fault(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0, DMA_RO - 4 * P, 8 * P), -RF_EFAULT);
    assert_int_equal(map_dma(0, DMA - P, 4 * P), -RF_EFAULT);
    assert_int_equal(user_pinned_pages(), 0);
    assert_denied(0);
}

static void map_ro(void **state)
{
    struct vfio_iommu_type1_dma_map m = {sizeof(m), VFIO_DMA_MAP_FLAG_READ, DMA_RO, 0, P};

    (void)state;
    assert_int_equal(CONTAINER(VFIO_IOMMU_MAP_DMA, &m), 0);
    assert_translates(0, DMA_RO);
}

/* Every start and end of a buffer, around the border of a table and of a large leaf. */
static void map_all(void **state)
{
    const uint64_t base = MIB(2) - 8 * P;
    uint64_t pages = fake_free_pages();

    (void)state;
    for (uint64_t first = 0; first < 16; first++) {
        for (uint64_t end = first + 1; end <= 16; end++) {
            assert_int_equal(map_dma(base + first * P, DMA + first * P, (end - first) * P), 0);
            for (uint64_t i = first; i < end; i++)
                assert_translates(base + i * P, DMA + i * P);
            assert_int_equal(unmapped(base + first * P, (end - first) * P), (end - first) * P);
        }
    }
    assert_int_equal(user_pinned_pages(), 0);
    fake_trim(space());
    assert_int_equal(fake_free_pages(), pages);
}

static void copy(void **state)
{
    (void)state;
    assert_int_equal(map_dma(P, DMA, P), 0);
    assert_int_equal(map_dma(8 * P, DMA, P), 0);
    assert_int_equal(unmapped(P, P), P);
    assert_denied(P);
    assert_translates(8 * P, DMA);
}

static void replace(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(map_dma(P, DMA, P), 0);
        assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
        assert_null(fake_a.stream[SID]);
        assert_int_equal(map_dma(P, DMA, P), -RF_ENODEV); /* nothing is attached there now */
        assert_int_equal(set_container(FD_OTHER), 0);
        assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
        assert_int_equal(set_container(FD_CONTAINER) | set_iommu(), 0);
        assert_denied(P); /* the old maps do not come back */
    }
}

static void destroy(void **state)
{
    (void)state;
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), -RF_EBUSY);
    assert_int_equal(map_dma(0, DMA, P), 0);
    assert_translates(0, DMA);
}

static void dirty(void **state)
{
    uint64_t *bits = (uint64_t *)(void *)(user.arg + 0x1000);
    struct {
        struct vfio_iommu_type1_dirty_bitmap head;
        struct vfio_iommu_type1_dirty_bitmap_get get;
    } args = {
        .head = {sizeof(args), VFIO_IOMMU_DIRTY_PAGES_FLAG_START},
        .get = {0, 64 * P, {P, 8, (uint64_t *)(uintptr_t)(ARG + 0x1000)}},
    };

    (void)state;
    assert_int_equal(map_dma(3 * P, DMA, 2 * P), 0);
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &args), 0);
    args.head.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP;
    *bits = 0;
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &args), 0);
    assert_int_equal(*bits, 0x18);
}

static void commands(void **state)
{
    struct vfio_iommu_type1_dma_map m = {sizeof(m) - 1, 3, DMA, 0, P};

    (void)state;
    assert_int_equal(CONTAINER(VFIO_IOMMU_MAP_DMA, &m), -RF_EINVAL); /* short */
    m.argsz = sizeof(m) + 100;
    assert_int_equal(CONTAINER(VFIO_IOMMU_MAP_DMA, &m), 0); /* longer: what is known counts */
    m.flags |= 1u << 31;
    assert_int_equal(CONTAINER(VFIO_IOMMU_MAP_DMA, &m), -RF_EINVAL);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOCTL(99), ARG), -RF_ENOTTY);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOMMU_MAP_DMA, 0), -RF_EFAULT);
}

/* ---- type 1 --------------------------------------------------------------------------------- */

static void vfio_map(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0, DMA, P), 0);
    assert_int_equal(unmapped(0, P), P);
    assert_int_equal(unmapped(0, P), 0);
}

static void vfio_all(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(map_dma(P, DMA, 4 * P), 0);
    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, P, 0, &bytes), -RF_EINVAL);
    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, P, &bytes), -RF_EINVAL);
    assert_int_equal(unmapped_all(), 4 * P);
}

static void vfio_shuffle(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 256; i++)
        assert_int_equal(map_dma(i * P, DMA + i * P, P), 0);
    for (uint64_t i = 0; i < 256; i++)
        assert_int_equal(unmapped(i * 91 % 256 * P, P), P);
    assert_int_equal(user_pinned_pages(), 0);
}

static void vfio_huge(void **state)
{
    (void)state;
    assert_int_equal(map_dma(MIB(2), DMA, MIB(2)), 0);
    for (uint64_t i = 0; i < 16; i++)
        unmap_is_refused(MIB(2) + i * (MIB(2) / 16), MIB(2) / 16);
    assert_translates(MIB(3), DMA + MIB(1));
    assert_int_equal(unmapped(MIB(2), MIB(2)), MIB(2));
}

static void fail_nth(void **state)
{
    uint64_t pages = fake_free_pages();
    long err = -RF_ENOMEM;

    (void)state;
    for (unsigned k = 1; err; k++) {
        inject_after(k);
        err = map_dma(GIB(8) + MIB(2) - P, DMA, 2 * P);
        inject_after(0);
        assert_true(err == 0 || err == -RF_ENOMEM);
        if (err) {
            assert_int_equal(fake_free_pages(), pages);
            assert_int_equal(user_pinned_pages(), 0);
            assert_denied(GIB(8) + MIB(2));
        }
    }
}

static const struct foreign_case cases[] = {
    {.id = "IFD-MAP-FAULT", .run = map_fault},
    {.id = "IFD-MAP-RO", .run = map_ro},
    {.id = "IFD-MAP-ALL", .run = map_all},
    {.id = "IFD-COPY", .run = copy},
    {.id = "IFD-REPLACE", .run = replace},
    {.id = "IFD-DESTROY", .run = destroy, .up = vfio_up_open},
    {.id = "IFD-ACCESS-PIN-UNMAP", .why = "nothing in the kernel uses a container's memory"},
    {.id = "IFD-DIRTY", .run = dirty},
    {.id = "IFD-CMD", .run = commands},
    {.id = "IFD-CHANGE-PROCESS", .why = "there is one process"},
    {.id = "IFD-VFIO-MAP", .run = vfio_map},
    {.id = "IFD-VFIO-ALL", .run = vfio_all},
    {.id = "IFD-VFIO-SHUFFLE", .run = vfio_shuffle},
    {.id = "IFD-VFIO-HUGE", .run = vfio_huge},
    {.id = "IFD-VDEV", .why = "there are no virtual IOMMUs to invalidate"},
    {.id = "IFD-PASID", .why = "PASID is off at every function, and its capability is hidden"},
    {.id = "IFD-FAILNTH", .run = fail_nth},
};

int main(void)
{
    return cases_run_vfio("cases iommufd map", cases, ARRAY_SIZE(cases));
}
