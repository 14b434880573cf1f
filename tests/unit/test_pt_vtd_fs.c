/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* The first stage against a second reading of VT-d 9.7: a walker with bit numbers of its own. */

#define SIZES_4K 0x1000ul
#define SIZES_2M 0x201000ul
#define SIZES_1G 0x40201000ul

static void open_fs(unsigned ias, uint64_t sizes)
{
    fx_open_fmt(&pt_vtd_fs, &(struct pt_config){.granule_lg2 = 12,
                                                .ias = (uint8_t)ias,
                                                .oas = 46,
                                                .coherent = true,
                                                .leaf_sizes = sizes});
}

struct walk {
    uint64_t pa, entry;
    unsigned lg2;
};

/* Four tables, whatever ias is. Entries that point to tables allow all and are marked accessed. */
static bool walk(uint64_t iova, struct walk *out)
{
    uint64_t table = fx.pt.root.v;
    for (unsigned lg2 = 39;; lg2 -= 9) {
        uint64_t e = *(uint64_t *)paddr_to_ptr(PADDR(table + 8 * ((iova >> lg2) & 511)));
        if ((e & 1) == 0) {
            assert_int_equal(e, 0);
            return false;
        }
        uint64_t address = e & 0x000ffffffffff000ul;
        if (lg2 == 12 || (e >> 7 & 1) != 0) {
            assert_true(lg2 <= 30);
            assert_int_equal(address & (BIT(lg2) - 1), 0);
            *out = (struct walk){address | (iova & (BIT(lg2) - 1)), e, lg2};
            return true;
        }
        assert_int_equal(e & ~address, 1 | 2 | 4 | 32);
        table = address;
    }
}

static void attributes(void **state)
{
    (void)state;
    static const struct {
        unsigned prot;
        uint64_t want; /* P, US, A; RW and D together */
    } rows[] = {
        {PT_READ | PT_USER, 1 | 4 | 32},
        {PT_READ | PT_WRITE | PT_USER, 1 | 2 | 4 | 32 | 64},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct walk w;
        open_fs(47, SIZES_1G);
        assert_int_equal(pt_map(&fx.pt, 0x5000, PADDR(0x7000), 0x1000, rows[i].prot), 0);
        assert_true(walk(0x5123, &w));
        assert_int_equal(w.entry, 0x7000 | rows[i].want);
        assert_int_equal(pt_map(&fx.pt, MIB(4), PADDR(MIB(6)), MIB(2), rows[i].prot), 0);
        assert_true(walk(MIB(5), &w));
        assert_int_equal(w.entry, MIB(6) | 128 | rows[i].want);
        fx_close();
    }
}

/* A device never needs the hardware to set a bit for it, also after its rights grew. */
static void writable_is_dirty_after_protect(void **state)
{
    (void)state;
    struct walk w;
    open_fs(47, SIZES_1G);
    assert_int_equal(pt_map(&fx.pt, 0x5000, PADDR(0x7000), 0x1000, FX_RO), 0);
    assert_int_equal(pt_protect(&fx.pt, 0x5000, 0x1000, FX_RW, &fx.g), 0);
    assert_true(walk(0x5000, &w));
    assert_int_equal(w.entry, 0x7000 | 1 | 2 | 4 | 32 | 64);
    assert_int_equal(pt_protect(&fx.pt, 0x5000, 0x1000, FX_RO, &fx.g), 0);
    assert_true(walk(0x5000, &w));
    assert_int_equal(w.entry, 0x7000 | 1 | 4 | 32);
    assert_false(pt_gather_empty(&fx.g));
    fx_close();
}

static void every_prot_reads_back_or_is_refused(void **state)
{
    (void)state;
    open_fs(47, SIZES_1G);
    for (unsigned prot = 0; prot < 64; prot++) {
        bool no_right = (prot & (PT_READ | PT_WRITE | PT_EXEC)) == 0;
        unsigned back = prot & ~PT_DEVICE; /* registers are mapped as memory is */
        bool bad_exec = (prot & PT_EXEC) && (prot & (PT_WRITE | PT_DEVICE));
        bool can = prot < 32 && (back == FX_RO || back == FX_RW);
        int want = can ? 0 : prot >= 32 || no_right || bad_exec ? -RF_EINVAL : -RF_EOPNOTSUPP;
        struct pt_leaf leaf;
        assert_int_equal(pt_map(&fx.pt, prot * MIB(2), PADDR(0), 0x1000, prot), want);
        assert_int_equal(pt_lookup(&fx.pt, prot * MIB(2), &leaf), can);
        assert_true(!can || leaf.prot == back);
    }
    fx_close();
}

