/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/engine.h"
#include "tests/unit/pt_fixture.h"

/* The format against a second reading of DDI 0487: a walker that shares no constant with it. */

struct walk {
    uint64_t pa;
    uint64_t descriptor;
    unsigned block_bits;
};

/* D8.2.3 and D8.3.1: start level from TxSZ, then 8-byte descriptors. Our own bit numbers. */
static bool walk(uint64_t va, struct walk *out)
{
    const unsigned granule = fx.pt.cfg.granule_lg2;
    const unsigned stride = granule - 3;
    unsigned levels = (fx.pt.cfg.ias - granule + stride - 1) / stride;
    uint64_t table = fx.pt.root.v;
    for (unsigned level = 4 - levels; level <= 3; level++) {
        unsigned shift = granule + (3 - level) * stride;
        uint64_t index = (va >> shift) & ((1ul << stride) - 1);
        uint64_t d = *(uint64_t *)paddr_to_ptr(PADDR(table + 8 * index));
        if ((d & 1) == 0) {
            assert_int_equal(d, 0);
            return false;
        }
        bool page = level == 3 && (d & 2) != 0;
        bool block = level < 3 && (d & 2) == 0;
        assert_true(level < 3 || page);
        uint64_t address = d & 0x0000fffffffff000ul;
        if (page || block) {
            assert_int_equal(address & ((1ul << shift) - 1), 0);
            assert_true(page || shift == 21 || shift == 30 || shift == 25 || shift == 29);
            *out = (struct walk){address + (va & ((1ul << shift) - 1)), d, shift};
            return true;
        }
        assert_int_equal(d & ~(address | 3), 0); /* no hierarchical permissions, no stray bits */
        assert_int_equal(address & ((1ul << granule) - 1), 0);
        table = address;
    }
    return false;
}

static uint64_t descriptor_of(unsigned prot, bool global)
{
    fx_open_cfg(&(struct pt_config){
        .granule_lg2 = 12, .ias = 39, .oas = 40, .coherent = true, .global = global});
    struct walk w;
    assert_int_equal(pt_map(&fx.pt, 0x5000, PADDR(0x7000), 0x1000, prot), 0);
    assert_true(walk(0x5000, &w));
    fx_close();
    return w.descriptor;
}

static void attributes(void **state)
{
    (void)state;
    const uint64_t base = 0x7000ul | 3 | 1ul << 10 /* AF */;
    const uint64_t normal = base | 3ul << 8 /* ISH */;
    const uint64_t device = base | 2ul << 8 /* OSH */ | 1ul << 2 /* Attr1 */;
    const uint64_t user = 1ul << 6, ro = 1ul << 7, ng = 1ul << 11;
    const uint64_t pxn = 1ul << 53, uxn = 1ul << 54;
    const struct {
        unsigned prot;
        uint64_t want;
    } rows[] = {
        {PT_READ | PT_USER, normal | ng | user | ro | pxn | uxn},
        {PT_READ | PT_WRITE | PT_USER, normal | ng | user | pxn | uxn},
        {PT_READ | PT_EXEC | PT_USER, normal | ng | user | ro | pxn},
        {PT_READ | PT_WRITE | PT_USER | PT_DEVICE, device | ng | user | pxn | uxn},
        {PT_READ | PT_USER | PT_DEVICE, device | ng | user | ro | pxn | uxn},
        {PT_READ, normal | ng | ro | pxn | uxn},
        {PT_READ | PT_WRITE, normal | ng | pxn | uxn},
        {PT_READ | PT_EXEC, normal | ng | ro | uxn},
        {PT_READ | PT_WRITE | PT_DEVICE, device | ng | pxn | uxn},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(descriptor_of(rows[i].prot, false), rows[i].want);
        assert_int_equal(descriptor_of(rows[i].prot, true), rows[i].want & ~ng);
    }
}

/* All 32 combinations: what is accepted is what the tables then say, what is not has the error that
 * pt.h promises. */
