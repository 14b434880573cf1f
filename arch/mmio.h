/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_MMIO_H
#define RF_ARCH_MMIO_H

#include "lib/base/types.h"

/* A window of device registers. Made by mmu_map_device (arch/mmu.h); on the host by a model. */
struct mmio {
    uintptr_t base;
    uint64_t size;
};

/* A register's offset, typed by its access width: the wrong width does not compile. There is on
 * purpose no read-modify-write helper: on a write-1-to-clear register it would clear bits that
 * nobody meant. */
typedef struct {
    uint32_t off;
} reg8_t;
typedef struct {
    uint32_t off;
} reg16_t;
typedef struct {
    uint32_t off;
} reg32_t;
typedef struct {
    uint32_t off;
} reg64_t;

#define REG8(o)  ((reg8_t){(o)})
#define REG16(o) ((reg16_t){(o)})
#define REG32(o) ((reg32_t){(o)})
#define REG64(o) ((reg64_t){(o)})

/* One access of exactly that width, little endian, in program order with other mmio accesses to the
 * same device. No ordering against memory: see arch/barrier.h. The offset is the caller's duty. */
static inline uint8_t mmio_read8(const struct mmio *m, reg8_t r);
static inline uint16_t mmio_read16(const struct mmio *m, reg16_t r);
static inline uint32_t mmio_read32(const struct mmio *m, reg32_t r);
static inline uint64_t mmio_read64(const struct mmio *m, reg64_t r);
static inline void mmio_write8(const struct mmio *m, reg8_t r, uint8_t v);
static inline void mmio_write16(const struct mmio *m, reg16_t r, uint16_t v);
static inline void mmio_write32(const struct mmio *m, reg32_t r, uint32_t v);
static inline void mmio_write64(const struct mmio *m, reg64_t r, uint64_t v);

/* The same for registers of a device that may refuse an access: by its width, or where it has
 * nothing. False, and *v unchanged, where that is told to the CPU at once; the kernel's own
 * accesses, above, end in an exception then. width is 1, 2, 4 or 8 bytes, and the offset a multiple
 * of it. */
bool mmio_try_read(const struct mmio *m, uint32_t off, unsigned width, uint64_t *v);
bool mmio_try_write(const struct mmio *m, uint32_t off, unsigned width, uint64_t v);

/* A dword of such a device; all ones where it refuses. */
static inline uint32_t mmio_read32_or_ones(const struct mmio *m, reg32_t r);

#include "inline/mmio.h"

#endif
