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

#define TTBR_BADDR MASK(47, 1)

/* The kernel's tables (TTBR1). Their input addresses are the low 48 bits of a virtual address, so
 * that in the linear map they are the physical ones. */
static struct pt kernel_pt;

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

    return pt_adopt(&kernel_pt, &pt_arm_s1, &cfg, PADDR(SYSREG_READ(ttbr1_el1) & TTBR_BADDR));
}

/* New entries are visible to this CPU's walks and instruction fetch from here on. */
static int kernel_map(uint64_t input, paddr_t pa, uint64_t size, unsigned prot)
{
    int rc = pt_map(&kernel_pt, input, pa, size, prot);

    dma_sync();
    isb();
    return rc;
}

/* Maps what is not yet mapped of r in the linear map; what is, must agree in being device memory or
 * not. */
static int map_holes(struct range r, unsigned prot)
{
    uint64_t at = r.start;

    while (at <= r.last) {
        struct pt_leaf leaf;
        uint64_t next;
        bool found = pt_next_leaf(&kernel_pt, at, &next, &leaf) && next <= r.last;
        uint64_t hole_end = found ? MAX(next, at) : r.last + 1;

        if (hole_end > at) {
            int rc = kernel_map(at, PADDR(at), hole_end - at, prot);
            if (rc != 0)
                return rc;
        }
        if (!found)
            break;
        if ((leaf.prot & PT_DEVICE) != (prot & PT_DEVICE))
            return -RF_EEXIST;
        at = next + BIT(leaf.size_lg2);
    }
    return 0;
}

static bool in_linear_map(struct range r)
{
    return r.last >> MIN(cpu_pa_bits(), LINEAR_BITS) == 0;
}

/* The image is left out as a whole: the page below the stack must stay a hole. */
int mmu_map_ram(struct range r)
{
    const struct range image = image_range();
    int rc = 0;

    if (!in_linear_map(r))
        return -RF_ERANGE;
    if (!range_overlaps(r, image))
        return map_holes(r, PT_READ | PT_WRITE);
    if (r.start < image.start)
        rc = map_holes((struct range){r.start, image.start - 1}, PT_READ | PT_WRITE);
    if (rc == 0 && r.last > image.last)
        rc = map_holes((struct range){image.last + 1, r.last}, PT_READ | PT_WRITE);
    return rc;
}

/* Whole pages around [pa, pa + size). */
static int map_pages(paddr_t pa, uint64_t size, unsigned prot)
{
    struct range r;

    if (size == 0)
        return -RF_EINVAL;
    if (!range_make(pa.v, size, &r) || !in_linear_map(r))
        return -RF_ERANGE;
    r.start = align_down(r.start, PAGE_SIZE);
    r.last |= PAGE_SIZE - 1;
    return map_holes(r, prot);
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
    if (kernel_map(HEAP_INPUT + offset, pa, size, PT_READ | PT_WRITE) != 0)
        return NULL;
    return (void *)(HEAP_BASE + offset);
}
