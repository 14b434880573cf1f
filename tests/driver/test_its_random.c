/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "tests/driver/gic_fixture.h"

/* Random programs: devices get and lose interrupts, which are switched on, off and cleared, while
 * all devices ring whatever they like. What may come is kept in a few arrays. Stores become visible
 * in any order, commands are taken late, and the ITS may see only what was cleaned. */

#define PROGRAMS 24
#define STEPS    1000
#define DEVICES  5u
#define EVENTS   32u

static const uint32_t ids[DEVICES] = {0x100, 0x101, 0x108, 0x4000, 0xffff};

static struct {
    struct msi_controller *c;
    uint32_t irq[EVENTS]; /* by event; 0: not given out */
    bool on[EVENTS], pending[EVENTS];
} dev[DEVICES];
static uint64_t seed;

static unsigned below(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static uint32_t event_of(unsigned i, uint32_t irq)
{
    return dev[i].c->ops->message(dev[i].c, irq).data;
}

static void take(unsigned i)
{
    const unsigned n = 1u << below(4);
    uint32_t first;

    if (dev[i].c->ops->alloc(dev[i].c, n, &first))
        return;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t event = event_of(i, first + k);

        assert_int_equal(dev[i].irq[event], 0);
        dev[i].irq[event] = first + k;
        dev[i].on[event] = dev[i].pending[event] = false;
    }
}

static void give_back(unsigned i, uint32_t event)
{
    if (dev[i].irq[event] == 0)
        return;
    irq_chip()->disable(dev[i].irq[event]);
    dev[i].c->ops->free(dev[i].c, dev[i].irq[event], 1);
    dev[i].irq[event] = 0;
}

static void configure(unsigned i, uint32_t event)
{
    const uint32_t irq = dev[i].irq[event];

    if (irq == 0)
        return;
    if (below(3) == 0) {
        irq_chip()->clear(irq);
        dev[i].pending[event] = false;
    } else if ((dev[i].on[event] = below(2))) {
        irq_chip()->enable(irq);
    } else {
        irq_chip()->disable(irq);
    }
}

static void ring(unsigned i, uint32_t event)
{
    uint32_t wanted = event < EVENTS ? dev[i].irq[event] : 0;

    assert_int_equal(gicv3_model_ring(gx.model, ids[i], event), wanted);
    if (wanted)
        dev[i].pending[event] = true;
}

static bool expected(uint32_t irq)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        for (unsigned e = 0; e < EVENTS; e++) {
            if (dev[i].irq[e] != irq || !dev[i].pending[e] || !dev[i].on[e])
                continue;
            dev[i].pending[e] = false;
            return true;
        }
    }
    return false;
}

static bool is_any_left(void)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        for (unsigned e = 0; e < EVENTS; e++) {
            if (dev[i].irq[e] && dev[i].pending[e] && dev[i].on[e])
                return true;
        }
    }
    return false;
}

static void collect(void)
{
    for (uint32_t irq; (irq = irq_chip()->acknowledge()) != IRQ_NONE; irq_chip()->end(irq)) {
        if (!expected(irq))
            fail_msg("interrupt %u came, which nobody may have raised", irq);
    }
    assert_false(is_any_left());
}

static void step(void)
{
    const unsigned i = below(DEVICES);
    const uint32_t event = below(EVENTS);

    switch (below(6)) {
    case 0:
        take(i);
        break;
    case 1:
        give_back(i, event);
        break;
    case 2:
    case 3:
        configure(i, event);
        break;
    case 4:
        ring(i, below(8) ? event : below(1 << 20));
        break;
    default:
        collect();
        break;
    }
}

/* Every third machine has few LPIs, so that devices take them from one another. */
static void run(uint64_t number)
{
    seed = number * 2 + 1;
    memset(dev, 0, sizeof(dev));
    gx.cfg.lazy = below(2);
    gx.cfg.non_coherent = below(2);
    gx.cfg.no_share = below(4) == 0;
    gx.cfg.pta = below(2);
    gx.cfg.flat_only = below(3) == 0;
    gx.cfg.itt_entry = 8u << below(2);
    gx.cfg.num_lpis = number % 3 ? 0 : 6;
    gx_start();
    host_park_enable(number);
    for (unsigned i = 0; i < DEVICES; i++)
        dev[i].c = gx_device(ids[i], EVENTS);
    for (unsigned n = 0; n < STEPS && !model_violation(gicv3_model_watch(gx.model)); n++)
        step();
    host_park_disable();
    gx_close();
}

static void programs(void **state)
{
    const char *one = getenv("RF_SEED");

    (void)state;
    if (one) {
        run(strtoul(one, NULL, 0));
        return;
    }
    for (uint64_t number = 1; number <= PROGRAMS; number++) {
        print_message("RF_SEED=%lu\n", number);
        run(number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {GX_TEST(programs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
