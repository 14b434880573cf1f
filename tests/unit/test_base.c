/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/barrier.h"
#include "arch/clock.h"
#include "arch/dma.h"
#include "arch/host/host.h"
#include "arch/mem.h"
#include "arch/mmio.h"
#include "arch/power.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/base/panic.h"
#include "lib/base/range.h"
#include "lib/base/strbuf.h"
#include "lib/base/wait.h"

static int fresh_machine(void **state)
{
    (void)state;
    host_reset();
    return 0;
}

/* ---- types, ranges, masks */

static void test_alignment_and_logs(void **state)
{
    (void)state;
    assert_int_equal(align_down(0x1fff, 0x1000), 0x1000);
    assert_int_equal(align_up(0x1001, 0x1000), 0x2000);
    assert_int_equal(align_up(0x1000, 0x1000), 0x1000);
    assert_int_equal(align_up(UINT64_MAX, 0x1000), 0);
    assert_true(is_pow2(BIT(63)));
    assert_false(is_pow2(0));
    assert_int_equal(log2_floor(1), 0);
    assert_int_equal(log2_floor(UINT64_MAX), 63);
    assert_int_equal(log2_ceil(1), 0);
    assert_int_equal(log2_ceil(0x1001), 13);
    assert_int_equal(log2_ceil(BIT(63)), 63);
    assert_false(paddr_valid(PADDR_INVALID));
    assert_true(paddr_valid(PADDR(0)));
}

static void test_range_make_at_the_ends(void **state)
{
    struct range r = {7, 7};

    (void)state;
    assert_false(range_make(0, 0, &r));
    assert_false(range_make(UINT64_MAX, 2, &r));
    assert_false(range_make(2, UINT64_MAX, &r));
    assert_int_equal(r.start, 7);
    assert_true(range_make(UINT64_MAX, 1, &r));
    assert_int_equal(r.start, UINT64_MAX);
    assert_int_equal(range_size(r), 1);
    assert_true(range_make(1, UINT64_MAX, &r));
    assert_int_equal(r.last, UINT64_MAX);
    assert_int_equal(range_size((struct range){0, UINT64_MAX}), 0);
}

static void test_range_relations(void **state)
{
    const struct range low = {0, 9}, next = {10, 19}, end = {20, UINT64_MAX};

    (void)state;
    assert_true(range_has(low, 9));
    assert_false(range_has(low, 10));
    assert_true(range_overlaps(low, (struct range){9, 9}));
    assert_false(range_overlaps(low, next));
    assert_true(range_precedes(low, next));
    assert_false(range_precedes(next, low));
    assert_false(range_precedes(end, low));
    assert_true(range_contains(end, (struct range){UINT64_MAX, UINT64_MAX}));
    assert_false(range_contains(next, (struct range){19, 20}));
}

static void test_masks(void **state)
{
    const uint64_t all = MASK(63, 0);

    (void)state;
    assert_int_equal(all, UINT64_MAX);
    assert_int_equal(MASK(63, 63), BIT(63));
    assert_int_equal(MASK(0, 0), 1);
    assert_int_equal(MASK(15, 12), 0xf000);
    assert_int_equal(FIELD_GET(MASK(15, 12), 0xabcd), 0xa);
    assert_int_equal(FIELD_PREP(MASK(15, 12), 0x1f), 0xf000);
    assert_true(FIELD_FITS(MASK(15, 12), 0xf));
    assert_false(FIELD_FITS(MASK(15, 12), 0x10));
    assert_int_equal(FIELD_SET(UINT64_MAX, MASK(7, 4), 0), ~UINT64_C(0xf0));
    assert_int_equal(FIELD_GET(all, 5), 5);
}

static void test_error_names(void **state)
{
    (void)state;
    assert_string_equal(err_name(-RF_EINVAL), "EINVAL");
    assert_string_equal(err_name(RF_ETIMEDOUT), "ETIMEDOUT");
    assert_string_equal(err_name(0), "E?");
    assert_string_equal(err_name(-9999), "E?");
}

/* ---- text */

static void test_strbuf(void **state)
{
    char text[8];
    struct strbuf s;

    (void)state;
    strbuf_init(&s, text, sizeof(text));
    assert_string_equal(text, "");
    strbuf_printf(&s, "%d-%d", 12, 34);
    assert_string_equal(text, "12-34");
    assert_false(s.cut);
    strbuf_printf(&s, "ab");
    assert_string_equal(text, "12-34ab");
    assert_false(s.cut);
    strbuf_printf(&s, "c");
    assert_string_equal(text, "12-34ab");
    assert_true(s.cut);
    assert_int_equal(s.used, 7);
}

static void test_strbuf_without_room(void **state)
{
    struct strbuf s;

    (void)state;
    strbuf_init(&s, NULL, 0);
    strbuf_printf(&s, "x");
    assert_true(s.cut);
    assert_int_equal(s.used, 0);
}

/* ---- bounded waits */

struct console {
    char text[8192];
    size_t used;
};

static void to_console(void *ctx, const char *text, size_t n)
{
    struct console *c = ctx;

    assert_true(n < sizeof(c->text) - c->used);
    memcpy(c->text + c->used, text, n);
    c->used += n;
    c->text[c->used] = '\0';
}

/* A register that becomes 1 after some reads. */
struct late_register {
    unsigned reads_left;
};

static uint64_t late_read(void *ctx, uint64_t off, unsigned width)
{
    struct late_register *l = ctx;

    assert_int_equal(off, 0x20);
    assert_int_equal(width, 4);
    return l->reads_left == 0 || --l->reads_left == 0 ? 0xf1 : 0xf0;
}

