/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_GIC_FIXTURE_H
#define RF_TESTS_DRIVER_GIC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "arch/mem.h"
#include "drivers/irq/gicv3/gicv3.h"
#include "drivers/irq/its/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/irq/irq.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "tests/model/gicv3/model.h"

/* What the tests of the GICv3 and ITS drivers share: a machine with RAM, the model, and the log. */

#define GX_RAM_BASE MIB(512)
#define GX_RAM_SIZE MIB(32)

static struct {
    struct gicv3_model_config cfg; /* tests edit it before gx_open() */
    struct gicv3_model *model;
    struct msi_controller *its;
    struct gicv3_config gic;
    char log[8192];
    size_t logged;
} gx;

static inline void gx_sink(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    n = MIN(n, sizeof(gx.log) - 1 - gx.logged);
    memcpy(gx.log + gx.logged, text, n);
    gx.logged += n;
    gx.log[gx.logged] = '\0';
}

static inline bool gx_log_has(const char *text)
{
    return strstr(gx.log, text) != NULL;
}

static inline int gx_setup(void **state)
{
    (void)state;
    memset(&gx, 0, sizeof(gx));
    gx.cfg = gicv3_model_virt;
    gx.cfg.ram_base = GX_RAM_BASE;
    gx.cfg.ram_size = GX_RAM_SIZE;
    log_set_sink(gx_sink, NULL);
    return 0;
}

static inline uint64_t gx_cpu_read(enum gic_register r)
{
    return gicv3_model_cpu_read(r);
}

static inline void gx_cpu_write(enum gic_register r, uint64_t v)
{
    gicv3_model_cpu_write(r, v);
}

/* A machine that nobody has touched. */
static inline void gx_open(void)
{
    static struct gicv3_region region;

    host_reset();
    host_arena_init(PADDR(GX_RAM_BASE), GX_RAM_SIZE);
    memset(paddr_to_ptr(PADDR(GX_RAM_BASE)), 0x5a, GX_RAM_SIZE); /* of whoever ran before */
    page_reset();
    inject_after(0);
    assert_int_equal(page_add_range((struct range){GX_RAM_BASE, GX_RAM_BASE + GX_RAM_SIZE - 1}), 0);
    irq_set_chip(NULL);
    gx.model = gicv3_model_new(&gx.cfg);
    region = (struct gicv3_region){
        .regs = {GICV3_MODEL_REDIST, gicv3_model_redist_size(gx.model)},
        .base = PADDR(GICV3_MODEL_REDIST),
    };
    gx.gic = (struct gicv3_config){
        .dist = {GICV3_MODEL_DIST, 0x10000},
        .region = &region,
        .region_count = 1,
        .cpu = {gicv3_model_acknowledge, gicv3_model_end, gx_cpu_read, gx_cpu_write,
                gicv3_model_affinity()},
    };
}

static inline void gx_start_gic(void)
{
    gx_open();
    assert_int_equal(gicv3_init(&gx.gic), 0);
}

static inline struct its_config gx_its_config(void)
{
    return (struct its_config){
        .regs = {GICV3_MODEL_ITS, 0x20000},
        .base = PADDR(GICV3_MODEL_ITS),
        .name = "its@8080000",
        .alone_lg2 = 16,
    };
}

static inline int gx_create_its(void)
{
    const struct its_config cfg = gx_its_config();

    return its_create(&cfg, &gx.its);
}

static inline void gx_start(void)
{
    gx_start_gic();
    assert_int_equal(gx_create_its(), 0);
}

static inline struct page_stats gx_pages(void)
{
    struct page_stats s;

    page_get_stats(&s);
    return s;
}

static inline struct msi_controller *gx_device(uint32_t id, unsigned vectors)
{
    struct msi_controller *c = NULL;

    assert_int_equal(gx.its->ops->for_device(gx.its, id, vectors, &c), 0);
    return c;
}

static inline void gx_assert_no_violation(void)
{
    if (gx.model && model_violation(gicv3_model_watch(gx.model)))
        fail_msg("the model saw: %s", model_violation(gicv3_model_watch(gx.model)));
}

/* An ITS lives until power-off; here it has to go before the next test. */
static inline void gx_drop_its(void)
{
    struct its *s = CONTAINER_OF(gx.its, struct its, msi);

    while (!LIST_EMPTY(&s->list)) {
        struct its_device *d = LIST_FIRST(&s->list);

        LIST_REMOVE(d, link);
        heap_free(d->used);
        heap_free(d);
    }
    heap_free(s);
}

/* The end of a machine, on which nothing may have been broken. */
static inline void gx_close(void)
{
    gx_assert_no_violation();
    if (gx.its)
        gx_drop_its();
    gicv3_model_free(gx.model);
    gx.its = NULL;
    gx.model = NULL;
}

static inline int gx_teardown(void **state)
{
    (void)state;
    gx_close();
    log_set_sink(NULL, NULL);
    inject_after(0);
    return 0;
}

#define GX_TEST(f) cmocka_unit_test_setup_teardown(f, gx_setup, gx_teardown)

#endif