static void every_prot_reads_back_or_is_refused(void **state)
{
    (void)state;
    fx_open(12, 39, 40);
    for (unsigned prot = 0; prot < 64; prot++) {
        bool no_right = (prot & (PT_READ | PT_WRITE | PT_EXEC)) == 0;
        bool bad_exec = (prot & PT_EXEC) && (prot & (PT_WRITE | PT_DEVICE));
        int want = prot >= 32 || no_right || bad_exec ? -RF_EINVAL
                   : (prot & PT_READ) == 0            ? -RF_EOPNOTSUPP
                                                      : 0;
        uint64_t iova = prot * MIB(2);
        assert_int_equal(pt_map(&fx.pt, iova, PADDR(MIB(4)), MIB(2), prot), want);
        assert_int_equal(pt_map(&fx.pt, GIB(1) + iova, PADDR(0), 0x1000, prot), want);
        struct pt_leaf leaf;
        assert_int_equal(pt_lookup(&fx.pt, iova, &leaf), want == 0);
        assert_true(want != 0 || leaf.prot == prot);
        assert_int_equal(pt_lookup(&fx.pt, GIB(1) + iova, &leaf), want == 0);
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
        {12, 48, 48, 0},          {12, 25, 32, 0},          {14, 25, 48, 0},
        {16, 25, 48, 0},          {16, 48, 48, 0},          {13, 39, 40, -RF_EINVAL},
        {0, 39, 40, -RF_EINVAL},  {12, 49, 48, -RF_ERANGE}, {12, 52, 48, -RF_ERANGE},
        {12, 24, 40, -RF_ERANGE}, {16, 48, 52, -RF_ERANGE}, {12, 0, 40, -RF_ERANGE},
        {12, 39, 0, -RF_ERANGE},
    };
    uint64_t before = fx_free_pages();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct pt pt;
        struct pt_config cfg = {.granule_lg2 = rows[i].granule,
                                .ias = rows[i].ias,
                                .oas = rows[i].oas,
                                .coherent = true};
        assert_int_equal(pt_init(&pt, &pt_arm_s1, &cfg), rows[i].want);
        if (rows[i].want == 0)
            pt_fini(&pt);
    }
    assert_int_equal(fx_free_pages(), before);
}

/* Levels and leaf sizes as in DDI 0487 tables D8-5..D8-7, and bits that add up (GPT-RADIX). */
static void geometry_values(void **state)
{
    (void)state;
    static const struct {
        uint8_t granule, ias, top_level, root_bits;
        uint64_t sizes;
    } rows[] = {
        {12, 48, 3, 9, 0x40201000},  {12, 40, 3, 1, 0x40201000},  {12, 39, 2, 9, 0x40201000},
        {12, 31, 2, 1, 0x40201000},  {12, 30, 1, 9, 0x00201000},  {12, 25, 1, 4, 0x00201000},
        {14, 48, 3, 1, 0x02004000},  {14, 47, 2, 11, 0x02004000}, {14, 36, 1, 11, 0x02004000},
        {14, 25, 0, 11, 0x00004000}, {16, 48, 2, 6, 0x20010000},  {16, 42, 1, 13, 0x20010000},
        {16, 29, 0, 13, 0x00010000},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fx_open(rows[i].granule, rows[i].ias, 48);
        assert_int_equal(fx.pt.top_level, rows[i].top_level);
        assert_int_equal(fx.pt.root_bits, rows[i].root_bits);
        assert_int_equal(fx.pt.leaf_sizes, rows[i].sizes);
        assert_int_equal(fx.pt.root_bits + fx.pt.top_level * fx.pt.index_bits +
                             fx.pt.cfg.granule_lg2,
                         rows[i].ias);
        fx_close();
    }
}

/* Entries of one level and size: encode, decode, and the plain-addend rule of pt.h. */
static void check_round_trip(const struct pt *pt, unsigned level, uint64_t pa)
{
    const struct pt_format *f = &pt_arm_s1;
    uint64_t size = BIT(pt->cfg.granule_lg2 + level * pt->index_bits);
    uint64_t leaf = f->encode_leaf(pt, level, PADDR(pa), FX_RW);
    assert_true((leaf & f->valid_mask) != 0);
    assert_true(pt_is_leaf(pt, leaf, level));
    assert_int_equal(pt_target(pt, leaf).v, pa);
    assert_int_equal(f->encode_leaf(pt, level, PADDR(0), FX_RW) + pa, leaf);
    if (pa >= size)
        assert_int_equal(f->encode_leaf(pt, level, PADDR(pa - size), FX_RW) + size, leaf);

    /* GPT-DIRTY, GPT-SWBIT: DBM and the software bits 58:55 change neither address nor rights. */
    uint64_t noise = leaf | 1ul << 51 | 0xful << 55;
    assert_int_equal(pt_target(pt, noise).v, pa);
    assert_int_equal(f->prot_of(pt, noise), FX_RW);
}

/* GPT-OA, GPT-TBLPTR. */
static void entries_round_trip(void **state)
{
    (void)state;
    static const uint8_t granules[] = {12, 14, 16};
    for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
        fx_open(granules[i], 48, 48);
        for (unsigned level = 0; level < fx.pt.top_level; level++) {
            unsigned lg2 = granules[i] + level * fx.pt.index_bits;
            for (unsigned bit = lg2; bit < 48; bit++)
                check_round_trip(&fx.pt, level, BIT(bit));
            check_round_trip(&fx.pt, level, 0);
            check_round_trip(&fx.pt, level, BIT(48) - BIT(lg2));
        }
        for (unsigned bit = granules[i]; bit < 48; bit++) {
            uint64_t entry = pt_encode_table(&fx.pt, PADDR(BIT(bit)));
            assert_true(pt_is_table(&fx.pt, entry, 1));
            assert_int_equal(pt_target(&fx.pt, entry).v, BIT(bit));
        }
        fx_close();
    }
}

