/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_MMU_ROOT_H
#define RF_X86_64_MMU_ROOT_H

#include "lib/base/types.h"

/* The CPU has one root for both halves of its space. The workload's has its own lower half, and the
 * kernel's entries in the upper, which the page-table engine does not touch: it was told 47 bits.
 */

/* The kernel's root, which is in force now. */
void mmu_root_init(paddr_t kernel);

/* The kernel's half has changed: the workload's root gets what is new. */
void mmu_root_share(void);

#endif
