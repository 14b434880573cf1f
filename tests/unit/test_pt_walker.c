/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* What a walker sees while the tables change: at every moment the old translation or the new one,
 * and after the return the new one.
 *
 * One that snoops sees the arena, in which stores become visible in any order between barriers.
 *
 * One that does not snoop sees memory, here a second copy of the arena: a line reaches it when it
 * was cleaned and the sync after that is over, or, at the worst moment, because the cache evicted
 * it. Before the first clean a line holds valid-looking entries. */

#define LINE        64
#define LINES       (FX_ARENA_SIZE / LINE)
#define POISON      (UINT64_C(0xbad000) | 0x703) /* to a page that nobody mapped */
#define PROBES      96
#define PENDING_MAX 100000

static uint64_t *copy;
static const uint64_t *memory;        /* what the walker sees: the arena or the copy */
static uint32_t pending[PENDING_MAX]; /* lines cleaned since the last sync */
static unsigned pending_count;
static bool evicting;
static bool watching;

static struct probe {
    uint64_t iova;
    uint64_t before; /* what it translates to; NOTHING */
    uint64_t after;
} probes[PROBES];
#define NOTHING UINT64_MAX

static uint64_t *arena(void)
{
    return paddr_to_ptr(PADDR(FX_ARENA_BASE));
}

static void line_reaches_memory(uint64_t line)
{
    memcpy((char *)copy + line * LINE, (char *)arena() + line * LINE, LINE);
}

static uint64_t memory_walk(uint64_t iova)
{
    uint64_t table = fx.pt.root.v;
    for (unsigned level = fx.pt.top_level;; level--) {
        unsigned lg2 = fx.pt.cfg.granule_lg2 + level * fx.pt.index_bits;
        uint64_t index = (iova >> lg2) & (BIT(fx.pt.index_bits) - 1);
        uint64_t entry = memory[(table - FX_ARENA_BASE) / 8 + index];
        if ((entry & 1) == 0)
            return NOTHING;
        uint64_t address = entry & MASK(47, 12);
        if (level == 0 || (entry & 2) == 0)
            return address + (iova & (BIT(lg2) - 1));
        table = address;
    }
}

/* Every moment shows the old translation or the new one. */
static void look_now(void)
{
    for (unsigned i = 0; watching && i < PROBES; i++) {
        uint64_t seen = memory_walk(probes[i].iova);
        assert_true(seen == probes[i].before || seen == probes[i].after);
    }
}

/* The lines of some table entries on the way to a probe leave the cache by themselves. */
static void evict_something(void)
{
    uint64_t iova = probes[rand() % PROBES].iova;
    uint64_t table = fx.pt.root.v;
    for (unsigned level = fx.pt.top_level;; level--) {
        unsigned lg2 = fx.pt.cfg.granule_lg2 + level * fx.pt.index_bits;
        uint64_t at = table - FX_ARENA_BASE + 8 * ((iova >> lg2) & (BIT(fx.pt.index_bits) - 1));
        uint64_t entry = arena()[at / 8];
        if (rand() % 2 != 0)
            line_reaches_memory(at / LINE);
        if (level == 0 || (entry & 3) != 3)
            return;
        table = entry & MASK(47, 12);
    }
}

static void on_clean(void *ctx, enum host_cache_op op, paddr_t pa, size_t n)
{
    (void)ctx;
    assert_int_equal(op, HOST_CACHE_CLEAN);
    uint64_t first = pa.v - FX_ARENA_BASE;
    for (uint64_t line = first / LINE; line <= (first + n - 1) / LINE; line++) {
        assert_true(line < LINES && pending_count < PENDING_MAX);
        pending[pending_count++] = (uint32_t)line;
        if (evicting && rand() % 2 != 0)
            line_reaches_memory(line);
    }
    if (evicting && watching)
        evict_something();
    look_now();
}

static void on_sync(void *ctx)
{
    (void)ctx;
    while (pending_count > 0)
        line_reaches_memory(pending[--pending_count]);
    if (evicting && watching)
        evict_something();
    look_now();
}

static void on_store(void *ctx, paddr_t pa, unsigned width)
{
    (void)ctx;
    (void)pa;
    assert_int_equal(width, 8);
    look_now();
}

static uint64_t translate(uint64_t iova)
{
    struct pt_leaf leaf;
    return pt_lookup(&fx.pt, iova, &leaf) ? leaf.pa.v : NOTHING;
}

static uint64_t random_iova(void)
{
    uint64_t at = (uint64_t)(rand() % 4) * GIB(1) + (uint64_t)(rand() % 4) * MIB(2);
    return at + (uint64_t)(rand() % 128) * PAGE_SIZE;
}

