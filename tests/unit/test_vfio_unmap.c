/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* VFIO_IOMMU_UNMAP_DMA and VFIO_IOMMU_GET_INFO. Names in capitals are those of the cases that
 * Linux's self-tests have. */

#define APERTURE (UINT64_C(1) << 48)
#define TOP_PAGE (UINT64_MAX - 0xfff)

/* ---- UNMAP_DMA ---------------------------------------------------------------------------- */

static const struct {
    const char *what;
    struct vfio_iommu_type1_dma_unmap u;
    long err;
    const char *line;
} unmap_rows[] = {
    {"argsz 0", {0, 0xff, 1, 0}, -RF_EINVAL, NULL},
    {"argsz short", {23, 0xff, 1, 0}, -RF_EINVAL, NULL},
    {"dirty bitmap of all", {48, 3, 0, 0}, -RF_EINVAL, "a dirty bitmap of ALL"},
    {"dirty bitmap short", {47, 1, 0x100000, 0x4000}, -RF_EINVAL, "no room for a bitmap"},
    {"not tracked", {48, 1, 0x100000, 0x4000}, -RF_EINVAL, "START comes first"},
    {"VADDR", {24, 4, 0, 0x1000}, -RF_EINVAL, "flags 0x4"},
    {"unknown flag", {24, 0x80000002, 0, 0}, -RF_EINVAL, "flags 0x80000002"},
    {"IFD-VFIO-ALL iova", {24, 2, 0x1000, 0}, -RF_EINVAL, "ALL wants iova and size 0"},
    {"IFD-VFIO-ALL size", {24, 2, 0, 0x1000}, -RF_EINVAL, "ALL wants iova and size 0"},
    {"IFD-VFIO-ALL size 2^64-1", {24, 2, 0, UINT64_MAX}, -RF_EINVAL, "ALL wants iova and size 0"},
    {"size 0", {24, 0, 0x100800, 0}, -RF_EINVAL, "size is 0"},
    {"iova", {24, 0, 0x100800, 0x1000}, -RF_EINVAL, "not a multiple of 0x1000"},
    {"size", {24, 0, 0x100000, 0x1001}, -RF_EINVAL, "not a multiple of 0x1000"},
    {"VF-OVERFLOW", {24, 0, TOP_PAGE, 0x2000}, -RF_EOVERFLOW, "iova + size leaves"},
    {"IFD-AREA-03 first",
     {24, 0, 0x100000, 0x1000},
     -RF_EINVAL,
     "iova 0x100000 size 0x1000 refused"},
    {"IFD-AREA-03 last", {24, 0, 0x103000, 0x1000}, -RF_EINVAL, "cuts the map"},
    {"middle", {24, 0, 0x101000, 0x1000}, -RF_EINVAL, "cuts the map [0x100000, 0x103fff]"},
    {"IFD-AREA-06 first half", {24, 0, 0xf0000, 0x12000}, -RF_EINVAL, "[0x100000, 0x103fff]"},
    {"IFD-AREA-06 last half", {24, 0, 0x102000, 0x100000}, -RF_EINVAL, "[0x100000, 0x103fff]"},
};

static void order_of_unmap_checks(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0x100000, DMA, 0x4000), 0);
    for (size_t i = 0; i < ARRAY_SIZE(unmap_rows); i++) {
        struct vfio_iommu_type1_dma_unmap after;
        long err = CONTAINER(VFIO_IOMMU_UNMAP_DMA, &unmap_rows[i].u);

        if (err != unmap_rows[i].err)
            fail_msg("%s: %ld", unmap_rows[i].what, err);
        if (unmap_rows[i].line)
            assert_one_line(unmap_rows[i].line);
        memcpy(&after, user.arg, sizeof(after)); /* written back on success only */
        assert_int_equal(after.size, unmap_rows[i].u.size);
        assert_translates(0x103000, DMA + 0x3000);
    }
}

