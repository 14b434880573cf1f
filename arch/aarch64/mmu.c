/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"

#include "arch/aarch64/image.h"
#include "arch/aarch64/layout.h"
#include "arch/aarch64/sysreg.h"
#include "arch/barrier.h"
#include "arch/cpu.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/pt/linear.h"

#define TTBR_BADDR MASK(47, 1)

/* The kernel's tables (TTBR1). Their input addresses are the low 48 bits of a virtual address, so
 * that in the linear map they are the physical ones. */
static struct pt kernel_pt;
static struct pt_linear linear;

#define HEAP_INPUT (HEAP_BASE - LINEAR_BASE)

int mmu_init(void)
{
    const struct pt_config cfg = {
        .granule_lg2 = PAGE_LG2,
        .ias = 48,
        .oas = (uint8_t)cpu_pa_bits(),
        .coherent = true,
        .global = true,
    };

    linear = (struct pt_linear){
        .pt = &kernel_pt, .bits = MIN(cpu_pa_bits(), LINEAR_BITS), .image = image_range()};
    return pt_adopt(&kernel_pt, &pt_arm_s1, &cfg, PADDR(SYSREG_READ(ttbr1_el1) & TTBR_BADDR));
}

/* New entries are visible to this CPU's walks and instruction fetch from here on. */
static int published(int rc)
{
    dma_sync();
    isb();
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

/* Ports are an affair of x86. */
int mmu_map_ports(uint16_t first, uint16_t count, struct mmio *out)
{
    (void)first;
    (void)count;
    (void)out;
    return -RF_ENODEV;
}

const void *mmu_map_firmware(paddr_t pa, uint64_t size)
{
    return map_pages(pa, size, PT_READ) == 0 ? paddr_to_ptr(pa) : NULL;
}

void *mmu_map_heap(uint64_t offset, paddr_t pa, uint64_t size)
{
    const uint64_t input = HEAP_INPUT + offset;

    return published(pt_map(&kernel_pt, input, pa, size, PT_READ | PT_WRITE)) == 0
               ? (void *)(HEAP_BASE + offset)
               : NULL;
}
