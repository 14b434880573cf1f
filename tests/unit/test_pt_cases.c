/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/engine.h"
#include "tests/unit/pt_fixture.h"

/* What the self tests of Linux's page tables expect (io-pgtable-arm: IOP, generic_pt: GPT), case by
 * case under its name, of every format that there is. */

#define SIZES_4K  (BIT(12) | BIT(21) | BIT(30))
#define SIZES_16K (BIT(14) | BIT(25))
#define SIZES_64K (BIT(16) | BIT(29))

static const struct table {
    const char *name;
    const struct pt_format *fmt;
    struct pt_config cfg;
    uint64_t sizes;
    uint64_t software; /* bits of a leaf that are neither address nor rights */
} tables[] = {
    {"arm 4K", &pt_arm_s1, {.granule_lg2 = 12, .ias = 48, .oas = 48}, SIZES_4K, MASK(58, 55)},
    {"arm 16K", &pt_arm_s1, {.granule_lg2 = 14, .ias = 48, .oas = 48}, SIZES_16K, MASK(58, 55)},
    {"arm 64K", &pt_arm_s1, {.granule_lg2 = 16, .ias = 48, .oas = 48}, SIZES_64K, MASK(58, 55)},
    {"arm 39 bits", &pt_arm_s1, {.granule_lg2 = 12, .ias = 39, .oas = 40}, SIZES_4K, MASK(58, 55)},
    {"arm s2 64K", &pt_arm_s2, {.granule_lg2 = 16, .ias = 40, .oas = 40}, SIZES_64K, MASK(58, 55)},
    {"vtd first stage",
     &pt_vtd_fs,
     {.granule_lg2 = 12, .ias = 47, .oas = 46, .leaf_sizes = SIZES_4K},
     SIZES_4K,
     MASK(62, 52) | BIT(6)},
    {"vtd second stage",
     &pt_vtd_ss,
     {.granule_lg2 = 12, .ias = 48, .oas = 48, .levels = 4, .leaf_sizes = SIZES_4K},
     SIZES_4K,
     MASK(61, 52)},
};
static const struct table *table;

/* ---- leaves of every size -------------------------------------------------------------------- */

/* Calls fn for each leaf size, smallest first, with its own IOVA: k GiB for the k-th. */
static void each_size(void (*fn)(uint64_t iova, uint64_t size))
{
    unsigned k = 0;

    for (uint64_t left = fx.pt.leaf_sizes; left; left &= left - 1)
        fn(GIB(k++), left & -left);
}

static void map_it(uint64_t iova, uint64_t size)
{
    assert_int_equal(fx_map(iova, iova, size), 0);
}

static void map_again(uint64_t iova, uint64_t size)
{
    assert_int_equal(pt_map(&fx.pt, iova, PADDR(iova + size), size, FX_RO), -RF_EEXIST);
    fx_expect(iova, iova);
}

static void look_it_up(uint64_t iova, uint64_t size)
{
    fx_expect(iova + 42, iova + 42);
    fx_expect(iova + size - 1, iova + size - 1);
}

static void unmap_it(uint64_t iova, uint64_t size)
{
    uint64_t bytes;

    assert_int_equal(pt_unmap(&fx.pt, iova, size, &fx.g, &bytes), 0);
    assert_int_equal(bytes, size);
    fx_expect_none(iova + 42);
}

/* Write-only where the format has it. */
static void map_write_only(uint64_t iova, uint64_t size)
{
    unsigned prot = PT_WRITE | PT_USER;
    int refused = fx.pt.fmt->check_prot(prot);

    assert_int_equal(pt_map(&fx.pt, iova, PADDR(iova), size, prot), refused);
    if (refused)
        assert_int_equal(pt_map(&fx.pt, iova, PADDR(iova), size, FX_RO), 0);
}

