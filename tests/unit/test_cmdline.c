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
#include "lib/boot/cmdline.h"

static struct cmdline cmd;
static char why[240];

static void accept(const char *text)
{
    why[0] = '\0';
    assert_int_equal(cmdline_parse(text, &cmd, why, sizeof(why)), 0);
    assert_string_equal(why, "");
}

static void refuse(const char *text, int err, const char *sentence)
{
    assert_int_equal(cmdline_parse(text, &cmd, why, sizeof(why)), err);
    assert_string_equal(why, sentence);
}

static void test_defaults(void **state)
{
    (void)state;
    accept(" \t\n");
    assert_int_equal(cmd.granule, 0);
    assert_int_equal(cmd.report, REPORT_TEXT);
    assert_int_equal(cmd.log_level, LOG_INFO);
    assert_false(cmd.allow_unsafe_interrupts);
    assert_false(cmd.rmrr_identity);
    assert_int_equal(cmd.exit, EXIT_POWER_OFF);
    assert_int_equal(cmd.device_count, 0);
    assert_int_equal(cmd.argc, 0);
    assert_string_equal(cmd.name, "workload");
}

static void test_every_option(void **state)
{
    (void)state;
    accept("granule=64k report=json allow-unsafe-interrupts exit=semihosting loglevel=debug "
           "device=0000:01:00.0  device=abcd:ff:1F.7 workload=nvme");
    assert_int_equal(cmd.granule, 16);
    assert_int_equal(cmd.report, REPORT_JSON);
    assert_true(cmd.allow_unsafe_interrupts);
    assert_int_equal(cmd.exit, EXIT_SEMIHOSTING);
    assert_int_equal(cmd.log_level, LOG_DEBUG);
    assert_int_equal(cmd.device_count, 2);
    assert_string_equal(cmd.devices[0], "0000:01:00.0");
    assert_string_equal(cmd.devices[1], "abcd:ff:1F.7");
    assert_string_equal(cmd.name, "nvme");
    accept("granule=4k granule=16k report=none loglevel=err exit=debug-port device=none "
           "rmrr=identity");
    assert_true(cmd.rmrr_identity);
    assert_int_equal(cmd.exit, EXIT_DEBUG_PORT);
    assert_true(cmd.no_devices);
    assert_int_equal(cmd.granule, 14);
}

static void test_arguments(void **state)
{
    (void)state;
    accept("report=none -- -v \"two words\" granule=9 -- a\"b c\"d \"\"");
    assert_int_equal(cmd.argc, 6);
    assert_string_equal(cmd.argv[0], "-v");
    assert_string_equal(cmd.argv[1], "two words");
    assert_string_equal(cmd.argv[2], "granule=9");
    assert_string_equal(cmd.argv[3], "--");
    assert_string_equal(cmd.argv[4], "ab cd");
    assert_string_equal(cmd.argv[5], "");
    accept("workload=\"my program\" --");
    assert_string_equal(cmd.name, "my program");
    assert_int_equal(cmd.argc, 0);
}

static void test_other_programs_options(void **state)
{
    (void)state;
    accept("virtio_mmio.device=4K@0x1000 a.b module.flag granule=4k");
    assert_int_equal(cmd.granule, 12);
}

static void test_unknown_names_the_nearest(void **state)
{
    (void)state;
    refuse("granul=4k", -RF_EINVAL, "unknown option 'granul'; the nearest is granule=4k|16k|64k");
    refuse("reprot", -RF_EINVAL, "unknown option 'reprot'; the nearest is report=text|json|none");
    refuse("unsafe-interrupts", -RF_EINVAL,
           "unknown option 'unsafe-interrupts'; the nearest is allow-unsafe-interrupts, without a "
           "value");
}

