/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/irq/irq.h"
#include "lib/mem/inject.h"

#define COUNT         300
#define MESSAGE_FIRST 8192
#define MESSAGES      64
#define ALL           (MESSAGE_FIRST + MESSAGES)

/* A controller of which the test sees every bit. */
static struct {
    bool enabled[ALL], pending[ALL], edge[ALL], stuck[ALL]; /* stuck: pending for ever */
    unsigned active, ended;
    uint32_t last_ended;
} hw;

static void chip_configure(uint32_t id, enum irq_trigger t)
{
    assert_false(hw.enabled[id]);
    hw.edge[id] = t == IRQ_EDGE;
}

static void chip_enable(uint32_t id)
{
    hw.enabled[id] = true;
}

static void chip_disable(uint32_t id)
{
    hw.enabled[id] = false;
}

static void chip_clear(uint32_t id)
{
    hw.pending[id] = false;
}

static bool chip_is_pending(uint32_t id)
{
    return hw.pending[id];
}

static uint32_t chip_acknowledge(void)
{
    for (uint32_t id = 0; id < ALL; id++) {
        if (!hw.enabled[id] || !hw.pending[id])
            continue;
        hw.pending[id] = hw.stuck[id];
        hw.active++;
        return id;
    }
    return IRQ_NONE;
}

static void chip_end(uint32_t id)
{
    assert_true(hw.active > 0);
    hw.active--;
    hw.ended++;
    hw.last_ended = id;
}

static const struct irq_chip chip = {
    .name = "fake",
    .count = COUNT,
    .message_first = MESSAGE_FIRST,
    .message_count = MESSAGES,
    .configure = chip_configure,
    .enable = chip_enable,
    .disable = chip_disable,
    .clear = chip_clear,
    .is_pending = chip_is_pending,
    .acknowledge = chip_acknowledge,
    .end = chip_end,
};

static unsigned calls;
static char text[4096];

static void count_call(uint32_t id, void *arg)
{
    assert_ptr_equal(arg, &hw);
    assert_true(id < ALL);
    calls++;
}

static void sink(void *ctx, const char *s, size_t n)
{
    (void)ctx;
    if (strlen(text) + n < sizeof(text))
        strncat(text, s, n);
}

static unsigned times(const char *what)
{
    unsigned n = 0;

    for (const char *s = text; (s = strstr(s, what)) != NULL; s++)
        n++;
    return n;
}

static int setup(void **state)
{
    (void)state;
    memset(&hw, 0, sizeof(hw));
    calls = 0;
    text[0] = '\0';
    log_set_sink(sink, NULL);
    irq_set_chip(&chip);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < ALL; id++)
        irq_free(id);
    inject_after(0);
    return 0;
}

static void request(uint32_t id)
{
    assert_int_equal(irq_request(id, IRQ_EDGE, count_call, &hw, "test"), 0);
}

static void requested_but_not_enabled(void **state)
{
    (void)state;
    hw.pending[40] = true; /* left over from before */
    request(40);
    assert_true(hw.edge[40]);
    assert_false(hw.enabled[40] || hw.pending[40]);
    hw.pending[40] = true;
    assert_int_equal(irq_poll(), 0);
    irq_enable(40);
    assert_int_equal(irq_poll(), 1);
    assert_int_equal(calls, 1);
    assert_int_equal(hw.last_ended, 40);
    assert_int_equal(hw.active, 0);
}

static void refused(void **state)
{
    (void)state;
    assert_int_equal(irq_request(COUNT, IRQ_EDGE, count_call, &hw, "x"), -RF_EINVAL);
    assert_int_equal(irq_request(UINT32_MAX, IRQ_EDGE, count_call, &hw, "x"), -RF_EINVAL);
    assert_int_equal(irq_request(1, IRQ_EDGE, NULL, &hw, "x"), -RF_EINVAL);
    request(7);
    assert_int_equal(irq_request(7, IRQ_LEVEL, count_call, &hw, "x"), -RF_EBUSY);
    assert_true(hw.edge[7]);
    irq_set_chip(NULL);
    assert_int_equal(irq_request(8, IRQ_EDGE, count_call, &hw, "x"), -RF_ENODEV);
    assert_int_equal(irq_poll(), 0);
    irq_set_chip(&chip);
}

