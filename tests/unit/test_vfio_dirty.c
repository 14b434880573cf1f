/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* VFIO_IOMMU_DIRTY_PAGES, and the bitmap of an unmap. Without dirty bits in the tables what may be
 * written counts as written. */

#define START  VFIO_IOMMU_DIRTY_PAGES_FLAG_START
#define STOP   VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP
#define GET    VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP
#define PAGES  150u /* of the maps at IOVA: the bitmap's words end in the middle of a map */
#define IOVA   UINT64_C(0x100000)
#define BITMAP (ARG + 0x1000) /* where the workload has it */
#define WORDS  3u

struct get_args {
    struct vfio_iommu_type1_dirty_bitmap head;
    struct vfio_iommu_type1_dirty_bitmap_get get;
};

static long operation(uint32_t flags)
{
    struct vfio_iommu_type1_dirty_bitmap d = {.argsz = sizeof(d), .flags = flags};

    return CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &d);
}

static const struct get_args good_get = {
    .head = {.argsz = sizeof(struct get_args), .flags = GET},
    .get = {.iova = IOVA,
            .size = PAGES * PAGE_SIZE,
            .bitmap = {PAGE_SIZE, WORDS * 8, (uint64_t *)(uintptr_t)BITMAP}},
};

static uint64_t *bitmap(void)
{
    return (uint64_t *)(void *)(user.arg + (BITMAP - ARG));
}

static long map_for(uint32_t flags, unsigned first, unsigned pages)
{
    struct vfio_iommu_type1_dma_map m = {
        .argsz = sizeof(m),
        .flags = flags,
        .vaddr = DMA,
        .iova = IOVA + first * PAGE_SIZE,
        .size = pages * PAGE_SIZE,
    };

    return CONTAINER(VFIO_IOMMU_MAP_DMA, &m);
}

/* Pages 0 to 9 writable, 20 to 39 read-only, 60 to 149 writable; the rest is not mapped. */
static int up(void **state)
{
    if (vfio_up_attached(state) || map_for(3, 0, 10) || map_for(1, 20, 20) || map_for(2, 60, 90))
        return -1;
    memset(bitmap(), 0, WORDS * 8);
    log_clear();
    return 0;
}

static bool is_dirty(unsigned page)
{
    return bitmap()[page / 64] >> page % 64 & 1;
}

static void expect_dirty(void)
{
    for (unsigned i = 0; i < WORDS * 64; i++) {
        bool writable = i < 10 || (i >= 60 && i < 150);

        if (is_dirty(i) != writable)
            fail_msg("page %u", i);
    }
}

/* ---- START, STOP ---------------------------------------------------------------------------- */

static void one_operation_at_a_time(void **state)
{
    static const uint32_t wrong[] = {0, START | STOP, START | GET, STOP | GET, 7, 8, 1u << 31};
    struct vfio_iommu_type1_dirty_bitmap d = {.argsz = 7, .flags = START};

    (void)state;
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &d), -RF_EINVAL);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        assert_int_equal(operation(wrong[i]), -RF_EINVAL);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOMMU_DIRTY_PAGES, 4), -RF_EFAULT);
    assert_int_equal(vfio_container_ioctl(containers[1], VFIO_IOMMU_DIRTY_PAGES, ARG), -RF_ENODEV);
}

static void version_1_has_none(void **state)
{
    (void)state;
    assert_int_equal(operation(START), -RF_EACCES);
    assert_one_line("only VFIO_TYPE1v2_IOMMU");
}

static void start_and_stop_twice(void **state)
{
    struct get_args g = good_get;

    (void)state;
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g), -RF_EINVAL);
    assert_one_line("START comes first");
    assert_int_equal(operation(STOP), 0);
    assert_int_equal(operation(START), 0);
    assert_int_equal(operation(START), 0);
    assert_one_line("all that are mapped writable are reported"); /* said once */
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g), 0);
    assert_int_equal(operation(STOP), 0);
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g), -RF_EINVAL);
}

static void starting_again_and_again_is_not_said_each_time(void **state)
{
    (void)state;
    log_clear();
    for (unsigned i = 0; i < 3 * LOG_LIMITED_LINES; i++) {
        assert_int_equal(operation(START), 0);
        assert_int_equal(operation(STOP), 0);
    }
    assert_int_equal(log_lines(), LOG_LIMITED_LINES);
}

static void a_new_iommu_does_not_track(void **state)
{
    struct get_args g = good_get;

    (void)state;
    assert_int_equal(operation(START), 0);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
    assert_int_equal(set_container(FD_CONTAINER), 0);
    assert_int_equal(set_iommu(), 0);
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g), -RF_EINVAL);
}

/* ---- GET_BITMAP ----------------------------------------------------------------------------- */

static void writable_is_dirty(void **state)
{
    struct get_args g = good_get;

    (void)state;
    assert_int_equal(operation(START), 0);
    for (unsigned i = 0; i < 2; i++) { /* asking does not make it clean: nothing says it is */
        assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g), 0);
        expect_dirty();
        memset(bitmap(), 0, WORDS * 8);
    }
}

static void other_bits_stay(void **state)
{
    struct get_args g = good_get;

    (void)state;
    assert_int_equal(operation(START), 0);
    bitmap()[0] = UINT64_C(1) << 15;
    bitmap()[2] = UINT64_C(1) << 63;
    assert_int_equal(CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g), 0);
    assert_true(is_dirty(15) && is_dirty(191) && is_dirty(0));
    assert_false(is_dirty(14) || is_dirty(150));
}