static void test_wrong_values(void **state)
{
    (void)state;
    refuse("granule=8k", -RF_EINVAL, "option 'granule=8k' is not right; it is granule=4k|16k|64k");
    refuse("granule", -RF_EINVAL, "option 'granule' is not right; it is granule=4k|16k|64k");
    refuse("report=", -RF_EINVAL, "option 'report=' is not right; it is report=text|json|none");
    refuse("allow-unsafe-interrupts=1", -RF_EINVAL,
           "option 'allow-unsafe-interrupts=1' is not right; it is allow-unsafe-interrupts, "
           "without a value");
    refuse("exit=psci", -RF_EINVAL,
           "option 'exit=psci' is not right; it is "
           "exit=semihosting|debug-port");
    refuse("workload=", -RF_EINVAL, "option 'workload=' is not right; it is workload=NAME");
}

static void test_wrong_devices(void **state)
{
    static const char *const wrong[] = {
        "device=01:00.0",        "device=0000:01:20.0",
        "device=0000:01:00.8",   "device=0000:01:00",
        "device=0000:01:00.0.0", "device=000g:01:00.0",
        "device=0000:001:00.0",  "device=0000:01:00.",
        "device=+000:01:00.0",   "device=",
        "device=nobody",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        assert_int_equal(cmdline_parse(wrong[i], &cmd, why, sizeof(why)), -RF_EINVAL);
        assert_non_null(strstr(why, wrong[i]));
        assert_non_null(strstr(why, "SSSS:BB:DD.F"));
    }
}

static void test_too_many_devices(void **state)
{
    char text[CMDLINE_MAX] = "";

    (void)state;
    for (unsigned i = 0; i < CMDLINE_DEVS; i++)
        strcat(text, "device=0000:00:01.0 ");
    accept(text);
    strcat(text, "device=0000:00:02.0");
    assert_int_equal(cmdline_parse(text, &cmd, why, sizeof(why)), -RF_EINVAL);
}

static void test_environment(void **state)
{
    static const char *const wrong[] = {"env=", "env=NAME", "env==value"};
    char text[CMDLINE_MAX] = "";

    (void)state;
    accept("env=A=1 env=PATH=/a:/b=c \"env=WORDS=two words\" env=EMPTY= -- env=B=2");
    assert_int_equal(cmd.env_count, 4);
    assert_string_equal(cmd.env[0], "A=1");
    assert_string_equal(cmd.env[1], "PATH=/a:/b=c");
    assert_string_equal(cmd.env[2], "WORDS=two words");
    assert_string_equal(cmd.env[3], "EMPTY=");
    assert_null(cmd.env[4]);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        assert_int_equal(cmdline_parse(wrong[i], &cmd, why, sizeof(why)), -RF_EINVAL);
        assert_non_null(strstr(why, "it is env=NAME=VALUE"));
    }
    for (unsigned i = 0; i < CMDLINE_ENV; i++)
        strcat(text, "env=A=1 ");
    accept(text);
    assert_null(cmd.env[CMDLINE_ENV]);
    strcat(text, "env=A=1");
    assert_int_equal(cmdline_parse(text, &cmd, why, sizeof(why)), -RF_EINVAL);
}

static void test_virtual_functions(void **state)
{
    (void)state;
    accept("vfs=0000:01:00.0=2 vfs=00fe:a0:1f.7=65535");
    assert_int_equal(cmd.vfs_count, 2);
    assert_string_equal(cmd.vfs[0].device, "0000:01:00.0");
    assert_int_equal(cmd.vfs[0].segment, 0);
    assert_int_equal(cmd.vfs[0].rid, 0x100);
    assert_int_equal(cmd.vfs[0].count, 2);
    assert_string_equal(cmd.vfs[1].device, "00fe:a0:1f.7");
    assert_int_equal(cmd.vfs[1].segment, 0xfe);
    assert_int_equal(cmd.vfs[1].rid, 0xa0ff);
    assert_int_equal(cmd.vfs[1].count, 65535);
}

