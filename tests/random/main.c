/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/random/shrink.h"
#include "tests/random/verdict.h"

/* Random programs against the reference: lib/vfio, lib/iommu, lib/pt, the workload's address space
 * and the drivers of the IOMMUs as they ship, on models of the hardware.
 *
 *   random                            a fixed number of steps from seed 1 on: the same each time
 *   random brief                      a quarter of that; a failure is not shrunk
 *   random soak SECONDS [SEED]        as long as that, from a new seed on
 *   random replay seed:N | FILE       one program again
 *
 * A program that fails is shrunk, printed, and kept in build/random. */

#define PROGRAM_STEPS 256u
#ifdef __SANITIZE_ADDRESS__
#define TEST_STEPS 250000u
#else
#define TEST_STEPS 1000000u
#endif

#define KEEP "build/random"

struct series {
    uint64_t seed, programs;
    time_t end; /* 0: after so many programs */
};

static void run_series(const void *arg)
{
    const struct series *s = arg;
    struct program p;

    for (uint64_t i = 0; s->end ? time(NULL) < s->end : i < s->programs; i++) {
        outcome->seed = s->seed + i;
        program_random(&p, outcome->seed, PROGRAM_STEPS);
        program_run(&p);
        free(p.step);
        outcome->programs++;
    }
}

static void print_failure(const struct program *p, const char *title)
{
    char text[STEP_TEXT] = "at the end";

    if (outcome->step < p->count)
        step_text(&p->step[outcome->step], text);
    printf("random: %s: step %u, %s: %s\n", title, outcome->step, text,
           outcome->why[0] ? outcome->why : "the process ended with an error");
}

static void keep(const struct program *p, uint64_t seed)
{
    char name[64];
    FILE *f;

    snprintf(name, sizeof(name), KEEP "/seed-%" PRIu64 ".steps", seed);
    mkdir("build", 0777);
    mkdir(KEEP, 0777);
    f = fopen(name, "w");
    if (!f)
        return;
    program_print(p, f);
    fclose(f);
    printf("random: again: make soak REPLAY=%s\n", name);
}

static void explain(struct program *p, uint64_t seed)
{
    unsigned steps;

    if (outcome->step + 1 < p->count)
        p->count = outcome->step + 1;
    steps = p->count;
    if (program_holds(p)) {
        printf("random: alone and cut after its last step it does not fail; again as it was: make "
               "soak REPLAY=seed:%" PRIu64 "\n",
               seed);
        return;
    }
    program_shrink(p);
    (void)program_holds(p);
    printf("random: shrunk from %u steps to %u:\n", steps, p->count);
    program_print(p, stdout);
    print_failure(p, "then");
    keep(p, seed);
}

static int run_many(const struct series *s, bool brief)
{
    struct program p;

    printf("random: programs of %u steps from seed %" PRIu64 " on\n", PROGRAM_STEPS, s->seed);
    if (run_apart(run_series, s)) {
        printf("random: %" PRIu64 " steps agree with the reference\n",
               outcome->programs * PROGRAM_STEPS);
        printf("[  PASSED  ] 1 test(s).\n");
        return 0;
    }
    program_random(&p, outcome->seed, PROGRAM_STEPS);
    printf("random: after %" PRIu64 " steps:\n", outcome->programs * PROGRAM_STEPS + outcome->step);
    print_failure(&p, "failed");
    if (!brief)
        explain(&p, outcome->seed);
    printf("[  FAILED  ] 1 test(s).\n");
    free(p.step);
    return 1;
}

static int replay(const char *what)
{
    struct program p;

    if (strncmp(what, "seed:", 5) == 0) {
        program_random(&p, strtoull(what + 5, NULL, 0), PROGRAM_STEPS);
    } else {
        FILE *f = fopen(what, "r");

        if (!f || !program_read(&p, f)) {
            fprintf(stderr, "random: %s is neither seed:N nor a file of steps\n", what);
            return 2;
        }
        fclose(f);
    }
    program_print(&p, stdout);
    if (program_holds(&p)) {
        printf("random: nothing is wrong\n");
        return 0;
    }
    print_failure(&p, "failed");
    return 1;
}

int main(int argc, char **argv)
{
    bool brief = argc == 2 && strcmp(argv[1], "brief") == 0;
    struct series s = {.seed = 1, .programs = (TEST_STEPS + PROGRAM_STEPS - 1) / PROGRAM_STEPS};

    outcome_start();
    if (argc == 3 && strcmp(argv[1], "replay") == 0)
        return replay(argv[2]);
    if (argc >= 3 && strcmp(argv[1], "soak") == 0) {
        s.end = time(NULL) + atol(argv[2]);
        s.seed = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL) << 20;
    }
    if (brief)
        s.programs /= 4;
    return run_many(&s, brief);
}