/* Half of the probes inside the range that changes (all of its ends among them), half elsewhere. */
static void place_probes(struct range r, uint64_t pa_after)
{
    for (unsigned i = 0; i < PROBES; i++) {
        uint64_t at = i == 0   ? r.start
                      : i == 1 ? r.last
                      : i % 2  ? r.start + (uint64_t)rand() % range_size(r)
                               : random_iova();
        bool inside = range_has(r, at);
        uint64_t before = translate(at);
        uint64_t after = !inside ? before : pa_after == NOTHING ? NOTHING : at - r.start + pa_after;
        probes[i] = (struct probe){at, before, after};
    }
}

/* After the return memory says what is new, also where no probe was. */
static void expect_all_clean(paddr_t table, unsigned level)
{
    const uint64_t *entry = paddr_to_ptr(table);
    const uint64_t *seen = &memory[(table.v - FX_ARENA_BASE) / 8];
    assert_memory_equal(entry, seen, fx_granule());
    for (unsigned i = 0; level > 0 && i < fx_granule() / 8; i++) {
        if ((entry[i] & 3) == 3)
            expect_all_clean(PADDR(entry[i] & MASK(47, 12)), level - 1);
    }
}

static void expect_new(int rc)
{
    watching = false;
    assert_int_equal(pending_count, 0);
    for (unsigned i = 0; i < PROBES; i++)
        assert_int_equal(memory_walk(probes[i].iova), rc == 0 ? probes[i].after : probes[i].before);
    expect_all_clean(fx.pt.root, fx.pt.top_level);
}

static void random_step(void)
{
    uint64_t pages = (uint64_t)(rand() % 4 == 0 ? 1 + rand() % 1500 : 1 + rand() % 20);
    uint64_t iova = random_iova(), size = pages * PAGE_SIZE;
    uint64_t pa = iova + (uint64_t)(rand() % 2) * GIB(8) + (uint64_t)(rand() % 2) * PAGE_SIZE;
    struct range r = {iova, iova + size - 1};
    bool mapping = rand() % 2 == 0;
    place_probes(r, mapping ? pa : NOTHING);
    watching = true;
    int rc = mapping ? fx_map(iova, pa, size) : fx_unmap(iova, size);
    expect_new(rc);
    pt_gather_release(&fx.g);
}

static void live(unsigned seed, bool coherent)
{
    srand(seed);
    memory = coherent ? arena() : copy;
    fx_open_cfg(&(struct pt_config){.granule_lg2 = 12, .ias = 39, .oas = 40, .coherent = coherent});
    for (unsigned step = 0; step < 800; step++)
        random_step();
    assert_int_equal(pt_protect(&fx.pt, 0, BIT(36), FX_RO, &fx.g), 0);
    assert_int_equal(pending_count, 0);
    expect_all_clean(fx.pt.root, fx.pt.top_level);
    fx_close();
}

static void every_store_is_cleaned(void **state)
{
    (void)state;
    evicting = false;
    live(21, false);
}

static void no_eviction_shows_anything_else(void **state)
{
    (void)state;
    evicting = true;
    live(22, false);
    live(23, false);
}

static void no_order_of_stores_shows_anything_else(void **state)
{
    (void)state;
    host_store_hook(on_store, NULL);
    for (unsigned seed = 31; seed < 34; seed++) {
        host_park_enable(seed);
        live(seed, true);
        host_park_disable();
    }
    host_store_hook(NULL, NULL);
}

/* A run is cleaned in one call, not entry by entry. */
static unsigned clean_calls;

static void count_clean(void *ctx, enum host_cache_op op, paddr_t pa, size_t n)
{
    (void)ctx;
    (void)op;
    (void)pa;
    (void)n;
    clean_calls++;
}

static void cleans_are_batched(void **state)
{
    (void)state;
    fx_open_cfg(&(struct pt_config){.granule_lg2 = 12, .ias = 39, .oas = 40, .coherent = false});
    host_cache_hook(count_clean, NULL);
    clean_calls = 0;
    assert_int_equal(fx_map(0, PAGE_SIZE, MIB(4)), 0);
    assert_true(clean_calls <= 4); /* a root, a middle and two last tables */
    clean_calls = 0;
    assert_int_equal(fx_unmap(0, MIB(4)), 0);
    assert_true(clean_calls <= 4);
    host_cache_hook(on_clean, NULL);
    fx_close();
}

static void poison_free_pages(void)
{
    paddr_t half = page_alloc(13);
    uint64_t *word = paddr_to_ptr(half);
    for (uint64_t i = 0; i < (PAGE_SIZE << 13) / 8; i++)
        word[i] = POISON;
    page_free(half, 13);
}

static int start(void **state)
{
    fx_start(state);
    poison_free_pages();
    copy = malloc(FX_ARENA_SIZE);
    for (uint64_t i = 0; i < FX_ARENA_SIZE / 8; i++)
        copy[i] = POISON;
    host_cache_hook(on_clean, NULL);
    host_sync_hook(on_sync, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    host_reset();
    free(copy);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_store_is_cleaned),
        cmocka_unit_test(no_eviction_shows_anything_else),
        cmocka_unit_test(no_order_of_stores_shows_anything_else),
        cmocka_unit_test(cleans_are_batched),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