static void top_of_the_space(uint64_t iova, uint64_t size)
{
    uint64_t at = BIT(fx.pt.cfg.ias) - size;

    (void)iova;
    assert_int_equal(fx_map(at, 0, size), 0);
    fx_expect(at + size - 1, size - 1);
    unmap_it(at, size);
    assert_int_equal(fx_map(at + size, 0, size), -RF_ERANGE);
}

static void empty(void)
{
    fx_expect_none(42);
    fx_expect_none(GIB(2) + 42);
}

static void every_size(void)
{
    each_size(map_it);
    assert_int_equal(fx.pt.leaves, __builtin_popcountll(fx.pt.leaf_sizes));
}

static void overlap(void)
{
    each_size(map_it);
    each_size(map_again);
}

static void lookup(void)
{
    each_size(map_it);
    each_size(look_it_up);
}

static void unmap(void)
{
    each_size(map_it);
    each_size(unmap_it);
    assert_int_equal(fx.pt.leaves, 0);
}

static void map_after_unmap(void)
{
    unmap();
    each_size(map_write_only);
    each_size(look_it_up);
}

static void last_page(void)
{
    each_size(top_of_the_space);
}

/* ---- geometry -------------------------------------------------------------------------------- */

static void limits(void)
{
    static const uint8_t granules[] = {12, 14, 16}, bits[] = {32, 48};

    for (unsigned i = 0; i < ARRAY_SIZE(granules) * ARRAY_SIZE(bits); i++) {
        fx_close();
        fx_open(granules[i / 2], bits[i % 2], 48);
        map_it(BIT(bits[i % 2]) - fx_granule(), fx_granule());
    }
}

/* The largest leaf of a map is the largest that fits somewhere inside. */
static void best_page(void)
{
    static const uint64_t low[] = {0,       BIT(12), BIT(14), BIT(16),
                                   BIT(20), BIT(21), BIT(29), BIT(30)};
    const uint64_t sizes = fx.pt.leaf_sizes;

    for (size_t a = 0; a < ARRAY_SIZE(low); a++)
        for (size_t b = 0; b < ARRAY_SIZE(low); b++)
            for (size_t n = 1; n < ARRAY_SIZE(low); n++) {
                uint64_t best = ref_best_size(sizes, low[a], low[b], low[n]);

                if (!is_aligned(low[a] | low[b] | low[n], fx_granule()) || low[n] / best > 4096)
                    continue;
                assert_int_equal(fx_map(low[a], low[b], low[n]), 0);
                assert_int_equal(fx_largest_leaf(), best);
                assert_int_equal(fx_unmap(low[a], low[n]), 0);
                pt_gather_release(&fx.g);
            }
}

static void count(void)
{
    if (fx_granule() != KIB(4))
        return;
    assert_int_equal(fx_map(0, 0x1000, GIB(1)), 0); /* addresses agree modulo 4K only */
    assert_int_equal(fx.pt.leaves, 262144);
    assert_int_equal(fx_unmap(0, GIB(1)), 0);
    assert_int_equal(fx_map(0x1000, 0x1000, MIB(2) - 0x1000), 0);
    assert_int_equal(fx.pt.leaves, 511);
}

static void table_pointers(void)
{
    for (unsigned bit = fx.pt.cfg.granule_lg2; bit < fx.pt.cfg.oas; bit++) {
        uint64_t entry = pt_encode_table(&fx.pt, PADDR(BIT(bit)));

        assert_int_equal(pt_target(&fx.pt, entry).v, BIT(bit));
    }
}

static void radix(void)
{
    unsigned bits = fx.pt.cfg.granule_lg2 + fx.pt.top_level * fx.pt.index_bits + fx.pt.root_bits;

    assert_true(bits >= fx.pt.cfg.ias && bits < fx.pt.cfg.ias + fx.pt.index_bits);
    assert_int_equal(fx_map(BIT(fx.pt.cfg.ias) - fx_granule(), 0, fx_granule()), 0);
}

static void sizes(void)
{
    assert_int_equal(fx.pt.leaf_sizes, table->sizes);
}

