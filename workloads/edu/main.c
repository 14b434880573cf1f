/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "workloads/edu/trial.h"

/* Runs the trials that are named, each with the device opened afresh. */

static const struct {
    const char *name;
    int (*run)(struct trial *t);
} trials[] = {
    {"copy", trial_copy},
    {"interrupt", trial_interrupt},
    {"outside-write", trial_outside_write},
    {"outside-read", trial_outside_read},
    {"read-only", trial_read_only},
    {"read-only-cached", trial_read_only_cached},
    {"after-unmap", trial_after_unmap},
    {"after-remap", trial_after_remap},
    {"aperture", trial_aperture},
    {"doorbell-idle", trial_doorbell_idle},
    {"doorbell-neighbour", trial_doorbell_neighbour},
    {"unused-interrupt", trial_unused_interrupt},
    {"foreign-event", trial_foreign_event},
    {"firmware", trial_firmware},
    {"firmware-end", trial_firmware_end},
    {"foreign-map", trial_foreign_map},
    {"peer-copy", trial_peer_copy},
    {"peer-off", trial_peer_off},
    {"peer-close", trial_peer_close},
    {"reset-asleep", trial_reset_asleep},
    {"after-close", trial_after_close},
    {"storm", trial_storm},
    {"mix", trial_mix},
    {"many", trial_many},
    {"die", trial_die},
    {"die-late", trial_die_late},
};
#define TRIALS (sizeof(trials) / sizeof(trials[0]))

static int run(const char *name)
{
    struct trial t;

    for (unsigned i = 0; i < TRIALS; i++) {
        int failed;

        if (strcmp(name, trials[i].name) != 0)
            continue;
        if (edu_open(&t.edu) || rf_iova_find(&t.edu.dev, 4ul << 20, &t.iova))
            return 1;
        t.size = 2 * rf_quantum(&t.edu.dev);
        t.iova += 1ul << 20;
        t.memory = rf_dma_alloc(&t.edu.dev, t.iova, t.size);
        if (!t.memory)
            return say(0, "DMA memory");
        memset(t.memory, CANARY, t.size);
        failed = trials[i].run(&t);
        edu_close(&t.edu);
        return failed;
    }
    return -1;
}

static int usage(const char *name)
{
    printf("usage: %s TRIAL...\n", name);
    for (unsigned i = 0; i < TRIALS; i++)
        printf("  %s\n", trials[i].name);
    return 2;
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc < 2)
        return usage(argv[0]);
    for (int i = 1; i < argc; i++) {
        int r = run(argv[i]);

        if (r < 0)
            return usage(argv[0]);
        failed |= r;
    }
    return failed;
}
