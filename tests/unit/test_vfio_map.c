/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* VFIO_IOMMU_MAP_DMA. Names in capitals are those of the cases that Linux's self-tests have. */

#define RW       (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define APERTURE (UINT64_C(1) << 48)
#define TOP_PAGE (UINT64_MAX - 0xfff)

/* ---- MAP_DMA: what decides ---------------------------------------------------------------- */

/* Each row breaks the check that it is named for and, where that can be, every later one as well.
 */
static const struct {
    const char *what;
    struct vfio_iommu_type1_dma_map m;
    long err;
    const char *line; /* NULL: nothing is logged */
} map_rows[] = {
    {"argsz 0", {0, 0xff, 1, 1, 0}, -RF_EINVAL, NULL},
    {"argsz short", {31, 0xff, 1, 1, 0}, -RF_EINVAL, NULL},
    {"flags", {32, 8, 1, 1, 0}, -RF_EINVAL, "unknown flags 0x8"},
    {"flag VADDR", {32, 4 | RW, DMA, 0, 0x1000}, -RF_EINVAL, "unknown flags 0x7"},
    {"no right", {32, 0, 1, 1, 0}, -RF_EINVAL, "neither READ nor WRITE"},
    {"size 0", {32, RW, 1, 1, 0}, -RF_EINVAL, "size is 0"},
    {"size", {32, RW, DMA, 0, 0x1001}, -RF_EINVAL, "not a multiple of 0x1000"},
    {"iova", {32, RW, DMA, 0x800, 0x1000}, -RF_EINVAL, "not a multiple of 0x1000"},
    {"vaddr", {32, RW, DMA + 1, 0, 0x1000}, -RF_EINVAL, "not a multiple of 0x1000"},
    {"VF-OVERFLOW", {32, RW, DMA, TOP_PAGE, 0x2000}, -RF_EOVERFLOW, "iova + size leaves"},
    {"all", {32, RW, DMA, 0x1000, TOP_PAGE}, -RF_EOVERFLOW, "vaddr 0x20000000 + size leaves"},
    {"vaddr wraps", {32, RW, TOP_PAGE, 0x8000, 0x2000}, -RF_EOVERFLOW, "vaddr 0xfff"},
    {"overlap", {32, RW, 0, 0x100000, 0x1000}, -RF_EEXIST, "overlaps the map [0x100000, 0x103fff]"},
    {"overlap and beyond", {32, RW, 0, 0x100000, APERTURE}, -RF_EEXIST, "overlaps the map"},
    {"over the top", {32, RW, 0, APERTURE - 0x1000, 0x2000}, -RF_ERANGE, "outside the aperture"},
    {"above", {32, RW, 0, APERTURE, 0x1000}, -RF_ERANGE, "outside the aperture"},
    {"top page of 2^64", {32, RW, 0, TOP_PAGE, 0x1000}, -RF_ERANGE, "outside the aperture"},
    {"doorbells",
     {32, RW, 0, SW_MSI_BASE, 0x1000},
     -RF_EINVAL,
     "overlaps the sw-msi window [0x8000000, 0x80fffff] (sw-msi)"},
    {"into doorbells", {32, RW, 0, SW_MSI_BASE - 0x1000, 0x2000}, -RF_EINVAL, "sw-msi window"},
    {"host bridge",
     {32, RW, 0, 0x10000000, 0x1000},
     -RF_EINVAL,
     "overlaps the reserved window [0x10000000, 0x1fffffff] (pci-window)"},
    {"no memory there", {32, RW, 0, 0, 0x1000}, -RF_EFAULT, "cannot be pinned for writing"},
    {"IFD-MAP-FAULT", {32, RW, DMA_RO - 0x1000, 0, 0x2000}, -RF_EFAULT, "cannot be pinned"},
    {"read-only memory", {32, RW, DMA_RO, 0, 0x1000}, -RF_EFAULT, "cannot be pinned for writing"},
    {"huge", {32, RW, DMA, 0x20000000, APERTURE / 2}, -RF_EFAULT, "cannot be pinned"},
};

static void order_of_map_checks(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0x100000, DMA, 0x4000), 0);
    for (size_t i = 0; i < ARRAY_SIZE(map_rows); i++) {
        long err = CONTAINER(VFIO_IOMMU_MAP_DMA, &map_rows[i].m);

        if (err != map_rows[i].err)
            fail_msg("%s: %ld", map_rows[i].what, err);
        if (map_rows[i].line)
            assert_one_line(map_rows[i].line);
        assert_int_equal(log_lines(), 0);
        assert_int_equal(space()->map_count, 1);
        assert_int_equal(user_pinned_pages(), 4);
    }
    assert_translates(0x100000, DMA);
}

