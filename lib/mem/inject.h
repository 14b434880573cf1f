/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_MEM_INJECT_H
#define RF_MEM_INJECT_H

#include <stdbool.h>

/* Fault injection for tests: the k-th allocation (page or heap; 1 is the next one) fails, once.
 * inject_after(0) switches it off. inject_count() is how many allocations were asked for since.
 * In the kernel inject_hit() is a compare of one word. */
void inject_after(unsigned k);
unsigned inject_count(void);
bool inject_hit(void);

#endif
