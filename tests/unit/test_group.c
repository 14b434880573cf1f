/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/fake_iommu.h"

static struct iommu_group *get(unsigned id)
{
    struct iommu_group *g = iommu_group_get(id);

    assert_non_null(g);
    return g;
}

static void made_once(void **state)
{
    struct iommu_group *g;

    (void)state;
    assert_null(iommu_group_find(3));
    g = get(3);
    assert_ptr_equal(iommu_group_find(3), g);
    assert_ptr_equal(get(3), g);
    assert_int_equal(g->id, 3);
    assert_null(g->aspace);
}

static void listed_by_number(void **state)
{
    const struct iommu_group *g;
    unsigned expected = 1;

    (void)state;
    get(2);
    get(4);
    get(1);
    get(3);
    LIST_FOREACH (g, &iommu_groups, link)
        assert_int_equal(g->id, expected++);
    assert_int_equal(expected, 5);
}

static void streams_are_found(void **state)
{
    struct iommu_group *g = get(1);

    (void)state;
    assert_int_equal(iommu_group_add(g, &fake_a.unit, 7, "nvme 0000:01:00.0"), 0);
    assert_int_equal(iommu_group_add(g, &fake_b.unit, 8, "nvme 0000:01:00.0"), 0);
    assert_ptr_equal(iommu_group_of(&fake_a.unit, 7), g);
    assert_ptr_equal(iommu_group_of(&fake_b.unit, 8), g);
    assert_null(iommu_group_of(&fake_b.unit, 7)); /* the same number on another unit */
    assert_null(iommu_endpoint_find(&fake_a.unit, 8));
    assert_string_equal(iommu_endpoint_find(&fake_a.unit, 7)->name, "nvme 0000:01:00.0");
    assert_null(iommu_endpoint_find(&fake_a.unit, 7)->domain);
}

static void shared_stream_is_one_endpoint(void **state)
{
    struct iommu_group *g = get(1);

    (void)state;
    assert_int_equal(iommu_group_add(g, &fake_a.unit, 7, "first"), 0);
    assert_int_equal(iommu_group_add(g, &fake_a.unit, 7, "first"), 0);
    assert_false(TAILQ_FIRST(&g->endpoints)->shared);
    assert_int_equal(iommu_group_add(g, &fake_a.unit, 7, "behind the same bridge"), 0);
    assert_true(TAILQ_FIRST(&g->endpoints)->shared);
    assert_string_equal(TAILQ_FIRST(&g->endpoints)->name, "first");
    assert_null(TAILQ_NEXT(TAILQ_FIRST(&g->endpoints), link));
}

static void stream_of_another_group(void **state)
{
    (void)state;
    assert_int_equal(iommu_group_add(get(1), &fake_a.unit, 7, "first"), 0);
    assert_int_equal(iommu_group_add(get(2), &fake_a.unit, 7, "second"), -RF_EINVAL);
    assert_true(TAILQ_EMPTY(&get(2)->endpoints));
}

/* Writes that a unit takes for interrupts are no place for a mapping. */
static void msi_window_of_the_unit(void **state)
{
    struct iommu_group *g = iommu_group_get(1);
    const struct resv_window *w;

    (void)state;
    fake_a.unit.caps.msi_window = (struct range){0xfee00000, 0xfeefffff};
    assert_int_equal(iommu_group_add(g, &fake_b.unit, 3, "b"), 0);
    assert_null(resv_find(&g->windows, (struct range){0, UINT64_MAX}));
    assert_int_equal(iommu_group_add(g, &fake_a.unit, 3, "a"), 0);
    assert_int_equal(iommu_group_add(g, &fake_a.unit, 4, "a"), 0);
    w = resv_find(&g->windows, (struct range){0xfee00000, 0xfee00000});
    assert_non_null(w);
    assert_int_equal(w->type, RESV_MSI);
    assert_int_equal(g->windows.count, 1);
    while (g->windows.count < RESV_MAX)
        assert_int_equal(
            resv_add(&g->windows,
                     (struct range){g->windows.count * 0x10000, g->windows.count * 0x10000 + 0xfff},
                     RESV_RESERVED, "test"),
            0);
    fake_b.unit.caps.msi_window = (struct range){0xfed00000, 0xfed0ffff};
    assert_int_equal(iommu_group_add(g, &fake_b.unit, 5, "b"), -RF_ENOSPC);
    assert_null(iommu_endpoint_find(&fake_b.unit, 5));
}

static void without_memory(void **state)
{
    (void)state;
    inject_after(1);
    assert_null(iommu_group_get(1));
    assert_null(iommu_group_find(1));
    get(1);
    inject_after(1);
    assert_int_equal(iommu_group_add(get(1), &fake_a.unit, 7, "first"), -RF_ENOMEM);
    assert_true(TAILQ_EMPTY(&get(1)->endpoints));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_machine_up, fake_machine_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(made_once),
        TEST(listed_by_number),
        TEST(streams_are_found),
        TEST(shared_stream_is_one_endpoint),
        TEST(stream_of_another_group),
        TEST(msi_window_of_the_unit),
        TEST(without_memory),
    };

    return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
