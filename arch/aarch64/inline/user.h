/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_USER_H
#define RF_AARCH64_USER_H

/* vectors.S knows the offsets (layout.h). The thread pointer and the floating-point registers stay
 * in the CPU, which nothing else uses. */
struct user_regs {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
};

#define USER_CONTEXT_SIZE 4384

#define USER_ELF_MACHINE 183 /* EM_AARCH64 */

#endif
