/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

/* The workload's address space: the rules of each call, and what happens when there is no memory
 * for a change. */

#define ANON  (LX_MAP_PRIVATE | LX_MAP_ANONYMOUS)
#define FIXED (ANON | LX_MAP_FIXED)

static int64_t map_at(uint64_t at, uint64_t size, unsigned prot, unsigned flags)
{
    return fx_call(NR_mmap, at, size, prot, flags, (uint64_t)-1, 0);
}

static int touch(uint64_t uaddr)
{
    return copy_out(uaddr, "x", 1);
}

static unsigned leaf_lg2(uint64_t uaddr)
{
    struct pt_leaf leaf;
    return pt_lookup(vm_pt(), uaddr, &leaf) ? leaf.size_lg2 : 0;
}

static paddr_t page_of(uint64_t uaddr)
{
    struct pt_leaf leaf;
    assert_true(pt_lookup(vm_pt(), uaddr, &leaf));
    return leaf.pa;
}

/* ---- mmap */

static void mmap_refuses_what_linux_refuses(void **state)
{
    static const struct {
        uint64_t at, size;
        unsigned prot, flags;
        uint64_t offset;
        int error;
    } rows[] = {
        {0, 0, FX_RW, ANON, 0, RF_EINVAL},
        {0, 4096, FX_RW, LX_MAP_ANONYMOUS, 0, RF_EINVAL},
        {0, 4096, FX_RW, ANON, 1, RF_EINVAL},
        {0, 4096, 8, ANON, 0, RF_EINVAL},
        {0, 4096, 6, ANON, 0, RF_EACCES},
        {0, 4096, 7, ANON, 0, RF_EACCES},
        {0, UINT64_MAX, 0, ANON, 0, RF_ENOMEM},
        {0, UINT64_C(1) << 47, 0, ANON, 0, RF_ENOMEM},
        {0, FX_ARENA_SIZE, FX_RW, ANON, 0, RF_ENOMEM},
        {0, 4096, FX_RW, LX_MAP_PRIVATE, 0, RF_EBADF},
        {1, 4096, FX_RW, FIXED, 0, RF_EINVAL},
        {0, 4096, FX_RW, FIXED, 0, RF_EPERM},
        {0xf000, 4096, FX_RW, FIXED, 0, RF_EPERM},
        {UINT64_C(1) << 47, 4096, FX_RW, FIXED, 0, RF_ENOMEM},
        {(UINT64_C(1) << 47) - 4096, 4096, FX_RW, FIXED, 0, RF_ENOMEM},
        {0xffff000040200000, 4096, FX_RW, FIXED, 0, RF_ENOMEM},
        {UINT64_MAX - 4095, 4096, FX_RW, FIXED, 0, RF_ENOMEM},
        {FX_CODE, 4096, FX_RW, ANON | LX_MAP_FIXED_NOREPLACE, 0, RF_EEXIST},
        {FX_CODE - 4096, 8192, FX_RW, ANON | LX_MAP_FIXED_NOREPLACE, 0, RF_EEXIST},
        {0, 4096, FX_RW, ANON | LX_MAP_HUGETLB | 40u << LX_MAP_HUGE_SHIFT, 0, RF_EINVAL},
        {0, 4096, FX_RW, ANON | LX_MAP_HUGETLB | 30u << LX_MAP_HUGE_SHIFT, 0, RF_ENOMEM},
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        int64_t rc = fx_call(NR_mmap, rows[i].at, rows[i].size, rows[i].prot, rows[i].flags,
                             (uint64_t)-1, rows[i].offset);
        if (rc != -rows[i].error)
            fail_msg("row %u: %ld, not -%s", i, (long)rc, err_name(rows[i].error));
    }
    fx_expect_log("writable and executable");
}

static void memory_comes_when_it_is_touched(void **state)
{
    (void)state;
    uint64_t at = fx_map(PAGE_SIZE, FX_RW), before = fx_free_pages();
    assert_int_equal(fx_load64(at + 8), 0);
    assert_true(fx_free_pages() < before);
}

static void a_reserve_costs_nothing(void **state)
{
    (void)state;
    uint64_t before = fx_free_pages();
    int64_t at = map_at(0, UINT64_C(1) << 44, 0, ANON | LX_MAP_NORESERVE);
    assert_true(at > 0);
    assert_int_equal(fx_free_pages(), before);
    assert_int_equal(touch((uint64_t)at), -RF_EFAULT);
    assert_int_equal(fx_call(NR_mprotect, (uint64_t)at + GIB(5), PAGE_SIZE, FX_RW), 0);
    assert_int_equal(touch((uint64_t)at + GIB(5)), 0);
    assert_int_equal(touch((uint64_t)at + GIB(5) + PAGE_SIZE), -RF_EFAULT);
}