static void check_leaf(uint64_t iova, uint64_t pa, uint64_t size)
{
    struct walk w;
    assert_true(walk(iova + 42, &w));
    assert_int_equal(w.pa, pa + 42);
    assert_int_equal(1ul << w.block_bits, size);
    fx_expect(iova + 42, pa + 42);
    fx_expect(iova + size - 1, pa + size - 1);
}

static void check_gone(uint64_t iova)
{
    struct walk w;
    assert_false(walk(iova + 42, &w));
    fx_expect_none(iova + 42);
}

static void unmap_exactly(uint64_t iova, uint64_t size)
{
    uint64_t bytes = 1;
    assert_int_equal(pt_unmap(&fx.pt, iova, size, &fx.g, &bytes), 0);
    assert_int_equal(bytes, size);
    check_gone(iova);
}

/* IOP-01 .. IOP-06 for one configuration. */
static void iop_sizes(void)
{
    for (uint64_t k = 0; k < 3; k++)
        check_gone(GIB(k));
    unsigned n = 0;
    for (unsigned lg2 = 0; lg2 < 64; lg2++) {
        uint64_t size = BIT(lg2), iova = GIB(n);
        if ((fx.pt.leaf_sizes & size) == 0)
            continue;
        n++;
        assert_int_equal(fx_map(iova, iova, size), 0);
        assert_int_equal(pt_map(&fx.pt, iova, PADDR(iova + size), size, FX_RO), -RF_EEXIST);
        check_leaf(iova, iova, size);
        assert_int_equal(fx.pt.leaves, n);
    }
    for (unsigned i = 0; i < 2; i++) {
        n = 0;
        for (unsigned lg2 = 0; lg2 < 64; lg2++) {
            uint64_t size = BIT(lg2), iova = GIB(n);
            if ((fx.pt.leaf_sizes & size) == 0)
                continue;
            n++;
            unmap_exactly(iova, size);
            assert_int_equal(pt_map(&fx.pt, iova, PADDR(iova), size, PT_WRITE), -RF_EOPNOTSUPP);
            assert_int_equal(pt_map(&fx.pt, iova, PADDR(iova), size, FX_RO), 0);
            check_leaf(iova, iova, size);
        }
    }
    assert_int_equal(fx_unmap(0, BIT(fx.pt.cfg.ias)), 0);
    assert_int_equal(fx.pt.leaves, 0);
    assert_int_equal(fx.pt.tables, 1);
}

/* IOP-07: the largest leaf below the end of the space, onto the last bytes of physical space, and
 * the last granule alone. */
static void iop_top(void)
{
    uint64_t end = BIT(fx.pt.cfg.ias), pa_end = BIT(fx.pt.cfg.oas);
    for (unsigned lg2 = 0; lg2 < 64; lg2++) {
        uint64_t size = BIT(lg2);
        if ((fx.pt.leaf_sizes & size) == 0)
            continue;
        assert_int_equal(fx_map(end - size, pa_end - size, size), 0);
        check_leaf(end - size, pa_end - size, size);
        assert_int_equal(fx_map(end, 0, size), -RF_ERANGE);
        assert_int_equal(fx_map(end - size, 0, 2 * size), -RF_ERANGE);
        assert_int_equal(fx_map(0, pa_end, size), -RF_ERANGE);
        assert_int_equal(fx_map(0, pa_end - size, 2 * size), -RF_ERANGE);
        check_gone(0);
        unmap_exactly(end - size, size);
        assert_int_equal(fx_unmap(end, size), -RF_ERANGE);
    }
}

static void iop_matrix(void **state)
{
    (void)state;
    static const uint8_t granules[] = {12, 14, 16};
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};
    unsigned configurations = 0;
    for (size_t g = 0; g < ARRAY_SIZE(granules); g++) {
        for (size_t o = 0; o < ARRAY_SIZE(bits); o++) {
            for (size_t i = 0; i <= o; i++, configurations++) {
                fx_open(granules[g], bits[i], bits[o]);
                iop_sizes();
                iop_top();
                fx_close();
            }
        }
    }
    assert_int_equal(configurations, 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes),         cmocka_unit_test(every_prot_reads_back_or_is_refused),
        cmocka_unit_test(geometry_limits),    cmocka_unit_test(geometry_values),
        cmocka_unit_test(entries_round_trip), cmocka_unit_test(iop_matrix),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
