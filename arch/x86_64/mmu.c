/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"

#include "arch/cpu.h"
#include "arch/mem.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/mmu_root.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/pt/linear.h"

/* The kernel's tables. Their input addresses are the low 48 bits of a linear one. */
static struct pt kernel_pt;
static struct pt_linear linear;

#define INPUT(address) ((address) & MASK(47, 0))

int mmu_init(void)
{
    const struct pt_config cfg = {
        .granule_lg2 = PAGE_LG2,
        .ias = 48,
        .oas = (uint8_t)cpu_pa_bits(),
        .coherent = true,
        .global = true,
    };
    uint64_t root = SYSREG_READ(cr3);

    linear = (struct pt_linear){.pt = &kernel_pt,
                                .base = INPUT(LINEAR_BASE),
                                .bits = MIN(cpu_pa_bits(), LINEAR_BITS),
                                .image = image_range()};
    mmu_root_init(PADDR(root));
    return pt_adopt(&kernel_pt, &pt_cpu_x86, &cfg, PADDR(root));
}

/* What was not present is not cached (SDM 3A 4.10.2.3): new entries need no invalidation. */
static int published(int rc)
{
    mmu_root_share();
    return rc;
}

int mmu_map_ram(struct range r)
{
    return published(pt_linear_add_ram(&linear, r));
}

static int map_pages(paddr_t pa, uint64_t size, unsigned prot)
{
    return published(pt_linear_add(&linear, pa, size, prot));
}

int mmu_map_device(paddr_t pa, uint64_t size, struct mmio *out)
{
    int rc = map_pages(pa, size, PT_READ | PT_WRITE | PT_DEVICE);

    if (rc == 0)
        *out = (struct mmio){(uintptr_t)paddr_to_ptr(pa), size};
    return rc;
}

int mmu_map_ports(uint16_t first, uint16_t count, struct mmio *out)
{
    if (count == 0 || first + count > MMIO_PORTS)
        return -RF_EINVAL;
    *out = (struct mmio){first, count};
    return 0;
}

const void *mmu_map_firmware(paddr_t pa, uint64_t size)
{
    return map_pages(pa, size, PT_READ) == 0 ? paddr_to_ptr(pa) : NULL;
}

void *mmu_map_heap(uint64_t offset, paddr_t pa, uint64_t size)
{
    const uint64_t input = INPUT(HEAP_BASE) + offset;

    return published(pt_map(&kernel_pt, input, pa, size, PT_READ | PT_WRITE)) == 0
               ? (void *)(HEAP_BASE + offset)
               : NULL;
}