/* ---- entries --------------------------------------------------------------------------------- */

static void check_address(uint64_t iova, uint64_t size)
{
    unsigned level = (log2_floor(size) - fx.pt.cfg.granule_lg2) / fx.pt.index_bits;

    (void)iova;
    for (unsigned bit = log2_floor(size); bit < fx.pt.cfg.oas; bit++) {
        uint64_t pa = BIT(bit) | (BIT(fx.pt.cfg.oas) - size);
        uint64_t entry = fx.pt.fmt->encode_leaf(&fx.pt, level, PADDR(pa), FX_RW);
        uint64_t used = entry ^ table->software;

        assert_int_equal(pt_target(&fx.pt, entry).v, pa);
        assert_int_equal(pt_target(&fx.pt, used).v, pa);
        assert_int_equal(fx.pt.fmt->prot_of(&fx.pt, used), fx.pt.fmt->prot_of(&fx.pt, entry));
    }
}

static void output_addresses(void)
{
    each_size(check_address);
}

static bool no_format_allows(unsigned prot)
{
    return !(prot & (PT_READ | PT_WRITE | PT_EXEC)) ||
           (prot & (PT_WRITE | PT_EXEC)) == (PT_WRITE | PT_EXEC);
}

static void rights(void)
{
    for (unsigned prot = 0; prot < PT_DEVICE; prot++) {
        int refused = no_format_allows(prot) ? -RF_EINVAL : fx.pt.fmt->check_prot(prot);
        struct pt_leaf leaf;

        assert_int_equal(pt_map(&fx.pt, 0, PADDR(0), fx_granule(), prot), refused);
        assert_int_equal(pt_lookup(&fx.pt, 0, &leaf), !refused);
        if (refused)
            continue;
        assert_int_equal(leaf.prot & (PT_READ | PT_WRITE), prot & (PT_READ | PT_WRITE));
        assert_int_equal(fx_unmap(0, fx_granule()), 0);
    }
}

/* ---- tables under leaves, leaves over tables ------------------------------------------------- */

static uint64_t larger_size(void)
{
    return BIT(__builtin_ctzll(fx.pt.leaf_sizes & (fx.pt.leaf_sizes - 1)));
}

static void table_to_leaf(void)
{
    uint64_t large = larger_size();
    struct pt_leaf leaf;

    assert_int_equal(fx_map(large, large + fx_granule(), large), 0); /* smallest leaves */
    assert_int_equal(fx_unmap(large, large), 0);
    assert_true(fx.g.free_count > 0); /* the old table waits for the invalidation */
    map_it(large, large);
    assert_true(pt_lookup(&fx.pt, large, &leaf));
    assert_int_equal(BIT(leaf.size_lg2), large);
}

/* Linux takes the whole leaf out; here an unmap that cuts one is refused. */
static void split(void)
{
    uint64_t large = larger_size(), bytes;

    map_it(large, 2 * large);
    assert_int_equal(pt_unmap(&fx.pt, large, fx_granule(), &fx.g, &bytes), -RF_EINVAL);
    assert_int_equal(bytes, 0);
    look_it_up(large, 2 * large);
    unmap_it(large, large);
    fx_expect(2 * large, 2 * large);
}

static void boundary(void)
{
    if (fx_granule() != KIB(4) || fx.pt.cfg.ias < 48)
        return;
    assert_int_equal(fx_map(0xfef80000, 0x208b95d000, 0x20000), 0);
    assert_int_equal(fx.pt.leaves, 32);
    fx_expect(0xfef9ffff, 0x208b97cfff);
}

static unsigned leaves_of(uint64_t size)
{
    struct pt_leaf leaf;
    uint64_t iova;
    unsigned n = 0;

    for (uint64_t at = 0; pt_next_leaf(&fx.pt, at, &iova, &leaf); at = iova + BIT(leaf.size_lg2))
        n += BIT(leaf.size_lg2) == size;
    return n;
}

