/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_EXECUTE_H
#define RF_TESTS_RANDOM_EXECUTE_H

#include "tests/random/program.h"

/* Runs one step, but OP_MACHINE, on the machine and on the reference; their results agree. */
void execute(const struct step *s);

#endif
