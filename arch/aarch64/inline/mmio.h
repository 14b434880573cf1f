/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_MMIO_H
#define RF_AARCH64_MMIO_H

/* Assembler, not a volatile pointer: the compiler must not choose a pair or a write-back form,
 * which a hypervisor cannot emulate (no valid syndrome, DDI 0487 D24.2.40 ISV). */
#define MMIO_ACCESSORS(width, type, suffix)                                              \
    static inline type mmio_read##width(const struct mmio *m, reg##width##_t r)          \
    {                                                                                    \
        type v;                                                                          \
        __asm__ volatile("ldr" suffix ", [%1]" : "=r"(v) : "r"(m->base + r.off));        \
        return v;                                                                        \
    }                                                                                    \
    static inline void mmio_write##width(const struct mmio *m, reg##width##_t r, type v) \
    {                                                                                    \
        __asm__ volatile("str" suffix ", [%1]" : : "rZ"(v), "r"(m->base + r.off));       \
    }

MMIO_ACCESSORS(8, uint8_t, "b %w0")
MMIO_ACCESSORS(16, uint16_t, "h %w0")
MMIO_ACCESSORS(32, uint32_t, " %w0")
MMIO_ACCESSORS(64, uint64_t, " %x0")
#undef MMIO_ACCESSORS

/* mmio_try.S */
uint32_t mmio_load_or_ones(uint64_t address);

static inline uint32_t mmio_read32_or_ones(const struct mmio *m, reg32_t r)
{
    return mmio_load_or_ones(m->base + r.off);
}

#endif
