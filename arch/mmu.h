/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_MMU_H
#define RF_ARCH_MMU_H

#include "arch/mmio.h"
#include "lib/base/range.h"
#include "lib/pt/pt.h"

/* Called once by kmain after the early pages went into lib/mem: takes over the tables that start-up
 * made, so that later maps use the page allocator. */
int mmu_init(void);

/* Adds RAM to the linear map: normal cacheable memory, writable, never executable. r is physical
 * and page aligned. Parts that are already mapped (the image, the device tree) keep their rights.
 * -RF_ENOMEM, -RF_ERANGE beyond the CPU's physical address size. */
int mmu_map_ram(struct range r);

/* Maps registers: Device-nGnRE, never executable, never for the workload. pa need not be aligned.
 * -RF_ENOMEM, -RF_ERANGE, -RF_EINVAL for size 0. */
int mmu_map_device(paddr_t pa, uint64_t size, struct mmio *out);

/* The same for `count` I/O ports from `first` on. -RF_ENODEV: this CPU has none; -RF_EINVAL. */
int mmu_map_ports(uint16_t first, uint16_t count, struct mmio *out);

/* Maps memory in which firmware left tables, readable only; whole pages around [pa, pa + size), in
 * the linear map. NULL: no memory for a table, or beyond the CPU's physical addresses. */
const void *mmu_map_firmware(paddr_t pa, uint64_t size);

/* Maps pages at `offset` of a window that is made for the C library's heap: contiguous addresses
 * over pages from anywhere, writable, never executable. All three are page aligned. NULL: no memory
 * for a table. Only in a kernel: on the host the C library has a heap of its own. */
void *mmu_map_heap(uint64_t offset, paddr_t pa, uint64_t size);

/* The workload's tables are a struct pt of format mmu_user_format with ias mmu_user_bits
 * (inline/mmu.h). Prot: PT_USER always; PT_EXEC pages are never writable. */
extern const struct pt_format *const mmu_user_format;
#include "inline/mmu.h"

/* From now on user_run() runs in this address space; PADDR_INVALID: in none (every user address
 * faults). */
void mmu_user_activate(paddr_t root);

/* Drops the CPU's cached translations of what the gather names, and completes. Then the gather's
 * tables may be freed. */
void mmu_user_sync(const struct pt_gather *g);

/* Makes instructions that were written through the linear map at p visible to instruction fetch. */
void mmu_sync_code(const void *p, uint64_t n);

#endif