/* IFD-VFIO-MAP, IFD-AREA-01: nothing there is a success of size 0, and costs no invalidation. */
static void unmap_of_nothing(void **state)
{
    uint64_t bytes;

    (void)state;
    for (uint64_t iova = 0; iova < 10 * 0x1000; iova += 0x1000) {
        assert_int_equal(unmap_dma(0, iova, 0x1000, &bytes), 0);
        assert_int_equal(bytes, 0);
    }
    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(fake_a.flushes, 0);
}

/* IFD-AREA-07: the sum of what was mapped, not of what was asked for; one wait. */
static void unmap_of_several(void **state)
{
    uint64_t bytes;

    (void)state;
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(map_dma(0x100000 + (i << 16), DMA, 0x8000), 0);
    assert_translates(0x100000, DMA);
    assert_int_equal(unmap_dma(0, 0xfc000, 0x44000, &bytes), 0);
    assert_int_equal(bytes, 32 * 0x1000);
    assert_int_equal(fake_a.flushes, 1);
    assert_int_equal(user_pinned_pages(), 0);
    assert_denied(0x100000); /* also what the unit had cached */
}

/* IFD-AREA-05, VF-LAST-PAGE */
static void unmap_all(void **state)
{
    uint64_t bytes;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(map_dma(APERTURE - 0x1000, DMA, 0x1000), 0);
        assert_int_equal(map_dma(0, DMA, 0x3000), 0);
        assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
        assert_int_equal(bytes, 0x4000);
        assert_denied(APERTURE - 0x1000);
    }
    assert_int_equal(map_dma(APERTURE - 0x1000, DMA, 0x1000), 0);
    assert_int_equal(unmap_dma(0, APERTURE - 0x1000, 0x1000, &bytes), 0);
    assert_int_equal(bytes, 0x1000);
}

/* IFD-VFIO-SHUFFLE */
static void unmap_in_any_order(void **state)
{
    uint64_t bytes;

    (void)state;
    for (uint64_t i = 0; i < 128; i++)
        assert_int_equal(map_dma(i << 12, DMA + (i << 12), 0x1000), 0);
    for (uint64_t i = 0; i < 128; i++) {
        uint64_t at = i * 45 % 128;

        assert_translates(at << 12, DMA + (at << 12));
        assert_int_equal(unmap_dma(0, at << 12, 0x1000, &bytes), 0);
        assert_int_equal(bytes, 0x1000);
        assert_denied(at << 12);
    }
    assert_int_equal(user_pinned_pages(), 0);
}

/* The maps are gone although the size could not be told. */
static void unmap_with_a_bad_answer(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(map_dma(0, DMA, 0x1000), 0);
    user.copies = 0;
    user.copy_fails_at = 2;
    assert_int_equal(unmap_dma(0, 0, 0x1000, &bytes), -RF_EFAULT);
    assert_int_equal(user_pinned_pages(), 0);
}

/* ATK-05: without the hardware's answer the memory is never used again. */
static void unmap_without_an_answer(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(map_dma(0, DMA, 0x2000), 0);
    fake_fail(1);
    assert_int_equal(unmap_dma(0, 0, 0x2000, &bytes), -RF_ETIMEDOUT);
    assert_int_equal(user.lost, 2);
    assert_true(fake_a.unit.dead);
    log_clear();
    assert_true(map_dma(0, DMA, 0x1000) < 0);
    assert_int_equal(user_pinned_pages(), 0);
}

/* Linux's rules for version 1, with three maps of 0x4000 at 0x100000, 0x104000 and 0x110000. */
static const struct {
    const char *what;
    uint64_t iova, size, gone; /* gone: bytes that the call says were unmapped */
    unsigned left;             /* maps that still translate, a bit each */
} v1_rows[] = {
    {"a whole map", 0x100000, 0x4000, 0x4000, 0x6},
    {"two", 0x100000, 0x8000, 0x8000, 0x4},
    {"the first page", 0x100000, 0x1000, 0x4000, 0x6},
    {"from below into it", 0xff000, 0x2000, 0x4000, 0x6},
    {"one and a part of the next", 0x100000, 0x5000, 0x8000, 0x4},
    {"all, the last in part", 0, 0x111000, 0xc000, 0x0},
    {"the second page", 0x101000, 0x1000, 0, 0x7},
    {"the last page", 0x103000, 0x1000, 0, 0x7},
    {"from inside one over the others", 0x101000, 0x100000, 0, 0x7},
    {"between", 0x108000, 0x8000, 0, 0x7},
};

