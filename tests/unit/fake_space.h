/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_SPACE_H
#define RF_TESTS_FAKE_SPACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/fake_iommu.h"

/* A space on the machine of fake_iommu.h, three groups, and a release callback that checks what it
 * is promised:
 *   group 1  stream 1 of unit a
 *   group 2  stream 2 of unit b
 *   group 3  streams 3 and 4 of unit a and stream 3 of unit b
 * RAM that is mapped for devices begins at USER_RAM; no test touches it. */
#define USER_RAM UINT64_C(0x80000000)

static struct iommu_aspace space;
static struct iommu_group *group1, *group2, *group3;

static struct {
    unsigned calls, lost;
    uint64_t bytes, largest;
} released;

static inline bool space_is_cached(const struct fake_unit *f, paddr_t pa, uint64_t size)
{
    for (unsigned i = 0; i < f->cached; i++) {
        if (f->cache[i].pa.v - pa.v < size)
            return true;
    }
    return false;
}

static inline void space_release(void *ctx, paddr_t pa, uint64_t size, bool ok)
{
    assert_ptr_equal(ctx, &released);
    released.calls++;
    released.lost += !ok;
    released.bytes += size;
    released.largest = MAX(released.largest, size);
    if (ok) { /* nobody can reach it any more (design I2) */
        assert_false(space_is_cached(&fake_a, pa, size));
        assert_false(space_is_cached(&fake_b, pa, size));
    }
}

static inline void space_init(struct iommu_aspace *a, struct aspace_config cfg)
{
    cfg.release = space_release;
    cfg.release_ctx = &released;
    aspace_init(a, &cfg);
}

static inline struct iommu_group *space_group(unsigned id)
{
    struct iommu_group *g = iommu_group_get(id);

    assert_non_null(g);
    return g;
}

static inline void space_stream(struct iommu_group *g, struct fake_unit *f, uint32_t sid)
{
    assert_int_equal(iommu_group_add(g, &f->unit, sid, "dev 0000:01:00.0"), 0);
}

static inline int space_up(void **state)
{
    if (fake_machine_up(state))
        return -1;
    memset(&released, 0, sizeof(released));
    group1 = space_group(1);
    group2 = space_group(2);
    group3 = space_group(3);
    space_stream(group1, &fake_a, 1);
    space_stream(group2, &fake_b, 2);
    space_stream(group3, &fake_a, 3);
    space_stream(group3, &fake_a, 4);
    space_stream(group3, &fake_b, 3);
    space_init(&space, (struct aspace_config){0});
    return 0;
}

/* Everything that was taken came back, whatever the test did. */
static inline int space_down(void **state)
{
    struct iommu_group *g;
    bool complete;

    inject_after(0);
    fake_fail(0);
    LIST_FOREACH (g, &iommu_groups, link) {
        if (g->aspace == &space)
            aspace_detach(&space, g);
    }
    aspace_fini(&space);
    complete = fake_free_pages() + fake_quarantined_pages() == fake_pages_at_start;
    if (!complete)
        print_error("%lu pages are missing\n",
                    fake_pages_at_start - fake_free_pages() - fake_quarantined_pages());
    return fake_machine_down(state) || !complete ? -1 : 0;
}

static inline void space_attach(struct iommu_group *g)
{
    const char *why = NULL;
    int err = aspace_attach(&space, g, &why);

    if (err)
        print_error("%s\n", why);
    assert_int_equal(err, 0);
}

/* The refusal's words hold `words`. */
static inline void space_attach_fails(struct iommu_group *g, int expected, const char *words)
{
    const char *why = NULL;

    assert_int_equal(aspace_attach(&space, g, &why), expected);
    assert_non_null(why);
    if (!strstr(why, words))
        print_error("%s\n", why);
    assert_non_null(strstr(why, words));
}

static inline void space_window(struct iommu_group *g, uint64_t start, uint64_t last,
                                enum resv_type type)
{
    assert_int_equal(resv_add(&g->windows, (struct range){start, last}, type, "test"), 0);
}

static inline int space_try_map(uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
    struct aspace_seg seg = {PADDR(pa), size};

    return fake_map(&space, (struct range){iova, iova + (size - 1)}, &seg, 1, prot, NULL);
}

static inline void space_map(uint64_t iova, uint64_t pa, uint64_t size)
{
    assert_int_equal(space_try_map(iova, pa, size, PT_READ | PT_WRITE), 0);
}

static inline void space_unmap(uint64_t iova, uint64_t last, int expected, uint64_t bytes)
{
    uint64_t got = 1;

    assert_int_equal(aspace_unmap(&space, (struct range){iova, last}, &got), expected);
    assert_int_equal(got, bytes);
}

/* Every domain translates iova to pa. */
static inline void space_translates(uint64_t iova, uint64_t pa)
{
    const struct iommu_domain *d;
    struct pt_leaf leaf;

    LIST_FOREACH (d, &space.domains, link) {
        assert_true(pt_lookup(&d->pt, iova, &leaf));
        assert_int_equal(leaf.pa.v, pa);
    }
}

static inline void space_denies(uint64_t iova)
{
    const struct iommu_domain *d;
    struct pt_leaf leaf;

    LIST_FOREACH (d, &space.domains, link)
        assert_false(pt_lookup(&d->pt, iova, &leaf));
}

#endif
