/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_BOOT_FIXTURE_H
#define RF_TESTS_DRIVER_BOOT_FIXTURE_H

#include "tests/driver/boot_workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What simulated boots share: the console, and a process for each. */

/* All of it, of which print_error() would leave the end away. */
static inline void show_console(void)
{
    fputs(board_pl011_text(), stderr);
}

static inline void expect_console(const char *text)
{
    if (strstr(board_pl011_text(), text))
        return;
    show_console();
    fail_msg("\"%s\" is not on the console", text);
}

/* The kernel's state is that of a machine that has been switched on once: each boot is a process,
 * which ends where it fails (cmocka would go on with the tests that follow). */
static inline void in_a_process(void (*fn)(void))
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        fn();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the boot failed, see above");
}

#endif
