/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"

#include "lib/base/log.h"

/* Fault records are registers: one set for the global faults, which are of streams that lead
 * nowhere, and one a context bank. The first fault stays until it is acknowledged; of those after
 * it only is told that there were some (MULTI). */

/* ---- what a status bit means ----------------------------------------------------------------- */

struct fault {
    uint32_t bit;
    const char *name;
    const char *meaning;
    const char *advice;
};

#define BUG     "a defect of this kernel; please report it with this record"
#define BAD_RAM "the SMMU cannot reach kernel memory; check the machine's memory and interconnect"
#define ODD_DEV "check the device; the bus delivered something unusual"

static const struct fault global_faults[] = {
    {GFSR_USF, "sGFSR.USF", "no register matches the stream id",
     "attach the device first; if it is attached, check iommu-map or IORT in the firmware"},
    {GFSR_ICF, "sGFSR.ICF", "the stream leads to no context bank",
     "attach the device first; if it is attached, check iommu-map or IORT in the firmware"},
    {GFSR_SMCF, "sGFSR.SMCF", "several registers match the stream id", BUG},
    {GFSR_UCBF, "sGFSR.UCBF", "the stream leads to a context bank that does not exist", BUG},
    {GFSR_UCIF, "sGFSR.UCIF", "the context bank's interrupt does not exist", BUG},
    {GFSR_CAF, "sGFSR.CAF", "a register was accessed that is not there", BUG},
    {GFSR_EF, "sGFSR.EF", "the SMMU met an external fault outside of every context", BAD_RAM},
    {GFSR_PF, "sGFSR.PF", "the device's transaction was not allowed", ODD_DEV},
    {GFSR_UUT, "sGFSR.UUT", "the device sent a transaction the SMMU does not know", ODD_DEV},
};

static const struct fault context_faults[] = {
    {FSR_TF, "FSR.TF", "the address is not mapped",
     "map it with VFIO_IOMMU_MAP_DMA before the device uses it; if it was mapped, look for a "
     "device that still works on memory after the unmap"},
    {FSR_PF, "FSR.PF", "the mapping does not allow this access",
     "map it with VFIO_DMA_MAP_FLAG_WRITE if the device has to write there"},
    {FSR_AFF, "FSR.AFF", "the mapping's access flag is clear", BUG},
    {FSR_ASF, "FSR.ASF", "the mapping leads beyond physical memory", BUG},
    {FSR_EF, "FSR.EF", "the SMMU could not read a translation table", BAD_RAM},
    {FSR_TLBMCF, "FSR.TLBMCF", "two cached translations match the address", BUG},
    {FSR_TLBLKF, "FSR.TLBLKF", "the TLB is locked", BUG},
    {FSR_UUT, "FSR.UUT", "the device sent a transaction the SMMU does not know", ODD_DEV},
};

static const struct fault unknown_fault = {
    0, "unknown fault", "no bit of the status register is one that this driver knows",
    "see the raw record"};

static const struct fault *find_fault(const struct fault *faults, size_t n, uint32_t status)
{
    for (size_t i = 0; i < n; i++)
        if (faults[i].bit & status)
            return &faults[i];
    return &unknown_fault;
}

/* ---- records --------------------------------------------------------------------------------- */

/* With registers for one record, that some are lost is the rule: it is said once, then counted. */
static void count(struct smmuv2 *s, bool multi)
{
    s->stats.faults++;
    if (multi && s->stats.lost++ == 0)
        log_warn("%s: fault records were lost: it keeps one until that is read, and others came",
                 s->cfg.name);
}

/* Streams that differ only in what is ignored are one. */
static uint32_t stream_of(const struct smmuv2 *s, uint32_t synr)
{
    return (uint32_t)FIELD_GET(SYNR_STREAMID, synr) & ~s->cfg.sid_ignore;
}

/* All ones: the unit does not answer any more. */
static bool is_set(uint32_t status)
{
    return status != 0 && status != UINT32_MAX;
}

static unsigned take_global(struct smmuv2 *s, struct iommu_fault *out)
{
    const struct mmio *regs = &s->global0;
    uint32_t status = mmio_read32(regs, SMMU_sGFSR);

    if (!is_set(status))
        return 0;

    const struct fault *f = find_fault(global_faults, ARRAY_SIZE(global_faults), status);
    uint64_t address = smmuv2_read64(s, regs, SMMU_sGFAR);
    uint32_t synr0 = mmio_read32(regs, SMMU_sGFSYNR0), synr1 = mmio_read32(regs, SMMU_sGFSYNR1);

    *out = (struct iommu_fault){
        .event = f->name,
        .meaning = f->meaning,
        .advice = f->advice,
        .sid = stream_of(s, synr1),
        .iova = address,
        .has_iova = true,
        .write = synr0 & GFSYNR0_WNR,
        .execute = synr0 & GFSYNR0_IND,
        .raw = {status, address, synr0, synr1},
    };
    mmio_write32(regs, SMMU_sGFSR, status);
    count(s, status & GFSR_MULTI);
    return 1;
}

static unsigned take_context(struct smmuv2 *s, unsigned bank, struct iommu_fault *out)
{
    struct mmio regs = smmuv2_bank_regs(s, bank);
    uint32_t status = mmio_read32(&regs, CB_FSR);

    if (!is_set(status))
        return 0;

    const struct fault *f = find_fault(context_faults, ARRAY_SIZE(context_faults), status);
    uint64_t address = smmuv2_read64(s, &regs, CB_FAR);
    uint32_t synr0 = mmio_read32(&regs, CB_FSYNR0);
    uint32_t stream = mmio_read32(&s->global1, SMMU_CBFRSYNRA(bank));

    *out = (struct iommu_fault){
        .event = f->name,
        .meaning = f->meaning,
        .advice = f->advice,
        .sid = stream_of(s, stream),
        .iova = address,
        .has_iova = true,
        .write = synr0 & FSYNR0_WNR,
        .execute = synr0 & FSYNR0_IND,
        .raw = {status, address, synr0, stream},
    };
    mmio_write32(&regs, CB_FSR, status);
    count(s, status & FSR_MULTI);
    return 1;
}

/* Also the banks that are not in use now: a fault may have come right before. */
unsigned smmuv2_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max)
{
    struct smmuv2 *s = smmuv2_of(u);
    unsigned n = 0;

    if (max > 0)
        n += take_global(s, &out[n]);
    for (unsigned i = s->feat.banks_first; i < s->banks_top && n < max; i++)
        n += take_context(s, i, &out[n]);
    return n;
}

/* ---- interrupts ------------------------------------------------------------------------------ */

void smmuv2_irq(uint32_t id, void *unit)
{
    (void)id;
    (void)unit;
    (void)iommu_fault_poll();
}
