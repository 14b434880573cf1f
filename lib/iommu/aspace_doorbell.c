/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"

/* Device-nGnRE: a doorbell write is neither gathered nor reordered with the DMA before it. */
#define DOORBELL_PROT (PT_READ | PT_WRITE | PT_DEVICE | PT_USER)

static struct range doorbell_iovas(const struct aspace_doorbell *b)
{
    return (struct range){b->iova, b->iova + (b->size - 1)};
}

/* The doorbell in use whose page holds pa. */
static struct aspace_doorbell *doorbell_of(struct iommu_aspace *a, paddr_t pa)
{
    for (unsigned i = 0; i < ASPACE_DOORBELLS; i++) {
        struct aspace_doorbell *b = &a->doorbells[i];

        if (b->refs && pa.v - b->page.v < b->size)
            return b;
    }
    return NULL;
}

bool aspace_doorbells_used(const struct iommu_aspace *a)
{
    for (unsigned i = 0; i < ASPACE_DOORBELLS; i++) {
        if (a->doorbells[i].refs)
            return true;
    }
    return false;
}

static struct aspace_doorbell *free_slot(struct iommu_aspace *a)
{
    for (unsigned i = 0; i < ASPACE_DOORBELLS; i++) {
        if (!a->doorbells[i].refs)
            return &a->doorbells[i];
    }
    return NULL;
}

static bool iova_taken(const struct iommu_aspace *a, struct range r)
{
    for (unsigned i = 0; i < ASPACE_DOORBELLS; i++) {
        const struct aspace_doorbell *b = &a->doorbells[i];

        if (b->refs && range_overlaps(doorbell_iovas(b), r))
            return true;
    }
    return false;
}

/* A frame may lie inside the window by its physical address (QEMU virt: 0x08020000). Its IOVA is
 * then another one all the same, or an address that was never remapped would work by accident. */
static int pick_iova(const struct iommu_aspace *a, paddr_t page, uint64_t size, uint64_t *iova)
{
    const uint64_t pages = range_size(a->sw_msi) / size;

    for (uint64_t i = 0; i < pages; i++) {
        uint64_t at = a->sw_msi.start + i * size;

        if (at != page.v && !iova_taken(a, (struct range){at, at + (size - 1)})) {
            *iova = at;
            return 0;
        }
    }
    return -RF_ENOSPC;
}

static int map_everywhere(struct iommu_aspace *a, const struct aspace_doorbell *b)
{
    struct iommu_domain *d;
    struct iommu_domain *done;

    LIST_FOREACH (d, &a->domains, link) {
        int err = iommu_domain_map(d, b->iova, b->page, b->size, DOORBELL_PROT);

        if (!err)
            continue;
        LIST_FOREACH (done, &a->domains, link) {
            if (done == d)
                break;
            (void)iommu_domain_remove(done, b->iova, b->size); /* on an error the unit is dead */
        }
        return err;
    }
    return 0;
}

static int add(struct iommu_aspace *a, const struct msi_controller *c, paddr_t page, uint64_t size,
               struct aspace_doorbell **out)
{
    struct aspace_doorbell *slot = free_slot(a);
    struct aspace_doorbell b = {.page = page, .size = size, .refs = 1};
    int err = slot ? pick_iova(a, page, size, &b.iova) : -RF_ENOSPC;

    if (err) {
        log_warn_limited(
            "%s: no room for another doorbell page in the sw-msi window [0x%lx, 0x%lx]", c->name,
            a->sw_msi.start, a->sw_msi.last);
        return err;
    }
    err = map_everywhere(a, &b);
    if (err)
        return err;
    *slot = b;
    *out = slot;
    return 0;
}

/* Hardware catches writes to its MSI window before they are translated. */
static bool is_untranslated(const struct iommu_aspace *a, paddr_t pa)
{
    for (unsigned i = 0; i < a->windows.count; i++) {
        const struct resv_window *w = &a->windows.w[i];

        if (w->type == RESV_MSI && range_has(w->r, pa.v))
            return true;
    }
    return false;
}

static int check_exposure(const struct msi_controller *c, uint64_t size)
{
    if (size <= UINT64_C(1) << c->alone_lg2)
        return 0;
    log_warn_limited(
        "%s: refused: a doorbell page of %lu KiB would let the device write to other devices' "
        "registers beside the frame; use a smaller granule",
        c->name, size >> 10);
    return -RF_EPERM;
}

int aspace_doorbell_get(struct iommu_aspace *a, const struct msi_controller *c,
                        struct msi_message m, uint64_t *iova)
{
    const uint64_t size = a->pgsizes & -a->pgsizes;
    struct aspace_doorbell *b = doorbell_of(a, m.address);
    int err;

    if (a->group_count == 0)
        return trace(-RF_ENODEV);
    if (is_untranslated(a, m.address)) {
        *iova = m.address.v;
        return 0;
    }
    err = check_exposure(c, size);
    if (err)
        return err;
    if (b)
        b->refs++;
    else
        err = add(a, c, PADDR(align_down(m.address.v, size)), size, &b);
    if (err)
        return err;
    *iova = b->iova + (m.address.v - b->page.v);
    return 0;
}

/* Its table stays, as the next vector finds it again. */
static void clear(struct iommu_domain *d, const struct aspace_doorbell *b)
{
    struct pt_gather g;
    int err;

    pt_gather_init(&g);
    err = iommu_domain_unmap(d, b->iova, b->size, &g);
    ASSERT(err == 0);               /* as it was mapped */
    (void)iommu_domain_sync(d, &g); /* on an error the unit is dead */
}

void aspace_doorbell_put(struct iommu_aspace *a, struct msi_message m)
{
    struct aspace_doorbell *b = doorbell_of(a, m.address);
    struct iommu_domain *d;

    if (!b || --b->refs) /* an untranslated message has no doorbell */
        return;
    LIST_FOREACH (d, &a->domains, link)
        clear(d, b);
}

int aspace_doorbells_into(const struct iommu_aspace *a, struct iommu_domain *d)
{
    for (unsigned i = 0; i < ASPACE_DOORBELLS; i++) {
        const struct aspace_doorbell *b = &a->doorbells[i];
        int err = b->refs ? iommu_domain_map(d, b->iova, b->page, b->size, DOORBELL_PROT) : 0;

        if (err)
            return err;
    }
    return 0;
}
