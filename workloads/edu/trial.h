/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_WORKLOADS_EDU_TRIAL_H
#define RF_WORKLOADS_EDU_TRIAL_H

#include "workloads/edu/edu.h"

/* What the trials share. What the device may do works, what it may not do changes no byte. */

#define CANARY 0x5a

struct trial {
    struct edu edu;
    size_t size;   /* of every mapping here: two quanta */
    uint64_t iova; /* mapped, at `memory` */
    uint8_t *memory;
};

/* Prints how the trial ended; 0 when it is good. */
int say(int good, const char *what);

/* Memory that can be mapped, n times t->size. */
uint8_t *fresh(const struct trial *t, size_t n);

int is_all(const uint8_t *p, uint8_t value, size_t n);

/* Puts n bytes of `value` into the device's buffer, and canaries into the memory. */
void load(struct trial *t, uint8_t value, uint32_t n);

/* The trials: 0, or 1 when the forbidden happened or the allowed did not. */
int trial_copy(struct trial *t);
int trial_interrupt(struct trial *t);
int trial_outside_write(struct trial *t);
int trial_outside_read(struct trial *t);
int trial_read_only(struct trial *t);
int trial_read_only_cached(struct trial *t);
int trial_after_unmap(struct trial *t);
int trial_after_remap(struct trial *t);
int trial_aperture(struct trial *t);
int trial_doorbell_idle(struct trial *t);
int trial_doorbell_neighbour(struct trial *t);
int trial_unused_interrupt(struct trial *t);
int trial_foreign_event(struct trial *t);
int trial_firmware(struct trial *t);
int trial_firmware_end(struct trial *t);
int trial_foreign_map(struct trial *t);
int trial_peer_copy(struct trial *t);
int trial_peer_off(struct trial *t);
int trial_peer_close(struct trial *t);
int trial_reset_asleep(struct trial *t);
int trial_after_close(struct trial *t);
int trial_storm(struct trial *t);
int trial_mix(struct trial *t);
int trial_many(struct trial *t);
int trial_die(struct trial *t);
int trial_die_late(struct trial *t);

#endif
