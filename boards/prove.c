/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/barrier.h"
#include "arch/clock.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "arch/mmu.h"
#include "boards/machine.h"
#include "lib/base/mask.h"
#include "lib/iommu/domain.h"
#include "lib/mem/page.h"
#include "lib/pci/regs.h"
#include "lib/pci/slot.h"

/* Does the DMA of a host bridge go through the IOMMU that firmware's map names? A map that is wrong
 * would let the workload's device reach all memory, and nothing would tell. So a root port writes
 * one word to an address which means one page to the IOMMU and another page without it. */

#define ARRIVAL_US 10000  /* for a write inside the machine, ample */
#define OFFSET     0x528u /* of the word in its page */
#define DATA       0x5246u

struct trial {
    const struct function *port;
    struct iommu_domain *domain; /* maps the address of `around` to `through` */
    unsigned order;              /* of both pages: the domain's granule */
    paddr_t through;             /* where the word arrives by way of the IOMMU */
    paddr_t around;              /* where it arrives without */
};

static uint32_t *word_of(paddr_t page)
{
    return paddr_to_ptr(PADDR(page.v + OFFSET));
}

/* Seen also by a bridge that does not snoop. */
static paddr_t alloc_page(const struct trial *t)
{
    paddr_t page = page_alloc_zeroed(t->order);

    if (paddr_valid(page)) {
        dma_clean(word_of(page), sizeof(uint32_t));
        dma_sync();
    }
    return page;
}

/* The trial's unit is dead if it could not be told to forget the page. */
static void drop_page(const struct trial *t, paddr_t page)
{
    if (!paddr_valid(page))
        return;
    if (t->port->unit->dead)
        page_quarantine(page, t->order);
    else
        page_free(page, t->order);
}

static const char *prepare(struct trial *t)
{
    struct iommu_unit *u = t->port->unit;
    unsigned granule_lg2 = MASK_SHIFT(u->caps.granules);
    uint64_t size = UINT64_C(1) << granule_lg2;

    t->order = granule_lg2 - PAGE_LG2;
    t->through = alloc_page(t);
    t->around = alloc_page(t);
    if (!paddr_valid(t->through) || !paddr_valid(t->around) ||
        iommu_domain_create(u, granule_lg2, &t->domain))
        return "there is no memory for it";
    if (resv_find(&t->port->group->windows, (struct range){t->around.v, t->around.v + size - 1}) ||
        iommu_domain_map(t->domain, t->around.v, t->through, size, PT_READ | PT_WRITE))
        return "no page lies where the root port may write";
    if (iommu_domain_attach(t->domain, t->port->stream))
        return "the IOMMU does not take the root port";
    return NULL;
}

/* What fails here kills the unit, which then denies all. The mapping is removed by its address: to
 * let iommu_domain_destroy() look for it in all the space takes longer than the rest. */
static void clean_up(const struct trial *t)
{
    struct iommu_domain *d = t->domain;

    if (d && d->streams) {
        (void)iommu_domain_detach(d, t->port->stream);
        (void)iommu_domain_remove(d, t->around.v, UINT64_C(1) << d->pt.cfg.granule_lg2);
    }
    if (d)
        iommu_domain_destroy(d);
    drop_page(t, t->through);
    drop_page(t, t->around);
}

static uint32_t read_word(paddr_t page)
{
    dma_inval(word_of(page), sizeof(uint32_t));
    dma_sync();
    return dma_load32(word_of(page));
}

static enum dma_path look(const struct trial *t)
{
    if (read_word(t->around) != 0)
        return DMA_REFUTED;
    return read_word(t->through) == DATA ? DMA_PROVEN : DMA_UNTESTED;
}

/* The last look is after the deadline, as in wait_mmio32(). */
static enum dma_path watch(const struct trial *t)
{
    deadline_t end = deadline_in_us(ARRIVAL_US);
    enum dma_path path;
    bool late;

    do {
        late = deadline_passed(end);
        path = look(t);
        clock_relax();
    } while (path == DMA_UNTESTED && !late);
    return path;
}

static const char *map_table(const struct pci_dev *d, struct mmio *table)
{
    const struct pci_msix *x = &d->msix;

    if (d->msi.cap)
        return NULL;
    return mmu_map_device(PADDR(d->bar[x->table_bar].cpu.v + x->table_off),
                          (uint64_t)x->count * PCI_MSIX_ENTRY_SIZE, table)
               ? "the registers of the root port cannot be mapped"
               : NULL;
}

static void run(const struct trial *t, struct dma_verdict *v)
{
    struct mmio table;
    struct pci_slot slot = {.port = t->port->pci, .table = &table};

    v->why = map_table(slot.port, &table);
    if (v->why)
        return;
    v->why = "the root port did not write";
    if (pci_slot_send(&slot, t->around.v + OFFSET, DATA))
        return;
    v->port = slot.port;
    v->path = watch(t);
    pci_slot_restore(&slot);
}

static void try_port(const struct function *f, struct dma_verdict *v)
{
    struct trial t = {.port = f, .through = PADDR_INVALID, .around = PADDR_INVALID};

    v->why = f->why; /* no stream of an IOMMU */
    if (v->why)
        return;
    v->why = prepare(&t);
    if (!v->why)
        run(&t, v);
    clean_up(&t);
}

/* The first port that can be told to write speaks for its host bridge. */
static void prove_host(const struct machine *m, const struct pci_host *host, struct dma_verdict *v)
{
    v->why = "no root port that can be made to write";
    for (unsigned i = 0; i < m->function_count && !v->port; i++)
        if (m->function[i].pci->host == host && pci_slot_can_send(m->function[i].pci))
            try_port(&m->function[i], v);
}

static void refuse_host(struct machine *m, const struct pci_host *host)
{
    static const char why[] = "its DMA passes the IOMMU by: the firmware's map is wrong";

    for (unsigned i = 0; i < m->function_count; i++) {
        struct function *f = &m->function[i];

        if (f->pci->host != host)
            continue;
        f->owner = OWNER_NOBODY;
        f->why = why;
    }
}

void devices_prove(struct machine *m)
{
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        prove_host(m, m->host[i], &m->verdict[i]);
        if (m->verdict[i].path == DMA_REFUTED)
            refuse_host(m, m->host[i]);
    }
}
