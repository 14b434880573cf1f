/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_RANDOM_H
#define RF_SYS_RANDOM_H

#include "lib/base/types.h"

/* Not fit for keys: seeded by the clock alone, because no architecture of this project is asked for
 * random numbers. */
void random_bytes(void *out, size_t n);

#endif
