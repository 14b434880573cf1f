/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

/* Leaf sizes in a space of two units that differ: ARM tables with 4K, 2M and 1G leaves, and VT-d's
 * second stage without 1G. Each takes the largest that fits; what counts is bytes. */

static int up(void **state)
{
    if (space_up(state))
        return -1;
    fake_a.unit.caps.granules = BIT(12);
    fake_b.unit.caps.format = &pt_vtd_ss;
    fake_b.unit.caps.granules = BIT(12);
    fake_b.unit.caps.levels = 4;
    fake_b.unit.caps.leaf_sizes = BIT(12) | BIT(21);
    space_attach(group1);
    space_attach(group2);
    return 0;
}

static const struct {
    const char *what;
    uint64_t iova, pa, size;
    struct {
        uint64_t at;
        unsigned arm, vtd; /* log2 of the leaf there */
    } leaf[3];
} rows[] = {
    {"1G", GIB(2), GIB(4), GIB(1), {{GIB(2), 30, 21}, {GIB(3) - 1, 30, 21}}},
    {"1G and a page", GIB(2), GIB(4), GIB(1) + 0x1000, {{GIB(2), 30, 21}, {GIB(3), 12, 12}}},
    {"2M", MIB(2), MIB(4), MIB(2), {{MIB(2), 21, 21}}},
    {"a page short of 2M", MIB(2), MIB(4), MIB(2) - 0x1000, {{MIB(2), 12, 12}}},
    {"other offset in 2M", MIB(2), MIB(4) + 0x1000, MIB(4), {{MIB(2), 12, 12}, {MIB(4), 12, 12}}},
    {"head, middle, tail",
     MIB(2) - 0x1000,
     MIB(8) - 0x1000,
     MIB(2) + 0x2000,
     {{MIB(2) - 0x1000, 12, 12}, {MIB(3), 21, 21}, {MIB(4), 12, 12}}},
    {"page 0", 0, 0, 0x1000, {{0, 12, 12}}},
};

static unsigned leaf_in(const struct fake_unit *f, uint32_t sid, uint64_t iova)
{
    struct pt_leaf leaf;

    return pt_lookup(&f->stream[sid]->pt, iova, &leaf) ? leaf.size_lg2 : 0;
}

static void largest_leaf_that_fits(void **state)
{
    (void)state;
    assert_int_equal(space.pgsizes, BIT(12) | BIT(21));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        space_map(rows[i].iova, rows[i].pa, rows[i].size);
        assert_int_equal(space.mapped_bytes, rows[i].size);
        for (unsigned k = 0; k < 3 && rows[i].leaf[k].arm; k++) {
            uint64_t at = rows[i].leaf[k].at;

            if (leaf_in(&fake_a, 1, at) != rows[i].leaf[k].arm ||
                leaf_in(&fake_b, 2, at) != rows[i].leaf[k].vtd)
                fail_msg("%s: at 0x%lx", rows[i].what, at);
        }
        space_unmap(rows[i].iova, rows[i].iova + rows[i].size - 1, 0, rows[i].size);
        assert_int_equal(space.mapped_bytes, 0);
    }
}

/* The domain that has 1G leaves is left alone: no part of a leaf can go. */
static void a_part_of_a_leaf_is_refused(void **state)
{
    (void)state;
    space_map(GIB(2), GIB(4), GIB(1));
    space_unmap(GIB(2), GIB(2) + MIB(2) - 1, -RF_EINVAL, 0);
    space_translates(GIB(2), GIB(4));
}

static void no_leaf_size_in_common(void **state)
{
    (void)state;
    aspace_detach(&space, group2);
    assert_int_equal(space.pgsizes, BIT(12) | BIT(21) | BIT(30)); /* what is left has them all */
    fake_b.unit.caps.granules = BIT(14);
    space_attach_fails(group2, -RF_EINVAL, "no common page size");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(largest_leaf_that_fits),
        TEST(a_part_of_a_leaf_is_refused),
        TEST(no_leaf_size_in_common),
    };

    return cmocka_run_group_tests_name("aspace sizes", tests, NULL, NULL);
}
