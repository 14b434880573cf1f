/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_DEVICE_H
#define RF_TESTS_RANDOM_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Devices that misbehave: they access memory whenever the CPU touches a register or a store becomes
 * visible, mostly where something has just been mapped or unmapped; and whoever is given a page
 * that was freed fills it with table entries that lead to a page which nobody mapped. */

void device_start(void);

/* From now on; the same seed gives the same accesses. */
void device_seed(uint64_t seed);

/* A place worth looking at. */
void device_touch(uint64_t iova);

/* An access of some device to such a place. */
void device_access_somewhere(void);

/* One access, held against the reference. */
void device_access(unsigned stream, uint64_t iova, bool write);

#endif
