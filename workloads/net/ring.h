/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_RING_H
#define NET_RING_H

#include "workloads/net/igbvf.h"

/* Switches both rings on, empty, as lay_out() has placed them. -1: the device does not. */
int ring_start(struct igbvf *vf);

#endif
