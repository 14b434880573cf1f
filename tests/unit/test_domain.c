/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/fake_iommu.h"

#define ASIDS 15 /* 2^4, less id 0 */

static struct iommu_domain *make(struct fake_unit *f)
{
    struct iommu_domain *d = NULL;

    assert_int_equal(iommu_domain_create(&f->unit, 12, &d), 0);
    return d;
}

/* ---- units */

static void units_are_listed_in_order(void **state)
{
    struct iommu_unit *first = LIST_FIRST(&iommu_units);

    (void)state;
    assert_ptr_equal(first, &fake_a.unit);
    assert_ptr_equal(LIST_NEXT(first, link), &fake_b.unit);
    assert_null(LIST_NEXT(&fake_b.unit, link));
    assert_int_equal(fake_a.probes, 1);
    assert_int_equal(fake_a.enables, 1);
}

static void unit_that_does_not_start(void **state)
{
    static struct fake_unit f;

    (void)state;
    for (unsigned step = 1; step <= 2; step++) { /* probe, enable */
        fake_unit_init(&f, "fake@c");
        fake_fail(step);
        assert_int_equal(iommu_unit_start(&f.unit), -RF_ETIMEDOUT);
        assert_int_equal(f.quiesces, 1);
        assert_true(f.unit.dead);
        assert_null(LIST_NEXT(&fake_b.unit, link));
    }
}

static void foreign_registers_are_left_alone(void **state)
{
    static struct fake_unit f;

    (void)state;
    fake_unit_init(&f, "fake@c");
    fake_fail_error = -RF_ENODEV;
    fake_fail(1);
    assert_int_equal(iommu_unit_start(&f.unit), -RF_ENODEV);
    assert_int_equal(f.quiesces, 0);
    assert_int_equal(f.enables, 0);
}

static void unit_is_killed_once(void **state)
{
    (void)state;
    iommu_unit_kill(&fake_a.unit, "test");
    iommu_unit_kill(&fake_a.unit, "test");
    assert_int_equal(fake_a.quiesces, 1);
    assert_true(fake_a.unit.dead);
}

/* ---- address-space ids */

static void asids_are_unique_and_never_0(void **state)
{
    struct iommu_domain *d[ASIDS];
    struct iommu_domain *more;
    unsigned seen = 0;

    (void)state;
    for (unsigned i = 0; i < ASIDS; i++) {
        d[i] = make(&fake_a);
        seen |= 1u << d[i]->asid;
    }
    assert_int_equal(seen, 0xfffe);
    assert_int_equal(iommu_domain_create(&fake_a.unit, 12, &more), -RF_ENOSPC);
    more = make(&fake_b); /* another unit has its own */
    iommu_domain_destroy(more);
    for (unsigned i = 0; i < ASIDS; i++)
        iommu_domain_destroy(d[i]);
}

static void asid_is_reused_after_its_flush(void **state)
{
    struct iommu_domain *d = make(&fake_a);
    uint16_t asid = d->asid;

    (void)state;
    iommu_domain_destroy(d);
    assert_int_equal(fake_a.flushes, 1);
    assert_true(fake_a.last_flush.all);
    d = make(&fake_a);
    assert_int_equal(d->asid, asid);
    iommu_domain_destroy(d);
}

/* ---- life */

static void create_refuses(void **state)
{
    struct iommu_domain *d = NULL;

    (void)state;
    assert_int_equal(iommu_domain_create(&fake_a.unit, 13, &d), -RF_EINVAL);
    assert_int_equal(iommu_domain_create(&fake_a.unit, 76, &d), -RF_EINVAL);
    fake_a.unit.dead = true;
    assert_int_equal(iommu_domain_create(&fake_a.unit, 12, &d), -RF_ENODEV);
    assert_null(d);
}

static void create_without_memory(void **state)
{
    struct iommu_domain *d = NULL;
    uint64_t pages = fake_free_pages();
    unsigned k = 0;
    int err;

    (void)state;
    do {
        inject_after(++k);
        err = iommu_domain_create(&fake_a.unit, 12, &d);
        assert_true(err == 0 || err == -RF_ENOMEM);
    } while (err);
    assert_true(k > 3); /* the domain, the ids, the root */
    inject_after(0);
    assert_int_equal(d->asid, 1); /* no failure kept one */
    iommu_domain_destroy(d);
    assert_int_equal(fake_free_pages(), pages);
}

static void destroy_frees_every_table(void **state)
{
    uint64_t pages = fake_free_pages();
    struct iommu_domain *d = make(&fake_a);

    (void)state;
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(iommu_domain_map(d, i * GIB(600), PADDR(0), MIB(2) + 0x1000, PT_READ), 0);
    iommu_domain_destroy(d);
    assert_int_equal(fake_free_pages(), pages);
    assert_int_equal(fake_quarantined_pages(), 0);
}

