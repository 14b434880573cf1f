/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_CYCLES_H
#define NET_CYCLES_H

/* Opens the function with all that belongs to it, and closes it, n times. 0, or -1. */
int cycles(const char *bdf, unsigned n);

#endif
