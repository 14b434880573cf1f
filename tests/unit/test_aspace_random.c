/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

/* Random calls against a table of pages. The pages lie around the start of the SW_MSI window, and
 * two of the groups bring windows of their own. After each call every page of every domain is
 * looked up, and devices use some of them, so that the fakes have something cached. */

#define PAGES  64
#define BASE   (SW_MSI_BASE - 40 * PAGE_SIZE)
#define ROUNDS 40
#define CALLS  400

static const struct {
    unsigned group; /* 0: of the space, unless a map was there when it got its first group */
    unsigned first, last;
    enum resv_type type;
} windows[] = {
    {0, 40, 63, RESV_SW_MSI}, {1, 4, 5, RESV_RESERVED},           {2, 10, 13, RESV_DIRECT},
    {3, 12, 15, RESV_DIRECT}, {3, 20, 22, RESV_DIRECT_RELAXABLE},
};

static struct {
    unsigned map[PAGES]; /* number of the map; 0: none */
    uint64_t pa[PAGES];
    bool attached[4]; /* [0]: the window of doorbells is at its usual place */
} model;

static unsigned next_map;
static unsigned calls;

static unsigned below(unsigned n)
{
    return (unsigned)rand() % n;
}

static struct iommu_group *group(unsigned i)
{
    return i == 1 ? group1 : i == 2 ? group2 : group3;
}

static struct range pages(unsigned first, unsigned n)
{
    return (struct range){BASE + first * PAGE_SIZE, BASE + (first + n) * PAGE_SIZE - 1};
}

/* ---- what the model expects */

static bool is_mapped(unsigned first, unsigned n)
{
    bool any = false;

    for (unsigned i = first; i < first + n; i++)
        any |= model.map[i] != 0;
    return any;
}

static bool in_window(unsigned page, bool direct_only)
{
    for (unsigned i = 0; i < ARRAY_SIZE(windows); i++) {
        if (!model.attached[windows[i].group] || page < windows[i].first || page > windows[i].last)
            continue;
        if (direct_only ? windows[i].type == RESV_DIRECT : windows[i].type != RESV_DIRECT_RELAXABLE)
            return true;
    }
    return false;
}

static int expected_of_map(unsigned first, unsigned n)
{
    if (is_mapped(first, n))
        return -RF_EEXIST;
    for (unsigned i = first; i < first + n; i++) {
        if (in_window(i, false))
            return -RF_EINVAL;
    }
    return 0;
}

static bool cuts(unsigned first, unsigned n)
{
    unsigned end = first + n;

    return (first > 0 && model.map[first] && model.map[first] == model.map[first - 1]) ||
           (end < PAGES && model.map[end - 1] && model.map[end - 1] == model.map[end]);
}

static int expected_of_attach(unsigned g)
{
    if (model.attached[g])
        return -RF_EINVAL;
    for (unsigned i = 0; i < ARRAY_SIZE(windows); i++) {
        if (windows[i].group == g && windows[i].type != RESV_DIRECT_RELAXABLE &&
            is_mapped(windows[i].first, windows[i].last - windows[i].first + 1))
            return -RF_EINVAL;
    }
    return 0;
}

/* ---- calls */

/* One call in four may run out of memory, which then must change nothing. */
static bool ran_out(int err, int expected)
{
    bool injected = inject_count() != 0;

    inject_after(0);
    if (err == -RF_ENOMEM && injected)
        return true;
    assert_int_equal(err, expected);
    return false;
}

static void maybe_inject(void)
{
    inject_after(below(4) ? 0 : 1 + below(12));
}

/* No page twice, or a page that left one map could still be reached by another. Neighbours are not
 * contiguous. */
static paddr_t fresh_page(void)
{
    static uint64_t n;

    return PADDR(USER_RAM + n++ * 7 % 0x10000 * PAGE_SIZE);
}

static void call_map(void)
{
    struct aspace_seg segs[6];
    unsigned n = 1 + below(ARRAY_SIZE(segs));
    unsigned first = below(PAGES - n);
    int expected = expected_of_map(first, n);

    for (unsigned i = 0; i < n; i++)
        segs[i] = (struct aspace_seg){fresh_page(), PAGE_SIZE};
    maybe_inject();
    if (ran_out(fake_map(&space, pages(first, n), segs, n, PT_READ, NULL), expected) || expected)
        return;
    next_map++;
    for (unsigned i = 0; i < n; i++) {
        model.map[first + i] = next_map;
        model.pa[first + i] = segs[i].pa.v;
    }
}