static void destroy_without_an_answer(void **state)
{
    uint64_t pages = fake_free_pages();
    struct iommu_domain *d = make(&fake_a);
    uint32_t tables;

    (void)state;
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ), 0);
    tables = d->pt.tables;
    assert_int_equal(tables, 4);
    fake_fail(1);
    iommu_domain_destroy(d);
    assert_true(fake_a.unit.dead);
    assert_int_equal(fake_a.quiesces, 1);
    assert_int_equal(fake_quarantined_pages(), tables);
    assert_int_equal(fake_free_pages(), pages - tables);
    assert_int_equal(fake_a.unit.asid_map[0], 0x02); /* id 1 is not free */
}

/* ---- translations */

static void maps_are_for_devices(void **state)
{
    struct iommu_domain *d = make(&fake_a);
    struct pt_leaf leaf;

    (void)state;
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ | PT_WRITE), 0);
    assert_true(pt_lookup(&d->pt, 0x1000, &leaf));
    assert_int_equal(leaf.prot, PT_READ | PT_WRITE | PT_USER);
    assert_int_equal(leaf.pa.v, 0);
    assert_int_equal(fake_a.flushes, 0);
    iommu_domain_destroy(d);
}

/* A unit that keeps absence: a map that it was not told of is not one. */
static void maps_are_flushed_where_absence_is_kept(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fake_a.unit.caps.flush_maps = true;
    assert_int_equal(iommu_domain_create(&fake_a.unit, 12, &d), 0);
    assert_int_equal(iommu_domain_map(d, 0x10000, PADDR(0x5000), 0x3000, PT_READ), 0);
    assert_int_equal(fake_a.flushes, 1);
    assert_int_equal(fake_a.last_flush.count, 1);
    assert_true(fake_a.last_flush.flush[0].tables);
    assert_int_equal(fake_a.last_flush.flush[0].iova.start, 0x10000);
    assert_int_equal(fake_a.last_flush.flush[0].iova.last, 0x12fff);
    iommu_domain_destroy(d);
    assert_int_equal(fake_free_pages(), fake_pages_at_start);
}

/* The empty table is out of the way, and its invalidation over, before a block is in its place. */
static void block_takes_the_place_of_an_empty_table(void **state)
{
    struct iommu_domain *d = make(&fake_a);
    struct pt_gather g;
    struct pt_leaf leaf;

    (void)state;
    pt_gather_init(&g);
    assert_int_equal(iommu_domain_map(d, MIB(2), PADDR(MIB(4)), 0x1000, PT_READ), 0);
    assert_int_equal(iommu_domain_map(d, MIB(8), PADDR(MIB(4)), 0x1000, PT_READ), 0);
    assert_int_equal(iommu_domain_unmap(d, MIB(2), 0x1000, &g), 0);
    assert_int_equal(iommu_domain_sync(d, &g), 0);
    assert_int_equal(fake_a.flushes, 1);
    assert_int_equal(iommu_domain_map(d, MIB(2), PADDR(MIB(4)), MIB(2), PT_READ), 0);
    assert_int_equal(fake_a.flushes, 2);
    assert_true(pt_lookup(&d->pt, MIB(2), &leaf));
    assert_int_equal(leaf.size_lg2, 21);
    iommu_domain_destroy(d);
}

static void map_that_cannot_be_told(void **state)
{
    struct iommu_domain *d;
    struct pt_leaf leaf;

    (void)state;
    fake_a.unit.caps.flush_maps = true;
    assert_int_equal(iommu_domain_create(&fake_a.unit, 12, &d), 0);
    fake_fail(1);
    assert_int_equal(iommu_domain_map(d, 0x10000, PADDR(0x5000), 0x3000, PT_READ), -RF_ETIMEDOUT);
    assert_true(fake_a.unit.dead);
    assert_false(pt_lookup(&d->pt, 0x10000, &leaf));
    assert_true(fake_quarantined_pages() > 0);
    iommu_domain_destroy(d);
}

static void one_wait_for_a_gather(void **state)
{
    struct iommu_domain *d = make(&fake_a);
    struct pt_gather g;
    uint64_t pages = fake_free_pages();

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(iommu_domain_map(d, i * 0x3000, PADDR(0), 0x1000, PT_READ), 0);
    pt_gather_init(&g);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(iommu_domain_unmap(d, i * 0x3000, 0x1000, &g), 0);
    assert_int_equal(pt_trim(&d->pt, 0, MIB(2), &g), 0);
    assert_true(fake_free_pages() < pages); /* tables wait for the sync */
    assert_int_equal(iommu_domain_sync(d, &g), 0);
    assert_int_equal(fake_a.flushes, 1);
    assert_int_equal(fake_free_pages(), pages);
    assert_int_equal(iommu_domain_sync(d, &g), 0); /* empty: nothing to ask for */
    assert_int_equal(fake_a.flushes, 1);
    iommu_domain_destroy(d);
}

