/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_MMIO_H
#define RF_X86_64_MMIO_H

/* I/O ports are a window too: its base is the first port, which no mapped address can be. A port
 * has at most 32 bits. */
#define MMIO_PORTS 0x10000u

/* Assembler, not a volatile pointer: one access of that width, which the compiler can neither split
 * nor fold into an instruction that an emulator does not decode. */
#define MMIO_MEMORY_ACCESSORS(width, type, mov, reg, from)                                        \
    static inline type mmio_memory_read##width(uintptr_t a)                                       \
    {                                                                                             \
        type v;                                                                                   \
        __asm__ volatile(mov " %1, %0" : "=" reg(v) : "m"(*(const volatile type *)a) : "memory"); \
        return v;                                                                                 \
    }                                                                                             \
    static inline void mmio_memory_write##width(uintptr_t a, type v)                              \
    {                                                                                             \
        __asm__ volatile(mov " %1, %0" : "=m"(*(volatile type *)a) : from(v) : "memory");         \
    }

#define MMIO_PORT_ACCESSORS(width, type, suffix, reg)                                      \
    static inline type mmio_port_read##width(uintptr_t port)                               \
    {                                                                                      \
        type v;                                                                            \
        __asm__ volatile("in" suffix " %w1, %" reg "0" : "=a"(v) : "Nd"((uint16_t)port));  \
        return v;                                                                          \
    }                                                                                      \
    static inline void mmio_port_write##width(uintptr_t port, type v)                      \
    {                                                                                      \
        __asm__ volatile("out" suffix " %" reg "0, %w1" : : "a"(v), "Nd"((uint16_t)port)); \
    }

#define MMIO_ACCESSORS(width, type)                                                      \
    static inline type mmio_read##width(const struct mmio *m, reg##width##_t r)          \
    {                                                                                    \
        uintptr_t a = m->base + r.off;                                                   \
        return a < MMIO_PORTS ? mmio_port_read##width(a) : mmio_memory_read##width(a);   \
    }                                                                                    \
    static inline void mmio_write##width(const struct mmio *m, reg##width##_t r, type v) \
    {                                                                                    \
        uintptr_t a = m->base + r.off;                                                   \
        if (a < MMIO_PORTS)                                                              \
            mmio_port_write##width(a, v);                                                \
        else                                                                             \
            mmio_memory_write##width(a, v);                                              \
    }

MMIO_MEMORY_ACCESSORS(8, uint8_t, "movb", "q", "q")
MMIO_MEMORY_ACCESSORS(16, uint16_t, "movw", "r", "r")
MMIO_MEMORY_ACCESSORS(32, uint32_t, "movl", "r", "r")
MMIO_MEMORY_ACCESSORS(64, uint64_t, "movq", "r", "r")
MMIO_PORT_ACCESSORS(8, uint8_t, "b", "b")
MMIO_PORT_ACCESSORS(16, uint16_t, "w", "w")
MMIO_PORT_ACCESSORS(32, uint32_t, "l", "k")
MMIO_ACCESSORS(8, uint8_t)
MMIO_ACCESSORS(16, uint16_t)
MMIO_ACCESSORS(32, uint32_t)

static inline uint64_t mmio_read64(const struct mmio *m, reg64_t r)
{
    return mmio_memory_read64(m->base + r.off);
}

static inline void mmio_write64(const struct mmio *m, reg64_t r, uint64_t v)
{
    mmio_memory_write64(m->base + r.off, v);
}

#undef MMIO_MEMORY_ACCESSORS
#undef MMIO_PORT_ACCESSORS
#undef MMIO_ACCESSORS

#endif
