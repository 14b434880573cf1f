/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/groups.h"

#include "lib/base/err.h"
#include "lib/mem/heap.h"

static struct place place_of(const struct machine *m, const struct hw_pci_host *hw,
                             const struct pci_dev *d, pci_rid_t rid)
{
    struct place p = {.dev = d};
    int err = d->pf ? hwdesc_stream_of_vf(&m->hw, hw, rid, d->pf->rid, &p.iommu, &p.stream)
                    : hwdesc_stream_of(&m->hw, hw, rid, &p.iommu, &p.stream);

    if (err)
        p.iommu = HW_IOMMUS;
    return p;
}

unsigned groups_places(const struct machine *m, const struct hw_pci_host *hw,
                       const struct pci_dev *d, struct place out[PLACES_MAX])
{
    pci_rid_t rid[PLACES_MAX];
    unsigned n = pci_aliases(d, rid, PLACES_MAX);

    for (unsigned i = 0; i < n; i++)
        out[i] = place_of(m, hw, d, rid[i]);
    return n;
}

static unsigned find_places(const struct machine *m, struct place *out)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->hw.host_count; i++) {
        const struct pci_dev *d;

        TAILQ_FOREACH (d, &m->host[i]->devs, link)
            n += groups_places(m, &m->hw.host[i], d, out + n);
    }
    return n;
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
    p = heap_alloc((size_t)total * PLACES_MAX * sizeof(*p));
    if (!p)
        return -RF_ENOMEM;
    join_streams(m, p, find_places(m, p));
    heap_free(p);
    return 0;
}
