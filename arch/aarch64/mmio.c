/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmio.h"

/* mmio_try.S */
int mmio_try_load(uint64_t address, unsigned width, uint64_t *value);
int mmio_try_store(uint64_t address, unsigned width, uint64_t value);

bool mmio_try_read(const struct mmio *m, uint32_t off, unsigned width, uint64_t *v)
{
    return mmio_try_load(m->base + off, width, v) == 0;
}

bool mmio_try_write(const struct mmio *m, uint32_t off, unsigned width, uint64_t v)
{
    return mmio_try_store(m->base + off, width, v) == 0;
}
