/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

/* The live-entry writer, against hardware that reads the eight words of an entry one by one, each
 * at any moment since the last invalidation that completed: whatever it puts together has to be the
 * old entry, the new one, or one that denies. */

#define WORDS      8u
#define VALUES_MAX 4u

struct seen { /* the values that a word had since the last commit */
    uint64_t value[VALUES_MAX];
    unsigned count;
};

static struct watch {
    struct smmuv3_live live;
    struct seen seen[WORDS];
    uint64_t before[WORDS], after[WORDS];
    bool is_cd;
    unsigned commits, denying, fail_at;
} w;

/* ---- what an entry means to hardware (5.2, 5.4) ---------------------------------------------- */

static bool denies(const uint64_t *e)
{
    if (w.is_cd)
        return !(e[0] >> 31 & 1);
    return !(e[0] & 1) || (e[0] >> 1 & 7) < 4;
}

static bool same_meaning(const uint64_t *a, const uint64_t *b)
{
    if (denies(a) || denies(b))
        return denies(a) && denies(b);
    return memcmp(a, b, WORDS * sizeof(*a)) == 0;
}

static void check(const uint64_t *e)
{
    if (denies(e)) {
        w.denying++;
        return;
    }
    if (!same_meaning(e, w.before) && !same_meaning(e, w.after))
        fail_msg("hardware may see %016lx %016lx %016lx %016lx", e[0], e[1], e[2], e[3]);
}

/* Every way to take one of the seen values of each word. */
static void check_mixtures(uint64_t *e, unsigned word)
{
    if (word == WORDS) {
        check(e);
        return;
    }
    for (unsigned i = 0; i < w.seen[word].count; i++) {
        e[word] = w.seen[word].value[i];
        check_mixtures(e, word + 1);
    }
}

static void look(void)
{
    for (unsigned i = 0; i < WORDS; i++) {
        struct seen *s = &w.seen[i];
        uint64_t now = *(volatile uint64_t *)&w.live.words[i];

        if (s->count && s->value[s->count - 1] == now)
            continue;
        assert_true(s->count < VALUES_MAX);
        s->value[s->count++] = now;
    }
}

static void on_store(void *ctx, paddr_t pa, unsigned width)
{
    (void)ctx;
    (void)pa;
    assert_int_equal(width, 8);
    look();
}

static int commit(struct smmuv3_live *l)
{
    uint64_t e[WORDS];

    (void)l;
    assert_int_equal(host_park_count(), 0); /* what is committed has become visible */
    check_mixtures(e, 0);
    memset(w.seen, 0, sizeof(w.seen));
    look();
    w.commits++;
    return w.commits == w.fail_at ? -RF_ETIMEDOUT : 0;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int change(const uint64_t *before, const uint64_t *after, bool is_cd, unsigned fail_at)
{
    uint64_t *words;
    int err;

    host_reset();
    host_arena_init(PADDR(FX_RAM_BASE), PAGE_SIZE);
    words = paddr_to_ptr(PADDR(FX_RAM_BASE));
    memset(&w, 0, sizeof(w));
    memcpy(w.before, before, sizeof(w.before));
    memcpy(w.after, after, sizeof(w.after));
    memcpy(words, before, sizeof(w.before));
    w.is_cd = is_cd;
    w.fail_at = fail_at;
    w.live = (struct smmuv3_live){
        .words = words, .used = is_cd ? smmuv3_cd_used : smmuv3_ste_used, .commit = commit};
    look();
    host_store_hook(on_store, NULL);
    host_park_enable(before[0] ^ after[1]);
    err = smmuv3_live_write(&w.live, after);
    host_park_disable();
    if (!err)
        assert_memory_equal(words, after, sizeof(w.after));
    host_arena_fini();
    return err;
}

static void ste(uint64_t *e, uint64_t cd, bool coherent)
{
    smmuv3_ste_s1(PADDR(cd), coherent, e);
}

static void from_deny_and_back(void **state)
{
    uint64_t deny[WORDS], s1[WORDS], zero[WORDS] = {0};

    (void)state;
    smmuv3_ste_abort(deny);
    ste(s1, 0x123440, true);
    assert_int_equal(change(deny, s1, false, 0), 0);
    assert_int_equal(w.commits, 2);
    assert_int_equal(change(s1, deny, false, 0), 0);
    assert_int_equal(w.commits, 2);
    assert_int_equal(change(zero, s1, false, 0), 0);
    assert_int_equal(w.commits, 2);
    assert_int_equal(change(zero, deny, false, 0), 0);
    assert_int_equal(w.commits, 1);
}

static void nothing_to_do_costs_nothing(void **state)
{
    uint64_t s1[WORDS];

    (void)state;
    ste(s1, 0x123440, true);
    assert_int_equal(change(s1, s1, false, 0), 0);
    assert_int_equal(w.commits, 0);
}

/* One word: the stream never stops. */
static void one_word_is_hitless(void **state)
{
    uint64_t a[WORDS], b[WORDS];

    (void)state;
    ste(a, 0x123440, true);
    ste(b, 0xabcdefc0, true);
    assert_int_equal(change(a, b, false, 0), 0);
    assert_int_equal(w.commits, 1);
    assert_int_equal(w.denying, 0);
}

static void several_words_deny_in_between(void **state)
{
    uint64_t a[WORDS], b[WORDS];

    (void)state;
    ste(a, 0x123440, true);
    ste(b, 0xabcdefc0, false);
    assert_int_equal(change(a, b, false, 0), 0);
    assert_int_equal(w.commits, 3);
    assert_true(w.denying > 0);
}

static void context_descriptors(void **state)
{
    struct iommu_domain d = {
        .asid = 7,
        .pt = {.cfg = {.granule_lg2 = 12, .ias = 48, .oas = 44, .coherent = true},
               .root = {0x4560000}},
    };
    uint64_t a[WORDS], b[WORDS], zero[WORDS] = {0};

    (void)state;
    smmuv3_cd_s1(&d, a);
    assert_int_equal(change(zero, a, true, 0), 0);
    d.asid = 8; /* the id alone is one word, with the root it is two */
    smmuv3_cd_s1(&d, b);
    assert_int_equal(change(a, b, true, 0), 0);
    assert_int_equal(w.denying, 0);
    d.pt.root = PADDR(0x9870000);
    d.asid = 9;
    smmuv3_cd_s1(&d, b);
    assert_int_equal(change(a, b, true, 0), 0);
    assert_true(w.denying > 0);
}

/* Stopped at any commit, the entry is one of the three. */
static void failing_commits(void **state)
{
    uint64_t a[WORDS], b[WORDS];

    (void)state;
    ste(a, 0x123440, true);
    ste(b, 0xabcdefc0, false);
    for (unsigned k = 1; k <= 3; k++) {
        assert_int_equal(change(a, b, false, k), -RF_ETIMEDOUT);
        assert_int_equal(w.commits, k);
    }
}

static void random_changes(void **state)
{
    uint64_t x = 1;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        uint64_t e[2][WORDS];

        for (unsigned k = 0; k < 2; k++) {
            x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
            if (x >> 62 == 0)
                smmuv3_ste_abort(e[k]);
            else
                ste(e[k], (x >> 20) & 0xffc0, x >> 63);
        }
        assert_int_equal(change(e[0], e[1], false, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_deny_and_back),  cmocka_unit_test(nothing_to_do_costs_nothing),
        cmocka_unit_test(one_word_is_hitless), cmocka_unit_test(several_words_deny_in_between),
        cmocka_unit_test(context_descriptors), cmocka_unit_test(failing_commits),
        cmocka_unit_test(random_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
