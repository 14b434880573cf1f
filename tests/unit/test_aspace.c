/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

#define APERTURE_LAST ((UINT64_C(1) << 48) - 1)
#define SW_MSI_LAST   (SW_MSI_BASE + SW_MSI_SIZE - 1)

static int up_with_two_units(void **state)
{
    if (space_up(state))
        return -1;
    space_attach(group1);
    space_attach(group2);
    return 0;
}

/* ---- map */

static void in_every_domain(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x3000);
    space_translates(0x10000, USER_RAM);
    space_translates(0x12fff, USER_RAM + 0x2fff);
    space_denies(0x0ffff);
    space_denies(0x13000);
    assert_int_equal(space.map_count, 1);
    assert_int_equal(space.mapped_bytes, 0x3000);
    assert_int_equal(fake_a.flushes, 0); /* a map costs no wait */
}

static void pieces_in_order(void **state)
{
    const struct aspace_seg segs[] = {
        {PADDR(USER_RAM + 0x9000), 0x1000},
        {PADDR(USER_RAM), 0x2000},
        {PADDR(0), 0x1000}, /* a legal address */
    };
    (void)state;
    assert_int_equal(fake_map(&space, (struct range){0x10000, 0x13fff}, segs, 3, PT_READ, NULL), 0);
    space_translates(0x10000, USER_RAM + 0x9000);
    space_translates(0x11000, USER_RAM);
    space_translates(0x12000, USER_RAM + 0x1000);
    space_translates(0x13000, 0);
    assert_null(aspace_find(&space, 0x12345)->registers);
    assert_int_equal(aspace_find(&space, 0x12345)->prot, PT_READ);
}

static void neighbouring_pieces_share_leaves(void **state)
{
    struct aspace_seg segs[512];
    struct pt_leaf leaf;

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(segs); i++)
        segs[i] = (struct aspace_seg){PADDR(USER_RAM + i * 0x1000ul), 0x1000};
    assert_int_equal(fake_map(&space, (struct range){MIB(4), MIB(6) - 1}, segs, 512, PT_READ, NULL),
                     0);
    assert_true(pt_lookup(&LIST_FIRST(&space.domains)->pt, MIB(5), &leaf));
    assert_int_equal(leaf.size_lg2, 21);
    space_unmap(MIB(4), MIB(6) - 1, 0, MIB(2));
}

static void arguments_are_checked(void **state)
{
    const struct range r = {0x10000, 0x11fff};
    const struct aspace_seg good[] = {{PADDR(USER_RAM), 0x1000}, {PADDR(USER_RAM), 0x1000}};
    struct aspace_seg bad[2];

    (void)state;
    assert_int_equal(fake_map(&space, r, good, 2, 0, NULL), -RF_EINVAL);
    assert_int_equal(fake_map(&space, r, good, 2, PT_READ | PT_EXEC, NULL), -RF_EINVAL);
    assert_int_equal(fake_map(&space, r, good, 0, PT_READ, NULL), -RF_EINVAL);
    assert_int_equal(fake_map(&space, r, good, 1, PT_READ, NULL), -RF_EINVAL);
    assert_int_equal(fake_map(&space, (struct range){0x10000, 0x10fff}, good, 2, PT_READ, NULL),
                     -RF_EINVAL);
    assert_int_equal(fake_map(&space, (struct range){0x10800, 0x127ff}, good, 2, PT_READ, NULL),
                     -RF_EINVAL);
    assert_int_equal(fake_map(&space, (struct range){0x10000, 0x117ff}, good, 2, PT_READ, NULL),
                     -RF_EINVAL);
    assert_int_equal(fake_map(&space, (struct range){0x10000, 0x0ffff}, good, 2, PT_READ, NULL),
                     -RF_EINVAL);
    memcpy(bad, good, sizeof(bad));
    bad[1].pa.v += 0x800;
    assert_int_equal(fake_map(&space, r, bad, 2, PT_READ, NULL), -RF_EINVAL);
    bad[1] = (struct aspace_seg){PADDR(USER_RAM), 0};
    assert_int_equal(fake_map(&space, r, bad, 2, PT_READ, NULL), -RF_EINVAL);
    bad[1] = (struct aspace_seg){PADDR(UINT64_MAX - 0xfff), 0x2000};
    assert_int_equal(fake_map(&space, r, bad, 2, PT_READ, NULL), -RF_EOVERFLOW);
    bad[1] = (struct aspace_seg){PADDR(UINT64_C(1) << 44), 0x1000}; /* above oas */
    assert_int_equal(fake_map(&space, r, bad, 2, PT_READ, NULL), -RF_ERANGE);
    space_denies(0x10000);
    assert_int_equal(space.map_count, 0);
}

