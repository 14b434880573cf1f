/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* GPT-RANDOM: random maps, unmaps and changes of rights against the reference, with everything
 * compared after each step, and every allocation of every map failed once. */

enum { STEPS = 1500, LIVE_MAX = 600 };

static unsigned below(unsigned n)
{
    return (unsigned)rand() % n;
}

/* Somewhere in a few places that share tables: near 0, in the middle, at the end of the space;
 * often on or just beside a block's boundary. */
static uint64_t random_iova(uint64_t size)
{
    uint64_t end = BIT(fx.pt.cfg.ias), granule = fx_granule();
    uint64_t block = BIT(fx.pt.cfg.granule_lg2 + fx.pt.index_bits);
    uint64_t places[] = {0, end / 2 - 4 * block, end - 8 * block};
    uint64_t at = places[below(3)] + below(8) * block;
    if (below(3) != 0)
        at += (uint64_t)below(64) * granule;
    return MIN(at, end - size);
}

static uint64_t random_size(void)
{
    uint64_t granule = fx_granule();
    uint64_t block = BIT(fx.pt.cfg.granule_lg2 + fx.pt.index_bits);
    switch (below(6)) {
    case 0:
        return granule;
    case 1:
        return block;
    case 2:
        return block * (1 + below(3)) + granule * below(3);
    default:
        return granule * (1 + below(40));
    }
}

static uint64_t random_pa(uint64_t iova, uint64_t size)
{
    uint64_t end = BIT(fx.pt.cfg.oas);
    uint64_t block = BIT(fx.pt.cfg.granule_lg2 + fx.pt.index_bits);
    uint64_t pa = below(4) * block + (below(3) == 0 ? below(64) * fx_granule() : iova % block);
    return below(4) == 0 ? end - size : MIN(pa, end - size);
}

/* Would this map make too many leaves for the reference? Pages only, if the addresses disagree or
 * no block fits. */
static bool too_many(uint64_t iova, uint64_t pa, uint64_t size)
{
    uint64_t block = BIT(fx.pt.cfg.granule_lg2 + fx.pt.index_bits);
    return ((iova ^ pa) % block != 0 || size < 2 * block) && size / fx_granule() > LIVE_MAX;
}

/* Each allocation that the map makes fails once: -RF_ENOMEM, and nothing has changed. */
static void fail_every_allocation(uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
    unsigned k = 1;
    for (;; k++) {
        inject_after(k);
        int rc = pt_map(&fx.pt, iova, PADDR(pa), size, prot);
        bool failed = inject_count() >= k;
        inject_after(0);
        assert_int_equal(rc, failed ? -RF_ENOMEM : 0);
        if (!failed)
            break;
        ref_compare();
    }
    uint32_t before = ref_tables();
    ref_map(iova, pa, size, prot);
    assert_int_equal(k - 1, ref_tables() - before); /* one allocation a table, no more */
}

static void random_map(void)
{
    uint64_t size = random_size(), iova = random_iova(size), pa = random_pa(iova, size);
    unsigned prot = below(2) ? FX_RW : FX_RO;
    if (too_many(iova, pa, size))
        return;
    if (ref_overlaps((struct range){iova, iova + size - 1}))
        assert_int_equal(pt_map(&fx.pt, iova, PADDR(pa), size, prot), -RF_EEXIST);
    else
        fail_every_allocation(iova, pa, size, prot);
}

static bool flushed(const struct ref_leaf *l)
{
    for (unsigned i = 0; i < fx.g.count; i++) {
        const struct pt_flush *f = &fx.g.flush[i];
        if (!range_contains(f->iova, (struct range){l->iova, ref_last(l)}))
            continue;
        if (f->tables || f->leaf_lg2 == 0 || BIT(f->leaf_lg2) == l->size)
            return true;
    }
    return false;
}

static bool flushed_as_table(struct range span)
{
    for (unsigned i = 0; i < fx.g.count; i++) {
        if (fx.g.flush[i].tables && range_contains(fx.g.flush[i].iova, span))
            return true;
    }
    return false;
}

/* Of a leaf that is gone: each table above it that no other leaf needs is flushed as one. */
static void expect_tables_flushed(const struct ref_leaf *gone)
{
    for (unsigned level = 0; level < fx.pt.top_level; level++) {
        uint64_t size = BIT(fx.pt.cfg.granule_lg2 + (level + 1u) * fx.pt.index_bits);
        struct range span = {align_down(gone->iova, size), gone->iova | (size - 1)};
        if (gone->size < size && !ref_overlaps(span))
            assert_true(flushed_as_table(span));
    }
}