/* As LPIs do: what is between is nothing. */
static void messages_stand_apart(void **state)
{
    static const uint32_t none[] = {COUNT, MESSAGE_FIRST - 1, ALL, 1u << 20};
    static const uint32_t some[] = {MESSAGE_FIRST, ALL - 1};

    (void)state;
    for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(irq_request(none[i], IRQ_EDGE, count_call, &hw, "x"), -RF_EINVAL);
    for (unsigned i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        request(some[i]);
        irq_enable(some[i]);
        hw.pending[some[i]] = true;
        assert_int_equal(irq_poll(), 1);
        assert_int_equal(hw.last_ended, some[i]);
    }
}

/* Number 288 is the first of a block that no other test uses. */
static void no_memory(void **state)
{
    (void)state;
    inject_after(1);
    assert_int_equal(irq_request(288, IRQ_EDGE, count_call, &hw, "x"), -RF_ENOMEM);
    inject_after(0);
    request(288);
}

static void freed(void **state)
{
    (void)state;
    request(50);
    irq_enable(50);
    hw.pending[50] = true;
    irq_free(50);
    assert_false(hw.enabled[50] || hw.pending[50]);
    irq_enable(50); /* nobody's: stays off */
    assert_false(hw.enabled[50]);
    request(50);
}

static void one_that_nobody_requested(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        hw.enabled[99] = hw.pending[99] = true;
        assert_int_equal(irq_poll(), 1);
        assert_false(hw.enabled[99]);
    }
    assert_int_equal(hw.ended, 3);
    assert_int_equal(times("interrupt 99"), 1);
    assert_int_equal(calls, 0);
}

/* Pending again as soon as it is acknowledged: each call handles a budget and comes back, and the
 * others, which the controller gives first, are still heard. */
static void a_storm_is_bounded(void **state)
{
    (void)state;
    request(33);
    request(200);
    irq_enable(33);
    irq_enable(200);
    hw.pending[200] = hw.stuck[200] = true;
    for (unsigned i = 0; i < 5; i++) {
        hw.pending[33] = true;
        assert_int_equal(irq_poll(), IRQ_BUDGET);
        assert_false(hw.pending[33]);
    }
    assert_int_equal(calls, 5 * IRQ_BUDGET);
    assert_int_equal(hw.active, 0);
    assert_int_equal(times("interrupt storm"), 1);
    assert_non_null(strstr(text, "200 (test)"));
}

static void free_in_its_own_handler(uint32_t id, void *arg)
{
    (void)arg;
    irq_free(id);
}

static void a_handler_may_free_its_interrupt(void **state)
{
    (void)state;
    assert_int_equal(irq_request(60, IRQ_LEVEL, free_in_its_own_handler, NULL, "once"), 0);
    irq_enable(60);
    hw.pending[60] = hw.stuck[60] = true;
    assert_int_equal(irq_poll(), 1);
    assert_int_equal(hw.active, 0);
    assert_false(hw.enabled[60]);
}

static void disabled_and_enabled(void **state)
{
    (void)state;
    request(61);
    irq_enable(61);
    irq_disable(61);
    hw.pending[61] = true;
    assert_int_equal(irq_poll(), 0);
    assert_true(hw.pending[61]); /* kept until it is enabled again */
    irq_enable(61);
    assert_int_equal(irq_poll(), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requested_but_not_enabled),
        TEST(refused),
        TEST(messages_stand_apart),
        TEST(no_memory),
        TEST(freed),
        TEST(one_that_nobody_requested),
        TEST(a_storm_is_bounded),
        TEST(a_handler_may_free_its_interrupt),
        TEST(disabled_and_enabled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
