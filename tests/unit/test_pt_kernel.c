/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

#include "arch/dma.h"
#include "lib/pt/early.h"
#include "lib/pt/linear.h"

/* What both kernels build their own tables with: the start-up tables, and the linear map. */

#define BASE  (UINT64_C(1) << 47) /* as x86-64 has it */
#define BITS  40
#define IMAGE MIB(513)

static struct pt_linear linear;

static void open_linear(void)
{
    fx_open_fmt(&pt_cpu_x86,
                &(struct pt_config){
                    .granule_lg2 = 12, .ias = 48, .oas = 46, .coherent = true, .global = true});
    linear = (struct pt_linear){&fx.pt, BASE, BITS, {IMAGE, IMAGE + MIB(1) - 1}};
}

static struct range from(uint64_t start, uint64_t size)
{
    return (struct range){start, start + size - 1};
}

/* Every page of r has these rights, or (0) none. */
static void assert_prot(struct range r, unsigned prot)
{
    for (uint64_t pa = r.start; pa <= r.last; pa += PAGE_SIZE) {
        struct pt_leaf leaf = {0};

        assert_int_equal(pt_lookup(&fx.pt, BASE + pa, &leaf), prot != 0);
        assert_int_equal(leaf.prot, prot);
        assert_int_equal(leaf.pa.v, prot ? pa : 0);
    }
}

static void ram_leaves_the_image_out(void **state)
{
    static const unsigned rw = PT_READ | PT_WRITE;

    (void)state;
    open_linear();
    assert_int_equal(pt_linear_add_ram(&linear, from(MIB(512), MIB(4))), 0);
    assert_prot(from(MIB(512), IMAGE - MIB(512)), rw);
    assert_prot(linear.image, 0);
    assert_prot(from(IMAGE + MIB(1), MIB(2)), rw);
    assert_int_equal(pt_linear_add_ram(&linear, linear.image), 0);
    assert_prot(linear.image, 0);
    fx_close();
}

/* What was mapped before keeps its rights, before, inside and behind. */
static void only_holes_are_filled(void **state)
{
    static const uint64_t mapped[] = {MIB(600), MIB(601) + KIB(64), MIB(603) - PAGE_SIZE};

    (void)state;
    open_linear();
    for (size_t i = 0; i < ARRAY_SIZE(mapped); i++)
        assert_int_equal(pt_linear_add(&linear, PADDR(mapped[i] + 1), 2, PT_READ), 0);
    assert_int_equal(pt_linear_add_ram(&linear, from(MIB(600), MIB(3))), 0);
    for (uint64_t pa = MIB(600); pa < MIB(603); pa += PAGE_SIZE) {
        bool before = pa == mapped[0] || pa == mapped[1] || pa == mapped[2];

        assert_prot(from(pa, PAGE_SIZE), PT_READ | (before ? 0 : PT_WRITE));
    }
    fx_close();
}

static void whole_pages_around(void **state)
{
    static const unsigned device = PT_READ | PT_WRITE | PT_DEVICE;

    (void)state;
    open_linear();
    assert_int_equal(pt_linear_add(&linear, PADDR(MIB(700) + 0xffc), 8, device), 0);
    assert_prot(from(MIB(700) - PAGE_SIZE, PAGE_SIZE), 0);
    assert_prot(from(MIB(700), 2 * PAGE_SIZE), device);
    assert_prot(from(MIB(700) + 2 * PAGE_SIZE, PAGE_SIZE), 0);
    fx_close();
}

static void memory_and_devices_do_not_mix(void **state)
{
    static const unsigned device = PT_READ | PT_WRITE | PT_DEVICE;

    (void)state;
    open_linear();
    assert_int_equal(pt_linear_add(&linear, PADDR(MIB(700)), 4, device), 0);
    assert_int_equal(pt_linear_add(&linear, PADDR(MIB(700)), 4, device), 0);
    assert_int_equal(pt_linear_add(&linear, PADDR(MIB(700)), 4, PT_READ), -RF_EEXIST);
    assert_int_equal(pt_linear_add_ram(&linear, from(MIB(700), PAGE_SIZE)), -RF_EEXIST);
    assert_int_equal(pt_linear_add_ram(&linear, from(MIB(704), PAGE_SIZE)), 0);
    assert_int_equal(pt_linear_add(&linear, PADDR(MIB(704)), 4, device), -RF_EEXIST);
    assert_prot(from(MIB(700), PAGE_SIZE), device);
    fx_close();
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        uint64_t pa, size;
        int err;
    } rows[] = {
        {MIB(700), 0, -RF_EINVAL},  {UINT64_MAX - 3, 8, -RF_ERANGE}, {BIT(BITS) - 1, 2, -RF_ERANGE},
        {BIT(BITS), 1, -RF_ERANGE}, {BIT(BITS) - 1, 1, 0},
    };

    (void)state;
    open_linear();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(pt_linear_add(&linear, PADDR(rows[i].pa), rows[i].size, PT_READ),
                         rows[i].err);
    assert_int_equal(pt_linear_add_ram(&linear, from(BIT(BITS) - PAGE_SIZE, 2 * PAGE_SIZE)),
                     -RF_ERANGE);
    fx_close();
}