/* IFD-AREA-04 */
static void overlaps(void **state)
{
    static const struct {
        uint64_t iova, size;
    } rows[] = {{16, 2}, {16, 1}, {17, 1}, {15, 2}, {15, 3}, {15, 4}, {17, 2}, {0, 32}};

    (void)state;
    assert_int_equal(map_dma(0x10000, DMA, 0x2000), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(map_dma(rows[i].iova << 12, DMA + 0x8000, rows[i].size << 12), -RF_EEXIST);
    assert_int_equal(map_dma(15 << 12, DMA, 0x1000), 0);
    assert_int_equal(map_dma(18 << 12, DMA, 0x1000), 0);
    assert_translates(0x11000, DMA + 0x1000);
}

/* An overlap is found wherever it is among many maps. */
static void overlaps_among_many(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 64; i++)
        assert_int_equal(map_dma((i * 37 % 64) << 16, DMA, 0x1000), 0);
    for (uint64_t i = 0; i < 64; i++) {
        assert_int_equal(map_dma(i << 16, DMA, 0x1000), -RF_EEXIST);
        assert_int_equal(map_dma((i << 16) + 0x1000, DMA, 0xf000), 0);
    }
    assert_int_equal(map_dma(64 << 16, DMA, 0x1000), 0);
}

static void windows_border(void **state)
{
    (void)state;
    assert_int_equal(map_dma(SW_MSI_BASE - 0x1000, DMA, 0x1000), 0);
    assert_int_equal(map_dma(SW_MSI_BASE + SW_MSI_SIZE, DMA, 0x1000), 0);
    assert_int_equal(map_dma(SW_MSI_BASE + SW_MSI_SIZE - 0x1000, DMA, 0x1000), -RF_EINVAL);
    assert_int_equal(map_dma(SW_MSI_BASE - 0x2000, DMA, 0x1000 + SW_MSI_SIZE + 0x2000), -RF_EEXIST);
}

static void map_limit(void **state)
{
    (void)state;
    containers[0]->aspace.cfg.map_limit = 2;
    assert_int_equal(map_dma(0x0000, DMA, 0x1000), 0);
    assert_int_equal(map_dma(0x1000, DMA, 0x1000), 0);
    log_clear();
    assert_int_equal(map_dma(0x2000, DMA, 0x1000), -RF_ENOSPC);
    assert_one_line("holds 2 maps");
    assert_int_equal(map_dma(0x1000, DMA, 0x1000), -RF_EEXIST);
}

static void arguments_fault(void **state)
{
    (void)state;
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOMMU_MAP_DMA, 0), -RF_EFAULT);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOMMU_MAP_DMA, UINT64_MAX),
                     -RF_EFAULT);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOMMU_UNMAP_DMA, ARG + ARG_SIZE - 23),
                     -RF_EFAULT);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOMMU_GET_INFO, ARG - 1), -RF_EFAULT);
}

/* ---- MAP_DMA: what it does ---------------------------------------------------------------- */

