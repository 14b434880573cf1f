/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_EXECUTE_H
#define RF_TESTS_RANDOM_EXECUTE_H

#include "tests/random/program.h"

/* Runs one step, but OP_MACHINE, on the machine and on the reference; their results agree. */
void execute(const struct step *s);

/* Fails the program when the call gave something else than the reference wants, without a reason.
 */
void judge(const char *call, long want, long got);
/* The hardware did not confirm: what was asked for is done all the same. */
bool is_loss(long result);

/* Steps of execute_dma.c. */
void step_map_prepare(const uint64_t *arg);
void step_map(const uint64_t *arg);
void step_unmap(const uint64_t *arg);
void step_dirty(const uint64_t *arg);
void step_dma(const uint64_t *arg);

#endif
