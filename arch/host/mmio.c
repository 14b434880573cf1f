/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmio.h"

#include "arch/host/host.h"
#include "arch/host/reset.h"
#include "lib/base/mask.h"

#define MODELS_MAX 32

static struct model {
    struct range window;
    const struct host_mmio_ops *ops;
    void *ctx;
} models[MODELS_MAX];
static unsigned model_count;
static bool (*refuses)(uint64_t addr, unsigned width);

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
    refuses = NULL;
}

void host_mmio_refuse(bool (*fn)(uint64_t addr, unsigned width))
{
    refuses = fn;
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
    host_bus_error(addr);
    host_abort("%s of %u bytes at 0x%lx: no model there", access, width, addr);
}

bool mmio_try_read(const struct mmio *window, uint32_t off, unsigned width, uint64_t *v)
{
    uint64_t addr = window->base + off;
    const struct model *m = find_model(addr, width, "read");

    if (refuses && refuses(addr, width))
        return false;
    *v = m->ops->read(m->ctx, addr - m->window.start, width) & MASK(8 * width - 1, 0);
    return true;
}

bool mmio_try_write(const struct mmio *window, uint32_t off, unsigned width, uint64_t v)
{
    uint64_t addr = window->base + off;
    const struct model *m = find_model(addr, width, "write");

    if (refuses && refuses(addr, width))
        return false;
    m->ops->write(m->ctx, addr - m->window.start, width, v & MASK(8 * width - 1, 0));
    return true;
}

uint64_t host_mmio_read(uintptr_t base, uint32_t off, unsigned width)
{
    const struct mmio window = {.base = base};
    uint64_t v;

    if (!mmio_try_read(&window, off, width, &v))
        host_abort("read of %u bytes at 0x%lx is refused", width, base + off);
    return v;
}

void host_mmio_write(uintptr_t base, uint32_t off, unsigned width, uint64_t v)
{
    const struct mmio window = {.base = base};

    if (!mmio_try_write(&window, off, width, v))
        host_abort("write of %u bytes at 0x%lx is refused", width, base + off);
}