static void random_unmap(void)
{
    uint64_t size = below(8) == 0 ? BIT(fx.pt.cfg.ias) : random_size();
    uint64_t iova = size == BIT(fx.pt.cfg.ias) ? 0 : random_iova(size);
    struct range r = {iova, iova + size - 1};
    bool cut = ref_cuts(r);
    uint64_t bytes, free_before = fx_free_pages();
    uint32_t tables_before = fx.pt.tables;
    assert_int_equal(pt_unmap(&fx.pt, iova, size, &fx.g, &bytes), cut ? -RF_EINVAL : 0);
    assert_int_equal(fx_free_pages(), free_before);
    assert_int_equal(fx.g.free_count, tables_before - fx.pt.tables);
    static struct ref_leaf gone[REF_MAX];
    unsigned gone_count = 0;
    for (unsigned i = 0; !cut && i < ref_count; i++) {
        if (ref_hits(&ref[i], r))
            gone[gone_count++] = ref[i];
    }
    assert_int_equal(bytes, cut ? 0 : ref_unmap(r));
    for (unsigned i = 0; i < gone_count; i++) {
        assert_true(flushed(&gone[i]));
        expect_tables_flushed(&gone[i]);
    }
}

static void random_protect(void)
{
    uint64_t size = random_size(), iova = random_iova(size);
    struct range r = {iova, iova + size - 1};
    unsigned prot = below(2) ? FX_RW : FX_RO;
    bool cut = ref_cuts(r);
    assert_int_equal(pt_protect(&fx.pt, iova, size, prot, &fx.g), cut ? -RF_EINVAL : 0);
    for (unsigned i = 0; !cut && i < ref_count; i++) {
        if (!ref_hits(&ref[i], r))
            continue;
        assert_true((ref[i].prot & ~prot) == 0 || flushed(&ref[i]));
        ref[i].prot = prot;
    }
}

static void random_life(unsigned granule, unsigned ias, unsigned oas, bool coherent)
{
    ref_count = 0;
    fx_open_cfg(&(struct pt_config){.granule_lg2 = (uint8_t)granule,
                                    .ias = (uint8_t)ias,
                                    .oas = (uint8_t)oas,
                                    .coherent = coherent});
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned what = ref_count > LIVE_MAX ? 9 : below(10);
        if (what < 6)
            random_map();
        else if (what < 8)
            random_protect();
        else
            random_unmap();
        ref_compare();
        pt_gather_release(&fx.g);
    }
    assert_int_equal(fx_unmap(0, BIT(ias)), 0);
    assert_int_equal(fx.pt.leaves, 0);
    assert_int_equal(fx.pt.tables, 1);
    fx_close();
}

static void granule_4k(void **state)
{
    (void)state;
    srand(11);
    random_life(12, 48, 48, true);
    random_life(12, 39, 40, true);
    random_life(12, 32, 44, false);
}

static void granule_16k(void **state)
{
    (void)state;
    srand(12);
    random_life(14, 48, 48, true);
    random_life(14, 40, 40, false);
}

static void granule_64k(void **state)
{
    (void)state;
    srand(13);
    random_life(16, 48, 48, true);
    random_life(16, 42, 44, false);
}

/* The map that needs most tables: across the root, and pages at both ends. */
static void every_failure_of_a_wide_map(void **state)
{
    (void)state;
    ref_count = 0;
    fx_open(12, 48, 48);
    fail_every_allocation(BIT(39) - MIB(2) - 0x1000, BIT(39) - MIB(2) - 0x1000, GIB(1) + MIB(4),
                          FX_RW);
    ref_compare();
    fail_every_allocation(GIB(2) - 0x1000, 0x8000, MIB(2) + 0x2000, FX_RO);
    ref_compare();
    fx_close();
}

static void no_memory_at_all(void **state)
{
    (void)state;
    inject_after(1);
    struct pt pt;
    const struct pt_config cfg = {.granule_lg2 = 12, .ias = 48, .oas = 48, .coherent = true};
    assert_int_equal(pt_init(&pt, &pt_arm_s1, &cfg), -RF_ENOMEM);
    pt_fini(&pt);
    inject_after(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(granule_4k),       cmocka_unit_test(granule_16k),
        cmocka_unit_test(granule_64k),      cmocka_unit_test(every_failure_of_a_wide_map),
        cmocka_unit_test(no_memory_at_all),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
