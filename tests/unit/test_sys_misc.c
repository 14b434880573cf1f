/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/sys/abi.h"
#include "lib/sys/nr_x86_64.h"

/* One process with one thread on one CPU: what is answered to a program that looks for more. */

static void the_program_may_stay_on_the_cpu_that_it_has(void **state)
{
    static const struct {
        uint64_t mask, bytes, pid;
        int64_t result;
    } rows[] = {
        {0x1, 8, 0, 0},          {0x1, 1, 0, 0},          {0x1, 8, PROC_PID, 0},
        {0xff, 8, 0, 0},         {0x1, 128, 0, 0},        {0x2, 8, 0, -RF_EINVAL},
        {0x0, 8, 0, -RF_EINVAL}, {0x1, 0, 0, -RF_EINVAL}, {0x1, 8, 99, -RF_ESRCH},
    };
    (void)state;
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        fx_store64(at, rows[i].mask);
        int64_t result = fx_call(NR_sched_setaffinity, rows[i].pid, rows[i].bytes, at);
        if (result != rows[i].result)
            fail_msg("row %u: %ld", i, (long)result);
    }
    fx_store64(at, 0);
    assert_int_equal(fx_call(NR_sched_getaffinity, 0, 8, at), 8);
    assert_int_equal(fx_load64(at), 1);
}

static void a_second_thread_or_process_is_refused_by_name(void **state)
{
    static const struct {
        uint64_t nr;
        const char *line;
    } rows[] = {
        {X86_clone, "called clone:"},
        {X86_clone3, "called clone3:"},
        {X86_fork, "called fork:"},
        {X86_vfork, "called vfork:"},
    };
    (void)state;
    syscall_init(&abi_x86); /* which has them all */
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        fx_log_clear();
        assert_int_equal(syscall_do(rows[i].nr, (const uint64_t[6]){0}), -RF_ENOSYS);
        fx_expect_log(rows[i].line);
    }
    syscall_init(&abi_arm64);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_program_may_stay_on_the_cpu_that_it_has),
        TEST(a_second_thread_or_process_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
