/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_MMU_H
#define RF_AARCH64_MMU_H

#define mmu_user_bits 48u

#endif
