/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "tests/driver/smmuv2_parts.h"

/* Random programs of maps, unmaps, attaches and detaches on every part, while devices
 * access memory at every register access and after every store. What a device reaches was mapped
 * for it when the access was made, or is just being unmapped. A failure prints its seed. */

#define DOMAINS 2u
#define STREAMS 4u
#define PLACES  24u /* of a page each, two to a table */
#define STEPS   120u
#define NOBODY  DOMAINS

static const uint32_t sids[STREAMS] = {0x08, 0x18, 0x48, 0x7f};

struct place {
    uint64_t pa;
    bool writable;
    bool mapped;
    bool leaving; /* its flush is under way: still reachable, never again afterwards */
};

static struct world {
    struct iommu_domain *d[DOMAINS];
    struct place place[DOMAINS][PLACES];
    unsigned owner[STREAMS]; /* a domain, or NOBODY */
    unsigned parting;        /* a stream whose detach is under way; STREAMS: none */
    unsigned old_owner;      /* of the parting one */
    uint64_t page, seed, state;
    unsigned granule_lg2; /* 0: the smallest */
    unsigned reached;
} w;

static uint64_t below(uint64_t n)
{
    w.state = w.state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (w.state >> 33) % n;
}

static uint64_t iova_of(unsigned place)
{
    return FX_IOVA + place / 2 * w.page * w.page / 8 + place % 2 * w.page;
}

/* ---- the devices ----------------------------------------------------------------------------- */

static bool allowed_in(unsigned domain, unsigned place, bool write, uint64_t pa)
{
    const struct place *p = &w.place[domain][place];

    return (p->mapped || p->leaving) && p->pa == pa && (p->writable || !write);
}

static bool allowed(unsigned s, unsigned place, bool write, uint64_t pa)
{
    if (w.owner[s] != NOBODY && allowed_in(w.owner[s], place, write, pa))
        return true;
    return s == w.parting && allowed_in(w.old_owner, place, write, pa);
}

static void access_one(unsigned s, unsigned place, bool write)
{
    struct smmuv2_model_result r = fx_dma(sids[s], iova_of(place), write);

    if (!r.passed)
        return;
    w.reached++;
    if (r.bypassed || !allowed(s, place, write, r.paddr))
        fail_msg("seed %lu: stream %x reached %lx by %lx, which nothing allows", w.seed, sids[s],
                 r.paddr, iova_of(place));
}

/* An own sequence: the program stays the same whatever the devices do. */
static void devices(void *ctx)
{
    static uint64_t turn;

    (void)ctx;
    turn = turn * UINT64_C(2862933555777941757) + 3037000493;
    access_one((turn >> 40) % STREAMS, (turn >> 45) % PLACES, turn >> 60 & 1);
}

static void devices_after_store(void *ctx, paddr_t pa, unsigned width)
{
    (void)pa;
    (void)width;
    devices(ctx);
}

