/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/regs.h"
#include "drivers/iommu/smmuv3/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "lib/base/log.h"

/* No record of a stalled transaction can arrive, as no CD asks for stalls: CMD_RESUME is never
 * sent. */

/* ---- event records (7.3) --------------------------------------------------------------------- */

enum event_fields {
    HAS_IOVA = 1u << 0,   /* InputAddr */
    HAS_ACCESS = 1u << 1, /* RnW, InD */
    HAS_FETCH = 1u << 2,  /* FetchAddr */
};

struct event {
    uint8_t id;
    uint8_t fields;
    const char *name;
    const char *meaning;
    const char *advice;
};

#define BUG     "a defect of this kernel; please report it with this record"
#define ATS_OFF "ATS is off for every stream; check that the device's ATS capability is disabled"
#define BAD_RAM "the SMMU cannot reach kernel memory; check the machine's memory and interconnect"

static const struct event events[] = {
    {0x01, HAS_IOVA | HAS_ACCESS, "F_UUT", "the device sent a transaction the SMMU does not know",
     "check the device; the bus delivered something unusual"},
    {0x02, 0, "C_BAD_STREAMID", "the stream id has no entry in the stream table",
     "attach the device first; if it is attached, check iommu-map or IORT in the firmware"},
    {0x03, HAS_FETCH, "F_STE_FETCH", "the SMMU could not read the stream table", BAD_RAM},
    {0x04, 0, "C_BAD_STE", "the stream table entry is invalid", BUG},
    {0x05, HAS_IOVA | HAS_ACCESS, "F_BAD_ATS_TREQ", "the device asked for a translation by ATS",
     ATS_OFF},
    {0x06, 0, "F_STREAM_DISABLED", "the stream's transactions without PASID are disabled", BUG},
    {0x07, HAS_IOVA | HAS_ACCESS, "F_TRANSL_FORBIDDEN",
     "the device claims that its address is translated already", ATS_OFF},
    {0x08, 0, "C_BAD_SUBSTREAMID", "the transaction carries a PASID, and PASIDs are off",
     "disable PASID in the device"},
    {0x09, HAS_FETCH, "F_CD_FETCH", "the SMMU could not read the context descriptor", BAD_RAM},
    {0x0a, 0, "C_BAD_CD", "the context descriptor is invalid", BUG},
    {0x0b, HAS_IOVA | HAS_ACCESS | HAS_FETCH, "F_WALK_EABT",
     "the SMMU could not read a translation table", BAD_RAM},
    {0x10, HAS_IOVA | HAS_ACCESS, "F_TRANSLATION", "the address is not mapped",
     "map it with VFIO_IOMMU_MAP_DMA before the device uses it; if it was mapped, look for a "
     "device "
     "that still works on memory after the unmap"},
    {0x11, HAS_IOVA | HAS_ACCESS, "F_ADDR_SIZE", "the mapping leads beyond physical memory", BUG},
    {0x12, HAS_IOVA | HAS_ACCESS, "F_ACCESS", "the mapping's access flag is clear", BUG},
    {0x13, HAS_IOVA | HAS_ACCESS, "F_PERMISSION", "the mapping does not allow this access",
     "map it with VFIO_DMA_MAP_FLAG_WRITE if the device has to write there"},
    {0x20, HAS_IOVA | HAS_ACCESS, "F_TLB_CONFLICT", "two cached translations match the address",
     BUG},
    {0x21, 0, "F_CFG_CONFLICT", "two cached configurations match the stream", BUG},
    {0x24, HAS_IOVA, "E_PAGE_REQUEST", "the device hints that it will use a page", ATS_OFF},
    {0x25, HAS_FETCH, "F_VMS_FETCH", "the SMMU could not read a virtual machine structure", BUG},
};

static const struct event unknown_event = {
    0, 0, "unknown event", "the record's number is not in the specification this driver knows",
    "see the raw record"};

static const struct event *find_event(uint64_t id)
{
    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        if (events[i].id == id)
            return &events[i];
    return &unknown_event;
}

static void decode(const uint64_t raw[EVT_WORDS], struct iommu_fault *out)
{
    const struct event *e = find_event(FIELD_GET(EVT0_ID, raw[0]));
    bool access = e->fields & HAS_ACCESS;

    *out = (struct iommu_fault){
        .event = e->name,
        .code = e == &unknown_event ? (unsigned)FIELD_GET(EVT0_ID, raw[0]) : 0,
        .meaning = e->meaning,
        .advice = e->advice,
        .sid = (uint32_t)FIELD_GET(EVT0_SID, raw[0]),
        .has_iova = e->fields & HAS_IOVA,
        .write = access && !(raw[1] & EVT1_RNW),
        .execute = access && (raw[1] & EVT1_IND),
        .has_fetch = e->fields & HAS_FETCH,
        .raw = {raw[0], raw[1], raw[2], raw[3]},
    };
    if (out->has_iova)
        out->iova = raw[2];
    if (out->has_fetch)
        out->fetch = raw[3] & EVT3_FETCH;
}

