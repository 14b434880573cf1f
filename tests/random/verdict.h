/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_VERDICT_H
#define RF_TESTS_RANDOM_VERDICT_H

#include "tests/random/program.h"

/* A program runs in a process of its own, which ends with its first failure. */

/* Runs the program in this process; returns when nothing is wrong. */
void program_run(const struct program *p);

/* Ends the process: the step that runs now has shown that something is wrong. */
_Noreturn void verdict_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The step that runs now, for the message; 0 begins a program. */
void verdict_step(unsigned index);

#endif