/* When nothing is under way what is allowed is also reached. */
static void check_all(void)
{
    for (unsigned i = 0; i < STREAMS * PLACES * 2; i++) {
        unsigned s = i / 2 / PLACES, place = i / 2 % PLACES;
        struct smmuv2_model_result r = fx_dma(sids[s], iova_of(place), i % 2);
        const struct place *p = w.owner[s] == NOBODY ? NULL : &w.place[w.owner[s]][place];

        if (r.passed != (p && p->mapped && (p->writable || i % 2 == 0)) ||
            (r.passed && (r.paddr != p->pa || r.stale)))
            fail_msg("seed %lu: stream %x at %lx: passed %u, %lx", w.seed, sids[s], iova_of(place),
                     r.passed, r.paddr);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static void map_place(void)
{
    unsigned domain = (unsigned)below(DOMAINS), place = (unsigned)below(PLACES);
    struct place *p = &w.place[domain][place];
    uint64_t pa = FX_PA + below(1000) * w.page;
    bool writable = below(2);
    int err;

    if (p->mapped)
        return;
    *p = (struct place){.pa = pa, .writable = writable, .mapped = true};
    inject_after(below(4) == 0 ? 1 + (unsigned)below(2) : 0);
    err = iommu_domain_map(w.d[domain], iova_of(place), PADDR(pa), w.page,
                           writable ? FX_RW : PT_READ);
    inject_after(0);
    assert_true(!err || err == -RF_ENOMEM);
    if (err)
        *p = (struct place){0};
}

/* A run of places, in one gather. */
static void unmap_places(void)
{
    unsigned domain = (unsigned)below(DOMAINS), first = (unsigned)below(PLACES);
    unsigned last = first + (unsigned)below(PLACES - first);
    struct pt_gather g;

    for (unsigned i = first; i <= last; i++) {
        w.place[domain][i].leaving = w.place[domain][i].mapped;
        w.place[domain][i].mapped = false;
    }
    pt_gather_init(&g);
    for (unsigned i = first; i <= last; i++)
        if (w.place[domain][i].leaving)
            assert_int_equal(iommu_domain_unmap(w.d[domain], iova_of(i), w.page, &g), 0);
    assert_int_equal(iommu_domain_sync(w.d[domain], &g), 0);
    for (unsigned i = first; i <= last; i++)
        w.place[domain][i].leaving = false;
}

static void attach_stream(void)
{
    unsigned s = (unsigned)below(STREAMS), domain = (unsigned)below(DOMAINS);

    if (w.owner[s] != NOBODY) {
        assert_int_equal(iommu_domain_attach(w.d[domain], sids[s]), -RF_EBUSY);
        return;
    }
    w.owner[s] = domain;
    inject_after(below(4) == 0);
    if (iommu_domain_attach(w.d[domain], sids[s]))
        w.owner[s] = NOBODY;
    inject_after(0);
}

static void detach_stream(void)
{
    unsigned s = (unsigned)below(STREAMS);

    if (w.owner[s] == NOBODY)
        return;
    w.parting = s;
    w.old_owner = w.owner[s];
    w.owner[s] = NOBODY;
    assert_int_equal(iommu_domain_detach(w.d[w.old_owner], sids[s]), 0);
    w.parting = STREAMS;
}

/* What was not mapped, and who is not let in: faults that are pending change nothing. */
static void look_at_faults(void)
{
    struct iommu_fault f[2];

    assert_true(fx.unit->ops->faults(fx.unit, f, 2) <= 2);
}

static void remake_domain(void)
{
    unsigned domain = (unsigned)below(DOMAINS);

    for (unsigned s = 0; s < STREAMS; s++)
        if (w.owner[s] == domain)
            return;
    memset(w.place[domain], 0, sizeof(w.place[domain]));
    iommu_domain_destroy(w.d[domain]);
    w.d[domain] = fx_domain(w.granule_lg2);
}

static void step(void)
{
    static void (*const ops[])(void) = {map_place,     map_place,      map_place,
                                        unmap_places,  attach_stream,  attach_stream,
                                        detach_stream, look_at_faults, remake_domain};

    ops[below(ARRAY_SIZE(ops))]();
    if (below(4) == 0)
        check_all();
}

/* ---- machines -------------------------------------------------------------------------------- */

static struct smmuv2_model_config any_part(void)
{
    const struct part *p = &parts[below(ARRAY_SIZE(parts))];
    struct smmuv2_model_config cfg = part_config(p);

    w.granule_lg2 = p->granule_lg2;
    cfg.non_coherent = below(4) == 0;
    cfg.keeps_routes = below(2);
    cfg.sync_delay = (unsigned)below(9);
    cfg.forget = below(2) ? 0 : 1 + (unsigned)below(20);
    return cfg;
}

static void run(uint64_t seed)
{
    struct smmuv2_model_config cfg;

    memset(&w, 0, sizeof(w));
    w.seed = seed;
    w.state = seed;
    w.parting = STREAMS;
    for (unsigned s = 0; s < STREAMS; s++)
        w.owner[s] = NOBODY;
    cfg = any_part();
    fx_start(&cfg);
    w.page = UINT64_C(1) << (w.granule_lg2 ? w.granule_lg2 : fx_granule_lg2());
    for (unsigned i = 0; i < DOMAINS; i++)
        w.d[i] = fx_domain(w.granule_lg2);
    if (below(2))
        host_park_enable(seed);
    smmuv2_model_on_access(fx.model, devices, NULL);
    host_store_hook(devices_after_store, NULL);
    for (unsigned i = 0; i < STEPS; i++)
        step();
    smmuv2_model_on_access(fx.model, NULL, NULL);
    host_store_hook(NULL, NULL);
    host_park_disable();
    check_all();
    if (smmuv2_model_violations(fx.model))
        print_error("seed %lu\n", seed);
    fx_assert_no_violation();
    assert_true(w.reached > 0);
    for (unsigned s = 0; s < STREAMS; s++)
        if (w.owner[s] != NOBODY)
            assert_int_equal(iommu_domain_detach(w.d[w.owner[s]], sids[s]), 0);
    for (unsigned i = 0; i < DOMAINS; i++)
        iommu_domain_destroy(w.d[i]);
    fx_close();
}

/* SMMUV2_SEED=N runs that program alone; SMMUV2_PROGRAMS=N that many. */
static void random_programs(void **state)
{
    const char *one = getenv("SMMUV2_SEED"), *many = getenv("SMMUV2_PROGRAMS");
    uint64_t n = many ? strtoull(many, NULL, 0) : 150;

    (void)state;
    if (one)
        run(strtoull(one, NULL, 0));
    for (uint64_t seed = 1; !one && seed <= n; seed++)
        run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
