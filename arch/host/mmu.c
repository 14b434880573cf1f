/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"

#include "arch/cpu.h"
#include "arch/host/host.h"
#include "arch/host/reset.h"
#include "arch/mem.h"
#include "lib/base/err.h"

static struct host_mmu_counts counts = {.user_root = {~UINT64_C(0)}};

const struct pt_format *const mmu_user_format = &pt_arm_s1;

void host_mmu_reset(void)
{
    counts = (struct host_mmu_counts){.user_root = PADDR_INVALID};
}

struct host_mmu_counts host_mmu_counts(void)
{
    return counts;
}

int mmu_init(void)
{
    return 0;
}

int mmu_map_ram(struct range r)
{
    return r.last >> cpu_pa_bits() == 0 ? 0 : -RF_ERANGE;
}

/* mmio.c finds the model by physical address. */
int mmu_map_device(paddr_t pa, uint64_t size, struct mmio *out)
{
    struct range r;

    if (size == 0)
        return -RF_EINVAL;
    if (!range_make(pa.v, size, &r) || r.last >> cpu_pa_bits() != 0)
        return -RF_ERANGE;
    *out = (struct mmio){pa.v, size};
    return 0;
}

int mmu_map_ports(uint16_t first, uint16_t count, struct mmio *out)
{
    return mmu_map_device(PADDR(first), count, out);
}

const void *mmu_map_firmware(paddr_t pa, uint64_t size)
{
    struct range r;

    return range_make(pa.v, size, &r) && host_arena_has(r) ? paddr_to_ptr(pa) : NULL;
}

void mmu_user_activate(paddr_t root)
{
    counts.activations++;
    counts.user_root = root;
}

void mmu_user_sync(const struct pt_gather *g)
{
    if (!pt_gather_empty(g))
        counts.syncs++;
}

void mmu_sync_code(const void *p, uint64_t n)
{
    (void)p;
    (void)n;
    counts.code_syncs++;
}
