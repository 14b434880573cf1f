/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_MMU_H
#define RF_X86_64_MMU_H

#define mmu_user_bits 47u

#endif
