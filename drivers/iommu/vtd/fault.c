/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "lib/base/log.h"

/* ---- reasons (VT-d 7.2.3 and appendix) ------------------------------------------------------- */

struct reason {
    uint8_t code;
    const char *name;
    const char *meaning;
    const char *advice;
};

#define BUG      "a defect of this kernel; please report it with this record"
#define BAD_RAM  "the unit cannot reach kernel memory; check the machine's memory and interconnect"
#define NOT_OPEN "attach the device first; if it is attached, check the scopes of the DMAR table"
#define MAP_IT                                                                          \
    "map it with VFIO_IOMMU_MAP_DMA before the device uses it; if it was mapped, look " \
    "for a device that still works on memory after the unmap"
#define MAP_RIGHT "map it, or map it with the right that the device needs"
#define ATS_OFF   "ATS and PASID are off; check that the device's capabilities are disabled"
#define NOT_ITS   "the device wrote an interrupt that is not its own: distrust it"

static const struct reason reasons[] = {
    {0x01, "fault reason 01h", "the device's bus has no context table", NOT_OPEN},
    {0x02, "fault reason 02h", "the device's context entry is not present", NOT_OPEN},
    {0x03, "fault reason 03h", "the context entry is invalid", BUG},
    {0x04, "fault reason 04h", "the address is above what the unit translates", MAP_IT},
    {0x05, "fault reason 05h", "the address is not mapped for writing", MAP_RIGHT},
    {0x06, "fault reason 06h", "the address is not mapped for reading", MAP_RIGHT},
    {0x07, "fault reason 07h", "the unit could not read a page table", BAD_RAM},
    {0x08, "fault reason 08h", "the unit could not read the root table", BAD_RAM},
    {0x09, "fault reason 09h", "the unit could not read a context table", BAD_RAM},
    {0x0a, "fault reason 0Ah", "the root entry has reserved bits set", BUG},
    {0x0b, "fault reason 0Bh", "the context entry has reserved bits set", BUG},
    {0x0c, "fault reason 0Ch", "a page-table entry has reserved bits set", BUG},
    {0x0d, "fault reason 0Dh", "the device asked for, or used, a translation by ATS", ATS_OFF},
    {0x0e, "fault reason 0Eh", "the mapping leads to where interrupts are written", BUG},
    {0x20, "fault reason 20h", "the interrupt request has reserved bits set", NOT_ITS},
    {0x21, "fault reason 21h", "no interrupt has this number", NOT_ITS},
    {0x22, "fault reason 22h", "the interrupt is not in use", NOT_ITS},
    {0x23, "fault reason 23h", "the unit could not read the interrupt table", BAD_RAM},
    {0x24, "fault reason 24h", "the interrupt's entry has reserved bits set", BUG},
    {0x25, "fault reason 25h", "the interrupt is not in the remappable format", NOT_ITS},
    {0x26, "fault reason 26h", "the interrupt belongs to another device", NOT_ITS},
    {0x30, "fault reason 30h", "the root table address is invalid", BUG},
    {0x31, "fault reason 31h", "a request with PASID, and the table mode is legacy", ATS_OFF},
    {0x32, "fault reason 32h", "a page response, and the table mode is legacy", ATS_OFF},
    {0x38, "fault reason 38h", "the unit could not read the root table", BAD_RAM},
    {0x39, "fault reason 39h", "the device's bus has no context table", NOT_OPEN},
    {0x3a, "fault reason 3Ah", "the root entry has reserved bits set", BUG},
    {0x40, "fault reason 40h", "the unit could not read a context table", BAD_RAM},
    {0x41, "fault reason 41h", "the device's context entry is not present", NOT_OPEN},
    {0x42, "fault reason 42h", "the context entry has reserved bits set", BUG},
    {0x43, "fault reason 43h", "the context entry is invalid", BUG},
    {0x44, "fault reason 44h", "the device asked for a translation by ATS", ATS_OFF},
    {0x45, "fault reason 45h", "the request carries a PASID", ATS_OFF},
    {0x46, "fault reason 46h", "the PASID is beyond the table", ATS_OFF},
    {0x47, "fault reason 47h", "the device asked for a page", ATS_OFF},
    {0x48, "fault reason 48h", "the context entry's RID_PASID is invalid", BUG},
    {0x50, "fault reason 50h", "the unit could not read the PASID directory", BAD_RAM},
    {0x51, "fault reason 51h", "the PASID directory entry is not present", BUG},
    {0x52, "fault reason 52h", "the PASID directory entry has reserved bits set", BUG},
    {0x58, "fault reason 58h", "the unit could not read the PASID table", BAD_RAM},
    {0x59, "fault reason 59h", "the PASID-table entry is not present", BUG},
    {0x5a, "fault reason 5Ah", "the PASID-table entry has reserved bits set", BUG},
    {0x5b, "fault reason 5Bh", "the PASID-table entry is invalid", BUG},
    {0x5c, "fault reason 5Ch", "the device asked to execute", "a device may only read and write"},
    {0x5d, "fault reason 5Dh", "the device asked as supervisor", ATS_OFF},
    {0x70, "fault reason 70h", "the unit could not read a first-stage table", BAD_RAM},
    {0x71, "fault reason 71h", "the address is not mapped", MAP_IT},
    {0x72, "fault reason 72h", "a first-stage entry has reserved bits set", BUG},
    {0x73, "fault reason 73h", "the unit could not read the first-stage root", BAD_RAM},
    {0x78, "fault reason 78h", "the unit could not read a second-stage table", BAD_RAM},
    {0x79, "fault reason 79h", "the address is not mapped for this access", MAP_RIGHT},
    {0x7a, "fault reason 7Ah", "a second-stage entry has reserved bits set", BUG},
    {0x7b, "fault reason 7Bh", "the second-stage root is invalid", BUG},
    {0x7c, "fault reason 7Ch", "the second stage needs a bit set, and walks do not snoop", BUG},
    {0x80, "fault reason 80h", "the address is not canonical", MAP_IT},
    {0x81, "fault reason 81h", "the mapping is for supervisors", BUG},
    {0x82, "fault reason 82h", "the mapping does not allow execution",
     "a device may only read and write"},
    {0x83, "fault reason 83h", "the address is above what the unit takes", MAP_IT},
    {0x84, "fault reason 84h", "the address is above the second stage", MAP_IT},
    {0x85, "fault reason 85h", "the mapping does not allow writing",
     "map it with VFIO_DMA_MAP_FLAG_WRITE if the device has to write there"},
    {0x86, "fault reason 86h", "the mapping does not allow reading",
     "map it with VFIO_DMA_MAP_FLAG_READ if the device has to read there"},
    {0x87, "fault reason 87h", "an address where interrupts are written",
     "interrupts are raised by writes of four bytes only"},
    {0x90, "fault reason 90h", "the first stage needs a bit set, and walks do not snoop", BUG},
    {0x91, "fault reason 91h", "a bit of a first-stage entry could not be set", BUG},
};

static const struct reason unknown_reason = {
    0, "unknown fault reason", "the number is not in the specification this driver knows",
    "see the raw record"};

static const struct reason *find_reason(uint64_t code)
{
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
        if (reasons[i].code == code)
            return &reasons[i];
    return &unknown_reason;
}

#define INTERRUPT_FIRST  0x20u
#define INTERRUPT_LAST   0x26u
#define INTERRUPT_COMPAT 0x25u /* has no index */

static void decode(uint64_t low, uint64_t high, struct iommu_fault *out)
{
    uint64_t code = FIELD_GET(FRCD1_FR, high);
    const struct reason *r = find_reason(code);
    bool interrupt = code >= INTERRUPT_FIRST && code <= INTERRUPT_LAST;

    *out = (struct iommu_fault){
        .event = r->name,
        .meaning = r->meaning,
        .advice = r->advice,
        .sid = (uint32_t)FIELD_GET(FRCD1_SID, high),
        .has_iova = !interrupt,
        .write = !interrupt && !(high & FRCD1_T),
        .has_index = interrupt && code != INTERRUPT_COMPAT,
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