static const struct host_mmio_ops late_ops = {.read = late_read};
static const struct wait_reg wait_for_1 = {"CR0ACK", 1, 1, 50};

static void test_wait_until_it_holds(void **state)
{
    struct late_register l = {.reads_left = 10};
    const struct mmio m = {0x9000000, 0x1000};

    (void)state;
    host_mmio_register(m.base, m.size, &late_ops, &l);
    assert_int_equal(wait_mmio32(&m, REG32(0x20), &wait_for_1), 0);
}

static void test_wait_ends_with_a_reason(void **state)
{
    static struct console c;
    struct late_register l = {.reads_left = 1000};
    const struct mmio m = {0x9000000, 0x1000};
    uint64_t start = clock_now_ns();

    (void)state;
    host_mmio_register(m.base, m.size, &late_ops, &l);
    log_set_sink(to_console, &c);
    assert_int_equal(wait_mmio32(&m, REG32(0x20), &wait_for_1), -RF_ETIMEDOUT);
    assert_int_equal(clock_now_ns() - start, 50000);
    assert_string_equal(c.text, "ringfence: CR0ACK: waited 50 us for 0x1 in mask 0x1, got 0xf0\n");
    log_set_sink(NULL, NULL);
}

static void skip_time(void *ctx)
{
    (void)ctx;
    host_clock_hook(NULL, NULL);
    host_clock_advance(1000000);
}

/* The program was away for longer than the time-out while the condition came true. */
static void test_wait_looks_once_more(void **state)
{
    struct late_register l = {.reads_left = 2};
    const struct mmio m = {0x9000000, 0x1000};

    (void)state;
    host_mmio_register(m.base, m.size, &late_ops, &l);
    host_clock_hook(skip_time, NULL);
    assert_int_equal(wait_mmio32(&m, REG32(0x20), &wait_for_1), 0);
}

static bool is_ninth(const void *ctx)
{
    unsigned *looks = *(unsigned *const *)ctx;

    return ++*looks == 9;
}

static void test_wait_for_a_condition(void **state)
{
    unsigned looks = 0, *at = &looks;
    uint64_t start = clock_now_ns();

    (void)state;
    assert_true(wait_for_condition(is_ninth, &at, 50));
    assert_int_equal(looks, 9);
    assert_false(wait_for_condition(is_ninth, &at, 50));
    assert_in_range(clock_now_ns() - start, 50000, 100000);
    looks = 8;
    assert_true(wait_for_condition(is_ninth, &at, 0)); /* one look at least */
    looks = 7;
    host_clock_hook(skip_time, NULL);
    assert_true(wait_for_condition(is_ninth, &at, 50)); /* one after the deadline, too */
}

/* ---- the host machine itself: what other tests count on */

static void test_parked_stores(void **state)
{
    unsigned early = 0;

    (void)state;
    host_arena_init(PADDR(0x8000000000), PAGE_SIZE);
    uint64_t *word = paddr_to_ptr(PADDR(0x8000000000));
    for (uint64_t seed = 0; seed < 50; seed++) {
        word[0] = word[1] = 0;
        host_park_enable(seed);
        dma_store64(&word[0], 1);
        dma_store64(&word[0], 2);
        dma_store32((uint32_t *)&word[1], 3);
        assert_int_equal(dma_load64(&word[0]), 2);
        assert_int_equal(dma_load64(&word[1]), 3);
        early += word[1] == 3 && word[0] != 2;
        dma_wmb();
        assert_int_equal(host_park_count(), 0);
        assert_int_equal(word[0], 2);
        assert_int_equal(word[1], 3);
    }
    assert_true(early > 0 && early < 50);
}

static void do_panic(void *ctx)
{
    panic("number %d", *(int *)ctx);
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static void do_power_off(void *ctx)
{
    power_off(*(int *)ctx);
}

static void test_ways_out(void **state)
{
    int number = 5, status = 0;

    (void)state;
    assert_string_equal(host_panic_catch(do_panic, &number), "number 5");
    assert_null(host_panic_catch(do_nothing, NULL));
    assert_true(host_power_off_catch(do_power_off, &number, &status));
    assert_int_equal(status, 5);
    assert_false(host_power_off_catch(do_nothing, NULL, &status));
}

/* Before the timer's interrupt is enabled, and after. */
static void test_wait_us(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t begun = clock_now_ns();

        wait_us(250);
        assert_true(clock_now_ns() - begun >= 250000);
        assert_true(clock_now_ns() - begun < 300000);
        wait_may_sleep();
    }
    assert_true(host_clock_wakeup() == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment_and_logs),
        cmocka_unit_test(test_range_make_at_the_ends),
        cmocka_unit_test(test_range_relations),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_error_names),
        cmocka_unit_test(test_strbuf),
        cmocka_unit_test(test_strbuf_without_room),
        cmocka_unit_test_setup(test_wait_until_it_holds, fresh_machine),
        cmocka_unit_test_setup(test_wait_ends_with_a_reason, fresh_machine),
        cmocka_unit_test_setup(test_wait_looks_once_more, fresh_machine),
        cmocka_unit_test_setup(test_wait_for_a_condition, fresh_machine),
        cmocka_unit_test_setup(test_parked_stores, fresh_machine),
        cmocka_unit_test(test_ways_out),
        cmocka_unit_test_setup(test_wait_us, fresh_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
