/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/cycles.h"

#include <stdio.h>

#include "workloads/net/igbvf.h"

int cycles(const char *bdf, unsigned n)
{
    static struct igbvf vf;

    for (unsigned i = 0; i < n; i++) {
        vf = (struct igbvf){.ring_size = RING_MAX};
        if (igbvf_open(&vf, bdf, 0))
            return -1;
        igbvf_close(&vf);
    }
    printf("net: %s was opened and closed %u times\n", bdf, n);
    return 0;
}
