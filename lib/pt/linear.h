/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_LINEAR_H
#define RF_PT_LINEAR_H

#include "lib/pt/pt.h"

/* The linear map of a kernel: the part of its tables where input address base + pa leads to
 * physical address pa. It only grows, and parts that are mapped keep their rights. */
struct pt_linear {
    struct pt *pt;
    uint64_t base;
    unsigned bits;      /* physical addresses have at most so many */
    struct range image; /* the kernel, which start-up mapped where it has to be */
};

/* Adds RAM, writable and never executable; r is page aligned. The image is left out as a whole: the
 * page below the stack must stay a hole. -RF_ENOMEM; -RF_ERANGE: beyond `bits`; -RF_EEXIST: device
 * memory is there. */
int pt_linear_add_ram(const struct pt_linear *l, struct range r);

/* Adds whole pages around [pa, pa + size). The same errors; -RF_EINVAL for size 0; -RF_EEXIST also
 * where memory is and prot has PT_DEVICE. */
int pt_linear_add(const struct pt_linear *l, paddr_t pa, uint64_t size, unsigned prot);

#endif
