/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_INLINE_UNIT_FIXTURE_H
#define RF_TESTS_DRIVER_INLINE_UNIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/dma.h"
#include "arch/host/host.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/iommu/domain.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"

/* What the tests of every IOMMU driver share: a machine with RAM, the model, a unit on it, and the
 * log. The fixture of a driver includes the model's header and its own, says in FX_NAME how their
 * names begin, and includes this. */
#ifndef FX_NAME
#error "FX_NAME(x) is not defined"
#endif

#define FX_RAM_BASE MIB(512)
#define FX_RW       (PT_READ | PT_WRITE)
#define FX_SID      0x108u
#define FX_IOVA     UINT64_C(0x10000000)
#define FX_PA       UINT64_C(0x80000000)

struct fixture {
    struct FX_NAME(model) * model;
    struct iommu_unit *unit;
    char log[16384];
    size_t logged;
};
static struct fixture fx;

static inline void fx_sink(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    if (n > sizeof(fx.log) - 1 - fx.logged)
        n = sizeof(fx.log) - 1 - fx.logged;
    memcpy(fx.log + fx.logged, text, n);
    fx.logged += n;
    fx.log[fx.logged] = '\0';
}

static inline bool fx_log_has(const char *text)
{
    return strstr(fx.log, text) != NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* RAM and the log; the model and the unit are the caller's. */
static inline void fx_open_machine(uint64_t ram_size)
{
    host_reset();
    host_arena_init(PADDR(FX_RAM_BASE), ram_size);
    page_reset();
    inject_after(0);
    assert_int_equal(page_add_range((struct range){FX_RAM_BASE, FX_RAM_BASE + ram_size - 1}), 0);
    memset(&fx, 0, sizeof(fx));
    log_set_sink(fx_sink, NULL);
    LIST_INIT(&iommu_units);
}

static inline struct model_watch *fx_watch(void)
{
    return FX_NAME(model_watch)(fx.model);
}

static inline void fx_assert_no_violation(void)
{
    if (model_violation(fx_watch()))
        fail_msg("the model saw: %s", model_violation(fx_watch()));
}

/* After it nothing was done that the specification forbids. A unit lives until power-off; here it
 * has to go before the next test: what the driver has beside it is the caller's. */
static inline void fx_close_machine(void)
{
    fx_assert_no_violation();
    heap_free(fx.unit->asid_map);
    heap_free(fx.unit); /* the first member of what was allocated */
    FX_NAME(model_free)(fx.model);
    log_set_sink(NULL, NULL);
    host_reset();
    host_arena_fini();
}

static inline struct FX_NAME(stats) fx_stats(void)
{
    struct FX_NAME(stats) s;

    FX_NAME(get_stats)(fx.unit, &s);
    return s;
}

static inline uint64_t fx_free_pages(void)
{
    struct page_stats s;

    page_get_stats(&s);
    return s.free_pages;
}

/* ---- accesses -------------------------------------------------------------------------------- */

static inline struct FX_NAME(model_result) fx_dma(uint32_t sid, uint64_t iova, bool write)
{
    return FX_NAME(model_dma)(fx.model, sid, iova, write);
}

static inline void fx_assert_passes(uint32_t sid, uint64_t iova, uint64_t paddr)
{
    for (int write = 0; write <= 1; write++) {
        struct FX_NAME(model_result) r = fx_dma(sid, iova, write);

        assert_true(r.passed);
        assert_false(r.stale);
        assert_false(r.bypassed);
        assert_int_equal(r.paddr, paddr);
    }
}

/* ---- domains --------------------------------------------------------------------------------- */

static inline void fx_map(struct iommu_domain *d, uint64_t iova, uint64_t pa, uint64_t size)
{
    assert_int_equal(iommu_domain_map(d, iova, PADDR(pa), size, FX_RW), 0);
}

static inline void fx_unmap_sync(struct iommu_domain *d, uint64_t iova, uint64_t size)
{
    struct pt_gather g;

    pt_gather_init(&g);
    assert_int_equal(iommu_domain_unmap(d, iova, size, &g), 0);
    assert_int_equal(iommu_domain_sync(d, &g), 0);
}

static inline void fx_attach(struct iommu_domain *d, uint32_t sid)
{
    assert_int_equal(iommu_domain_attach(d, sid), 0);
}

static inline void fx_detach(struct iommu_domain *d, uint32_t sid)
{
    assert_int_equal(iommu_domain_detach(d, sid), 0);
}

static inline void fx_detach_destroy(struct iommu_domain *d, uint32_t sid)
{
    fx_detach(d, sid);
    iommu_domain_destroy(d);
}

/* Attaches the stream with the first allocation failing, then the second ..., until none fails that
 * it needs: which one that is. Before, it is denied. */
static inline unsigned fx_attach_starved(struct iommu_domain *d, uint32_t sid,
                                         void (*assert_denied)(uint32_t sid))
{
    unsigned k = 0;
    int err;

    do {
        inject_after(++k);
        err = iommu_domain_attach(d, sid);
        inject_after(0);
        if (err) {
            assert_int_equal(err, -RF_ENOMEM);
            assert_denied(sid);
        }
    } while (err);
    return k;
}

#endif
