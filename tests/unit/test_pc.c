/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "arch/mmu.h"
#include "drivers/irq/i8259.h"
#include "drivers/serial/ns16550.h"

/* What a PC has at I/O ports: its serial port and its old interrupt controllers. */

#define COM1 0x3f8

static struct {
    uint8_t reg[8];
    char sent[256];
    unsigned count, fifo; /* characters sent; in the FIFO */
    bool stuck;
    int input;
} uart;

static uint64_t uart_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    assert_int_equal(width, 1);
    if (off == 0) {
        uint8_t c = (uint8_t)uart.input;
        uart.input = -1;
        return c;
    }
    if (off != 5)
        return uart.reg[off];
    if (!uart.stuck)
        uart.fifo = 0; /* it sends while nobody looks */
    return (uart.fifo == 0 ? 0x60u : 0) | (uart.input >= 0 ? 1u : 0);
}

static void uart_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    assert_int_equal(width, 1);
    if (off != 0) {
        uart.reg[off] = (uint8_t)v;
        return;
    }
    assert_int_equal(uart.reg[3], 3); /* 8 bits; the divisor is not open */
    assert_true(uart.fifo < 16);
    uart.fifo++;
    if (uart.count < sizeof(uart.sent) - 1)
        uart.sent[uart.count++] = (char)v;
}

static int setup(void **state)
{
    static const struct host_mmio_ops ops = {uart_read, uart_write};
    struct mmio regs;

    (void)state;
    host_reset();
    memset(&uart, 0, sizeof(uart));
    uart.reg[3] = 0x83;
    uart.reg[1] = 0x0f;
    uart.input = -1;
    host_mmio_register(COM1, 8, &ops, NULL);
    assert_int_equal(mmu_map_ports(COM1, 8, &regs), 0);
    ns16550_init(&regs);
    return 0;
}

static void the_port_is_set_up_without_interrupts(void **state)
{
    (void)state;
    assert_int_equal(uart.reg[1], 0);
    assert_int_equal(uart.reg[2] & 1, 1);
    assert_int_equal(uart.reg[3], 3);
}

static void all_of_a_long_text_is_sent(void **state)
{
    char text[200];

    (void)state;
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 26);
    ns16550_sink(NULL, text, sizeof(text));
    assert_int_equal(uart.count, sizeof(text));
    assert_memory_equal(uart.sent, text, sizeof(text));
}

static void a_stuck_port_costs_time_once(void **state)
{
    (void)state;
    ns16550_sink(NULL, "0123456789abcdef", 16);
    uart.stuck = true;
    uint64_t begun = clock_now_ns();
    ns16550_sink(NULL, "lost", 4);
    uint64_t spent = clock_now_ns() - begun;
    assert_in_range(spent, 10000000, 20000000);
    ns16550_sink(NULL, "lost too", 8);
    assert_true(clock_now_ns() - begun - spent < 1000000);
    uart.stuck = false;
    ns16550_sink(NULL, "back", 4);
    assert_string_equal(uart.sent, "0123456789abcdefback");
}

static void a_character_is_received(void **state)
{
    (void)state;
    assert_int_equal(ns16550_getc(), -1);
    uart.input = 'x';
    assert_int_equal(ns16550_getc(), 'x');
    assert_int_equal(ns16550_getc(), -1);
}

/* ---- 8259A */

struct pic {
    unsigned step; /* of ICW1 .. ICW4, then the mask */
    uint8_t value[5];
};
static struct pic pics[2];

static uint64_t pic_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    (void)width;
    fail_msg("a read of port %lu", (unsigned long)off);
    return 0;
}

static void pic_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    struct pic *p = ctx;

    assert_int_equal(width, 1);
    assert_int_equal(off, p->step == 0 ? 0 : 1);
    assert_in_range(p->step, 0, 4);
    p->value[p->step++] = (uint8_t)v;
}

static void the_old_controllers_are_masked_away_from_the_exceptions(void **state)
{
    static const struct host_mmio_ops ops = {pic_read, pic_write};
    static const uint8_t want[2][5] = {{0x11, 0xf0, 4, 1, 0xff}, {0x11, 0xf8, 2, 1, 0xff}};
    static const uint16_t port[2] = {0x20, 0xa0};
    struct mmio regs[2];

    (void)state;
    memset(pics, 0, sizeof(pics));
    for (unsigned i = 0; i < 2; i++) {
        host_mmio_register(port[i], 2, &ops, &pics[i]);
        assert_int_equal(mmu_map_ports(port[i], 2, &regs[i]), 0);
    }
    i8259_mask(&regs[0], &regs[1], 0xf0);
    for (unsigned i = 0; i < 2; i++)
        assert_memory_equal(pics[i].value, want[i], sizeof(want[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_port_is_set_up_without_interrupts, setup),
        cmocka_unit_test_setup(all_of_a_long_text_is_sent, setup),
        cmocka_unit_test_setup(a_stuck_port_costs_time_once, setup),
        cmocka_unit_test_setup(a_character_is_received, setup),
        cmocka_unit_test_setup(the_old_controllers_are_masked_away_from_the_exceptions, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