static void mixed(void)
{
    if (fx_granule() != KIB(4))
        return;
    map_it(0x3fe400000, 0x4c0600000 - 0x3fe400000);
    assert_int_equal(fx.pt.leaves, 20);
    assert_int_equal(leaves_of(MIB(2)), 14 + 3);
    assert_int_equal(leaves_of(GIB(1)), 3);
}

/* ---- random maps: what is in the way is unmapped, leaf by leaf ------------------------------- */

static void clear_the_way(uint64_t iova, uint64_t size)
{
    struct pt_leaf leaf;
    uint64_t at;

    while (pt_next_leaf(&fx.pt, iova, &at, &leaf) && at < iova + size) {
        at = align_down(at, BIT(leaf.size_lg2));
        unmap_it(at, BIT(leaf.size_lg2));
    }
}

static void random_maps(void)
{
    uint64_t x = 1, unit = fx_granule();

    for (unsigned i = 0; i < 1000; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint64_t iova = (x >> 33) % 2048 * unit,
                 size = unit * (1 + (x >> 20) % (x >> 60 ? 32 : 600));
        uint64_t pa = (x >> 50) % 3 ? iova : GIB(1) + (x >> 55) * unit;

        if (fx_map(iova, pa, size) == -RF_EEXIST) {
            clear_the_way(iova, size);
            assert_int_equal(fx_map(iova, pa, size), 0);
        }
        for (uint64_t off = 0; off < size; off += unit)
            fx_expect(iova + off, pa + off);
        pt_gather_release(&fx.g);
    }
    clear_the_way(0, GIB(4));
    assert_int_equal(fx.pt.leaves, 0);
}

/* ---- the cases ------------------------------------------------------------------------------- */

static const struct pt_case {
    const char *name;
    void (*run)(void);
    const char *why_not;
} cases[] = {
    {"IOP-01 a fresh table translates nothing", empty, NULL},
    {"IOP-02 a leaf of every size", every_size, NULL},
    {"IOP-03 a second map of it is refused", overlap, NULL},
    {"IOP-04 the offset is kept", lookup, NULL},
    {"IOP-05 unmap returns the size", unmap, NULL},
    {"IOP-06 map again", map_after_unmap, NULL},
    {"IOP-07 the last page of the space", last_page, NULL},
    {"GPT-INIT smallest and largest space", limits, NULL},
    {"GPT-BESTPG the best page size", best_page, NULL},
    {"GPT-COUNT leaves are counted", count, NULL},
    {"GPT-TBLPTR table pointers", table_pointers, NULL},
    {"GPT-RADIX, GPT-MAXVA levels add up", radix, NULL},
    {"GPT-SIZES sizes of every level", sizes, NULL},
    {"GPT-OA, GPT-DIRTY, GPT-SWBIT output addresses", output_addresses, NULL},
    {"GPT-ATTR rights", rights, NULL},
    {"GPT-GROW", NULL, "the top level is fixed when a table is made; what lies above is -ERANGE"},
    {"GPT-MAP-SIMPLE one leaf of every size, and none", unmap, NULL},
    {"GPT-TBL2OA a leaf where a table was", table_to_leaf, NULL},
    {"GPT-SPLIT a part of a leaf", split, NULL},
    {"GPT-RANDOM random maps", random_maps, NULL},
    {"GPT-BOUNDARY odd offsets", boundary, NULL},
    {"GPT-MIXED exact census", mixed, NULL},
};

static void run_case(void **state)
{
    const struct pt_case *c = *state;

    if (c->why_not)
        print_message("%s does not apply: %s\n", c->name, c->why_not);
    for (table = tables; c->run && table < tables + ARRAY_SIZE(tables); table++) {
        print_message("%s\n", table->name);
        fx_open_fmt(table->fmt, &table->cfg);
        c->run();
        fx_close();
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_SIZE(cases)];

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, run_case, NULL, NULL, (void *)&cases[i]};
    return cmocka_run_group_tests_name("cases 07", tests, fx_start, NULL);
}
