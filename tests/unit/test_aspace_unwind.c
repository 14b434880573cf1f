/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

/* An attach that fails leaves the space, the group, the hardware and the memory exactly as before
 * (design I7), wherever it fails. */

static const struct msi_controller frame = {
    .name = "v2m", .base = PADDR(0x09020000), .size = 0x1000, .alone_lg2 = 16};
static const struct msi_message ring = {PADDR(0x09020040), 80};

/* ---- the whole state */

#define LEAVES_MAX 64

static const uint64_t map_starts[] = {0x10000, 0x40000, MIB(512), GIB(700)}; /* of all scenes */

struct domain_state {
    struct iommu_domain d;
    uint64_t iova[LEAVES_MAX];
    struct pt_leaf leaf[LEAVES_MAX];
    unsigned leaves;
};

struct state {
    struct iommu_aspace space;
    struct iommu_group group[3];
    struct iommu_endpoint endpoint[3];
    struct aspace_map map[ARRAY_SIZE(map_starts)];
    struct domain_state domain[2];
    const struct iommu_domain *streams[2][FAKE_STREAMS];
    uint8_t asids[2][2];
    unsigned cached[2];
    bool dead[2];
    uint64_t free_pages;
};

static void save_domain(struct domain_state *s, const struct iommu_domain *d)
{
    struct pt_leaf leaf;
    uint64_t iova;

    s->d = *d;
    /* What is remembered of walks is no part of what the tables say. */
    memset(s->d.pt.near, 0, sizeof(s->d.pt.near));
    s->d.pt.page_prot = 0;
    s->d.pt.page_bits = 0;
    for (uint64_t at = 0; pt_next_leaf(&d->pt, at, &iova, &leaf); at = iova + BIT(leaf.size_lg2)) {
        assert_true(s->leaves < LEAVES_MAX);
        s->iova[s->leaves] = iova;
        s->leaf[s->leaves].pa = leaf.pa;
        s->leaf[s->leaves].prot = leaf.prot;
        s->leaf[s->leaves++].size_lg2 = leaf.size_lg2;
    }
}

static void save_unit(struct state *s, unsigned i, const struct fake_unit *f)
{
    memcpy(s->streams[i], f->stream, sizeof(f->stream));
    if (f->unit.asid_map)
        memcpy(s->asids[i], f->unit.asid_map, sizeof(s->asids[i]));
    s->cached[i] = f->cached;
    s->dead[i] = f->unit.dead;
}

static void save(struct state *s)
{
    struct iommu_group *const groups[] = {group1, group2, group3};
    const struct iommu_domain *d;
    unsigned n = 0;

    memset(s, 0, sizeof(*s));
    s->space = space;
    /* Memory for maps to come is no part of the space. */
    memset(&s->space.spare, 0, sizeof(s->space.spare));
    s->space.chunks = NULL;
    for (unsigned i = 0; i < 3; i++) {
        s->group[i] = *groups[i];
        s->endpoint[i] = *TAILQ_FIRST(&groups[i]->endpoints);
    }
    for (const uint64_t *at = map_starts; at < map_starts + ARRAY_SIZE(map_starts); at++) {
        const struct aspace_map *m = aspace_find(&space, *at);

        if (m)
            memcpy(&s->map[n++], m, sizeof(*m));
    }
    assert_int_equal(n, space.map_count);
    n = 0;
    LIST_FOREACH (d, &space.domains, link)
        save_domain(&s->domain[n++], d);
    save_unit(s, 0, &fake_a);
    save_unit(s, 1, &fake_b);
    s->free_pages = fake_free_pages();
}

static void expect_unchanged(const struct state *before)
{
    static struct state after;

    save(&after);
    assert_memory_equal(&after, before, sizeof(after));
}

/* ---- the scenes: what is there before group 3 joins */

static void fill_space(void)
{
    space_map(map_starts[0], USER_RAM, 0x3000);
    space_map(map_starts[2], USER_RAM, MIB(2) + 0x1000);
    assert_int_equal(space_try_map(map_starts[3], USER_RAM, 0x1000, PT_READ), 0);
}

static void empty_space(void)
{
}

static void maps_only(void)
{
    fill_space();
    assert_int_equal(space_try_map(map_starts[1], USER_RAM, 0x1000, PT_WRITE), 0);
}

static void one_unit_is_there(void)
{
    uint64_t iova;

    space_window(group1, 0x70000000, 0x70000fff, RESV_DIRECT);
    space_attach(group1);
    fill_space();
    assert_int_equal(aspace_doorbell_get(&space, &frame, ring, &iova), 0);
}

static void both_units_are_there(void)
{
    space_attach(group2);
    one_unit_is_there();
}

static void (*const scenes[])(void) = {
    empty_space,
    maps_only,
    one_unit_is_there,
    both_units_are_there,
};

static void make_scene(unsigned i)
{
    scenes[i]();
    space_window(group3, 0x70000000, 0x70001fff, RESV_DIRECT);
    space_window(group3, GIB(3), GIB(4) - 1, RESV_RESERVED);
}

/* ---- one failure */

static void (*const injectors[])(unsigned) = {inject_after, fake_fail};

/* Tries with the k-th step failing, for every k, until none is left to fail; returns how many. */
static unsigned fail_everywhere(void (*inject)(unsigned), int expected)
{
    static struct state before;
    const char *why;

    save(&before);
    for (unsigned k = 1;; k++) {
        int err;

        why = NULL;
        inject(k);
        err = aspace_attach(&space, group3, &why);
        inject(0);
        if (err == 0)
            return k - 1;
        assert_int_equal(err, expected);
        assert_non_null(why);
        expect_unchanged(&before);
    }
}

static void every_allocation_and_operation(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(scenes); i++) {
        unsigned failures[2];

        for (unsigned j = 0; j < 2; j++) {
            space_down(state);
            assert_int_equal(space_up(state), 0);
            make_scene(i);
            fake_fail_error = -RF_EBUSY;
            failures[j] = fail_everywhere(injectors[j], j ? -RF_EBUSY : -RF_ENOMEM);
        }
        assert_int_equal(failures[1], 3); /* the attach of every stream */
        if (i < 3)
            assert_true(failures[0] > 4);
    }
}

/* ---- an operation and the one after it */

/* The undoing fails too: the unit is dead, what it may hold on to is lost, the rest goes on. */
static void undoing_without_an_answer(void **state)
{
    for (unsigned k = 1; k <= 3; k++) {
        const char *why;

        space_down(state);
        assert_int_equal(space_up(state), 0);
        maps_only();
        fake_fail_more = 1;
        fake_fail(k);
        assert_int_equal(aspace_attach(&space, group3, &why), -RF_ETIMEDOUT);
        fake_fail(0);
        assert_int_equal(fake_a.unit.dead + fake_b.unit.dead, 1);
        assert_null(group3->aspace);
        assert_true(LIST_EMPTY(&space.domains));
        assert_int_equal(space.map_count, 4);
        assert_true(aspace_find(&space, 0x10000)->lost);
        assert_true(fake_quarantined_pages() > 0);
        space_map(0x50000, USER_RAM, 0x1000); /* made later: not lost */
        space_unmap(0, UINT64_MAX, -RF_EIO, 0x3000 + MIB(2) + 0x1000 + 3 * 0x1000);
        assert_int_equal(released.calls, 5);
        assert_int_equal(released.lost, 4);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, space_up, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_allocation_and_operation),
        TEST(undoing_without_an_answer),
    };

    return cmocka_run_group_tests_name("aspace unwind", tests, NULL, NULL);
}
