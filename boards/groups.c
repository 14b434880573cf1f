/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/groups.h"

#include "lib/base/err.h"
#include "lib/mem/heap.h"

/* Where the DMA of a function is looked at. */
struct place {
    const struct pci_dev *dev;
    unsigned iommu; /* index in hw.iommu; HW_IOMMUS: none */
    uint32_t stream;
};

int groups_stream_of(const struct machine *m, const struct hw_pci_host *hw, const struct pci_dev *d,
                     pci_rid_t rid, unsigned *iommu, uint32_t *stream)
{
    return d->pf ? hwdesc_stream_of_vf(&m->hw, hw, rid, d->pf->rid, iommu, stream)
                 : hwdesc_stream_of(&m->hw, hw, rid, iommu, stream);
}

static struct place place_of(const struct machine *m, unsigned host, const struct pci_dev *d)
{
    struct place p = {.dev = d};

    if (groups_stream_of(m, &m->hw.host[host], d, d->rid, &p.iommu, &p.stream))
        p.iommu = HW_IOMMUS;
    return p;
}

static void find_places(const struct machine *m, struct place *out)
{
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        const struct pci_dev *d;

        TAILQ_FOREACH (d, &m->host[i]->devs, link)
            *out++ = place_of(m, i, d);
    }
}

static bool is_one_stream(const struct place *a, const struct place *b)
{
    return a->iommu != HW_IOMMUS && a->iommu == b->iommu && a->stream == b->stream;
}

/* The lower number stays. */
static void join_streams(struct machine *m, const struct place *p, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        for (unsigned k = 0; k < i; k++)
            if (is_one_stream(&p[i], &p[k]) && p[i].dev->group != p[k].dev->group)
                pci_join_groups(m->host, m->hw.host_count, MIN(p[i].dev->group, p[k].dev->group),
                                MAX(p[i].dev->group, p[k].dev->group));
}

int groups_assign(struct machine *m, unsigned total)
{
    struct place *p;

    pci_assign_groups(m->host, m->hw.host_count);
    if (total == 0)
        return 0;
    p = heap_alloc(total * sizeof(*p));
    if (!p)
        return -RF_ENOMEM;
    find_places(m, p);
    join_streams(m, p, total);
    heap_free(p);
    return 0;
}
