/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_SERVE_H
#define NET_SERVE_H

#include "workloads/net/igbvf.h"
#include "workloads/net/rate.h"
#include "workloads/net/stack.h"

/* A host on the network: a virtual function and its IP address. */
struct port {
    struct igbvf vf;
    struct stack stack;
    uint64_t errors;  /* frames that the device found damaged */
    uint64_t dropped; /* answers for which no descriptor was free */
    uint64_t resets;  /* after which it was started again */
};

struct serve {
    struct port *port;
    unsigned ports;
    uint64_t reset_every; /* frames until a port is reset by VFIO_DEVICE_RESET; 0: never */
    uint64_t close_after; /* frames until the last port is closed under way; 0: never */
    struct rate rate;
    struct rate_count sum; /* of all ports, also of those that were closed */
    int epoll;
    unsigned waits;
};

/* Answers until somebody says quit (stack.h), then prints what there was. 0, or -1. */
int serve(struct serve *s);

#endif
