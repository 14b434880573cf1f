/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmio.h"

/* A device cannot refuse an access of an x86 CPU: what nobody answers reads as ones, and is lost
 * when written. */

bool mmio_try_read(const struct mmio *m, uint32_t off, unsigned width, uint64_t *v)
{
    switch (width) {
    case 1:
        *v = mmio_read8(m, REG8(off));
        break;
    case 2:
        *v = mmio_read16(m, REG16(off));
        break;
    case 4:
        *v = mmio_read32(m, REG32(off));
        break;
    default:
        *v = mmio_read64(m, REG64(off));
        break;
    }
    return true;
}

bool mmio_try_write(const struct mmio *m, uint32_t off, unsigned width, uint64_t v)
{
    switch (width) {
    case 1:
        mmio_write8(m, REG8(off), (uint8_t)v);
        break;
    case 2:
        mmio_write16(m, REG16(off), (uint16_t)v);
        break;
    case 4:
        mmio_write32(m, REG32(off), (uint32_t)v);
        break;
    default:
        mmio_write64(m, REG64(off), v);
        break;
    }
    return true;
}
