/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* The second stage against a second reading of VT-d 9.8: a walker with bit numbers of its own. */

#define SIZES_4K 0x1000ul
#define SIZES_1G 0x40201000ul

static void open_ss(unsigned levels, unsigned ias, uint64_t sizes, bool snoop)
{
    fx_open_fmt(&pt_vtd_ss, &(struct pt_config){.granule_lg2 = 12,
                                                .ias = (uint8_t)ias,
                                                .oas = 52,
                                                .coherent = true,
                                                .snoop = snoop,
                                                .levels = (uint8_t)levels,
                                                .leaf_sizes = sizes});
}

struct walk {
    uint64_t pa, entry;
    unsigned lg2;
};

/* AW tells how many tables there are: 1 for 3, 2 for 4, 3 for 5. SNP is a leaf's alone. */
static bool walk(unsigned aw, uint64_t iova, struct walk *out)
{
    uint64_t table = fx.pt.root.v;
    for (unsigned lg2 = 12 + 9 * (aw + 1);; lg2 -= 9) {
        uint64_t e = *(uint64_t *)paddr_to_ptr(PADDR(table + 8 * ((iova >> lg2) & 511)));
        if ((e & 3) == 0) {
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
        assert_int_equal(e & ~address, 3);
        table = address;
    }
}

static void attributes(void **state)
{
    (void)state;
    static const struct {
        unsigned prot;
        uint64_t want;
    } rows[] = {
        {PT_READ | PT_USER, 1},
        {PT_WRITE | PT_USER, 2},
        {PT_READ | PT_WRITE | PT_USER, 3},
    };
    for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
        const uint64_t snp = i % 2 ? 1ul << 11 : 0;
        const uint64_t want = rows[i / 2].want | snp;
        struct walk w;
        open_ss(4, 48, SIZES_1G, i % 2);
        assert_int_equal(pt_map(&fx.pt, 0x5000, PADDR(0x7000), 0x1000, rows[i / 2].prot), 0);
        assert_true(walk(2, 0x5123, &w));
        assert_int_equal(w.entry, 0x7000 | want);
        assert_int_equal(pt_map(&fx.pt, MIB(4), PADDR(MIB(6)), MIB(2), rows[i / 2].prot), 0);
        assert_true(walk(2, MIB(5), &w));
        assert_int_equal(w.entry, MIB(6) | 128 | want);
        fx_close();
    }
}

static void every_prot_reads_back_or_is_refused(void **state)
{
    (void)state;
    open_ss(3, 39, SIZES_1G, false);
    for (unsigned prot = 0; prot < 64; prot++) {
        bool no_right = (prot & (PT_READ | PT_WRITE | PT_EXEC)) == 0;
        unsigned back = prot & ~PT_DEVICE; /* registers are mapped as memory is */
        bool bad_exec = (prot & PT_EXEC) && (prot & (PT_WRITE | PT_DEVICE));
        bool can = prot < 32 && (back == FX_RO || back == FX_RW || back == (PT_WRITE | PT_USER));
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
        uint8_t levels, ias;
        int want;
    } rows[] = {
        {3, 39, 0},          {3, 30, 0},          {4, 48, 0},          {4, 39, 0},
        {5, 57, 0},          {5, 48, 0},          {3, 40, -RF_ERANGE}, {4, 49, -RF_ERANGE},
        {5, 58, -RF_ERANGE}, {2, 30, -RF_ERANGE}, {6, 57, -RF_ERANGE}, {0, 39, -RF_ERANGE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct pt pt;
        struct pt_config cfg = {.granule_lg2 = 12,
                                .ias = rows[i].ias,
                                .oas = 46,
                                .coherent = true,
                                .levels = rows[i].levels,
                                .leaf_sizes = SIZES_1G};
        assert_int_equal(pt_init(&pt, &pt_vtd_ss, &cfg), rows[i].want);
        if (rows[i].want == 0)
            pt_fini(&pt);
    }
}

/* First and last page of the space, at every depth and with fewer input bits than it has. */
static void every_width(void **state)
{
    (void)state;
    static const struct {
        uint8_t levels, ias;
    } rows[] = {{3, 39}, {3, 31}, {4, 48}, {4, 39}, {4, 40}, {5, 57}, {5, 48}, {5, 39}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const unsigned aw = rows[i].levels - 2u;
        const uint64_t end = BIT(rows[i].ias);
        struct walk w;
        open_ss(rows[i].levels, rows[i].ias, SIZES_1G, false);
        assert_int_equal(fx_map(0, 0xa000, 0x1000), 0);
        assert_int_equal(fx_map(end - 0x1000, BIT(52) - 0x1000, 0x1000), 0);
        assert_int_equal(fx_map(end, 0, 0x1000), -RF_ERANGE);
        assert_int_equal(fx_map(GIB(1), BIT(52), 0x1000), -RF_ERANGE);
        assert_true(walk(aw, 0x10, &w));
        assert_int_equal(w.pa, 0xa010);
        assert_true(walk(aw, end - 1, &w));
        assert_int_equal(w.pa, BIT(52) - 1);
        assert_int_equal(fx_unmap(0, end), 0);
        assert_int_equal(fx.pt.tables, 1);
        assert_false(walk(aw, 0, &w));
        fx_close();
    }
}

/* CAP.SLLPS: bit 34 for 2 MiB, bit 35 for 1 GiB. */
static void superpages_by_capability(void **state)
{
    (void)state;
    static const struct {
        uint64_t sizes;
        unsigned lg2;
    } rows[] = {{SIZES_4K, 12}, {0x201000, 21}, {SIZES_1G, 30}, {0x40001000, 30}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct walk w;
        open_ss(4, 48, rows[i].sizes, true);
        assert_int_equal(fx_map(GIB(2), GIB(5), GIB(1) + MIB(2)), 0);
        assert_true(walk(2, GIB(2) + 0x1234567, &w));
        assert_int_equal(w.pa, GIB(5) + 0x1234567);
        assert_int_equal(w.lg2, rows[i].lg2);
        assert_true(walk(2, GIB(3) + 0x12345, &w));
        assert_int_equal(w.lg2, (rows[i].sizes & MIB(2)) != 0 ? 21 : 12);
        assert_int_equal(fx_unmap(GIB(2), GIB(1) + MIB(2)), 0);
        assert_false(walk(2, GIB(2), &w));
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(every_prot_reads_back_or_is_refused),
        cmocka_unit_test(geometry_limits),
        cmocka_unit_test(every_width),
        cmocka_unit_test(superpages_by_capability),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