static void overlaps_are_refused(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x3000);
    assert_int_equal(space_try_map(0x10000, USER_RAM, 0x3000, PT_READ), -RF_EEXIST); /* identical */
    assert_int_equal(space_try_map(0x11000, USER_RAM, 0x1000, PT_READ), -RF_EEXIST); /* inside */
    assert_int_equal(space_try_map(0x0f000, USER_RAM, 0x5000, PT_READ), -RF_EEXIST); /* around */
    assert_int_equal(space_try_map(0x0f000, USER_RAM, 0x2000, PT_READ), -RF_EEXIST);
    assert_int_equal(space_try_map(0x12000, USER_RAM, 0x2000, PT_READ), -RF_EEXIST);
    space_map(0x0f000, USER_RAM, 0x1000);
    space_map(0x13000, USER_RAM, 0x1000);
    assert_int_equal(space.map_count, 3);
}

static void reserved_windows_are_refused(void **state)
{
    (void)state;
    space_map(SW_MSI_BASE - 0x1000, USER_RAM, 0x1000);
    assert_int_equal(space_try_map(SW_MSI_BASE - 0x2000, USER_RAM, 0x3000, PT_READ), -RF_EEXIST);
    space_unmap(0, UINT64_MAX, 0, 0x1000);
    assert_int_equal(space_try_map(SW_MSI_BASE - 0x1000, USER_RAM, 0x2000, PT_READ), -RF_EINVAL);
    assert_int_equal(space_try_map(SW_MSI_BASE + 0x8000, USER_RAM, 0x1000, PT_READ), -RF_EINVAL);
    assert_int_equal(space_try_map(SW_MSI_LAST - 0xfff, USER_RAM, 0x2000, PT_READ), -RF_EINVAL);
    assert_int_equal(space_try_map(SW_MSI_BASE - MIB(1), USER_RAM, MIB(3), PT_READ), -RF_EINVAL);
    space_map(SW_MSI_LAST + 1, USER_RAM, 0x1000);
    space_map(0, USER_RAM, SW_MSI_BASE); /* fills a usable range */
}

static void aperture_is_an_error_of_its_own(void **state)
{
    (void)state;
    space_map(APERTURE_LAST - 0xfff, USER_RAM, 0x1000);
    assert_int_equal(space_try_map(APERTURE_LAST + 1, USER_RAM, 0x1000, PT_READ), -RF_ERANGE);
    assert_int_equal(space_try_map(UINT64_MAX - 0xfff, USER_RAM, 0x1000, PT_READ), -RF_ERANGE);
    space_unmap(0, UINT64_MAX, 0, 0x1000);
    assert_int_equal(space_try_map(APERTURE_LAST - 0xfff, USER_RAM, 0x2000, PT_READ), -RF_ERANGE);
}

static void limit_comes_after_overlap(void **state)
{
    (void)state;
    space.cfg.map_limit = 2;
    space_map(0x10000, USER_RAM, 0x1000);
    space_map(0x20000, USER_RAM, 0x1000);
    assert_int_equal(space_try_map(0x20000, USER_RAM, 0x1000, PT_READ), -RF_EEXIST);
    assert_int_equal(space_try_map(0x30000, USER_RAM, 0x1000, PT_READ), -RF_ENOSPC);
    assert_int_equal(space_try_map(SW_MSI_BASE, USER_RAM, 0x1000, PT_READ), -RF_ENOSPC);
    space_unmap(0x10000, 0x10fff, 0, 0x1000);
    space_map(0x30000, USER_RAM, 0x1000);
}

static void write_only_becomes_read_write(void **state)
{
    const struct iommu_domain *d = LIST_FIRST(&space.domains);
    struct pt_leaf leaf;

    (void)state;
    assert_int_equal(space_try_map(0x10000, USER_RAM, 0x1000, PT_WRITE), 0);
    assert_int_equal(aspace_find(&space, 0x10000)->prot, PT_READ | PT_WRITE);
    assert_true(pt_lookup(&d->pt, 0x10000, &leaf));
    assert_int_equal(leaf.prot, PT_READ | PT_WRITE | PT_USER);
}

static uint64_t table_pages(void)
{
    const struct iommu_domain *d;
    uint64_t sum = 0;

    LIST_FOREACH (d, &space.domains, link)
        sum += d->pt.tables;
    return sum;
}

/* The place behind the map that was made last is looked at first. */
static void a_map_does_not_reach_into_the_next(void **state)
{
    struct aspace_map *m;

    (void)state;
    space_map(0x30000, USER_RAM, 0x1000);
    space_map(0x10000, USER_RAM, 0x1000);
    assert_int_equal(aspace_map_begin(&space, (struct range){0x20000, 0x30fff}, PT_READ, &m),
                     -RF_EEXIST);
    assert_int_equal(space_try_map(0x10000, USER_RAM, 0x1000, PT_READ), -RF_EEXIST);
    space_map(0x20000, USER_RAM, 0x10000);
    space_map(0x11000, USER_RAM, 0xf000);
    space_unmap(0, UINT64_MAX, 0, 0x1000 + 0xf000 + 0x10000 + 0x1000);
}

