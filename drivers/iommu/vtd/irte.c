/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"

/* Interrupt remapping (VT-d chapter 5). There is one core, so that a vector is one interrupt and
 * one entry is enough for it: entry i of the table is vector i's, and the table has 256. A device
 * writes the entry's number, and the hardware checks that it is the device which the entry names.
 *
 * Deliberately not used: posted interrupts, lowest priority, logical destinations, any delivery
 * mode but fixed, entries of IOAPIC pins (none is used: what one raises is compatible, and
 * blocked).
 */
#define ENTRIES     256u
#define ENTRIES_LG2 8u

/* ---- the table ------------------------------------------------------------------------------- */

int vtd_irt_alloc(struct vtd *v)
{
    paddr_t pa;

    if (!v->feat.remap)
        return 0;
    pa = page_alloc_zeroed(0);
    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    v->irt = paddr_to_ptr(pa);
    vtd_clean(v, v->irt, PAGE_SIZE);
    return 0;
}

void vtd_irt_deny_all(struct vtd *v)
{
    for (size_t i = 0; v->irt && i < ENTRIES; i++)
        dma_store64(&v->irt[i * IRTE_WORDS], 0);
    if (v->irt)
        vtd_clean(v, v->irt, PAGE_SIZE);
}

/* Compatible requests are blocked before remapping begins: they would pass by the table (5.1.4). */
int vtd_irt_start(struct vtd *v)
{
    int err = vtd_is_on(v, GCMD_CFI) ? vtd_disable(v, GCMD_CFI) : 0;

    mmio_write64(&v->regs, VTD_IRTA,
                 (ptr_to_paddr(v->irt).v & IRTA_IRTA) | (v->cfg.x2apic ? IRTA_EIME : 0) |
                     FIELD_PREP(IRTA_S, ENTRIES_LG2 - 1));
    if (!err)
        err = vtd_enable(v, GCMD_SIRTP);
    if (!err)
        err = vtd_invalidate_all_irtes(v);
    return err || vtd_is_on(v, GCMD_IRE) ? err : vtd_enable(v, GCMD_IRE);
}

/* ---- entries --------------------------------------------------------------------------------- */

/* An APIC id of 32 bits, of which an xAPIC has 8 (9.10). */
static uint64_t destination(const struct vtd *v, struct msi_message m)
{
    uint64_t id = FIELD_GET(MSI_DEST, m.address.v) | FIELD_GET(MSI_DEST_HIGH, m.address.v) << 8;

    return v->cfg.x2apic ? FIELD_PREP(IRTE0_DST, id) : FIELD_PREP(IRTE0_DST_XAPIC, id);
}

static uint64_t verification(struct msi_source who)
{
    if (who.first == who.last)
        return FIELD_PREP(IRTE1_SVT, SVT_SID) | FIELD_PREP(IRTE1_SID, who.first);
    return FIELD_PREP(IRTE1_SVT, SVT_BUS) | (who.first & 0xff00u) | who.last >> 8;
}

static uint16_t vector_of(struct msi_message m)
{
    return (uint16_t)FIELD_GET(MSI_VECTOR, m.data);
}

static uint64_t *entry_of(const struct vtd *v, uint16_t vector)
{
    return &v->irt[(size_t)vector * IRTE_WORDS];
}

/* ---- the controller that one requester has --------------------------------------------------- */

struct vtd_msi {
    struct msi_controller base;
    struct msi_controller *parent;
    struct vtd *v;
    struct msi_source who;
};

static struct vtd_msi *msi_of(struct msi_controller *c)
{
    return CONTAINER_OF(c, struct vtd_msi, base);
}

static void publish(const struct vtd_msi *m, uint32_t irq)
{
    struct msi_message plain = m->parent->ops->message(m->parent, irq);
    uint64_t irte[IRTE_WORDS] = {
        ENTRY_P | FIELD_PREP(IRTE0_V, vector_of(plain)) | destination(m->v, plain),
        verification(m->who),
    };

    vtd_entry_publish(m->v, entry_of(m->v, vector_of(plain)), irte, IRTE_WORDS);
}

static void retract(const struct vtd_msi *m, uint32_t irq)
{
    struct msi_message plain = m->parent->ops->message(m->parent, irq);

    vtd_entry_retract(m->v, entry_of(m->v, vector_of(plain)));
}

/* `count` is a power of two, and the first vector a multiple of it. */
static int forget(const struct vtd_msi *m, uint32_t first, unsigned count)
{
    struct msi_message plain = m->parent->ops->message(m->parent, first);

    return vtd_invalidate_irtes(m->v, vector_of(plain), log2_ceil(count));
}

static void msi_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    struct vtd_msi *m = msi_of(c);

    for (unsigned i = 0; i < count; i++)
        retract(m, first + i);
    /* The device could go on ringing for whoever gets the vector next. */
    if (!m->v->unit.dead && forget(m, first, count))
        iommu_unit_kill(&m->v->unit, "an interrupt could not be taken back");
    m->parent->ops->free(m->parent, first, count);
}

/* Entries that were not there are kept only in caching mode (VT-d 6.1). */
static int msi_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    struct vtd_msi *m = msi_of(c);
    int err;

    if (m->v->unit.dead)
        return trace(-RF_ENODEV);
    err = m->parent->ops->alloc(m->parent, count, first);
    if (err)
        return err;
    for (unsigned i = 0; i < count; i++)
        publish(m, *first + i);
    if (m->v->unit.caps.flush_maps)
        err = forget(m, *first, count);
    if (err)
        msi_free(c, *first, count);
    return err;
}

/* With SHV the data is added to the handle: a device with several vectors, which counts them in the
 * data, names the entries that follow (5.1.3). */
static struct msi_message msi_message(const struct msi_controller *c, uint32_t irq)
{
    const struct vtd_msi *m = CONTAINER_OF(c, const struct vtd_msi, base);
    uint16_t handle = vector_of(m->parent->ops->message(m->parent, irq));

    return (struct msi_message){
        .address = PADDR(MSI_ADDR_BASE | MSI_REMAPPABLE | MSI_SHV |
                         FIELD_PREP(MSI_HANDLE, handle & MSI_HANDLE_LOW)),
        .data = 0,
    };
}

static const struct msi_ops msi_ops = {
    .alloc = msi_alloc,
    .free = msi_free,
    .message = msi_message,
};

static bool is_expressible(struct msi_source who)
{
    bool whole_buses = (who.first & 0xff) == 0 && (who.last & 0xff) == 0xff;

    return who.first == who.last || (who.first < who.last && whole_buses);
}

int vtd_msi_route(struct iommu_unit *u, struct msi_source who, struct msi_controller *parent,
                  struct msi_controller **out)
{
    struct vtd *v = vtd_of(u);
    struct vtd_msi *m;

    if (!v->irt)
        return trace(-RF_EOPNOTSUPP);
    if (!is_expressible(who)) {
        log_err("%s: requester ids %x to %x are neither one device nor whole buses", v->cfg.name,
                who.first, who.last);
        return -RF_EINVAL;
    }
    m = heap_alloc(sizeof(*m));
    if (!m)
        return trace(-RF_ENOMEM);
    m->base = *parent;
    m->base.ops = &msi_ops;
    m->base.name = v->cfg.name;
    m->base.isolates = true;
    m->parent = parent;
    m->v = v;
    m->who = who;
    *out = &m->base;
    return 0;
}