static void geometry_limits(void **state)
{
    (void)state;
    static const struct {
        uint8_t granule, ias, oas;
        uint64_t sizes;
        int want;
    } rows[] = {
        {12, 47, 46, SIZES_1G, 0},          {12, 47, 52, SIZES_4K, 0},
        {12, 39, 32, SIZES_2M, 0},          {12, 13, 46, SIZES_4K, 0},
        {12, 48, 46, SIZES_1G, -RF_ERANGE}, {12, 57, 46, SIZES_1G, -RF_ERANGE},
        {12, 12, 46, SIZES_1G, -RF_ERANGE}, {12, 47, 53, SIZES_1G, -RF_ERANGE},
        {12, 47, 31, SIZES_1G, -RF_ERANGE}, {14, 47, 46, SIZES_1G, -RF_EINVAL},
        {12, 47, 46, MIB(2), -RF_EINVAL},   {12, 47, 46, 0, -RF_EINVAL},
        {12, 47, 46, 0x3000ul, -RF_EINVAL},
    };
    uint64_t before = fx_free_pages();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct pt pt;
        struct pt_config cfg = {.granule_lg2 = rows[i].granule,
                                .ias = rows[i].ias,
                                .oas = rows[i].oas,
                                .coherent = true,
                                .leaf_sizes = rows[i].sizes};
        assert_int_equal(pt_init(&pt, &pt_vtd_fs, &cfg), rows[i].want);
        if (rows[i].want == 0)
            pt_fini(&pt);
    }
    assert_int_equal(fx_free_pages(), before);
}

/* The lower canonical half and no more: bit 47 is the sign. */
static void the_space_ends_where_addresses_stop_being_canonical(void **state)
{
    (void)state;
    struct walk w;
    open_fs(47, SIZES_1G);
    assert_int_equal(fx_map(BIT(47) - 0x1000, 0x1000, 0x1000), 0);
    assert_true(walk(BIT(47) - 1, &w));
    assert_int_equal(w.pa, 0x1fff);
    assert_int_equal(fx_map(BIT(47), 0x1000, 0x1000), -RF_ERANGE);
    assert_int_equal(fx_map(BIT(47) - 0x2000, 0x1000, 0x3000), -RF_ERANGE);
    assert_int_equal(fx_map(0 - BIT(47), 0x1000, 0x1000), -RF_ERANGE);
    assert_int_equal(fx_map(0, BIT(46), 0x1000), -RF_ERANGE);
    assert_int_equal(fx_map(0, BIT(46) - 0x1000, 0x1000), 0);
    assert_int_equal(fx_unmap(0, BIT(47)), 0);
    assert_int_equal(fx.pt.tables, 1);
    fx_close();
}

/* The largest leaf is what the hardware says it takes (CAP.FS1GP). */
static void superpages_by_capability(void **state)
{
    (void)state;
    static const struct {
        uint64_t sizes;
        unsigned lg2;
    } rows[] = {{SIZES_4K, 12}, {SIZES_2M, 21}, {SIZES_1G, 30}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct walk w;
        open_fs(47, rows[i].sizes);
        assert_int_equal(fx_map(GIB(2), GIB(5), GIB(1)), 0);
        assert_true(walk(GIB(2) + 0x1234567, &w));
        assert_int_equal(w.pa, GIB(5) + 0x1234567);
        assert_int_equal(w.lg2, rows[i].lg2);
        assert_int_equal(fx_unmap(GIB(2), GIB(1)), 0);
        assert_false(walk(GIB(2), &w));
        fx_close();
    }
}

/* As few bits of input as one page needs: the walk has four tables all the same. */
static void depth_does_not_follow_the_input_size(void **state)
{
    (void)state;
    static const uint8_t bits[] = {13, 21, 30, 31, 39, 40, 47};
    for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
        uint64_t last = BIT(bits[i]) - 0x1000;
        struct walk w;
        open_fs(bits[i], SIZES_4K);
        assert_int_equal(fx_map(last, 0x9000, 0x1000), 0);
        assert_true(walk(last + 5, &w));
        assert_int_equal(w.pa, 0x9005);
        fx_expect(last, 0x9000);
        assert_int_equal(fx.pt.tables, 4);
        assert_int_equal(fx_unmap(0, BIT(bits[i])), 0);
        assert_int_equal(fx.pt.tables, 1);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(writable_is_dirty_after_protect),
        cmocka_unit_test(every_prot_reads_back_or_is_refused),
        cmocka_unit_test(geometry_limits),
        cmocka_unit_test(the_space_ends_where_addresses_stop_being_canonical),
        cmocka_unit_test(superpages_by_capability),
        cmocka_unit_test(depth_does_not_follow_the_input_size),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
