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

/* The kernel's tables. Their input addresses are the low 48 bits of a linear one. */
static struct pt kernel_pt;

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

    mmu_root_init(PADDR(root));
    return pt_adopt(&kernel_pt, &pt_cpu_x86, &cfg, PADDR(root));
}

/* What was not present is not cached (SDM 3A 4.10.2.3): new entries need no invalidation. */
static int kernel_map(uint64_t input, paddr_t pa, uint64_t size, unsigned prot)
{
    int rc = pt_map(&kernel_pt, input, pa, size, prot);

    mmu_root_share();
    return rc;
}

/* Maps what is not yet mapped of r in the linear map; what is, must agree in being device memory or
 * not. */
static int map_holes(struct range r, unsigned prot)
{
    const uint64_t base = INPUT(LINEAR_BASE);
    uint64_t at = r.start;

    while (at <= r.last) {
        struct pt_leaf leaf;
        uint64_t next = 0;
        bool found = pt_next_leaf(&kernel_pt, base + at, &next, &leaf) && next <= base + r.last;
        uint64_t hole_end = found ? MAX(next - base, at) : r.last + 1;

        if (hole_end > at) {
            int rc = kernel_map(base + at, PADDR(at), hole_end - at, prot);
            if (rc != 0)
                return rc;
        }
        if (!found)
            break;
        if ((leaf.prot & PT_DEVICE) != (prot & PT_DEVICE))
            return -RF_EEXIST;
        at = next - base + BIT(leaf.size_lg2);
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
    if (kernel_map(INPUT(HEAP_BASE) + offset, pa, size, PT_READ | PT_WRITE) != 0)
        return NULL;
    return (void *)(HEAP_BASE + offset);
}