static const struct {
    const char *what;
    uint64_t iova, size, pgsize, bytes, data;
    uint32_t argsz;
    long err;
} get_rows[] = {
    {"argsz", IOVA, 0x1000, 0x1000, 8, BITMAP, 47, -RF_EINVAL},
    {"size 0", IOVA, 0, 0x1000, 8, BITMAP, 48, -RF_EINVAL},
    {"pgsize 0", IOVA, 0x96000, 0, 24, BITMAP, 48, -RF_EINVAL},
    {"pgsize 2M", IOVA, 0x96000, MIB(2), 24, BITMAP, 48, -RF_EINVAL},
    {"bitmap short", IOVA, 0x96000, 0x1000, 23, BITMAP, 48, -RF_EINVAL},
    {"bitmap empty", IOVA, 0x96000, 0x1000, 0, BITMAP, 48, -RF_EINVAL},
    {"bitmap huge", IOVA, 0x96000, 0x1000, MIB(256) + 8, BITMAP, 48, -RF_EINVAL},
    {"iova", IOVA + 0x800, 0x96000, 0x1000, 24, BITMAP, 48, -RF_EINVAL},
    {"size", IOVA, 0x96800, 0x1000, 24, BITMAP, 48, -RF_EINVAL},
    {"wraps", UINT64_MAX - 0xfff, 0x2000, 0x1000, 24, BITMAP, 48, -RF_EOVERFLOW},
    {"cuts the first", IOVA + 0x1000, 0x95000, 0x1000, 24, BITMAP, 48, -RF_EINVAL},
    {"cuts the last", IOVA, 0x95000, 0x1000, 24, BITMAP, 48, -RF_EINVAL},
    {"no such memory", IOVA, 0x96000, 0x1000, 24, 8, 48, -RF_EFAULT},
    {"last page of the space", UINT64_MAX - 0xfff, 0x1000, 0x1000, 8, BITMAP, 48, 0},
    {"larger than need be", 0, 0x400000, 0x1000, 0x2000, BITMAP, 48, 0},
};

static void order_of_checks(void **state)
{
    (void)state;
    assert_int_equal(operation(START), 0);
    for (size_t i = 0; i < ARRAY_SIZE(get_rows); i++) {
        struct get_args g = {
            .head = {.argsz = get_rows[i].argsz, .flags = GET},
            .get = {.iova = get_rows[i].iova,
                    .size = get_rows[i].size,
                    .bitmap = {get_rows[i].pgsize, get_rows[i].bytes,
                               (uint64_t *)(uintptr_t)get_rows[i].data}},
        };
        long err = CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g);

        if (err != get_rows[i].err)
            fail_msg("%s: %ld", get_rows[i].what, err);
    }
}

/* ---- with an unmap -------------------------------------------------------------------------- */

static long unmap_with_bitmap(uint64_t data)
{
    struct {
        struct vfio_iommu_type1_dma_unmap u;
        struct vfio_bitmap b;
    } args = {
        .u = {.argsz = sizeof(args),
              .flags = VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP,
              .iova = IOVA,
              .size = PAGES * PAGE_SIZE},
        .b = {PAGE_SIZE, WORDS * 8, (uint64_t *)(uintptr_t)data},
    };

    return CONTAINER(VFIO_IOMMU_UNMAP_DMA, &args);
}

static void unmap_tells_what_was_dirty(void **state)
{
    (void)state;
    assert_int_equal(operation(START), 0);
    assert_int_equal(unmap_with_bitmap(8), -RF_EFAULT); /* and nothing is unmapped */
    assert_int_equal(space()->map_count, 3);
    assert_translates(IOVA, DMA);
    assert_int_equal(unmap_with_bitmap(BITMAP), 0);
    expect_dirty();
    assert_int_equal(space()->map_count, 0);
    assert_denied(IOVA);
    memset(bitmap(), 0, WORDS * 8);
    assert_int_equal(unmap_with_bitmap(BITMAP), 0); /* nothing there, nothing dirty */
    assert_int_equal(bitmap()[0] | bitmap()[1] | bitmap()[2], 0);
}

/* Every access to the workload's memory fails once. */
static void faults(void **state)
{
    struct get_args g = good_get;

    (void)state;
    assert_int_equal(operation(START), 0);
    for (unsigned k = 1;; k++) {
        long err;

        user.copies = 0;
        user.copy_fails_at = k;
        err = CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &g);
        user.copy_fails_at = 0;
        if (err == 0) {
            assert_true(k > 7); /* head, range, three words, of which two are read first */
            return;
        }
        assert_int_equal(err, -RF_EFAULT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(one_operation_at_a_time, up),
        WITH(version_1_has_none, vfio_up_v1),
        WITH(start_and_stop_twice, up),
        WITH(starting_again_and_again_is_not_said_each_time, up),
        WITH(a_new_iommu_does_not_track, up),
        WITH(writable_is_dirty, up),
        WITH(other_bits_stay, up),
        WITH(order_of_checks, up),
        WITH(unmap_tells_what_was_dirty, up),
        WITH(faults, up),
    };

    return cmocka_run_group_tests_name("vfio dirty", tests, NULL, NULL);
}
