/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_SYSREG_H
#define RF_X86_64_SYSREG_H

#include <stdint.h>

/* Control registers by name: cr0, cr2, cr3, cr4. */
#define SYSREG_READ(name)                                               \
    ({                                                                  \
        uint64_t sysreg_value_;                                         \
        __asm__ volatile("movq %%" #name ", %0" : "=r"(sysreg_value_)); \
        sysreg_value_;                                                  \
    })
#define SYSREG_WRITE(name, value) \
    __asm__ volatile("movq %0, %%" #name : : "r"((uint64_t)(value)) : "memory")

/* Model-specific registers (SDM 4). */
#define MSR_APIC_BASE    0x1bu
#define MSR_SYSENTER_CS  0x174u
#define MSR_PAT          0x277u
#define MSR_TSC_DEADLINE 0x6e0u
#define MSR_X2APIC       0x800u /* register n of the local APIC, offset n * 16 */
#define MSR_EFER         0xc0000080u
#define MSR_STAR         0xc0000081u
#define MSR_LSTAR        0xc0000082u
#define MSR_FMASK        0xc0000084u
#define MSR_FS_BASE      0xc0000100u
#define MSR_GS_BASE      0xc0000101u

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

/* As cpuid(), all 0 for a leaf that the CPU does not have. */
static inline struct cpuid cpuid_if_there(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid none = {0, 0, 0, 0};

    return cpuid(leaf & 0xf0000000u, 0).eax >= leaf ? cpuid(leaf, subleaf) : none;
}

#endif