static void test_wrong_virtual_functions(void **state)
{
    static const char *const wrong[] = {
        "vfs=0000:01:00.0",
        "vfs=0000:01:00.0=",
        "vfs=0000:01:00.0=0",
        "vfs=0000:01:00.0=-1",
        "vfs=0000:01:00.0=65536",
        "vfs=0000:01:00.0=2x",
        "vfs=0000:01:00.0= 2",
        "vfs=01:00.0=2",
        "vfs=2",
        "vfs=0000:01:00.0=1=1",
        "vfs=0000:01:00.0=99999999999999999999",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        assert_int_equal(cmdline_parse(wrong[i], &cmd, why, sizeof(why)), -RF_EINVAL);
        assert_non_null(strstr(why, "it is vfs=SSSS:BB:DD.F=N"));
    }
    refuse(
        "vfs=0000:01:00.0=1 vfs=0000:01:00.0=2", -RF_EINVAL,
        "option 'vfs=0000:01:00.0=2' is not right; it is vfs=SSSS:BB:DD.F=N, N virtual functions "
        "of that one, once each and at most 4 times");
    assert_int_equal(cmdline_parse("vfs=0000:01:00.0=1 vfs=0000:02:00.0=1 vfs=0000:03:00.0=1 "
                                   "vfs=0000:04:00.0=1 vfs=0000:05:00.0=1",
                                   &cmd, why, sizeof(why)),
                     -RF_EINVAL);
}

static void test_open_quote(void **state)
{
    (void)state;
    refuse("workload=a -- \"b c", -RF_EINVAL, "the quote before 'b c' has no end; add a \"");
}

static void test_too_long(void **state)
{
    char text[CMDLINE_MAX + 1];

    (void)state;
    memset(text, ' ', sizeof(text));
    text[CMDLINE_MAX - 1] = '\0';
    accept(text);
    text[CMDLINE_MAX - 1] = ' ';
    text[CMDLINE_MAX] = '\0';
    refuse(text, -RF_E2BIG, "the command line has 2048 characters; at most 2047 are allowed");
}

static void test_too_many_arguments(void **state)
{
    char text[CMDLINE_MAX] = "--";

    (void)state;
    for (unsigned i = 0; i < CMDLINE_ARGS; i++)
        strcat(text, " x");
    accept(text);
    assert_int_equal(cmd.argc, CMDLINE_ARGS);
    strcat(text, " last");
    refuse(text, -RF_E2BIG, "'last' is one argument more than the 64 that are allowed");
}

/* A refusal into a small buffer is cut, never overrun. */
static void test_small_why(void **state)
{
    char small[8];

    (void)state;
    assert_int_equal(cmdline_parse("x", &cmd, small, sizeof(small)), -RF_EINVAL);
    assert_string_equal(small, "unknown");
}

/* Whatever the text, every string lies inside the structure. */
static void test_random_text(void **state)
{
    static const char alphabet[] = "a-=.\" \tgranule4k device:0";
    char text[64];

    (void)state;
    srand(1);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned n = (unsigned)rand() % (sizeof(text) - 1);
        for (unsigned i = 0; i < n; i++)
            text[i] = alphabet[(unsigned)rand() % (sizeof(alphabet) - 1)];
        text[n] = '\0';
        if (cmdline_parse(text, &cmd, why, sizeof(why)) != 0)
            continue;
        for (unsigned i = 0; i < cmd.argc; i++)
            assert_true(cmd.argv[i] >= cmd.text && cmd.argv[i] <= cmd.text + n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_option),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_other_programs_options),
        cmocka_unit_test(test_unknown_names_the_nearest),
        cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_wrong_devices),
        cmocka_unit_test(test_too_many_devices),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_virtual_functions),
        cmocka_unit_test(test_wrong_virtual_functions),
        cmocka_unit_test(test_open_quote),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_too_many_arguments),
        cmocka_unit_test(test_small_why),
        cmocka_unit_test(test_random_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