static void a_hint_is_used_when_it_is_free(void **state)
{
    (void)state;
    uint64_t hint = GIB(100);
    assert_int_equal(map_at(hint + 5, PAGE_SIZE, FX_RW, ANON), (int64_t)hint);
    assert_int_not_equal(map_at(hint, PAGE_SIZE, FX_RW, ANON), (int64_t)hint);
}

static void fixed_replaces(void **state)
{
    (void)state;
    uint64_t at = fx_map(3 * PAGE_SIZE, FX_RW);
    for (unsigned i = 0; i < 3; i++)
        fx_store64(at + i * PAGE_SIZE, 7);
    assert_int_equal(map_at(at + PAGE_SIZE, PAGE_SIZE, FX_RW, FIXED), (int64_t)(at + PAGE_SIZE));
    assert_int_equal(fx_load64(at), 7);
    assert_int_equal(fx_load64(at + PAGE_SIZE), 0);
    assert_int_equal(fx_load64(at + 2 * PAGE_SIZE), 7);
}

static void blocks_are_contiguous(void **state)
{
    (void)state;
    uint64_t big = fx_map(MIB(4), FX_RW), small = fx_map(KIB(128), FX_RW);
    assert_true(is_aligned(big, MIB(2)));
    assert_true(is_aligned(small, KIB(64)));
    assert_int_equal(touch(big + MIB(3)), 0);
    assert_int_equal(leaf_lg2(big + MIB(2)), 21);
    assert_int_equal(leaf_lg2(big), 0);
    assert_int_equal(touch(small + PAGE_SIZE), 0);
    assert_true(is_aligned(page_of(small).v, KIB(64)));
    assert_int_equal(page_of(small).v + KIB(60), page_of(small + KIB(60)).v);
    assert_int_equal(leaf_lg2(small + KIB(64)), 0);
}

static void huge_pages_are_backed_or_refused(void **state)
{
    (void)state;
    int64_t at = map_at(0, 1, FX_RW, ANON | LX_MAP_HUGETLB);
    assert_true(at > 0);
    assert_int_equal(leaf_lg2((uint64_t)at), 21);
    assert_int_equal(touch((uint64_t)at + MIB(2) - 1), 0);
    uint64_t free_pages = fx_free_pages();
    uint64_t too_much = align_up(free_pages * PAGE_SIZE, MIB(2)) + MIB(2);
    assert_int_equal(map_at(0, too_much, FX_RW, ANON | LX_MAP_HUGETLB | LX_MAP_NORESERVE),
                     -RF_ENOMEM);
    assert_int_equal(fx_free_pages(), free_pages);
}

/* ---- rights */

static void rights_are_kept(void **state)
{
    (void)state;
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    fx_store64(at, 42);
    static const unsigned prots[] = {LX_PROT_READ, 0, LX_PROT_READ | LX_PROT_EXEC, FX_RW};
    for (unsigned i = 0; i < ARRAY_SIZE(prots); i++) {
        uint64_t v = 0;
        assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, prots[i]), 0);
        assert_int_equal(copy_in(&v, at, sizeof(v)), prots[i] != 0 ? 0 : -RF_EFAULT);
        assert_int_equal(v, prots[i] != 0 ? 42 : 0);
        assert_int_equal(touch(at + 8), (prots[i] & LX_PROT_WRITE) != 0 ? 0 : -RF_EFAULT);
        assert_int_equal(vm_fault(at, PT_EXEC), (prots[i] & LX_PROT_EXEC) != 0 ? 0 : -RF_EFAULT);
    }
}

static void mprotect_changes_all_or_nothing(void **state)
{
    (void)state;
    uint64_t at = fx_map(4 * PAGE_SIZE, FX_RW);
    assert_int_equal(fx_call(NR_munmap, at + 2 * PAGE_SIZE, PAGE_SIZE), 0);
    assert_int_equal(fx_call(NR_mprotect, at, 4 * PAGE_SIZE, LX_PROT_READ), -RF_ENOMEM);
    assert_int_equal(touch(at), 0);
    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, 7), -RF_EACCES);
    assert_int_equal(fx_call(NR_mprotect, at + 1, PAGE_SIZE, FX_RW), -RF_EINVAL);
    assert_int_equal(fx_call(NR_mprotect, at, UINT64_MAX, FX_RW), -RF_ENOMEM);
    assert_int_equal(fx_call(NR_mprotect, 0xffff000040200000, PAGE_SIZE, FX_RW), -RF_ENOMEM);
    assert_int_equal(fx_call(NR_mprotect, at, 0, FX_RW), 0);
}

