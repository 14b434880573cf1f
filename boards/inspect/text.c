/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

static void print_verdict(const struct inspection *x, FILE *f)
{
    static const char *const text[] = {
        [VERDICT_ISOLATED] = "isolated",
        [VERDICT_LIMITED] = "isolated, with these limits",
        [VERDICT_NOT] = "not isolated",
    };

    fprintf(f, "machine  %s\nverdict  %s\n", x->hw.model, text[x->verdict]);
    for (unsigned i = 0; i < x->limit_count; i++)
        fprintf(f, "  limit  %s\n", x->limit[i]);
}

static void print_units(const struct inspection *x, FILE *f)
{
    for (unsigned i = 0; i < x->hw.iommu_count; i++) {
        const struct hw_iommu *u = &x->hw.iommu[i];
        name_t name;

        fprintf(f, "iommu    %s: %s, registers 0x%lx..0x%lx%s%s\n", u->name, iommu_kind(u->kind),
                (unsigned long)u->regs.start, (unsigned long)u->regs.last,
                u->coherent ? ", coherent" : "", u->disabled ? ", switched off" : "");
        if (u->include_all)
            fprintf(f, "  has    all of segment %u that no other unit names\n", u->segment);
        for (unsigned n = 0; covered_name(&x->hw, i, n, name); n++)
            fprintf(f, "  has    %s\n", name);
    }
}

static void print_hosts(const struct hwdesc *hw, FILE *f)
{
    for (unsigned i = 0; i < hw->host_count; i++) {
        const struct hw_pci_host *h = &hw->host[i];

        fprintf(f, "host     %s: segment %u, buses 0x%02x..0x%02x, configuration space 0x%lx\n",
                h->name, h->segment, h->bus_first, h->bus_last, (unsigned long)h->ecam.start);
    }
    for (unsigned i = 0; i < hw->msi_count; i++) {
        const struct hw_msi_frame *m = &hw->msi[i];

        fprintf(f, "msi      %s: %s, registers 0x%lx..0x%lx, %s\n", m->name, msi_kind(m->kind),
                (unsigned long)m->regs.start, (unsigned long)m->regs.last,
                isolates(hw, m) ? "tells devices apart" : "does not tell devices apart");
    }
}

static void print_windows(const struct inspection *x, FILE *f)
{
    for (const struct window *w = x->window; w < x->window + x->window_count; w++) {
        name_t owner;

        fprintf(f, "window   0x%lx..0x%lx %s (%s)", (unsigned long)w->r.start,
                (unsigned long)w->r.last, window_type(w), w->origin);
        for (unsigned n = 0; window_owner(&x->hw, w, n, owner); n++)
            fprintf(f, "%s %s", n ? "," : " of", owner);
        fprintf(f, "\n");
    }
    for (const struct usable *u = x->usable; u < x->usable + x->usable_count; u++)
        fprintf(f, "iova     0x%lx..0x%lx behind %s\n", (unsigned long)u->r.start,
                (unsigned long)u->r.last, u->host->name);
}

static void print_answer(const struct hwdesc *hw, const struct question *q, FILE *f)
{
    name_t name;

    rid_name(q->segment, q->rid, name);
    fprintf(f, "rid      %s: ", name);
    if (q->iommu >= 0)
        fprintf(f, "%s stream 0x%x", hw->iommu[q->iommu].name, q->stream);
    if (q->why)
        fprintf(f, "%s%s", q->iommu >= 0 ? "; " : "", q->why);
    if (q->msi >= 0)
        fprintf(f, "; MSIs to %s as device 0x%x", hw->msi[q->msi].name, q->device_id);
    fprintf(f, "\n");
}

void print_text(const struct inspection *x, FILE *f)
{
    const struct hwdesc *hw = &x->hw;

    print_verdict(x, f);
    print_units(x, f);
    print_hosts(hw, f);
    print_windows(x, f);
    for (unsigned i = 0; i < hw->oddity_count && i < HW_ODDITIES; i++)
        fprintf(f, "oddity   %s+0x%x: %s\n", hw->oddity[i].table, hw->oddity[i].offset,
                hw->oddity[i].what);
    for (unsigned i = 0; i < x->question_count; i++)
        print_answer(hw, &x->question[i], f);
}