static void unmap_by_version_1(void **state)
{
    static const uint64_t at[] = {0x100000, 0x104000, 0x110000};
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(v1_rows); i++) {
        for (unsigned m = 0; m < ARRAY_SIZE(at); m++)
            assert_int_equal(map_dma(at[m], DMA + at[m] % 0x20000, 0x4000), 0);
        log_clear();
        assert_int_equal(unmap_dma(0, v1_rows[i].iova, v1_rows[i].size, &bytes), 0);
        if (bytes != v1_rows[i].gone)
            fail_msg("%s: 0x%lx bytes", v1_rows[i].what, (unsigned long)bytes);
        for (unsigned m = 0; m < ARRAY_SIZE(at); m++) {
            if (v1_rows[i].left & BIT(m))
                assert_translates(at[m] + 0x3000, DMA + at[m] % 0x20000 + 0x3000);
            else
                assert_denied(at[m] + 0x3000);
        }
        assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
    }
}

static void version_1_says_what_it_kept(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(map_dma(0x100000, DMA, 0x4000), 0);
    assert_int_equal(unmap_dma(0, 0x101000, 0x1000, &bytes), 0);
    assert_one_line(
        "iova 0x101000 size 0x1000 unmaps nothing, as type 1 does: it starts inside the "
        "map [0x100000, 0x103fff], which the device keeps");
    fake_fail(1);
    assert_int_equal(unmap_dma(0, 0x100000, 0x1000, &bytes), -RF_ETIMEDOUT);
    assert_int_equal(user.lost, 4);
    log_clear();
}

/* ---- GET_INFO ----------------------------------------------------------------------------- */

static struct vfio_iommu_type1_info get_info(uint32_t argsz, long expected)
{
    struct vfio_iommu_type1_info info = {.argsz = argsz, .cap_offset = 0x77777777};

    assert_int_equal(CONTAINER(VFIO_IOMMU_GET_INFO, &info), expected);
    memcpy(&info, user.arg, sizeof(info));
    return info;
}

/* Walks the chain to the capability `id`; NULL: it is not there. */
static const void *find_cap(uint32_t offset, uint16_t id)
{
    const struct vfio_info_cap_header *cap;

    for (; offset; offset = cap->next) {
        assert_true(offset >= sizeof(struct vfio_iommu_type1_info) && offset % 8 == 0);
        cap = (const void *)(user.arg + offset);
        if (cap->id == id)
            return cap;
    }
    return NULL;
}

static void info_sizes(void **state)
{
    struct vfio_iommu_type1_info info;
    uint32_t need;

    (void)state;
    get_info(0, -RF_EINVAL);
    get_info(15, -RF_EINVAL);
    info = get_info(16, 0);
    need = info.argsz;
    assert_true(need > sizeof(info));
    assert_int_equal(info.flags, VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS);
    assert_int_equal(info.cap_offset, 0x77777777); /* beyond argsz */
    assert_int_equal(info.iova_pgsizes, BIT(12) | BIT(21) | BIT(30));
    info = get_info(sizeof(info), 0);
    assert_int_equal(info.cap_offset, 0);
    assert_int_equal(info.argsz, need);
    info = get_info(need - 1, 0);
    assert_int_equal(info.cap_offset, 0);
    assert_int_equal(user.arg[sizeof(info)], 0xa5); /* no part of the chain was written */
    info = get_info(need, 0);
    assert_int_equal(info.cap_offset, sizeof(info));
    assert_int_equal(user.arg[need], 0xa5);
}

