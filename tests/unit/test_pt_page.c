/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* A page whose table is remembered from the call before is treated as any other. */

#define AT   GIB(5)
#define OAS  40u
#define PAGE UINT64_C(0x1000)

static int setup(void **state)
{
    (void)state;
    fx_open(12, 48, OAS);
    assert_int_equal(fx_map(AT, PAGE, PAGE), 0); /* finds the table */
    assert_int_equal(fx_map(AT + PAGE, 2 * PAGE, PAGE), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fx_close();
    return 0;
}

static void what_is_wrong_is_refused(void **state)
{
    static const struct {
        uint64_t iova, pa, size;
        unsigned prot;
        int want;
    } rows[] = {
        {AT + 2 * PAGE, PAGE, PAGE, FX_RW, 0},
        {AT + PAGE, 9 * PAGE, PAGE, FX_RW, -RF_EEXIST},
        {AT + 3 * PAGE, BIT(OAS), PAGE, FX_RW, -RF_ERANGE},
        {AT + 3 * PAGE, BIT(63), PAGE, FX_RW, -RF_ERANGE},
        {AT + 3 * PAGE, BIT(OAS) - PAGE, PAGE, FX_RW, 0},
        {AT + 4 * PAGE, PAGE + 8, PAGE, FX_RW, -RF_EINVAL},
        {AT + 4 * PAGE + 8, PAGE, PAGE, FX_RW, -RF_EINVAL},
        {AT + 4 * PAGE, PAGE, 0, FX_RW, -RF_EINVAL},
        {AT + 4 * PAGE, PAGE, PAGE + 8, FX_RW, -RF_EINVAL},
        {AT + 4 * PAGE, PAGE, PAGE, 0, -RF_EINVAL},
        {AT + 4 * PAGE, PAGE, PAGE, PT_WRITE | PT_USER, -RF_EOPNOTSUPP},
        {AT + BIT(48), PAGE, PAGE, FX_RW, -RF_ERANGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(
            pt_map(&fx.pt, rows[i].iova, PADDR(rows[i].pa), rows[i].size, rows[i].prot),
            rows[i].want);
    assert_int_equal(fx.pt.leaves, 4);
    assert_int_equal(fx_unmap(AT + 8, PAGE), -RF_EINVAL);
    assert_int_equal(fx_unmap(AT, 0), -RF_EINVAL);
    assert_int_equal(fx_unmap(AT + BIT(48), PAGE), -RF_ERANGE);
    assert_int_equal(fx.pt.leaves, 4);
}

/* The first and last page of the table, and those beside it. */
static void the_neighbours_of_the_table_are_not_in_it(void **state)
{
    (void)state;
    for (uint64_t iova = AT - PAGE; iova <= AT + MIB(2); iova += MIB(2) + PAGE) {
        assert_int_equal(fx_unmap(iova, PAGE), 0);
        assert_true(pt_gather_empty(&fx.g));
        assert_int_equal(fx_map(iova, iova, PAGE), 0);
        assert_int_equal(fx_map(AT + 7 * PAGE, iova, PAGE), 0); /* the table again */
        fx_expect(iova, iova);
        assert_int_equal(fx_unmap(AT + 7 * PAGE, PAGE), 0);
        pt_gather_release(&fx.g);
    }
    assert_int_equal(fx.pt.tables, 7);
}

static void its_last_page_takes_the_table_along(void **state)
{
    (void)state;
    assert_int_equal(fx_unmap(AT, PAGE), 0);
    assert_int_equal(fx.g.free_count, 0);
    assert_int_equal(fx_unmap(AT + PAGE, PAGE), 0);
    assert_int_equal(fx.g.free_count, 3);
    assert_int_equal(fx.pt.tables, 1);
    pt_gather_release(&fx.g);
    assert_int_equal(fx_map(AT, PAGE, PAGE), 0);
    assert_int_equal(fx.pt.tables, 4);
    fx_expect(AT, PAGE);
}

/* Of a table that is gone, no entry is remembered: another table's page may be the same. */
static void entries_of_a_table_above_are_forgotten_with_it(void **state)
{
    (void)state;
    fx_expect_none(AT + MIB(4));
    assert_int_equal(fx_map(GIB(100), 0, PAGE), 0); /* the table above that one stays */
    assert_int_equal(fx_unmap(AT, 2 * PAGE), 0);
    pt_gather_release(&fx.g);
    for (unsigned i = 1; i <= 4; i++) /* two places at once, so that none is remembered */
        assert_int_equal(fx_map(GIB(8 * i) + MIB(4), MIB(4), MIB(4)), 0);
    fx_expect_none(AT + MIB(4));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_is_wrong_is_refused),
        CASE(the_neighbours_of_the_table_are_not_in_it),
        CASE(its_last_page_takes_the_table_along),
        CASE(entries_of_a_table_above_are_forgotten_with_it),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
