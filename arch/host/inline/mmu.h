/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_MMU_H
#define RF_HOST_MMU_H

#define mmu_user_bits 48u

#endif
