/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_MMIO_H
#define RF_X86_64_MMIO_H

/* I/O ports are a window too: its base is the first port, which no mapped address can be. A port
 * has at most 32 bits. */
#define MMIO_PORTS 0x10000u

/* Assembler, not a volatile pointer: one access of that width, which the compiler can neither split
 * nor fold into an instruction that an emulator does not decode. `size` is the instruction's
 * suffix, `mod` the modifier that names a register of that size. */
#define MMIO_MEMORY_ACCESSORS(width, type, size, mod)                                  \
    static inline type mmio_memory_read##width(uintptr_t a)                            \
    {                                                                                  \
        type v;                                                                        \
        __asm__ volatile("mov" size " (%1), %" mod "0" : "=r"(v) : "r"(a) : "memory"); \
        return v;                                                                      \
    }                                                                                  \
    static inline void mmio_memory_write##width(uintptr_t a, type v)                   \
    {                                                                                  \
        __asm__ volatile("mov" size " %" mod "0, (%1)" : : "r"(v), "r"(a) : "memory"); \
    }

#define MMIO_ACCESSORS(width, type, size, mod)                                           \
    MMIO_MEMORY_ACCESSORS(width, type, size, mod)                                        \
    static inline type mmio_read##width(const struct mmio *m, reg##width##_t r)          \
    {                                                                                    \
        uintptr_t a = m->base + r.off;                                                   \
        type v;                                                                          \
        if (a >= MMIO_PORTS)                                                             \
            return mmio_memory_read##width(a);                                           \
        __asm__ volatile("in" size " %w1, %" mod "0" : "=a"(v) : "d"((uint16_t)a));      \
        return v;                                                                        \
    }                                                                                    \
    static inline void mmio_write##width(const struct mmio *m, reg##width##_t r, type v) \
    {                                                                                    \
        uintptr_t a = m->base + r.off;                                                   \
        if (a >= MMIO_PORTS)                                                             \
            mmio_memory_write##width(a, v);                                              \
        else                                                                             \
            __asm__ volatile("out" size " %" mod "0, %w1" : : "a"(v), "d"((uint16_t)a)); \
    }

MMIO_ACCESSORS(8, uint8_t, "b", "b")
MMIO_ACCESSORS(16, uint16_t, "w", "w")
MMIO_ACCESSORS(32, uint32_t, "l", "k")
MMIO_MEMORY_ACCESSORS(64, uint64_t, "q", "q")

static inline uint64_t mmio_read64(const struct mmio *m, reg64_t r)
{
    return mmio_memory_read64(m->base + r.off);
}

static inline void mmio_write64(const struct mmio *m, reg64_t r, uint64_t v)
{
    mmio_memory_write64(m->base + r.off, v);
}

static inline uint32_t mmio_read32_or_ones(const struct mmio *m, reg32_t r)
{
    return mmio_read32(m, r);
}

#undef MMIO_MEMORY_ACCESSORS
#undef MMIO_ACCESSORS

#endif
