/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_WORKLOAD_H
#define RF_TESTS_RANDOM_WORKLOAD_H

#include "lib/vfio/uapi.h"
#include "tests/random/program.h"

/* The workload: its memory, its descriptors, and its calls, each of which gives what the system
 * call would give. */

void workload_start(void);
void workload_stop(void);

/* Where it has the arguments of a call: put there, and what the call left there. */
#define WORKLOAD_ARG      UINT64_C(0x10000)
#define WORKLOAD_ARG_SIZE 4096u
uint64_t workload_put(const void *arg, size_t n);
void *workload_got(void);

/* Files; indices as in steps. */
bool workload_has_container(unsigned c);
bool workload_has_group(unsigned g);
struct vfio_container *workload_container(unsigned c);

long workload_open_container(unsigned c);
void workload_close_container(unsigned c);
long workload_open_group(unsigned g);
void workload_close_group(unsigned g);
long workload_set_container(unsigned g, unsigned c);
long workload_unset_container(unsigned g);
long workload_set_iommu(unsigned c);
long workload_open_device(unsigned d);
void workload_close_device(unsigned d);
long workload_map(const uint64_t *arg);
long workload_unmap(const uint64_t *arg, uint64_t *bytes);
long workload_dirty(const uint64_t *arg);
/* What the last call with a bitmap gave: DIRTY_WORDS words. */
#define DIRTY_WORDS 256u
const uint64_t *workload_bitmap(void);
long workload_irqs(const uint64_t *arg);
long workload_irqs_off(unsigned d, unsigned index);
long workload_reset(unsigned d);
long workload_command(unsigned d, uint16_t value);

/* VFIO_IOMMU_GET_INFO with its capabilities. */
struct workload_info {
    uint64_t pgsizes;
    uint32_t avail;
    unsigned count;
    struct vfio_iova_range range[8];
};
long workload_info(unsigned c, struct workload_info *out);

#endif