static void code_that_was_written_is_made_visible(void **state)
{
    (void)state;
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    touch(at);
    unsigned before = host_mmu_counts().code_syncs;
    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, LX_PROT_READ | LX_PROT_EXEC), 0);
    assert_true(host_mmu_counts().code_syncs > before);
}

/* ---- large pages are cut where they must be */

static void a_large_page_is_cut(void **state)
{
    (void)state;
    uint64_t at = fx_map(MIB(2), FX_RW);
    for (uint64_t off = 0; off < MIB(2); off += PAGE_SIZE)
        fx_store64(at + off, off);
    assert_int_equal(leaf_lg2(at), 21);
    assert_int_equal(fx_call(NR_mprotect, at + PAGE_SIZE, PAGE_SIZE, LX_PROT_READ), 0);
    assert_int_equal(leaf_lg2(at), 12);
    assert_int_equal(fx_call(NR_munmap, at + MIB(1), PAGE_SIZE), 0);
    for (uint64_t off = 0; off < MIB(2); off += PAGE_SIZE) {
        assert_int_equal(touch(at + off + 8), off == PAGE_SIZE || off == MIB(1) ? -RF_EFAULT : 0);
        if (off != MIB(1))
            assert_int_equal(fx_load64(at + off), off);
    }
}

/* Each allocation in turn fails: then nothing has changed, and nothing is lost. */
static void a_cut_that_fails_changes_nothing(void **state)
{
    (void)state;
    for (unsigned k = 1;; k++) {
        uint64_t at = fx_map(MIB(2), FX_RW);
        fx_store64(at + MIB(1), 99);
        uint64_t before = fx_free_pages();
        inject_after(k);
        int64_t rc = fx_call(NR_munmap, at + MIB(1), PAGE_SIZE);
        inject_after(0);
        if (rc == 0)
            break;
        assert_int_equal(rc, -RF_ENOMEM);
        assert_int_equal(fx_load64(at + MIB(1)), 99);
        assert_int_equal(touch(at), 0);
        assert_true(fx_free_pages() >= before - 1);
        assert_int_equal(fx_call(NR_munmap, at, MIB(2)), 0);
    }
}

/* ---- munmap, brk, mremap, madvise */

static void munmap_takes_holes(void **state)
{
    (void)state;
    uint64_t at = fx_map(3 * PAGE_SIZE, FX_RW);
    assert_int_equal(fx_call(NR_munmap, at + PAGE_SIZE, PAGE_SIZE), 0);
    assert_int_equal(fx_call(NR_munmap, at, 3 * PAGE_SIZE), 0);
    assert_int_equal(fx_call(NR_munmap, at, 3 * PAGE_SIZE), 0);
    assert_int_equal(touch(at), -RF_EFAULT);
    assert_int_equal(fx_call(NR_munmap, at, 0), -RF_EINVAL);
    assert_int_equal(fx_call(NR_munmap, at + 1, PAGE_SIZE), -RF_EINVAL);
    assert_int_equal(fx_call(NR_munmap, at, UINT64_MAX - 4095), -RF_EINVAL);
    assert_int_equal(fx_call(NR_munmap, 0xffff000000000000, PAGE_SIZE), -RF_EINVAL);
    assert_int_equal(fx_call(NR_munmap, 0, PAGE_SIZE), 0);
}

static void the_heap_grows_and_shrinks(void **state)
{
    (void)state;
    uint64_t start = (uint64_t)fx_call(NR_brk, 0);
    assert_true(is_aligned(start, PAGE_SIZE) && start > FX_DATA);
    assert_int_equal(fx_call(NR_brk, start + 100), start + 100);
    fx_store64(start, 1);
    assert_int_equal(fx_call(NR_brk, start + MIB(1)), start + MIB(1));
    assert_int_equal(fx_load64(start), 1);
    assert_int_equal(touch(start + MIB(1) - 1), 0);
    assert_int_equal(fx_call(NR_brk, start + 8), start + 8);
    assert_int_equal(touch(start + PAGE_SIZE), -RF_EFAULT);
    assert_int_equal(fx_load64(start), 1);
    assert_int_equal(fx_call(NR_brk, start - 1), start + 8);
    assert_int_equal(fx_call(NR_brk, UINT64_MAX), start + 8);
    assert_int_equal(fx_call(NR_brk, start + FX_ARENA_SIZE), start + 8);
    assert_true(map_at(start + MIB(2), PAGE_SIZE, FX_RW, FIXED) > 0);
    assert_int_equal(fx_call(NR_brk, start + MIB(3)), start + 8);
}

