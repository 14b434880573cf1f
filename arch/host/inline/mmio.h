/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_MMIO_H
#define RF_HOST_MMIO_H

/* mmio.c; width in bytes. */
uint64_t host_mmio_read(uintptr_t base, uint32_t off, unsigned width);
void host_mmio_write(uintptr_t base, uint32_t off, unsigned width, uint64_t v);

#define MMIO_ACCESSORS(bits)                                                                     \
    static inline uint##bits##_t mmio_read##bits(const struct mmio *m, reg##bits##_t r)          \
    {                                                                                            \
        return (uint##bits##_t)host_mmio_read(m->base, r.off, (bits) / 8);                       \
    }                                                                                            \
    static inline void mmio_write##bits(const struct mmio *m, reg##bits##_t r, uint##bits##_t v) \
    {                                                                                            \
        host_mmio_write(m->base, r.off, (bits) / 8, v);                                          \
    }

MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)
#undef MMIO_ACCESSORS

static inline uint32_t mmio_read32_or_ones(const struct mmio *m, reg32_t r)
{
    uint64_t v;

    return mmio_try_read(m, r.off, 4, &v) ? (uint32_t)v : UINT32_MAX;
}

#endif
