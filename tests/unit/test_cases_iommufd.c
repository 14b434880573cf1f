/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/cases_vfio.h"

/* The cases of Linux's iommufd self-tests: areas, ranges, sizes. Where iommufd and type 1 differ
 * (an unmap of nothing is an error there and a success of 0 bytes here) the class of result is type
 * 1's. P is a page. */

#define P PAGE_SIZE

/* ---- areas ---------------------------------------------------------------------------------- */

static void area_01(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(unmapped(i * 5 * P, 4 * P), 0);
    assert_int_equal(fake_a.flushes, 0);
}

static void area_02(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(map_dma(i * P, DMA + i * P, P), 0);
    for (uint64_t i = 0; i < 10; i++) {
        assert_translates(i * P, DMA + i * P);
        assert_int_equal(unmapped(i * P, P), P);
        assert_denied(i * P);
    }
}

static void area_03(void **state)
{
    (void)state;
    assert_int_equal(map_dma(16 * P, DMA, 2 * P), 0);
    unmap_is_refused(16 * P, P);
    unmap_is_refused(17 * P, P);
    assert_translates(16 * P, DMA);
    assert_translates(17 * P, DMA + P);
}

static void area_04(void **state)
{
    static const struct range others[] = {{16, 18}, {16, 17}, {17, 18}, {15, 17}, {15, 18}};

    (void)state;
    assert_int_equal(map_dma(16 * P, DMA, 2 * P), 0);
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        uint64_t size = (others[i].last - others[i].start) * P;

        assert_int_equal(map_dma(others[i].start * P, DMA + 8 * P, size), -RF_EEXIST);
    }
    assert_translates(16 * P, DMA);
    assert_denied(15 * P);
}

static void area_05(void **state)
{
    (void)state;
    assert_int_equal(map_dma(16 * P, DMA, 2 * P), 0);
    assert_int_equal(map_dma(GIB(4), DMA, P), 0);
    assert_int_equal(unmapped_all(), 3 * P);
    assert_int_equal(unmapped_all(), 0);
}

static void four_areas(void)
{
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(map_dma((16 + 16 * i) * P, DMA, 8 * P), 0);
}

static void area_06(void **state)
{
    (void)state;
    four_areas();
    unmap_is_refused(20 * P, 64 * P);
    unmap_is_refused(16 * P, 52 * P);
    assert_int_equal(space()->map_count, 4);
}

static void area_07(void **state)
{
    (void)state;
    four_areas();
    assert_int_equal(unmapped(12 * P, 64 * P), 32 * P);
    assert_int_equal(fake_a.flushes, 1);
}

/* ---- reserved windows and usable ranges ----------------------------------------------------- */

static struct iommu_group *second_group(uint64_t start, uint64_t last)
{
    struct iommu_group *g = iommu_group_get(GROUP_ID + 1);
    struct range r = {start, last};

    assert_int_equal(iommu_group_add(g, &fake_b.unit, SID, "second 0000:00:01.0"), 0);
    assert_int_equal(resv_add(&g->windows, r, RESV_RESERVED, "test"), 0);
    return g;
}

static void allow_03(void **state)
{
    const char *why = NULL;

    (void)state;
    assert_int_equal(map_dma(16 * P, DMA, 2 * P), 0);
    assert_int_equal(aspace_attach(&containers[0]->aspace, second_group(17 * P, 18 * P - 1), &why),
                     -RF_EINVAL);
    assert_translates(17 * P, DMA + P);
}

static void resv_ovf(void **state)
{
    const char *why = NULL;
    struct range r;

    (void)state;
    assert_true(range_make(6, UINT64_C(0xffffffffffff8001), &r));
    assert_int_equal(aspace_attach(&containers[0]->aspace, second_group(r.start, UINT64_MAX), &why),
                     -RF_ENOSPC);
    assert_int_equal(map_dma(0x5000, DMA, P), 0); /* the refused window is nobody's */
}

static void range_01(void **state)
{
    struct range out[4];

    (void)state;
    assert_int_equal(aspace_usable(space(), out, ARRAY_SIZE(out)), 2); /* around the doorbells */
    assert_int_equal(out[0].start, 0);
    assert_int_equal(out[1].last, (UINT64_C(1) << 48) - 1);
    assert_int_equal(aspace_quantum(space()), P);
}

