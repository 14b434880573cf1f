/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_TRIALS_H
#define NET_TRIALS_H

/* The function `bad`, in a container of its own, is told to reach what it may not, while `good`
 * goes on. Needs a neighbour that answers ARP for 10.0.2.2. 0: nothing was reached; -1. */
int trials(const char *good, const char *bad);

#endif