static void info_faults(void **state)
{
    struct vfio_iommu_type1_info info = {.argsz = 4096};

    (void)state;
    for (unsigned k = 1; k <= 3; k++) { /* the arguments, the chain, the structure */
        user.copies = 0;
        user.copy_fails_at = k;
        assert_int_equal(CONTAINER(VFIO_IOMMU_GET_INFO, &info), -RF_EFAULT);
    }
    user.copy_fails_at = 0;
    arg_put(&info, sizeof(info));
    memcpy(user.arg + ARG_SIZE - sizeof(info), &info, sizeof(info)); /* argsz lies */
    assert_int_equal(
        vfio_container_ioctl(containers[0], VFIO_IOMMU_GET_INFO, ARG + ARG_SIZE - sizeof(info)),
        -RF_EFAULT);
}

/* IFD-RANGE-01, IFD-RANGE-03 */
static void info_ranges(void **state)
{
    static const struct vfio_iova_range wanted[] = {
        {0, SW_MSI_BASE - 1},
        {SW_MSI_BASE + SW_MSI_SIZE, 0x0fffffff},
        {0x20000000, APERTURE - 1},
    };
    const struct vfio_iommu_type1_info_cap_iova_range *cap;
    struct vfio_iommu_type1_info info = get_info(4096, 0);

    (void)state;
    cap = find_cap(info.cap_offset, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
    assert_non_null(cap);
    assert_int_equal(cap->header.version, 1);
    assert_int_equal(cap->nr_iovas, ARRAY_SIZE(wanted));
    assert_memory_equal(cap->iova_ranges, wanted, sizeof(wanted));
    for (unsigned i = 0; i < ARRAY_SIZE(wanted); i++) {
        uint64_t first = wanted[i].start, last_page = wanted[i].end - 0xfff;

        assert_int_equal(map_dma(first, DMA, 0x1000), 0);
        assert_int_equal(map_dma(last_page, DMA, 0x1000), 0);
        assert_int_equal(map_dma(last_page + 0x1000, DMA, 0x1000),
                         i + 1 < ARRAY_SIZE(wanted) ? -RF_EINVAL : -RF_ERANGE);
    }
}

/* Linux's order, which some programs count on. */
static void info_chain(void **state)
{
    static const uint16_t order[] = {VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION,
                                     VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL,
                                     VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE};
    const struct vfio_iommu_type1_info_cap_migration *migration;
    struct vfio_iommu_type1_info info = get_info(4096, 0);
    uint32_t at = info.cap_offset;

    (void)state;
    migration = find_cap(at, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION);
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        const struct vfio_info_cap_header *cap = (const void *)(user.arg + at);

        assert_int_equal(cap->id, order[i]);
        assert_int_equal(cap->version, 1);
        at = cap->next;
    }
    assert_int_equal(at, 0);
    assert_int_equal(migration->flags, 0);
    assert_int_equal(migration->pgsize_bitmap, 0x1000);
    assert_int_equal(migration->max_dirty_bitmap_size, MIB(256));
}

static uint32_t available(void)
{
    struct vfio_iommu_type1_info info = get_info(4096, 0);
    const struct vfio_iommu_type1_info_dma_avail *cap =
        find_cap(info.cap_offset, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);

    assert_non_null(cap);
    return cap->avail;
}

static void info_available(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(available(), 65535);
    assert_int_equal(map_dma(0, DMA, 0x4000), 0);
    assert_int_equal(map_dma(0x8000, DMA, 0x4000), 0);
    assert_int_equal(available(), 65533);
    assert_int_equal(map_dma(0x8000, DMA, 0x4000), -RF_EEXIST);
    assert_int_equal(available(), 65533);
    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
    assert_int_equal(available(), 65535);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ATTACHED(order_of_unmap_checks),
        ATTACHED(unmap_of_nothing),
        ATTACHED(unmap_of_several),
        ATTACHED(unmap_all),
        ATTACHED(unmap_in_any_order),
        ATTACHED(unmap_with_a_bad_answer),
        ATTACHED(unmap_without_an_answer),
        WITH(unmap_by_version_1, vfio_up_v1),
        WITH(version_1_says_what_it_kept, vfio_up_v1),
        ATTACHED(info_sizes),
        ATTACHED(info_faults),
        WITH(info_ranges, vfio_up_with_window),
        ATTACHED(info_chain),
        ATTACHED(info_available),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
