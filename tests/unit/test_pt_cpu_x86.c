/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* The CPU's own tables against a second reading of SDM 3A 4.5: a walker with bit numbers of its
 * own.
 */

static void open_x86(unsigned ias, bool global)
{
    fx_open_fmt(
        &pt_cpu_x86,
        &(struct pt_config){
            .granule_lg2 = 12, .ias = (uint8_t)ias, .oas = 46, .coherent = true, .global = global});
}

struct walk {
    uint64_t pa, entry;
    unsigned lg2;
};

/* Entries that point to tables allow all, so that the leaf alone decides. */
static bool walk(uint64_t linear, struct walk *out)
{
    uint64_t table = fx.pt.root.v;
    for (unsigned lg2 = 39;; lg2 -= 9) {
        uint64_t e = *(uint64_t *)paddr_to_ptr(PADDR(table + 8 * ((linear >> lg2) & 511)));
        if ((e & 1) == 0) {
            assert_int_equal(e, 0);
            return false;
        }
        uint64_t address = e & 0x000ffffffffff000ul;
        if (lg2 == 12 || (e >> 7 & 1) != 0) {
            assert_true(lg2 <= 21);
            *out = (struct walk){address | (linear & (BIT(lg2) - 1)), e, lg2};
            return true;
        }
        assert_int_equal(e & ~address, 1 | 2 | 4 | 32);
        table = address;
    }
}

#define NX BIT(63)

static void attributes(void **state)
{
    (void)state;
    static const struct {
        unsigned prot;
        uint64_t want; /* P, A; RW and D together; US; PCD and PWT together; NX */
    } rows[] = {
        {PT_READ, 1 | 32 | NX},
        {PT_READ | PT_WRITE, 1 | 2 | 32 | 64 | NX},
        {PT_READ | PT_EXEC, 1 | 32},
        {PT_READ | PT_USER, 1 | 4 | 32 | NX},
        {PT_READ | PT_WRITE | PT_USER, 1 | 2 | 4 | 32 | 64 | NX},
        {PT_READ | PT_EXEC | PT_USER, 1 | 4 | 32},
        {PT_READ | PT_WRITE | PT_DEVICE, 1 | 2 | 8 | 16 | 32 | 64 | NX},
        {PT_READ | PT_WRITE | PT_DEVICE | PT_USER, 1 | 2 | 4 | 8 | 16 | 32 | 64 | NX},
    };
    for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
        bool global = i % 2 != 0;
        uint64_t want = rows[i / 2].want | (global ? 256 : 0);
        struct walk w;
        open_x86(48, global);
        assert_int_equal(pt_map(&fx.pt, 0x5000, PADDR(0x7000), 0x1000, rows[i / 2].prot), 0);
        assert_true(walk(0x5123, &w));
        assert_int_equal(w.entry, 0x7000 | want);
        assert_int_equal(pt_map(&fx.pt, MIB(4), PADDR(MIB(6)), MIB(2), rows[i / 2].prot), 0);
        assert_true(walk(MIB(5), &w));
        assert_int_equal(w.entry, MIB(6) | 128 | want);
        fx_close();
    }
}

static void every_prot_reads_back_or_is_refused(void **state)
{
    (void)state;
    open_x86(48, false);
    for (unsigned prot = 0; prot < 64; prot++) {
        bool no_right = (prot & (PT_READ | PT_WRITE | PT_EXEC)) == 0;
        bool bad_exec = (prot & PT_EXEC) && (prot & (PT_WRITE | PT_DEVICE));
        int want = prot >= 32 || no_right || bad_exec ? -RF_EINVAL
                   : prot & PT_READ                   ? 0
                                                      : -RF_EOPNOTSUPP;
        struct pt_leaf leaf;
        assert_int_equal(pt_map(&fx.pt, prot * MIB(2), PADDR(0), 0x1000, prot), want);
        assert_int_equal(pt_lookup(&fx.pt, prot * MIB(2), &leaf), want == 0);
        assert_true(want != 0 || leaf.prot == prot);
    }
    fx_close();
}

static void geometry_limits(void **state)
{
    (void)state;
    static const struct {
        uint8_t granule, ias, oas;
        int want;
    } rows[] = {
        {12, 48, 46, 0},          {12, 47, 52, 0},          {12, 40, 32, 0},
        {12, 39, 46, -RF_ERANGE}, {12, 49, 46, -RF_ERANGE}, {12, 48, 31, -RF_ERANGE},
        {12, 48, 53, -RF_ERANGE}, {14, 48, 46, -RF_EINVAL}, {16, 48, 46, -RF_EINVAL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct pt_config cfg = {.granule_lg2 = rows[i].granule,
                                .ias = rows[i].ias,
                                .oas = rows[i].oas,
                                .coherent = true};
        struct pt pt;
        assert_int_equal(pt_init(&pt, &pt_cpu_x86, &cfg), rows[i].want);
        if (rows[i].want == 0)
            pt_fini(&pt);
    }
}

/* The workload's tables have 47 bits: what the upper half of the root holds is not theirs, and is
 * neither counted nor cleared nor followed. */
static void the_upper_half_of_the_root_is_left_alone(void **state)
{
    (void)state;
    const uint64_t last = BIT(47) - 0x1000;
    open_x86(47, false);
    uint64_t *root = paddr_to_ptr(fx.pt.root);
    for (unsigned i = 256; i < 512; i++)
        root[i] = 0x123456000 | 1;
    assert_int_equal(fx_map(last, 0x9000, 0x1000), 0);
    assert_int_equal(pt_map(&fx.pt, BIT(47), PADDR(0x9000), 0x1000, FX_RW), -RF_ERANGE);
    assert_int_equal(fx.pt.tables, 4);
    assert_int_equal(fx_unmap(0, BIT(47)), 0);
    assert_int_equal(fx.pt.tables, 1);
    for (unsigned i = 256; i < 512; i++)
        assert_int_equal(root[i], 0x123456000 | 1);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(every_prot_reads_back_or_is_refused),
        cmocka_unit_test(geometry_limits),
        cmocka_unit_test(the_upper_half_of_the_root_is_left_alone),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
