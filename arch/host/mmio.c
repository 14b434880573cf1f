/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmio.h"

#include "arch/host/host.h"
#include "arch/host/reset.h"

#define MODELS_MAX 32

static struct model {
    struct range window;
    const struct host_mmio_ops *ops;
    void *ctx;
} models[MODELS_MAX];
static unsigned model_count;

void host_mmio_register(uint64_t base, uint64_t size, const struct host_mmio_ops *ops, void *ctx)
{
    struct range window;

    if (!range_make(base, size, &window) || model_count == MODELS_MAX)
        host_abort("cannot register a model at 0x%lx, size 0x%lx", base, size);
    for (unsigned i = 0; i < model_count; i++)
        if (range_overlaps(models[i].window, window))
            host_abort("two models at 0x%lx", base);
    models[model_count++] = (struct model){window, ops, ctx};
}

void host_mmio_reset(void)
{
    model_count = 0;
}

static const struct model *find_model(uint64_t addr, unsigned width, const char *access)
{
    struct range r = {addr, addr + width - 1};

    host_park_step();
    if (!is_aligned(addr, width))
        host_abort("%s of %u bytes at 0x%lx is not aligned", access, width, addr);
    for (unsigned i = 0; i < model_count; i++)
        if (range_contains(models[i].window, r))
            return &models[i];
    host_abort("%s of %u bytes at 0x%lx: no model there", access, width, addr);
}

uint64_t host_mmio_read(uintptr_t base, uint32_t off, unsigned width)
{
    uint64_t addr = base + off;
    const struct model *m = find_model(addr, width, "read");

    return m->ops->read(m->ctx, addr - m->window.start, width);
}

void host_mmio_write(uintptr_t base, uint32_t off, unsigned width, uint64_t v)
{
    uint64_t addr = base + off;
    const struct model *m = find_model(addr, width, "write");

    m->ops->write(m->ctx, addr - m->window.start, width, v);
}
