/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* The second stage against a second reading of DDI 0487 D8: a walker with bit numbers of its own.
 */

static void open_s2(unsigned granule_lg2, unsigned ias, unsigned oas)
{
    fx_open_fmt(&pt_arm_s2, &(struct pt_config){.granule_lg2 = (uint8_t)granule_lg2,
                                                .ias = (uint8_t)ias,
                                                .oas = (uint8_t)oas,
                                                .coherent = true});
}

/* The descriptor that ends the walk of an address, 0 when there is none; *lg2: what it covers. */
static uint64_t walk(uint64_t ipa, unsigned *lg2)
{
    const unsigned granule = fx.pt.cfg.granule_lg2, stride = granule - 3;
    uint64_t table = fx.pt.root.v;
    unsigned shift = granule;

    while (shift + stride < fx.pt.cfg.ias)
        shift += stride;
    for (;; shift -= stride) {
        uint64_t d =
            *(uint64_t *)paddr_to_ptr(PADDR(table + 8 * ((ipa >> shift) & ((1ul << stride) - 1))));
        bool last = shift == granule;

        *lg2 = shift;
        if ((d & 1) == 0 || last || (d & 2) == 0) {
            assert_true((d & 1) == 0 ? d == 0 : last == ((d & 2) != 0));
            return d;
        }
        assert_int_equal(d & 0xffff000000000ffcul, 0);
        table = d & 0x0000fffffffff000ul;
    }
}

static void attributes(void **state)
{
    (void)state;
    const uint64_t base = 0x7000ul | 3 | 1ul << 10 /* AF */ | 1ul << 54 /* XN */;
    const uint64_t normal = base | 15ul << 2 | 3ul << 8;
    const uint64_t device = base | 1ul << 2 | 2ul << 8;
    const struct {
        unsigned prot;
        uint64_t want;
    } rows[] = {
        {PT_READ | PT_USER, normal | 1ul << 6},
        {PT_WRITE | PT_USER, normal | 2ul << 6},
        {PT_READ | PT_WRITE | PT_USER, normal | 3ul << 6},
        {PT_READ | PT_WRITE | PT_USER | PT_DEVICE, device | 3ul << 6},
        {PT_WRITE | PT_USER | PT_DEVICE, device | 2ul << 6},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned lg2;

        open_s2(12, 39, 40);
        assert_int_equal(pt_map(&fx.pt, 0x5000, PADDR(0x7000), 0x1000, rows[i].prot), 0);
        assert_int_equal(walk(0x5000, &lg2), rows[i].want);
        assert_int_equal(lg2, 12);
        fx_close();
    }
}

static void every_prot_reads_back_or_is_refused(void **state)
{
    (void)state;
    open_s2(16, 40, 40);
    for (unsigned prot = 0; prot < 64; prot++) {
        bool no_right = (prot & (PT_READ | PT_WRITE | PT_EXEC)) == 0;
        bool bad_exec = (prot & PT_EXEC) && (prot & (PT_WRITE | PT_DEVICE));
        bool cannot = (prot & PT_EXEC) != 0 || (prot & PT_USER) == 0;
        int want = prot >= 32 || no_right || bad_exec ? -RF_EINVAL : cannot ? -RF_EOPNOTSUPP : 0;
        struct pt_leaf leaf;

        assert_int_equal(pt_map(&fx.pt, prot * MIB(1), PADDR(0), KIB(64), prot), want);
        assert_int_equal(pt_lookup(&fx.pt, prot * MIB(1), &leaf), want == 0);
        assert_true(want != 0 || leaf.prot == prot);
    }
    fx_close();
}

/* First and last granule of the space, with as many tables as the input size needs. */
static void every_width(void **state)
{
    (void)state;
    static const struct {
        uint8_t granule, ias, tables; /* that one leaf needs, its root included */
    } rows[] = {{12, 32, 3}, {12, 39, 3}, {12, 40, 4}, {16, 32, 2},
                {16, 40, 2}, {16, 42, 2}, {16, 44, 3}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const uint64_t granule = BIT(rows[i].granule), end = BIT(rows[i].ias);
        unsigned lg2;

        open_s2(rows[i].granule, rows[i].ias, 40);
        assert_int_equal(fx_map(0, MIB(1), granule), 0);
        assert_int_equal(fx.pt.tables, rows[i].tables);
        assert_int_equal(fx_map(end - granule, BIT(40) - granule, granule), 0);
        assert_int_equal(fx_map(end, 0, granule), -RF_ERANGE);
        assert_int_equal(fx_map(MIB(2), BIT(40), granule), -RF_ERANGE);
        assert_int_equal(walk(0, &lg2) & 0x0000fffffffff000ul, MIB(1));
        assert_int_equal(walk(end - 1, &lg2) & 0x0000fffffffff000ul, BIT(40) - granule);
        assert_int_equal(lg2, rows[i].granule);
        assert_int_equal(fx_unmap(0, end), 0);
        assert_int_equal(fx.pt.tables, 1);
        assert_int_equal(walk(0, &lg2), 0);
        fx_close();
    }
}

static void blocks(void **state)
{
    (void)state;
    static const struct {
        uint8_t granule, ias, lg2;
    } rows[] = {{12, 39, 21}, {12, 39, 30}, {16, 40, 29}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const uint64_t size = BIT(rows[i].lg2);
        unsigned lg2;

        open_s2(rows[i].granule, rows[i].ias, 40);
        assert_int_equal(fx_map(size, 2 * size, size), 0);
        assert_int_equal(walk(size + 42, &lg2) & 0x0000fffffffff000ul, 2 * size);
        assert_int_equal(lg2, rows[i].lg2);
        fx_expect(size + 42, 2 * size + 42);
        assert_int_equal(fx_unmap(size, size), 0);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),
        cmocka_unit_test(every_prot_reads_back_or_is_refused),
        cmocka_unit_test(every_width),
        cmocka_unit_test(blocks),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