static void map_without_memory(void **state)
{
    const struct aspace_seg segs[] = {{PADDR(USER_RAM), MIB(2)}, {PADDR(USER_RAM), 0x1000}};
    const struct range r = {GIB(600) - MIB(2), GIB(600) + 0xfff};
    uint64_t tables = table_pages();
    uint64_t pages = fake_free_pages();
    unsigned k = 0;
    int err;

    (void)state;
    for (;;) {
        inject_after(++k);
        err = fake_map(&space, r, segs, 2, PT_READ, NULL);
        if (!err)
            break;
        inject_after(0);
        assert_int_equal(err, -RF_ENOMEM);
        assert_int_equal(table_pages(), tables);
        assert_int_equal(fake_free_pages(), pages);
        assert_int_equal(space.map_count, 0);
        assert_int_equal(space.mapped_bytes, 0);
        space_denies(r.start);
        space_denies(r.last);
    }
    assert_true(k > 8); /* the map, and tables of both halves in both domains */
    assert_int_equal(released.calls, 0);
}

static void half_made_map_that_cannot_be_undone(void **state)
{
    (void)state;
    inject_after(5); /* the second domain's first table */
    fake_fail(1);    /* the flush of the first domain */
    assert_int_equal(space_try_map(0x10000, USER_RAM, 0x1000, PT_READ), -RF_ETIMEDOUT);
    inject_after(0);
    assert_int_equal(fake_a.unit.dead + fake_b.unit.dead, 1);
    assert_int_equal(released.calls, 0); /* still the caller's */
    assert_int_equal(space.map_count, 0);
}

/* ---- look-ups */

static void nearest_map(void **state)
{
    (void)state;
    assert_null(aspace_nearest(&space, 0x1000));
    space_map(0x10000, USER_RAM, 0x1000);
    assert_int_equal(aspace_nearest(&space, 0)->iova.start, 0x10000);
    assert_int_equal(aspace_nearest(&space, UINT64_MAX)->iova.start, 0x10000);
    space_map(0x20000, USER_RAM, 0x1000);
    assert_int_equal(aspace_nearest(&space, 0x10fff)->iova.start, 0x10000);
    assert_int_equal(aspace_nearest(&space, 0x11000)->iova.start, 0x10000);
    assert_int_equal(aspace_nearest(&space, 0x187ff)->iova.start, 0x10000);
    assert_int_equal(aspace_nearest(&space, 0x18800)->iova.start, 0x20000);
    assert_int_equal(aspace_nearest(&space, 0x20000)->iova.start, 0x20000);
    assert_null(aspace_find(&space, 0x11000));
    assert_int_equal(aspace_find(&space, 0x20fff)->iova.start, 0x20000);
}

static void quantum_and_usable_ranges(void **state)
{
    struct range out[4];

    (void)state;
    assert_int_equal(aspace_quantum(&space), 0x1000);
    assert_int_equal(space.pgsizes, BIT(12) | BIT(21) | BIT(30));
    assert_int_equal(aspace_usable(&space, out, 4), 2);
    assert_int_equal(out[0].start, 0);
    assert_int_equal(out[0].last, SW_MSI_BASE - 1);
    assert_int_equal(out[1].start, SW_MSI_LAST + 1);
    assert_int_equal(out[1].last, APERTURE_LAST);
    aspace_detach(&space, group1);
    aspace_detach(&space, group2);
    assert_int_equal(aspace_usable(&space, out, 4), 0);
    assert_int_equal(aspace_quantum(&space), 0x1000);
}

static void fini_releases_what_is_left(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x1000);
    aspace_detach(&space, group1);
    aspace_detach(&space, group2);
    aspace_fini(&space);
    assert_int_equal(released.calls, 1);
    assert_int_equal(released.lost, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up_with_two_units, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_every_domain),
        TEST(pieces_in_order),
        TEST(neighbouring_pieces_share_leaves),
        TEST(arguments_are_checked),
        TEST(overlaps_are_refused),
        TEST(reserved_windows_are_refused),
        TEST(aperture_is_an_error_of_its_own),
        TEST(limit_comes_after_overlap),
        TEST(write_only_becomes_read_write),
        TEST(a_map_does_not_reach_into_the_next),
        TEST(map_without_memory),
        TEST(half_made_map_that_cannot_be_undone),
        TEST(nearest_map),
        TEST(quantum_and_usable_ranges),
        TEST(fini_releases_what_is_left),
    };

    return cmocka_run_group_tests_name("aspace", tests, NULL, NULL);
}
