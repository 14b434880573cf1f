/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/gic_fixture.h"

/* Distributor, redistributor and CPU interface. */

#define SPI  81u
#define PPI  27u
#define RAIL 287u /* the last interrupt of the model */

static void taken_over_from_any_state(void **state)
{
    (void)state;
    gx_start_gic();
    assert_int_equal(irq_chip()->count, 288);
    assert_int_equal(irq_chip()->message_count, 0);
    for (uint32_t id = 0; id <= RAIL; id++) {
        struct gicv3_model_irq s = gicv3_model_irq(gx.model, id);

        assert_false(s.enabled || s.pending || s.active);
        assert_true(s.group1);
        assert_int_equal(s.priority, 0xa0);
        if (id >= 32)
            assert_int_equal(s.route, gicv3_model_affinity());
    }
    assert_int_equal(irq_chip()->acknowledge(), IRQ_NONE);
}

static void counts(void **state)
{
    static const struct {
        unsigned lines;
        uint32_t count;
    } cases[] = {{0, 32}, {1, 64}, {30, 992}, {31, 1020}};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        gx.cfg.lines = cases[i].lines;
        gx_start_gic();
        assert_int_equal(irq_chip()->count, cases[i].count);
        gx_close();
    }
}

static void from_end_to_end(uint32_t id)
{
    const struct irq_chip *c = irq_chip();

    c->configure(id, IRQ_EDGE);
    gicv3_model_raise(gx.model, id);
    assert_true(c->is_pending(id));
    assert_int_equal(c->acknowledge(), IRQ_NONE); /* not enabled */
    c->enable(id);
    assert_int_equal(c->acknowledge(), id);
    assert_true(gicv3_model_irq(gx.model, id).active);
    c->end(id);
    assert_false(gicv3_model_irq(gx.model, id).active);
    gicv3_model_raise(gx.model, id);
    c->disable(id);
    assert_false(gicv3_model_irq(gx.model, id).enabled); /* not only on its way */
    assert_int_equal(c->acknowledge(), IRQ_NONE);
    c->clear(id);
    assert_false(c->is_pending(id));
}

static void shared_and_private(void **state)
{
    (void)state;
    gx_start_gic();
    from_end_to_end(SPI);
    from_end_to_end(PPI);
    from_end_to_end(RAIL);
    from_end_to_end(32);
}

static void triggers(void **state)
{
    const struct irq_chip *c;

    (void)state;
    gx_start_gic();
    c = irq_chip();
    c->configure(80, IRQ_EDGE);
    c->configure(95, IRQ_EDGE);
    assert_true(gicv3_model_irq(gx.model, 80).edge && gicv3_model_irq(gx.model, 95).edge);
    assert_false(gicv3_model_irq(gx.model, 81).edge);
    c->configure(80, IRQ_LEVEL);
    assert_false(gicv3_model_irq(gx.model, 80).edge);
    c->configure(PPI, IRQ_EDGE); /* wired: the model has no such register for software */
    c->configure(8192, IRQ_LEVEL);
}

/* A trigger may change only while the interrupt is off, which it is when RWP says so. */
static void configured_only_when_off(void **state)
{
    (void)state;
    gx.cfg.rwp_delay = 5;
    gx_start_gic();
    irq_chip()->enable(SPI);
    irq_chip()->disable(SPI);
    irq_chip()->configure(SPI, IRQ_EDGE);
}

static void seen_from_one_of_two_states(void **state)
{
    (void)state;
    gx.cfg.two_states = true;
    gx_start_gic();
    from_end_to_end(SPI);
    from_end_to_end(PPI);
}

/* The redistributor is found by affinity, wherever it stands. */
static void redistributors(void **state)
{
    static const struct {
        unsigned redists, own;
        bool vlpis, last_is_missing;
    } cases[] = {
        {1, 0, false, false}, {4, 0, false, false}, {4, 3, false, false},
        {4, 2, true, false},  {1, 0, true, true},   {3, 2, true, true},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        gx.cfg.redists = cases[i].redists;
        gx.cfg.own = cases[i].own;
        gx.cfg.vlpis = cases[i].vlpis;
        gx.cfg.last_is_missing = cases[i].last_is_missing;
        gx_start_gic();
        from_end_to_end(PPI);
        assert_int_equal(lpi_target_processor(), cases[i].own + 5);
        assert_int_equal(lpi_target_base().v,
                         GICV3_MODEL_REDIST +
                             cases[i].own * (cases[i].vlpis ? UINT64_C(0x40000) : 0x20000));
        gx_close();
    }
}

