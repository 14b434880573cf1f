/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_LIVE_ENTRY_H
#define RF_TESTS_DRIVER_LIVE_ENTRY_H

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

static inline bool denies(const uint64_t *e)
{
    if (w.is_cd)
        return !(e[0] >> 31 & 1);
    return !(e[0] & 1) || (e[0] >> 1 & 7) < 4;
}

static inline bool same_meaning(const uint64_t *a, const uint64_t *b)
{
    if (denies(a) || denies(b))
        return denies(a) && denies(b);
    return memcmp(a, b, WORDS * sizeof(*a)) == 0;
}

static inline void check(const uint64_t *e)
{
    if (denies(e)) {
        w.denying++;
        return;
    }
    if (!same_meaning(e, w.before) && !same_meaning(e, w.after))
        fail_msg("hardware may see %016lx %016lx %016lx %016lx", e[0], e[1], e[2], e[3]);
}

/* Every way to take one of the seen values of each word. */
static inline void check_mixtures(uint64_t *e, unsigned word)
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

static inline void look(void)
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

static inline void on_store(void *ctx, paddr_t pa, unsigned width)
{
    (void)ctx;
    (void)pa;
    assert_int_equal(width, 8);
    look();
}

static inline int commit(struct smmuv3_live *l)
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

static inline int change(const uint64_t *before, const uint64_t *after, bool is_cd,
                         unsigned fail_at)
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

static inline void ste(uint64_t *e, uint64_t cd, bool coherent)
{
    smmuv3_ste_s1(PADDR(cd), coherent, e);
}

#endif
