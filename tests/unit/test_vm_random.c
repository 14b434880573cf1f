/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

/* Random calls on a piece of the address space, against a reference that is an array: one word a
 * page. The seed is printed and can be given as the program's argument. */

#define BASE  GIB(16)
#define PAGES 2048u /* 8 MiB: large pages come and are cut */
#define STEPS 6000

enum { MAPPED = 1, READ = 2, WRITE = 4 };

static struct {
    unsigned state;
    uint64_t value; /* of the page's first word */
} ref[PAGES];

static uint64_t seed = 1, random_state;

static uint64_t below(uint64_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

static uint64_t address(unsigned page)
{
    return BASE + page * PAGE_SIZE;
}

struct span {
    unsigned first, count;
};

/* Short ones, long ones, and ones at the boundaries of large pages. */
static struct span random_span(void)
{
    unsigned count = 1 + (unsigned)below(below(3) == 0 ? PAGES : 24);
    unsigned first = below(3) == 0 ? (unsigned)below(4) * 512 : (unsigned)below(PAGES);
    return (struct span){first, MIN(count, PAGES - first)};
}

static unsigned linux_prot(unsigned state)
{
    return ((state & READ) != 0 ? LX_PROT_READ : 0) | ((state & WRITE) != 0 ? LX_PROT_WRITE : 0);
}

static unsigned random_rights(void)
{
    static const unsigned rights[] = {0, READ, READ | WRITE, READ | WRITE, READ | WRITE};
    return rights[below(ARRAY_SIZE(rights))];
}

/* The result of a call for which now and then there is no memory: then it must change nothing. */
static bool done(int64_t rc, int64_t expected)
{
    bool starved = inject_count() != 0 && rc == -RF_ENOMEM && expected != rc;
    inject_after(0);
    if (!starved)
        assert_int_equal(rc, expected);
    return !starved && expected >= 0;
}

static void maybe_starve(void)
{
    inject_after(below(4) == 0 ? 1 + (unsigned)below(3) : 0);
}

static void do_map(struct span s)
{
    unsigned rights = random_rights();
    maybe_starve();
    int64_t at = fx_call(NR_mmap, address(s.first), s.count * PAGE_SIZE, linux_prot(rights),
                         LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED, (uint64_t)-1, 0);
    if (!done(at, (int64_t)address(s.first)))
        return;
    for (unsigned i = s.first; i < s.first + s.count; i++) {
        ref[i].state = MAPPED | rights;
        ref[i].value = 0;
    }
}

static void do_unmap(struct span s)
{
    maybe_starve();
    if (!done(fx_call(NR_munmap, address(s.first), s.count * PAGE_SIZE), 0))
        return;
    for (unsigned i = s.first; i < s.first + s.count; i++)
        ref[i].state = 0;
}

/* What a call on s gives that wants all of it mapped. */
static int64_t expected(struct span s)
{
    for (unsigned i = s.first; i < s.first + s.count; i++) {
        if (ref[i].state == 0)
            return -RF_ENOMEM;
    }
    return 0;
}

static void do_protect(struct span s)
{
    unsigned rights = random_rights();
    maybe_starve();
    int64_t rc = fx_call(NR_mprotect, address(s.first), s.count * PAGE_SIZE, linux_prot(rights));
    if (!done(rc, expected(s)))
        return;
    for (unsigned i = s.first; i < s.first + s.count; i++)
        ref[i].state = MAPPED | rights;
}

static void do_forget(struct span s)
{
    maybe_starve();
    int64_t rc = fx_call(NR_madvise, address(s.first), s.count * PAGE_SIZE, LX_MADV_DONTNEED);
    if (!done(rc, expected(s)))
        return;
    for (unsigned i = s.first; i < s.first + s.count; i++)
        ref[i].value = 0;
}

static void do_write(struct span s)
{
    unsigned n = MIN(s.count, 32u);
    for (unsigned i = s.first; i < s.first + n; i++) {
        uint64_t v = below(UINT64_MAX);
        bool may = (ref[i].state & WRITE) != 0;
        assert_int_equal(copy_out(address(i), &v, sizeof(v)), may ? 0 : -RF_EFAULT);
        if (may)
            ref[i].value = v;
    }
}

static bool all_may(struct span s, unsigned right)
{
    bool may = true;
    for (unsigned i = s.first; i < s.first + s.count; i++)
        may = may && (ref[i].state & right) != 0;
    return may;
}

/* What a device would read of the piece is what the program would. Returns its pages. */
static unsigned check_piece(unsigned first, paddr_t pa, uint64_t size)
{
    const unsigned n = (unsigned)(size >> PAGE_LG2);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(*(uint64_t *)paddr_to_ptr(paddr_add(pa, i * PAGE_SIZE)),
                         ref[first + i].value);
    return n;
}

/* Piece by piece, as far as it goes. */
static void do_pin(struct span s)
{
    const unsigned right = below(2) != 0 ? WRITE : READ;
    while (s.count != 0) {
        paddr_t pa;
        uint64_t size;
        int rc = vm_pin(address(s.first), s.count * PAGE_SIZE, right == WRITE, &pa, &size);
        if (rc != 0) {
            assert_int_equal(rc, -RF_EFAULT);
            assert_false(all_may(s, right));
            return;
        }
        const struct span piece = {s.first, check_piece(s.first, pa, size)};
        assert_true(all_may(piece, right));
        vm_unpin(pa, size, true);
        s = (struct span){s.first + piece.count, s.count - piece.count};
    }
}

static void check_page(unsigned i)
{
    uint64_t v = 0;
    bool may = (ref[i].state & READ) != 0;
    assert_int_equal(copy_in(&v, address(i), sizeof(v)), may ? 0 : -RF_EFAULT);
    assert_int_equal(v, may ? ref[i].value : 0);
    assert_int_equal(vm_find(address(i)) != NULL, ref[i].state != 0);
}

/* Looking brings pages in: mostly a few are looked at, now and then all. */
static void check(struct span s, bool all)
{
    unsigned edges[] = {s.first, s.first + s.count - 1, s.first == 0 ? 0 : s.first - 1,
                        MIN(s.first + s.count, PAGES - 1), (unsigned)below(PAGES)};
    for (unsigned i = 0; i < ARRAY_SIZE(edges); i++)
        check_page(edges[i]);
    for (unsigned i = 0; all && i < PAGES; i++)
        check_page(i);
}

static void agrees_with_the_reference(void **state)
{
    static void (*const actions[])(struct span s) = {do_map,   do_unmap, do_protect, do_forget,
                                                     do_write, do_write, do_pin};
    (void)state;
    random_state = seed * 2 + 1;
    memset(ref, 0, sizeof(ref));
    for (unsigned step = 0; step < STEPS; step++) {
        struct span s = random_span();
        actions[below(ARRAY_SIZE(actions))](s);
        check(s, step % 256 == 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_the_reference, fx_start, fx_end),
    };
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 0);
    printf("seed %lu\n", (unsigned long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