/* In two regions, each one redistributor. */
static void redistributors_apart(void **state)
{
    (void)state;
    gx.cfg.redists = 2;
    gx.cfg.own = 1;
    gx.cfg.last_is_missing = true;
    gx_open();
    struct gicv3_region two[2];
    for (unsigned i = 0; i < 2; i++) {
        two[i].base = PADDR(GICV3_MODEL_REDIST + i * UINT64_C(0x20000));
        two[i].regs = (struct mmio){two[i].base.v, 0x20000};
    }
    gx.gic.region = two;
    gx.gic.region_count = 2;
    assert_int_equal(gicv3_init(&gx.gic), 0);
    assert_int_equal(lpi_target_base().v, two[1].base.v);
}

static void no_redistributor_of_this_cpu(void **state)
{
    (void)state;
    gx.cfg.redists = 3;
    gx_open();
    gx.gic.cpu.affinity = 0x0300020007;
    assert_int_equal(gicv3_init(&gx.gic), -RF_ENODEV);
    assert_true(gx_log_has("this CPU's affinity 0x300020007"));
    assert_null(irq_chip());
    assert_true(gicv3_model_irq(gx.model, 40).enabled); /* nothing was written */
}

/* A region that ends in the middle of a redistributor. */
static void redistributors_are_cut_off(void **state)
{
    struct gicv3_region cut;

    (void)state;
    gx.cfg.redists = 2;
    gx.cfg.vlpis = gx.cfg.last_is_missing = true;
    gx_open();
    cut = gx.gic.region[0];
    cut.regs.size = 0x60000;
    gx.gic.region = &cut;
    gx.gic.cpu.affinity = 0x0300020007;
    assert_int_equal(gicv3_init(&gx.gic), -RF_ENODEV);
}

/* What is active keeps what has no higher priority away: the registers of that which a CPU has. */
static void active_priorities_are_dropped(void **state)
{
    (void)state;
    for (gx.cfg.pri_bits = 5; gx.cfg.pri_bits <= 7; gx.cfg.pri_bits++) {
        const unsigned count = gx.cfg.pri_bits == 5 ? 1 : gx.cfg.pri_bits == 6 ? 2 : 4;

        gx_start_gic();
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(gicv3_model_cpu_read(GIC_AP1R0 + i), 0);
        assert_int_equal(gicv3_model_cpu_read(GIC_CTLR) & 3, 0);
        gx_close();
    }
}

static uint64_t special;

static uint64_t acknowledge_special(void)
{
    return special;
}

static void special_numbers_are_nothing(void **state)
{
    (void)state;
    gx_open();
    gx.gic.cpu.acknowledge = acknowledge_special;
    assert_int_equal(gicv3_init(&gx.gic), 0);
    for (special = 1020; special < 1024; special++)
        assert_int_equal(irq_chip()->acknowledge(), IRQ_NONE);
}

static void refused(void **state)
{
    (void)state;
    gx_open();
    gx.gic.dist.size = 0xf000;
    assert_int_equal(gicv3_init(&gx.gic), -RF_EINVAL);
    gx.gic.dist = (struct mmio){GICV3_MODEL_ITS + 0x10000, 0x10000}; /* nothing of a GIC */
    gx.cfg.no_its = true;
    gx_close();
    gx_open();
    gx.gic.dist = (struct mmio){GICV3_MODEL_ITS, 0x10000};
    assert_int_equal(gicv3_init(&gx.gic), -RF_ENODEV);
    assert_null(irq_chip());
}

static void waits_are_bounded(void **state)
{
    (void)state;
    gx.cfg.rwp_stuck = true;
    gx_open();
    assert_int_equal(gicv3_init(&gx.gic), -RF_ETIMEDOUT);
    assert_true(gx_log_has("GICD_CTLR: waited 1000000 us"));
    gx_close();
    gx.cfg.rwp_stuck = false;
    gx.cfg.wake_stuck = true;
    gx_open();
    assert_int_equal(gicv3_init(&gx.gic), -RF_ETIMEDOUT);
    assert_true(gx_log_has("GICR_WAKER: waited 1000000 us"));
    assert_null(irq_chip());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GX_TEST(taken_over_from_any_state),
        GX_TEST(counts),
        GX_TEST(shared_and_private),
        GX_TEST(triggers),
        GX_TEST(configured_only_when_off),
        GX_TEST(seen_from_one_of_two_states),
        GX_TEST(redistributors),
        GX_TEST(redistributors_apart),
        GX_TEST(no_redistributor_of_this_cpu),
        GX_TEST(redistributors_are_cut_off),
        GX_TEST(active_priorities_are_dropped),
        GX_TEST(special_numbers_are_nothing),
        GX_TEST(refused),
        GX_TEST(waits_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
