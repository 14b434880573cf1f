/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/pci/regs.h"
#include "tests/random/reference.h"

/* Registers of one device that are mapped for the DMA of others. */

int ref_registers(uint64_t vaddr, uint64_t size)
{
    uint64_t d = (vaddr - USER_REGISTERS) / REGISTERS_STEP;
    uint64_t at = (vaddr - USER_REGISTERS) % REGISTERS_STEP;

    if (vaddr < USER_REGISTERS || d >= GROUPS || at >= REGISTERS_SIZE ||
        size > REGISTERS_SIZE - at || ref.device[d].opens == 0)
        return -1;
    return (int)d;
}

uint64_t ref_registers_pa(uint64_t vaddr)
{
    return BAR2 + (vaddr - USER_REGISTERS);
}

/* No device of the machine has a way around the IOMMU to another. */
long ref_want_registers(unsigned d)
{
    return ref.device[d].command & PCI_COMMAND_MEMORY ? 0 : -RF_ENODEV;
}

static bool is_of(const struct ref_map *m, unsigned d)
{
    return m->registers == (int)d && !m->revoked;
}

void ref_revoke_begin(unsigned d)
{
    struct ref_map *m;

    for (unsigned c = 0; c < CONTAINERS; c++)
        LIST_FOREACH (m, &ref.container[c].maps, link)
            if (is_of(m, d))
                m->sure = MAYBE;
}

void ref_revoke_done(unsigned d)
{
    struct ref_map *m;

    for (unsigned c = 0; c < CONTAINERS; c++)
        LIST_FOREACH (m, &ref.container[c].maps, link)
            if (is_of(m, d)) {
                m->sure = YES;
                m->revoked = true;
            }
}
