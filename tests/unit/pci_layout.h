/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_PCI_LAYOUT_H
#define RF_TESTS_PCI_LAYOUT_H

#include "tests/unit/fake_pci.h"

/* What must hold after pci_assign, whatever the hierarchy: every BAR has an address or a reason;
 * what the registers hold is what the records say; each address can be reached through all bridges;
 * and nothing overlaps. */

#define K(n) KIB(n)
#define M(n) MIB(n)

static inline struct range reg_window(const struct fake_fn *b, bool pref)
{
    unsigned at = pref ? PCI_PREF_BASE : PCI_MEM_BASE;
    uint64_t base = (uint64_t)(fake_get(b, at, 2) & 0xfff0) << 16;
    uint64_t limit = (uint64_t)(fake_get(b, at + 2, 2) & 0xfff0) << 16 | 0xfffff;

    if (pref) {
        base |= (uint64_t)fake_get(b, PCI_PREF_BASE_UPPER, 4) << 32;
        limit |= (uint64_t)fake_get(b, PCI_PREF_LIMIT_UPPER, 4) << 32;
    }
    return (struct range){base, limit};
}

static inline uint64_t reg_bar(const struct fake_fn *f, unsigned n)
{
    uint64_t v = fake_get(f, PCI_BAR(n), 4) & 0xfffffff0u;

    return f->found->bar[n].is_64 ? v | (uint64_t)fake_get(f, PCI_BAR(n + 1), 4) << 32 : v;
}

static inline bool is_reachable(const struct fake_fn *f, struct range r)
{
    for (const struct fake_fn *b = f->bridge; b; b = b->bridge) {
        struct range mem = reg_window(b, false), pref = reg_window(b, true);

        if (!(mem.start <= mem.last && range_contains(mem, r)) &&
            !(pref.start <= pref.last && range_contains(pref, r)))
            return false;
    }
    for (unsigned i = 0; i < fake.host.window_count; i++) {
        if (fake.host.window[i].space != PCI_IO && range_contains(fake.host.window[i].bus, r))
            return true;
    }
    return false;
}

struct taken {
    struct range r;
    const struct fake_fn *f; /* the function, or the bridge whose window it is */
    bool window;
};

static inline bool is_behind(const struct fake_fn *f, const struct fake_fn *bridge)
{
    for (f = f->bridge; f && f != bridge; f = f->bridge)
        ;
    return f != NULL;
}

/* BARs overlap nothing but the windows they lie behind. */
static inline bool may_overlap(const struct taken *a, const struct taken *b)
{
    return (a->window && is_behind(b->f, a->f)) || (b->window && is_behind(a->f, b->f));
}

static inline unsigned collect(struct taken *out)
{
    unsigned n = 0;

    for (struct fake_fn *f = fake.fn; f < fake.fn + fake.count; f++) {
        for (unsigned i = 0; i < (fake_is_bridge(f) ? 2 : 6); i++) {
            const struct pci_bar *b = &f->found->bar[i];

            if (b->present && !b->io && b->bus)
                out[n++] = (struct taken){{b->bus, b->bus + b->size - 1}, f, false};
        }
        for (unsigned i = 0; fake_is_bridge(f) && i < 2; i++) {
            struct range r = reg_window(f, i);

            if (r.start <= r.last)
                out[n++] = (struct taken){r, f, true};
        }
    }
    return n;
}

static inline void check_bar(const struct fake_fn *f, unsigned n)
{
    const struct pci_bar *b = &f->found->bar[n];

    assert_true(is_pow2(b->size));
    assert_true(b->no_room == (b->bus == 0));
    assert_true(paddr_valid(b->cpu) == (b->bus != 0));
    assert_int_equal(reg_bar(f, n), b->bus);
    if (b->bus == 0)
        return;
    assert_true(is_aligned(b->bus, b->size));
    assert_true(b->is_64 || b->bus + b->size - 1 <= UINT32_MAX);
    assert_true(is_reachable(f, (struct range){b->bus, b->bus + b->size - 1}));
}

static inline void check_all(void)
{
    static struct taken taken[8 * FAKE_FNS];
    unsigned n = collect(taken);

    for (struct fake_fn *f = fake.fn; f < fake.fn + fake.count; f++) {
        assert_non_null(f->found);
        assert_false(fake_decodes(f));
        assert_false(fake_masters(f));
        for (unsigned i = 0; i < (fake_is_bridge(f) ? 2 : 6); i++) {
            if (f->found->bar[i].present && !f->found->bar[i].io)
                check_bar(f, i);
        }
    }
    for (unsigned i = 0; i < n; i++) {
        for (unsigned j = 0; j < i; j++)
            assert_true(!range_overlaps(taken[i].r, taken[j].r) ||
                        may_overlap(&taken[i], &taken[j]));
    }
}

static inline void up(void)
{
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    check_all();
}

/* Endpoints with both kinds of BARs two switch ports down; ports with BARs of their own. */
static inline void add_switch(struct fake_fn **e0, struct fake_fn **e1)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *upstream = fake_port(root, 0, 0, PCI_PORT_UPSTREAM);

    *e0 = fake_endpoint(fake_port(upstream, 0, 0, PCI_PORT_DOWNSTREAM), 0, 0);
    *e1 = fake_endpoint(fake_port(upstream, 1, 0, PCI_PORT_DOWNSTREAM), 0, 0);
    fake_bar(root, 0, FAKE_MEM32, K(4));
    fake_bar(upstream, 0, FAKE_MEM64, K(256));
    fake_bar(*e0, 0, FAKE_MEM64, K(16)); /* not prefetchable: below 4 GiB */
    fake_bar(*e0, 2, FAKE_PREF64, M(64));
    fake_bar(*e1, 0, FAKE_MEM32, M(2));
    fake_bar(*e1, 2, FAKE_PREF64, GIB(8));
}

#endif