static struct vfio_iommu_type1_info info_with(uint32_t argsz)
{
    struct vfio_iommu_type1_info info = {.argsz = argsz};

    assert_int_equal(CONTAINER(VFIO_IOMMU_GET_INFO, &info), 0);
    memcpy(&info, user.arg, sizeof(info));
    return info;
}

static void range_02(void **state)
{
    uint32_t need = info_with(sizeof(struct vfio_iommu_type1_info)).argsz;

    (void)state;
    assert_true(need > sizeof(struct vfio_iommu_type1_info));
    assert_int_equal(info_with(need - 1).cap_offset, 0);
    assert_int_equal(user.arg[sizeof(struct vfio_iommu_type1_info)], 0xa5);
    assert_int_not_equal(info_with(need).cap_offset, 0);
}

static void range_03(void **state)
{
    struct range out[4];
    const char *why;

    (void)state;
    struct iommu_group *g = second_group(P, 2 * P - 1);
    assert_int_equal(aspace_attach(&containers[0]->aspace, g, &why), 0);
    assert_int_equal(aspace_usable(space(), out, ARRAY_SIZE(out)), 3);
    assert_int_equal(out[0].last, P - 1);
    assert_int_equal(out[1].start, 2 * P);
    assert_int_equal(map_dma(P, DMA, P), -RF_EINVAL);
    aspace_detach(&containers[0]->aspace, g);
    assert_int_equal(map_dma(P, DMA, P), 0); /* wide again */
}

/* ---- sizes and alignment -------------------------------------------------------------------- */

static void align_01(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 2 * P; size++) {
        assert_int_equal(map_dma(0, DMA, size), size % P ? -RF_EINVAL : 0);
        (void)unmapped_all();
    }
}

static void align_02(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0, DMA + P / 2, P), -RF_EINVAL);
    assert_int_equal(map_dma(P / 2, DMA, P), -RF_EINVAL);
}

#define NO_ALLOCATION "the workload chooses every IOVA; there is no allocator to ask"
#define NO_ALLOW_LIST "a list of allowed ranges is iommufd's; type 1 only has reserved windows"
#define FIXED_GRANULE "the page size is an option of the kernel, before any container exists"

static const struct foreign_case cases[] = {
    {.id = "IFD-AREA-01", .run = area_01},
    {.id = "IFD-AREA-02", .run = area_02},
    {.id = "IFD-AREA-03", .run = area_03},
    {.id = "IFD-AREA-04", .run = area_04},
    {.id = "IFD-AREA-05", .run = area_05},
    {.id = "IFD-AREA-06", .run = area_06},
    {.id = "IFD-AREA-07", .run = area_07},
    {.id = "IFD-AUTO-01", .why = NO_ALLOCATION},
    {.id = "IFD-AUTO-02", .why = NO_ALLOCATION},
    {.id = "IFD-AUTO-03", .why = NO_ALLOCATION},
    {.id = "IFD-ALLOW-01", .why = NO_ALLOW_LIST},
    {.id = "IFD-ALLOW-02", .why = NO_ALLOW_LIST},
    {.id = "IFD-ALLOW-03", .run = allow_03},
    {.id = "IFD-ALLOW-04", .why = NO_ALLOW_LIST},
    {.id = "IFD-RESV-OVF", .run = resv_ovf},
    {.id = "IFD-RANGE-01", .run = range_01},
    {.id = "IFD-RANGE-02", .run = range_02},
    {.id = "IFD-RANGE-03", .run = range_03},
    {.id = "IFD-RANGE-04", .why = "type 1 writes the whole capability chain or none of it"},
    {.id = "IFD-ALIGN-01", .run = align_01},
    {.id = "IFD-ALIGN-02", .run = align_02},
    {.id = "IFD-ALIGN-03", .why = FIXED_GRANULE},
    {.id = "IFD-ALIGN-04", .why = FIXED_GRANULE},
};

int main(void)
{
    return cases_run_vfio("cases iommufd", cases, ARRAY_SIZE(cases));
}