static void no_memory_for_a_table(void **state)
{
    (void)state;
    for (unsigned k = 1; k <= 3; k++) {
        open_linear();
        inject_after(k);
        assert_int_equal(pt_linear_add_ram(&linear, from(MIB(600), PAGE_SIZE)), -RF_ENOMEM);
        inject_after(0);
        assert_prot(from(MIB(600), PAGE_SIZE), 0);
        assert_int_equal(pt_linear_add_ram(&linear, from(MIB(600), PAGE_SIZE)), 0);
        fx_close();
    }
}

/* ---- start-up tables */

#define PAGES 8

/* SDM 3A 4.5.4: P and RW; P, and NX. */
static const uint64_t table_bits = 3, leaf_bits = BIT(63) | 1;

static struct pt_early early_pages(paddr_t *pages)
{
    *pages = page_alloc(log2_ceil(PAGES));
    assert_true(paddr_valid(*pages));
    memset(paddr_to_ptr(*pages), 0xff, PAGES * PAGE_SIZE); /* whatever a loader left */
    return (struct pt_early){
        .offset = (uint64_t)paddr_to_ptr(*pages) - pages->v,
        .next = pages->v,
        .end = pages->v + PAGES * PAGE_SIZE,
        .table = table_bits,
    };
}

/* As the CPU would, by hand. */
static uint64_t early_entry(const struct pt_early *e, uint64_t root, uint64_t va)
{
    uint64_t table = root;

    for (unsigned shift = 39;; shift -= 9) {
        uint64_t entry = ((uint64_t *)(table + e->offset))[va >> shift & 511];

        if (shift == 12 || !(entry & 1))
            return entry;
        assert_int_equal(entry & ~MASK(51, 12), table_bits);
        table = entry & MASK(51, 12);
    }
}

static void start_up_tables_lead_where_they_should(void **state)
{
    const uint64_t va = BASE + BIT(39) - PAGE_SIZE; /* and on, over an entry of the root */
    paddr_t pages;
    struct pt_early e = early_pages(&pages);
    uint64_t root = pt_early_table(&e);

    (void)state;
    assert_int_equal(root, pages.v);
    assert_true(pt_early_map(&e, root, va, MIB(1), MIB(1) + 2 * PAGE_SIZE, leaf_bits));
    assert_int_equal(e.next, pages.v + 7 * PAGE_SIZE); /* in ascending order */
    assert_int_equal(early_entry(&e, root, va - PAGE_SIZE), 0);
    assert_int_equal(early_entry(&e, root, va), MIB(1) | leaf_bits);
    assert_int_equal(early_entry(&e, root, va + PAGE_SIZE), (MIB(1) + PAGE_SIZE) | leaf_bits);
    assert_int_equal(early_entry(&e, root, va + 2 * PAGE_SIZE), 0);
    dma_store64(pt_early_root_entry(&e, root, va), 0);
    assert_int_equal(early_entry(&e, root, va), 0);
    assert_true(early_entry(&e, root, va + PAGE_SIZE) != 0);
    page_free(pages, log2_ceil(PAGES));
}

static void start_up_tables_end_with_their_pages(void **state)
{
    paddr_t pages;
    struct pt_early e = early_pages(&pages);
    uint64_t root;

    (void)state;
    e.end = e.next + 3 * PAGE_SIZE; /* a root, and two of three levels */
    root = pt_early_table(&e);
    assert_false(pt_early_map(&e, root, BASE, 0, PAGE_SIZE, leaf_bits));
    assert_int_equal(pt_early_table(&e), 0);
    assert_int_equal(*(uint64_t *)(e.end + e.offset), UINT64_MAX); /* not touched */
    page_free(pages, log2_ceil(PAGES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ram_leaves_the_image_out),
        cmocka_unit_test(only_holes_are_filled),
        cmocka_unit_test(whole_pages_around),
        cmocka_unit_test(memory_and_devices_do_not_mix),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(no_memory_for_a_table),
        cmocka_unit_test(start_up_tables_lead_where_they_should),
        cmocka_unit_test(start_up_tables_end_with_their_pages),
    };

    return cmocka_run_group_tests(tests, fx_start, NULL);
}