static void unmap_page(struct iommu_domain *d, uint64_t iova)
{
    struct pt_gather g;

    pt_gather_init(&g);
    assert_int_equal(iommu_domain_unmap(d, iova, 0x1000, &g), 0);
    assert_int_equal(iommu_domain_sync(d, &g), 0);
}

/* All of memory is somebody's, but for the three tables that the first map left. */
static void kept_tables_are_memory_for_others(void **state)
{
    static paddr_t taken[4096];
    struct iommu_domain *d = make(&fake_a);
    unsigned n = 0;

    (void)state;
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ), 0);
    unmap_page(d, 0x1000);
    assert_int_equal(d->pt.kept, 1);
    while (n < ARRAY_SIZE(taken) && paddr_valid(taken[n] = page_alloc(0)))
        n++;
    assert_int_equal(iommu_domain_map(d, GIB(600), PADDR(0), 0x1000, PT_READ), 0);
    assert_int_equal(fake_free_pages(), 0);
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ), -RF_ENOMEM);

    unmap_page(d, GIB(600));
    fake_fail(1); /* the wait before they are used again */
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ), -RF_ETIMEDOUT);
    assert_true(fake_quarantined_pages() > 0);
    while (n > 0)
        page_free(taken[--n], 0);
    iommu_domain_destroy(d);
}

static void sync_without_an_answer(void **state)
{
    struct iommu_domain *d = make(&fake_a);

    (void)state;
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ), 0);
    assert_int_equal(iommu_domain_map(d, GIB(600), PADDR(0), 0x1000, PT_READ), 0);
    fake_fail(1);
    assert_int_equal(iommu_domain_remove(d, 0x1000, 0x1000), -RF_ETIMEDOUT);
    assert_true(fake_a.unit.dead);
    assert_int_equal(fake_quarantined_pages(), 3);
    assert_int_equal(fake_a.flushes, 1);

    assert_int_equal(iommu_domain_remove(d, GIB(600), 0x1000), -RF_EIO);
    assert_int_equal(fake_a.flushes, 1); /* a dead unit is not asked again */
    assert_int_equal(fake_a.quiesces, 1);
    assert_int_equal(iommu_domain_map(d, 0x1000, PADDR(0), 0x1000, PT_READ), -RF_ENODEV);
    iommu_domain_destroy(d);
    assert_int_equal(fake_quarantined_pages(), 7);
}

/* ---- streams */

static void streams_come_and_go(void **state)
{
    struct iommu_domain *d = make(&fake_a);

    (void)state;
    assert_int_equal(iommu_domain_attach(d, 1), 0);
    assert_int_equal(iommu_domain_attach(d, 2), 0);
    assert_int_equal(iommu_domain_attach(d, 2), -RF_EBUSY);
    assert_int_equal(iommu_domain_attach(d, FAKE_STREAMS), -RF_ERANGE);
    assert_int_equal(d->streams, 2);
    assert_int_equal(iommu_domain_detach(d, 1), 0);
    assert_int_equal(iommu_domain_detach(d, 2), 0);
    assert_int_equal(d->streams, 0);
    assert_null(fake_a.stream[1]);
    iommu_domain_destroy(d);
}

static void stream_that_cannot_be_denied(void **state)
{
    struct iommu_domain *d = make(&fake_a);

    (void)state;
    assert_int_equal(iommu_domain_attach(d, 1), 0);
    assert_int_equal(iommu_domain_attach(d, 2), 0);
    fake_fail(1);
    assert_int_equal(iommu_domain_detach(d, 1), -RF_ETIMEDOUT);
    assert_true(fake_a.unit.dead);
    assert_null(fake_a.stream[1]); /* by quiesce */
    assert_int_equal(iommu_domain_detach(d, 2), 0);
    assert_int_equal(fake_a.detaches, 0);
    assert_int_equal(iommu_domain_attach(d, 3), -RF_ENODEV);
    iommu_domain_destroy(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_machine_up, fake_machine_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(units_are_listed_in_order),
        TEST(unit_that_does_not_start),
        TEST(foreign_registers_are_left_alone),
        TEST(unit_is_killed_once),
        TEST(asids_are_unique_and_never_0),
        TEST(asid_is_reused_after_its_flush),
        TEST(create_refuses),
        TEST(create_without_memory),
        TEST(destroy_frees_every_table),
        TEST(destroy_without_an_answer),
        TEST(maps_are_for_devices),
        TEST(maps_are_flushed_where_absence_is_kept),
        TEST(block_takes_the_place_of_an_empty_table),
        TEST(map_that_cannot_be_told),
        TEST(one_wait_for_a_gather),
        TEST(kept_tables_are_memory_for_others),
        TEST(sync_without_an_answer),
        TEST(streams_come_and_go),
        TEST(stream_that_cannot_be_denied),
    };

    return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
