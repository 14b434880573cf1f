/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_SMMUV3_FIXTURE_H
#define RF_TESTS_DRIVER_SMMUV3_FIXTURE_H

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
#include "drivers/iommu/smmuv3/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "tests/model/smmuv3/model.h"

/* What the tests of the SMMUv3 driver share: a machine with RAM, the model, a unit on it, and the
 * log. */

#define FX_REGS       UINT64_C(0x9050000)
#define FX_RAM_BASE   MIB(512)
#define FX_RAM_SIZE   MIB(32)
#define FX_RW         (PT_READ | PT_WRITE)
#define FX_SID        0x108u
#define FX_IOVA       UINT64_C(0x10000000)
#define FX_PA         UINT64_C(0x80000000)
#define FX_WRITES_MAX 256u

struct fixture {
    struct smmuv3_model *model;
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

static inline struct smmuv3_config fx_unit_config(void)
{
    return (struct smmuv3_config){
        .regs = {.base = FX_REGS, .size = 0x20000},
        .name = "smmuv3@9050000",
        .dt_coherent = true,
    };
}

/* A machine whose unit has not been touched. */
static inline void fx_open_cfg(const struct smmuv3_model_config *model,
                               const struct smmuv3_config *unit)
{
    host_reset();
    host_arena_init(PADDR(FX_RAM_BASE), FX_RAM_SIZE);
    page_reset();
    inject_after(0);
    assert_int_equal(page_add_range((struct range){FX_RAM_BASE, FX_RAM_BASE + FX_RAM_SIZE - 1}), 0);
    memset(&fx, 0, sizeof(fx));
    log_set_sink(fx_sink, NULL);
    LIST_INIT(&iommu_units);
    fx.model = smmuv3_model_new(model);
    smmuv3_model_map(fx.model, FX_REGS);
    assert_int_equal(smmuv3_create(unit, &fx.unit), 0);
}

static inline void fx_open(const struct smmuv3_model_config *model)
{
    struct smmuv3_config unit = fx_unit_config();

    unit.dt_coherent = !model->non_coherent;
    fx_open_cfg(model, &unit);
}

static inline void fx_start(const struct smmuv3_model_config *model)
{
    fx_open(model);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
}

static inline void fx_assert_no_violation(void)
{
    if (smmuv3_model_violations(fx.model))
        fail_msg("the model saw: %s", smmuv3_model_first_violation(fx.model));
}

/* A unit lives until power-off; here it has to go before the next test. */
static inline void fx_drop_unit(void)
{
    struct smmuv3 *s = smmuv3_of(fx.unit);

    while (!SLIST_EMPTY(&s->cd_pages)) {
        struct smmuv3_cd_page *page = SLIST_FIRST(&s->cd_pages);

        SLIST_REMOVE_HEAD(&s->cd_pages, link);
        heap_free(page);
    }
    heap_free(s->unit.asid_map);
    heap_free(s);
}

/* After it nothing was done that the specification forbids. */
static inline void fx_close(void)
{
    fx_assert_no_violation();
    fx_drop_unit();
    smmuv3_model_free(fx.model);
    log_set_sink(NULL, NULL);
    host_reset();
    host_arena_fini();
}

static inline struct smmuv3_stats fx_stats(void)
{
    struct smmuv3_stats s;

    smmuv3_get_stats(fx.unit, &s);
    return s;
}

static inline uint64_t fx_free_pages(void)
{
    struct page_stats s;

    page_get_stats(&s);
    return s.free_pages;
}

static inline struct smmuv3_model_result fx_dma(uint32_t sid, uint64_t iova, bool write)
{
    return smmuv3_model_dma(fx.model, sid, iova, write);
}

static inline void fx_assert_passes(uint32_t sid, uint64_t iova, uint64_t paddr)
{
    for (int write = 0; write <= 1; write++) {
        struct smmuv3_model_result r = fx_dma(sid, iova, write);

        assert_true(r.passed);
        assert_false(r.stale);
        assert_false(r.bypassed);
        assert_int_equal(r.paddr, paddr);
    }
}

static inline void fx_assert_blocked(uint32_t sid, uint64_t iova, uint8_t event)
{
    for (int write = 0; write <= 1; write++) {
        struct smmuv3_model_result r = fx_dma(sid, iova, write);

        assert_false(r.passed);
        assert_int_equal(r.event, event);
    }
}

static inline struct iommu_domain *fx_domain(unsigned granule_lg2)
{
    struct iommu_domain *d;

    assert_int_equal(iommu_domain_create(fx.unit, granule_lg2, &d), 0);
    return d;
}

static inline void fx_unmap_sync(struct iommu_domain *d, uint64_t iova, uint64_t size)
{
    struct pt_gather g;

    pt_gather_init(&g);
    assert_int_equal(iommu_domain_unmap(d, iova, size, &g), 0);
    assert_int_equal(iommu_domain_sync(d, &g), 0);
}

/* Numbers of the events (IHI 0070 7.3). */
enum {
    C_BAD_STREAMID = 0x02,
    C_BAD_STE = 0x04,
    F_TRANSLATION = 0x10,
    F_PERMISSION = 0x13,
};

#endif
