/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/device.h"

#include <string.h>

#include "arch/host/host.h"
#include "arch/mem.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "tests/random/machine.h"
#include "tests/random/reference.h"
#include "tests/random/rng.h"
#include "tests/random/verdict.h"

static struct rng rng;

/* ---- one access ------------------------------------------------------------------------------ */

static const char *direction(bool write)
{
    return write ? "write" : "read";
}

/* A unit that no longer answers may keep what it cached, which is why nothing of that is used for
 * anything else. */
static bool is_dead_cache(struct stream s, struct access a)
{
    return machine.unit[s.unit].unit->dead && a.stale && !machine.kind->forgets_when_dead;
}

static void check_passed(unsigned stream, uint64_t iova, bool write, struct ref_reach want,
                         struct access a)
{
    if (is_dead_cache(machine_stream(stream), a))
        return;
    if (want.sure == NO)
        verdict_fail("stream %u may %s 0x%lx, which reaches 0x%lx%s; the reference denies it",
                     stream, direction(write), iova, a.paddr, a.stale ? " by a stale entry" : "");
    if (a.bypassed || (a.paddr != want.pa && !want.anywhere))
        verdict_fail("stream %u: a %s of 0x%lx reaches 0x%lx, the reference 0x%lx", stream,
                     direction(write), iova, a.paddr, want.pa);
    if (a.registers != (want.registers && machine.kind->tells_registers))
        verdict_fail("stream %u: 0x%lx is %s memory", stream, iova,
                     a.registers ? "Device" : "Normal");
}

/* Who is attached and alive is told why; whom nothing lets in is not. */
static void check_fault(unsigned stream, uint64_t iova, bool write, struct ref_reach want,
                        struct access a)
{
    struct stream s = machine_stream(stream);

    if (want.sure == YES)
        verdict_fail("stream %u may not %s 0x%lx (reason 0x%02x); the reference allows it", stream,
                     direction(write), iova, a.reason);
    if (want.sure != NO || !ref_attached(s.group) || ref.dead[s.unit] || ref.may_die[s.unit])
        return;
    if (!a.says_unmapped && !(want.mapped && a.says_forbidden))
        verdict_fail("stream %u: a %s of 0x%lx gives reason 0x%02x", stream, direction(write), iova,
                     a.reason);
}

void device_access(unsigned stream, uint64_t iova, bool write)
{
    struct stream s = machine_stream(stream);
    struct ref_reach want = ref_reach(stream, iova, write);
    struct access a = machine.kind->dma(&machine.unit[s.unit], s.sid, iova, write);

    if (a.passed)
        check_passed(stream, iova, write, want, a);
    else
        check_fault(stream, iova, write, want, a);
}

/* ---- accesses at any moment ------------------------------------------------------------------ */

#define PLACES 8u
static uint64_t places[PLACES];
static unsigned next_place;

void device_touch(uint64_t iova)
{
    places[next_place++ % PLACES] = iova;
}

void device_access_somewhere(void)
{
    uint64_t iova = places[rng_below(&rng, PLACES)] + machine.granule * rng_below(&rng, 4);

    device_access((unsigned)rng_below(&rng, STREAMS), iova, rng_below(&rng, 2));
}

/* Read as a page, as a block of 2 MiB or as a table it leads to `secret`, which is filled alike. */
static void fill(uint64_t *table, uint64_t secret)
{
    for (unsigned i = 0; i < machine.granule / 8; i++)
        table[i] = secret | UINT64_C(0x0060000000000f43);
}

/* Whoever else needs memory now. */
static void reuse_freed_pages(void)
{
    unsigned order = log2_floor(machine.granule) - PAGE_LG2;
    paddr_t table = page_alloc(order), secret = page_alloc(order);

    if (paddr_valid(table) && paddr_valid(secret)) {
        fill(paddr_to_ptr(table), secret.v);
        fill(paddr_to_ptr(secret), secret.v);
        for (unsigned i = 0; i < 4; i++)
            device_access_somewhere();
    }
    if (paddr_valid(secret))
        page_free(secret, order);
    if (paddr_valid(table))
        page_free(table, order);
}

/* In a step without memory every page counts. */
static void on_access(void *ctx)
{
    (void)ctx;
    if (machine.stuck || !rng_once_in(&rng, 2))
        return;
    if (rng_once_in(&rng, 8) && inject_count() == 0)
        reuse_freed_pages();
    else
        device_access_somewhere();
}

static void on_store(void *ctx, paddr_t pa, unsigned width)
{
    (void)ctx;
    (void)pa;
    (void)width;
    if (rng_once_in(&rng, 8))
        device_access_somewhere();
}

void device_seed(uint64_t seed)
{
    rng.state = seed;
}

void device_start(void)
{
    memset(places, 0, sizeof(places));
    next_place = 0;
    for (unsigned u = 0; u < UNITS; u++)
        model_on_access(machine.unit[u].watch, on_access, NULL);
    host_store_hook(on_store, NULL);
}
