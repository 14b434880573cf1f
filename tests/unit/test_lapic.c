/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "drivers/irq/lapic.h"
#include "lib/base/err.h"
#include "lib/irq/irq.h"

/* A local APIC as SDM 3A 11.8.4 has it: requests wait in IRR, the highest gets in service when the
 * CPU opens the door and nothing of its priority class or a higher one is in service, and EOI ends
 * the highest in service. */
static struct {
    bool request[256], service[256];
    int storm; /* a vector that comes again at once; 0: none */
    unsigned eois;
} apic;

static int highest(const bool *set)
{
    for (int i = 255; i >= 0; i--)
        if (set[i])
            return i;
    return -1;
}

/* Lets the next one in. */
static bool apic_take(uint32_t *vector)
{
    int id = highest(apic.request);

    if (id >= 0 && id / 16 > highest(apic.service) / 16) {
        apic.request[id] = false;
        apic.service[id] = true;
    }
    if (highest(apic.service) < 0)
        return false;
    *vector = (uint32_t)highest(apic.service);
    return true;
}

static void apic_end(void)
{
    int id = highest(apic.service);

    assert_true(id >= 0);
    apic.service[id] = false;
    apic.eois++;
    if (id == apic.storm)
        apic.request[id] = true;
}

static unsigned calls[256];

static void count(uint32_t id, void *arg)
{
    (void)arg;
    calls[id]++;
}

static int setup(void **state)
{
    static const struct lapic ops = {apic_take, apic_end};

    (void)state;
    host_reset();
    for (unsigned i = 0; i < 256; i++) {
        irq_free(i);
        apic.request[i] = apic.service[i] = false;
        calls[i] = 0;
    }
    apic.storm = 0;
    apic.eois = 0;
    lapic_init(&ops);
    return 0;
}

static void listen(uint32_t id, bool enable)
{
    assert_int_equal(irq_request(id, IRQ_EDGE, count, NULL, "test"), 0);
    if (enable)
        irq_enable(id);
}

static void what_comes_is_handled_once(void **state)
{
    static const uint32_t ids[] = {0x20, 0x30, 0x31, 0x7f, 0xef};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
        listen(ids[i], true);
        apic.request[ids[i]] = true;
    }
    assert_int_equal(irq_poll(), ARRAY_SIZE(ids));
    assert_int_equal(irq_poll(), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
        assert_int_equal(calls[ids[i]], 1);
    assert_int_equal(apic.eois, ARRAY_SIZE(ids));
    assert_int_equal(highest(apic.service), -1);
}

/* One that interrupted the workload is in service already. */
static void one_in_service_is_found(void **state)
{
    (void)state;
    listen(0x30, true);
    listen(0x20, true);
    apic.service[0x30] = true;
    apic.request[0x20] = true;
    assert_int_equal(irq_poll(), 2);
    assert_int_equal(calls[0x30], 1);
    assert_int_equal(calls[0x20], 1);
}

static void a_disabled_vector_waits(void **state)
{
    (void)state;
    listen(0x30, false);
    apic.request[0x30] = true;
    assert_int_equal(irq_poll(), 0);
    assert_true(irq_chip()->is_pending(0x30));
    irq_enable(0x30);
    assert_int_equal(irq_poll(), 1);
    irq_disable(0x30);
    apic.request[0x30] = true;
    assert_int_equal(irq_poll(), 0);
    assert_int_equal(calls[0x30], 1);
    assert_int_equal(highest(apic.service), -1);
}

static void what_came_for_nobody_is_dropped(void **state)
{
    (void)state;
    apic.request[0x40] = true;
    assert_int_equal(irq_poll(), 0);
    listen(0x40, true);
    assert_int_equal(irq_poll(), 0);
    assert_false(irq_chip()->is_pending(0x40));
}

static void a_storm_does_not_hold_the_kernel(void **state)
{
    (void)state;
    listen(0x50, true);
    apic.storm = 0x50;
    apic.request[0x50] = true;
    assert_int_equal(irq_poll(), IRQ_BUDGET);
    apic.storm = 0;
}

/* ---- messages */

static struct msi_controller *msi(uint32_t id)
{
    struct msi_controller *c = NULL;

    assert_int_equal(lapic_msi_create("lapic", id, 0x30, 0xef, &c), 0);
    return c;
}

static void messages_name_the_cpu_and_the_vector(void **state)
{
    struct msi_controller *c = msi(5);
    struct msi_message m = c->ops->message(c, 0x41);

    (void)state;
    assert_int_equal(m.address.v, 0xfee05000);
    assert_int_equal(m.data, 0x41);
    assert_false(c->isolates);
    assert_int_equal(lapic_msi_create("lapic", 255, 0x30, 0xef, &c), -RF_ERANGE);
}

static void vectors_are_given_out_aligned_and_once(void **state)
{
    struct msi_controller *c = msi(0);
    uint32_t one, four, rest;

    (void)state;
    assert_int_equal(c->ops->alloc(c, 1, &one), 0);
    assert_int_equal(one, 0x30);
    assert_int_equal(c->ops->alloc(c, 4, &four), 0);
    assert_int_equal(four, 0x34);
    assert_int_equal(c->ops->alloc(c, 3, &rest), -RF_EINVAL);
    assert_int_equal(c->ops->alloc(c, 256, &rest), -RF_EINVAL);
    for (unsigned i = 0; i < 192 - 5; i++) {
        assert_int_equal(c->ops->alloc(c, 1, &rest), 0);
        assert_in_range(rest, 0x31, 0xef);
        assert_true(rest < four || rest > four + 3);
    }
    assert_int_equal(c->ops->alloc(c, 1, &rest), -RF_ENOSPC);
    c->ops->free(c, four, 4);
    c->ops->free(c, 0x20, 1); /* not one of them: nothing happens */
    assert_int_equal(c->ops->alloc(c, 4, &rest), 0);
    assert_int_equal(rest, four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_comes_is_handled_once, setup),
        cmocka_unit_test_setup(one_in_service_is_found, setup),
        cmocka_unit_test_setup(a_disabled_vector_waits, setup),
        cmocka_unit_test_setup(what_came_for_nobody_is_dropped, setup),
        cmocka_unit_test_setup(a_storm_does_not_hold_the_kernel, setup),
        cmocka_unit_test_setup(messages_name_the_cpu_and_the_vector, setup),
        cmocka_unit_test_setup(vectors_are_given_out_aligned_and_once, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
