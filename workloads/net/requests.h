/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_REQUESTS_H
#define NET_REQUESTS_H

#include "workloads/net/igbvf.h"

/* The function `bad` asks the physical one for what it may not have: for the address of `good`
 * first of all. Then it keeps the words of its mailbox to itself, while `good` is started again.
 * Afterwards `bad` has to be. 0: all was refused, and `good` was not held up; -1 after a line for
 * each. */
int requests(struct igbvf *bad, struct igbvf *good);

#endif