/* ---- the event queue (7.2, 7.4) -------------------------------------------------------------- */

static void take(struct smmuv3 *s, struct iommu_fault *out)
{
    const uint64_t *record = smmuv3_queue_entry(&s->eventq, s->eventq.cons);
    uint64_t raw[EVT_WORDS];

    if (!s->unit.caps.coherent) {
        dma_inval(record, sizeof(raw));
        dma_sync();
    }
    for (unsigned i = 0; i < EVT_WORDS; i++)
        raw[i] = dma_load64(&record[i]);
    s->eventq.cons = smmuv3_queue_advance(&s->eventq, s->eventq.cons, 1);
    decode(raw, out);
}

/* A device can cause any number of these: a line for the 1st, 2nd, 4th, 8th ... only. */
static void report_lost(struct smmuv3 *s, const char *how)
{
    s->stats.overflows++;
    if (is_pow2(s->stats.overflows))
        log_warn("%s: fault records were lost: %s (%lu times since boot)", s->cfg.name, how,
                 (unsigned long)s->stats.overflows);
}

/* OVFLG differs from what was acknowledged: acknowledged by copying it into CONS. */
static uint32_t overflow_ack(struct smmuv3 *s, uint32_t prod, uint32_t acked)
{
    uint32_t flag = prod & (uint32_t)EVENTQ_PROD_OVFLG;

    if (flag != acked)
        report_lost(s, "the event queue was full");
    return flag;
}

unsigned smmuv3_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max)
{
    struct smmuv3 *s = smmuv3_of(u);
    struct smmuv3_queue *q = &s->eventq;
    uint32_t prod, ready;
    unsigned n;

    if (!q->base)
        return 0;
    smmuv3_handle_gerror(s);
    prod = mmio_read32(&s->page1, SMMU_EVENTQ_PROD);
    ready = smmuv3_queue_used(q, (uint32_t)FIELD_GET(QUEUE_INDEX, prod), q->cons);
    if (ready > 1u << q->lg2) /* not an index: the unit does not answer any more */
        return 0;
    if (ready == 0 && (prod & EVENTQ_PROD_OVFLG) == s->eventq_ack)
        return 0;
    s->eventq_ack = overflow_ack(s, prod, s->eventq_ack);
    dma_rmb();
    for (n = 0; n < max && n < ready; n++)
        take(s, &out[n]);
    s->stats.events += n;
    dma_mb();
    mmio_write32(&s->page1, SMMU_EVENTQ_CONS, q->cons | s->eventq_ack);
    return n;
}

/* ---- global errors (7.5) --------------------------------------------------------------------- */

static const struct gerror {
    uint32_t bit;
    const char *name;
    const char *meaning;
} gerrors[] = {
    {GERROR_PRIQ_ABT_ERR, "PRIQ_ABT_ERR", "it could not write its page request queue"},
    {GERROR_MSI_CMDQ_ABT_ERR, "MSI_CMDQ_ABT_ERR", "its MSI for CMD_SYNC was aborted"},
    {GERROR_MSI_EVENTQ_ABT_ERR, "MSI_EVENTQ_ABT_ERR", "its MSI for events was aborted"},
    {GERROR_MSI_PRIQ_ABT_ERR, "MSI_PRIQ_ABT_ERR", "its MSI for page requests was aborted"},
    {GERROR_MSI_GERROR_ABT_ERR, "MSI_GERROR_ABT_ERR", "its MSI for global errors was aborted"},
    {GERROR_SFM_ERR, "SFM_ERR", "it entered service failure mode and stopped all traffic"},
};

/* Acknowledges exactly what is reported: a bit is acknowledged by making GERRORN's the same. */
void smmuv3_handle_gerror(struct smmuv3 *s)
{
    uint32_t gerrorn = mmio_read32(&s->page0, SMMU_GERRORN);
    uint32_t active = mmio_read32(&s->page0, SMMU_GERROR) ^ gerrorn;

    if (active == UINT32_MAX || !(active & ~(uint32_t)GERROR_CMDQ_ERR))
        return;
    active &= ~(uint32_t)GERROR_CMDQ_ERR;
    for (size_t i = 0; i < ARRAY_SIZE(gerrors); i++)
        if (active & gerrors[i].bit)
            log_err("%s: global error %s: %s", s->cfg.name, gerrors[i].name, gerrors[i].meaning);
    if (active & GERROR_EVENTQ_ABT_ERR)
        report_lost(s, "the SMMU could not write its event queue");
    mmio_write32(&s->page0, SMMU_GERRORN, gerrorn ^ active);
    if (active & GERROR_SFM_ERR)
        iommu_unit_kill(&s->unit, "it entered service failure mode");
}

/* ---- interrupts ------------------------------------------------------------------------------ */

void smmuv3_irq_eventq(uint32_t id, void *unit)
{
    (void)id;
    (void)unit;
    (void)iommu_fault_poll();
}

void smmuv3_irq_gerror(uint32_t id, void *unit)
{
    (void)id;
    smmuv3_handle_gerror(smmuv3_of(unit));
}