static void mremap_grows_in_place_or_moves(void **state)
{
    (void)state;
    uint64_t base = GIB(10);
    map_at(base, PAGE_SIZE, FX_RW, FIXED);
    fx_store64(base, 5);
    assert_int_equal(fx_call(NR_mremap, base, PAGE_SIZE, 3 * PAGE_SIZE, 0), (int64_t)base);
    assert_int_equal(touch(base + 2 * PAGE_SIZE), 0);
    map_at(base + 3 * PAGE_SIZE, PAGE_SIZE, FX_RW, FIXED);
    assert_int_equal(fx_call(NR_mprotect, base + 3 * PAGE_SIZE, PAGE_SIZE, LX_PROT_READ), 0);
    assert_int_equal(fx_call(NR_mremap, base, 3 * PAGE_SIZE, MIB(3), 0), -RF_ENOMEM);
    int64_t to = fx_call(NR_mremap, base, 3 * PAGE_SIZE, MIB(3), LX_MREMAP_MAYMOVE);
    assert_true(to > 0 && (uint64_t)to != base);
    assert_int_equal(fx_load64((uint64_t)to), 5);
    assert_int_equal(fx_load64((uint64_t)to + MIB(2)), 0);
    assert_int_equal(touch(base), -RF_EFAULT);
    assert_int_equal(fx_call(NR_mremap, (uint64_t)to, MIB(3), PAGE_SIZE, 0), to);
    assert_int_equal(fx_load64((uint64_t)to), 5);
    assert_int_equal(touch((uint64_t)to + PAGE_SIZE), -RF_EFAULT);
    assert_int_equal(fx_call(NR_mremap, base, PAGE_SIZE, MIB(1), 0), -RF_EFAULT);
    assert_int_equal(fx_call(NR_mremap, (uint64_t)to, 0, PAGE_SIZE, 0), -RF_EINVAL);
    assert_int_equal(fx_call(NR_mremap, (uint64_t)to, PAGE_SIZE, 0, 0), -RF_EINVAL);
    assert_int_equal(fx_call(NR_mremap, (uint64_t)to, PAGE_SIZE, PAGE_SIZE, 2), -RF_EINVAL);
}

static void a_move_that_fails_changes_nothing(void **state)
{
    (void)state;
    for (unsigned k = 1;; k++) {
        uint64_t at = fx_map(MIB(4), FX_RW);
        fx_store64(at + PAGE_SIZE, 3);
        fx_store64(at + MIB(3), 4);
        inject_after(k);
        int64_t to = fx_call(NR_mremap, at + PAGE_SIZE, MIB(3), MIB(8), LX_MREMAP_MAYMOVE);
        inject_after(0);
        uint64_t from = to > 0 ? (uint64_t)to : at + PAGE_SIZE;
        assert_int_equal(fx_load64(from), 3);
        assert_int_equal(fx_load64(from + MIB(3) - PAGE_SIZE), 4);
        assert_int_equal(fx_call(NR_munmap, at, MIB(4)), 0);
        if (to > 0)
            break;
        assert_int_equal(to, -RF_ENOMEM);
    }
}

static void dontneed_forgets(void **state)
{
    (void)state;
    uint64_t at = fx_map(MIB(2), FX_RW);
    fx_store64(at + PAGE_SIZE, 1);
    fx_store64(at + 2 * PAGE_SIZE, 2);
    assert_int_equal(fx_call(NR_madvise, at + PAGE_SIZE, PAGE_SIZE, LX_MADV_DONTNEED), 0);
    assert_int_equal(fx_load64(at + PAGE_SIZE), 0);
    assert_int_equal(fx_load64(at + 2 * PAGE_SIZE), 2);
    assert_int_equal(fx_call(NR_madvise, at, PAGE_SIZE, 14), 0);
    assert_int_equal(fx_call(NR_madvise, at + 1, PAGE_SIZE, 4), -RF_EINVAL);
    assert_int_equal(fx_call(NR_madvise, MIB(1), PAGE_SIZE, 4), -RF_ENOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mmap_refuses_what_linux_refuses),
        TEST(memory_comes_when_it_is_touched),
        TEST(a_reserve_costs_nothing),
        TEST(a_hint_is_used_when_it_is_free),
        TEST(fixed_replaces),
        TEST(blocks_are_contiguous),
        TEST(huge_pages_are_backed_or_refused),
        TEST(rights_are_kept),
        TEST(mprotect_changes_all_or_nothing),
        TEST(code_that_was_written_is_made_visible),
        TEST(a_large_page_is_cut),
        TEST(a_cut_that_fails_changes_nothing),
        TEST(munmap_takes_holes),
        TEST(the_heap_grows_and_shrinks),
        TEST(mremap_grows_in_place_or_moves),
        TEST(a_move_that_fails_changes_nothing),
        TEST(dontneed_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
