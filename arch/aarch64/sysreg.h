/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_SYSREG_H
#define RF_AARCH64_SYSREG_H

#include <stdint.h>

/* One access; volatile, so that two reads stay two. A write takes effect for later instructions
 * after an isb(). */
#define SYSREG_READ(name)                                         \
    ({                                                            \
        uint64_t sysreg_value_;                                   \
        __asm__ volatile("mrs %0, " #name : "=r"(sysreg_value_)); \
        sysreg_value_;                                            \
    })
#define SYSREG_WRITE(name, value) \
    __asm__ volatile("msr " #name ", %x0" : : "rZ"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

#endif
