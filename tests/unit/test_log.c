/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

/* The kernel's lines: what is kept, cut, and left out. */

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

static void test_log_keeps_early_lines(void **state)
{
    static struct console c;

    (void)state;
    log_set_sink(NULL, NULL);
    log_info("one %d", 1);
    log_debug("not at this level");
    log_raw("two\n", 4);
    log_set_sink(to_console, &c);
    assert_string_equal(c.text, "ringfence: one 1\ntwo\n");
    log_err("three");
    assert_string_equal(c.text, "ringfence: one 1\ntwo\nringfence: three\n");
    log_set_sink(NULL, NULL);
}

static void test_log_counts_what_it_drops(void **state)
{
    static struct console c;
    char line[101];

    (void)state;
    memset(line, 'x', 100);
    line[100] = '\0';
    log_set_sink(NULL, NULL);
    for (unsigned i = 0; i < 40; i++)
        log_info("%s", line); /* 112 bytes each: 36 fit */
    log_set_sink(to_console, &c);
    assert_int_equal(strspn(c.text + 11, "x"), 100);
    assert_non_null(strstr(c.text, "ringfence: 4 lines from before the console were lost\n"));
    assert_int_equal(c.used, 36 * 112 + 53);
    log_set_sink(to_console, &c);
    assert_int_equal(c.used, 36 * 112 + 53);
    log_set_sink(NULL, NULL);
}

static void test_log_cuts_long_lines(void **state)
{
    static struct console c;
    char line[1000];

    (void)state;
    memset(line, 'y', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    log_set_sink(to_console, &c);
    log_info("%s", line);
    assert_int_equal(c.used, strlen("ringfence: ") + 320 + 1);
    assert_int_equal(c.text[c.used - 1], '\n');
    c.used = 0;
    log_printf("%s", line);
    assert_int_equal(c.used, 320);
    log_set_sink(NULL, NULL);
}

static void test_log_levels(void **state)
{
    static struct console c;

    (void)state;
    log_set_sink(to_console, &c);
    log_set_level(LOG_ERR);
    log_warn("hidden");
    assert_int_equal(c.used, 0);
    log_set_level(LOG_DEBUG);
    assert_int_equal(log_trace("file.c", 7, -RF_EIO), -RF_EIO);
    assert_string_equal(c.text, "ringfence: file.c:7: EIO\n");
    log_set_level(LOG_INFO);
    log_set_sink(NULL, NULL);
}

static void test_log_starts_a_line(void **state)
{
    static struct console c;

    (void)state;
    log_set_sink(to_console, &c);
    log_raw("progress 10 %", 13);
    log_warn("refused");
    log_raw("done\n", 5);
    log_warn("more");
    assert_string_equal(c.text, "progress 10 %\nringfence: refused\ndone\nringfence: more\n");
    log_set_sink(NULL, NULL);
}

/* What the workload can cause as often as it likes does not fill the console. */
static void test_log_limits_what_comes_often(void **state)
{
    static struct console c;

    (void)state;
    log_limited_flush();
    log_set_sink(to_console, &c);
    for (unsigned second = 0; second < 2; second++) {
        for (unsigned i = 0; i < 1000; i++)
            log_warn_limited("no");
        clock_delay_us(1000000);
    }
    log_limited_flush();
    assert_int_equal(c.used, 2 * (LOG_LIMITED_LINES * 14 + 88));
    assert_non_null(strstr(c.text, "ringfence: no\nringfence: 990 more lines about requests"));
    log_set_sink(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_keeps_early_lines),
        cmocka_unit_test(test_log_counts_what_it_drops),
        cmocka_unit_test(test_log_cuts_long_lines),
        cmocka_unit_test(test_log_levels),
        cmocka_unit_test(test_log_starts_a_line),
        cmocka_unit_test(test_log_limits_what_comes_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