static void call_unmap(void)
{
    unsigned n = 1 + below(below(8) ? 8 : PAGES);
    unsigned first = below(PAGES - n + 1);
    uint64_t sum = 0;
    uint64_t bytes = 1;

    if (cuts(first, n)) {
        assert_int_equal(aspace_unmap(&space, pages(first, n), &bytes), -RF_EINVAL);
        assert_int_equal(bytes, 0);
        return;
    }
    inject_after(1);
    assert_int_equal(aspace_unmap(&space, pages(first, n), &bytes), 0);
    assert_int_equal(inject_count(), 0);
    inject_after(0);
    for (unsigned i = first; i < first + n; i++) {
        sum += model.map[i] ? PAGE_SIZE : 0;
        model.map[i] = 0;
    }
    assert_int_equal(bytes, sum);
}

static bool any_attached(void)
{
    return model.attached[1] || model.attached[2] || model.attached[3];
}

static void call_attach(void)
{
    unsigned g = 1 + below(3);
    int expected = expected_of_attach(g);
    const char *why;

    maybe_inject();
    if (ran_out(aspace_attach(&space, group(g), &why), expected) || expected)
        return;
    if (!any_attached())
        model.attached[0] = !is_mapped(windows[0].first, PAGES - windows[0].first);
    model.attached[g] = true;
}

static void call_detach(void)
{
    unsigned g = 1 + below(3);

    if (!model.attached[g])
        return;
    aspace_detach(&space, group(g));
    model.attached[g] = false;
    model.attached[0] &= any_attached();
}

/* ---- comparison */

static void check_page(const struct iommu_domain *d, unsigned i)
{
    uint64_t iova = pages(i, 1).start;
    struct pt_leaf leaf;
    bool mapped = pt_lookup(&d->pt, iova, &leaf);
    bool direct = in_window(i, true);

    assert_int_equal(mapped, model.map[i] || direct);
    if (mapped)
        assert_int_equal(leaf.pa.v, direct ? iova : model.pa[i]);
}

static void check(void)
{
    const struct iommu_domain *d;
    uint64_t bytes = 0;

    LIST_FOREACH (d, &space.domains, link) {
        for (unsigned i = 0; i < PAGES; i++)
            check_page(d, i);
    }
    for (unsigned i = 0; i < PAGES; i++)
        bytes += model.map[i] ? PAGE_SIZE : 0;
    assert_int_equal(space.mapped_bytes, bytes);
    assert_int_equal(LIST_EMPTY(&space.domains), !any_attached());
    assert_int_equal(space.windows.count == 0, !any_attached());
    if (model.attached[0])
        assert_int_equal(space.sw_msi.start, SW_MSI_BASE);
}

static void use_devices(void)
{
    uint64_t iova = pages(below(PAGES), 1).start;
    paddr_t pa;

    (void)fake_access(&fake_a, 1, iova, &pa);
    (void)fake_access(&fake_a, 3, iova, &pa);
    (void)fake_access(&fake_b, 2, iova, &pa);
}

static void add_windows(void)
{
    for (unsigned i = 1; i < ARRAY_SIZE(windows); i++) {
        struct range r = pages(windows[i].first, windows[i].last - windows[i].first + 1);

        space_window(group(windows[i].group), r.start, r.last, windows[i].type);
    }
}

static void random_calls(void **state)
{
    static void (*const kinds[])(void) = {call_map,   call_map,    call_map,   call_unmap,
                                          call_unmap, call_attach, call_detach};

    for (unsigned seed = 1; seed <= ROUNDS; seed++) {
        space_down(state);
        assert_int_equal(space_up(state), 0);
        add_windows();
        memset(&model, 0, sizeof(model));
        srand(seed);
        for (unsigned i = 0; i < CALLS; i++, calls++) {
            kinds[below(ARRAY_SIZE(kinds))]();
            check();
            use_devices();
        }
        assert_int_equal(released.lost, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_calls, space_up, space_down),
    };

    return cmocka_run_group_tests_name("aspace random", tests, NULL, NULL);
}