static void rights(void **state)
{
    static const struct {
        uint32_t flags;
        unsigned prot;
    } rows[] = {
        {VFIO_DMA_MAP_FLAG_READ, PT_READ},
        {VFIO_DMA_MAP_FLAG_WRITE, PT_READ | PT_WRITE}, /* ARM stage 1 has no write-only */
        {RW, PT_READ | PT_WRITE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vfio_iommu_type1_dma_map m = {sizeof(m), rows[i].flags, DMA, i << 12, 0x1000};
        struct pt_leaf leaf;

        assert_int_equal(CONTAINER(VFIO_IOMMU_MAP_DMA, &m), 0);
        assert_true(pt_lookup(&LIST_FIRST(&space()->domains)->pt, i << 12, &leaf));
        assert_int_equal(leaf.prot & (PT_READ | PT_WRITE | PT_EXEC | PT_DEVICE), rows[i].prot);
    }
}

/* IFD-MAP-RO */
static void read_only_memory_for_reading(void **state)
{
    struct vfio_iommu_type1_dma_map m = {sizeof(m), VFIO_DMA_MAP_FLAG_READ, DMA_RO, 0, 0x1000};

    (void)state;
    assert_int_equal(CONTAINER(VFIO_IOMMU_MAP_DMA, &m), 0);
    assert_translates(0, DMA_RO);
}

/* VF-MAP-2M: contiguous memory gets one large leaf, scattered memory a leaf a page. */
static void leaf_sizes(void **state)
{
    struct pt_leaf leaf;

    (void)state;
    assert_int_equal(map_dma(MIB(2), DMA, MIB(2)), 0);
    assert_int_equal(space()->maps.rbh_root->seg_count, 1);
    assert_true(pt_lookup(&LIST_FIRST(&space()->domains)->pt, MIB(3), &leaf));
    assert_int_equal(leaf.size_lg2, 21);
    user.scattered = true;
    assert_int_equal(map_dma(MIB(4), DMA, 0x40000), 0);
    assert_true(pt_lookup(&LIST_FIRST(&space()->domains)->pt, MIB(4), &leaf));
    assert_int_equal(leaf.size_lg2, 12);
    for (uint64_t at = 0; at < 0x40000; at += 0x1000)
        assert_translates(MIB(4) + at, DMA + at);
}

/* The memory of one map can be mapped again at another address; each holds references of its own.
 */
static void two_iovas_for_one_page(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(map_dma(0x1000, DMA, 0x1000), 0);
    assert_int_equal(map_dma(0x8000, DMA, 0x1000), 0);
    assert_int_equal(user_pinned_pages(), 2);
    assert_int_equal(unmap_dma(0, 0x1000, 0x1000, &bytes), 0);
    assert_int_equal(user_pinned_pages(), 1);
    assert_denied(0x1000);
    assert_translates(0x8000, DMA);
}

/* With a granule of 64 KiB each piece of memory has to be contiguous and aligned to it. */
static int up_with_64k(void **state)
{
    const struct vfio_policy policy = {.granule_lg2 = 16};

    if (vfio_up(state))
        return -1;
    vfio_set_policy(&policy);
    return set_container(FD_CONTAINER) || set_iommu() ? -1 : 0;
}

static void granule_of_64k(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0x1000, DMA, 0x10000), -RF_EINVAL);
    assert_one_line("not a multiple of 0x10000");
    assert_int_equal(map_dma(0x10000, DMA, 0x20000), 0);
    assert_translates(0x2f000, DMA + 0x1f000);
    user.scattered = true;
    assert_int_equal(map_dma(0x40000, DMA, 0x10000), -RF_EINVAL);
    assert_one_line("not contiguous in pieces of 0x10000 bytes");
    user.scattered = false;
    assert_int_equal(user_pinned_pages(), 0x20);
}

/* IFD-FAILNTH: whichever allocation fails, nothing is left of the call. */
static void map_unwinds(void **state)
{
    uint64_t pages = fake_free_pages();
    long err = -RF_ENOMEM;
    unsigned k = 0;

    (void)state;
    user.scattered = true;
    while (err) {
        inject_after(++k);
        err = map_dma(0x40000000, DMA, 0x100000);
        assert_true(err == 0 || err == -RF_ENOMEM);
        if (err) {
            assert_int_equal(user_pinned_pages(), 0);
            assert_int_equal(space()->map_count, 0);
            assert_int_equal(fake_free_pages(), pages);
        }
    }
    assert_true(k > 6); /* the pieces grow, the record, two tables */
    assert_int_equal(user_pinned_pages(), 0x100);
}

/* ATK-05: a map that fails half-way is taken out again; when the hardware does not confirm that,
 * its memory is never used again. */
static void map_undone_without_an_answer(void **state)
{
    long err = -RF_ENOMEM;

    (void)state;
    user.scattered = true;
    for (unsigned k = 1; err == -RF_ENOMEM; k++) {
        inject_after(k);
        fake_fail(1);
        err = map_dma(MIB(2) - 0x1000, DMA, 0x2000); /* two pages, each of another table */
        assert_int_equal(user_pinned_pages(), 0);
    }
    assert_int_equal(err, -RF_ETIMEDOUT);
    assert_int_equal(user.lost, 2);
    assert_true(fake_a.unit.dead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(order_of_map_checks, vfio_up_with_window),
        ATTACHED(overlaps),
        ATTACHED(overlaps_among_many),
        ATTACHED(windows_border),
        ATTACHED(map_limit),
        ATTACHED(arguments_fault),
        ATTACHED(rights),
        ATTACHED(read_only_memory_for_reading),
        ATTACHED(leaf_sizes),
        ATTACHED(two_iovas_for_one_page),
        WITH(granule_of_64k, up_with_64k),
        ATTACHED(map_unwinds),
        ATTACHED(map_undone_without_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
