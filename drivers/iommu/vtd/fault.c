/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "lib/base/log.h"

/* ---- decoding (VT-d 11.4.7.6) ---------------------------------------------------------------- */

#define INTERRUPT_FIRST  0x20u
#define INTERRUPT_LAST   0x2bu
#define INTERRUPT_COMPAT 0x25u /* has no index, ... */
#define INTERRUPT_NONE   0x29u /* ... nor have this and those behind it */

static bool is_interrupt(uint8_t code)
{
    return code >= INTERRUPT_FIRST && code <= INTERRUPT_LAST;
}

static void decode(uint64_t low, uint64_t high, struct iommu_fault *out)
{
    uint8_t code = (uint8_t)FIELD_GET(FRCD1_FR, high);
    const struct vtd_reason *r = vtd_find_reason(code);

    *out = (struct iommu_fault){
        .event = r->name,
        .code = code,
        .meaning = r->meaning,
        .advice = r->advice,
        .sid = (uint32_t)FIELD_GET(FRCD1_SID, high),
        .has_iova = !is_interrupt(code),
        .write = !is_interrupt(code) && !(high & FRCD1_T),
        .has_index = is_interrupt(code) && code != INTERRUPT_COMPAT && code < INTERRUPT_NONE,
        .raw = {low, high},
    };
    if (out->has_iova)
        out->iova = low & FRCD0_FI;
    if (out->has_index)
        out->index = (uint32_t)FIELD_GET(FRCD0_INDEX, low);
}

/* ---- fault recording registers (VT-d 7.3.1) -------------------------------------------------- */

static uint32_t record_off(const struct vtd *v, unsigned i)
{
    return (uint32_t)(v->feat.frcd_off + i * FRCD_SIZE);
}

/* False: nothing is recorded there. Clearing F gives the register back to the hardware. */
static bool take(struct vtd *v, unsigned i, struct iommu_fault *out)
{
    uint32_t off = record_off(v, i);
    uint64_t high = mmio_read64(&v->regs, REG64(off + FRCD_HIGH));

    if (!(high & FRCD1_F))
        return false;
    decode(mmio_read64(&v->regs, REG64(off)), high, out);
    mmio_write32(&v->regs, REG32(off + FRCD_OFF_F), (uint32_t)FRCD_F_ONLY);
    v->stats.faults++;
    return true;
}

/* A device can cause any number of these: a line for the 1st, 2nd, 4th, 8th ... only. Nothing more
 * is recorded until PFO is cleared. */
static void end_overflow(struct vtd *v)
{
    v->stats.overflows++;
    if (is_pow2(v->stats.overflows))
        log_warn("%s: fault records were lost: all %u were in use (%lu times since boot)",
                 v->cfg.name, v->feat.frcd_count, (unsigned long)v->stats.overflows);
    mmio_write32(&v->regs, VTD_FSTS, (uint32_t)FSTS_PFO);
}

/* FRI is where the oldest record was when the last was taken; what a call left is behind it. */
unsigned vtd_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max)
{
    struct vtd *v = vtd_of(u);
    uint32_t fsts = mmio_read32(&v->regs, VTD_FSTS);
    unsigned first = (unsigned)FIELD_GET(FSTS_FRI, fsts), n = 0;

    if (fsts == UINT32_MAX) /* the unit does not answer any more */
        return 0;
    for (unsigned i = 0; fsts & FSTS_PPF && i < v->feat.frcd_count && n < max; i++)
        n += take(v, (first + i) % v->feat.frcd_count, &out[n]);
    if (fsts & FSTS_PFO)
        end_overflow(v);
    return n;
}

void vtd_fault_reset(struct vtd *v)
{
    mmio_write32(&v->regs, VTD_FECTL, (uint32_t)FECTL_IM);
    for (unsigned i = 0; i < v->feat.frcd_count; i++)
        mmio_write32(&v->regs, REG32(record_off(v, i) + FRCD_OFF_F), (uint32_t)FRCD_F_ONLY);
    mmio_write32(&v->regs, VTD_FSTS, (uint32_t)FSTS_PFO);
}

/* ---- interrupts ------------------------------------------------------------------------------ */

void vtd_set_fault_message(struct iommu_unit *u, struct msi_message m)
{
    struct vtd *v = vtd_of(u);

    mmio_write32(&v->regs, VTD_FEDATA, m.data);
    mmio_write32(&v->regs, VTD_FEADDR, (uint32_t)m.address.v);
    mmio_write32(&v->regs, VTD_FEUADDR, (uint32_t)(m.address.v >> 32));
    mmio_write32(&v->regs, VTD_FECTL, 0);
}

void vtd_irq_fault(uint32_t id, void *unit)
{
    (void)id;
    (void)unit;
    (void)iommu_fault_poll();
}
