/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_SHRINK_H
#define RF_TESTS_RANDOM_SHRINK_H

#include "tests/random/program.h"

/* How a run in another process ended. */
struct outcome {
    uint64_t seed;     /* of the program that runs now; for run_seeds */
    uint64_t programs; /* that ended well */
    unsigned step;     /* of it */
    char why[256];     /* "": the process died before it could tell */
};
extern struct outcome *outcome; /* shared with the processes */

void outcome_start(void);

/* Runs fn in a process of its own; true: nothing was wrong. */
bool run_apart(void (*fn)(const void *arg), const void *arg);

/* Runs one program apart. */
bool program_holds(const struct program *p);

/* Delta debugging (A. Zeller, R. Hildebrandt, IEEE TSE 28(2)): leaves out steps of a program that
 * fails, as long as it still does. */
void program_shrink(struct program *p);

#endif
