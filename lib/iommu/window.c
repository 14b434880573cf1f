/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/window.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"

/* A doorbell address may be written to a 32-bit MSI address register (PCI 3.0 6.8.1). */
#define MSI_32BIT_LAST UINT64_C(0xffffffff)

static bool same_kind(const struct resv_window *a, const struct resv_window *b)
{
    return a->type == b->type && strcmp(a->origin, b->origin) == 0;
}

static bool touches(struct range a, struct range b)
{
    return range_overlaps(a, b) || range_precedes(a, b) || range_precedes(b, a);
}

static void insert_sorted(struct resv_list *l, const struct resv_window *w)
{
    unsigned i = l->count++;

    for (; i > 0 && l->w[i - 1].r.start > w->r.start; i--)
        l->w[i] = l->w[i - 1];
    l->w[i] = *w;
}

int resv_add(struct resv_list *l, struct range r, enum resv_type type, const char *origin)
{
    struct resv_window w = {r, type, origin};
    unsigned kept = 0;

    if (r.last < r.start) {
        log_warn("empty %s window at 0x%lx (%s) ignored", resv_type_name(type), r.start, origin);
        return 0;
    }
    for (unsigned i = 0; i < l->count; i++) {
        if (same_kind(&l->w[i], &w) && touches(l->w[i].r, w.r)) {
            w.r.start = MIN(w.r.start, l->w[i].r.start);
            w.r.last = MAX(w.r.last, l->w[i].r.last);
        } else {
            l->w[kept++] = l->w[i];
        }
    }
    if (kept == RESV_MAX) /* nothing was absorbed, so nothing was moved */
        return trace(-RF_ENOSPC);
    l->count = kept;
    insert_sorted(l, &w);
    return 0;
}

int resv_add_all(struct resv_list *l, const struct resv_list *from)
{
    struct resv_list sum = *l;

    for (unsigned i = 0; i < from->count; i++) {
        int err = resv_add(&sum, from->w[i].r, from->w[i].type, from->w[i].origin);

        if (err)
            return err;
    }
    *l = sum;
    return 0;
}

static bool takes_room(const struct resv_window *w)
{
    return w->type != RESV_DIRECT_RELAXABLE;
}

const struct resv_window *resv_find(const struct resv_list *l, struct range r)
{
    for (unsigned i = 0; i < l->count; i++) {
        if (takes_room(&l->w[i]) && range_overlaps(l->w[i].r, r))
            return &l->w[i];
    }
    return NULL;
}

struct range resv_gap(const struct resv_list *l, struct range aperture, struct range r)
{
    struct range gap = aperture;

    for (unsigned i = 0; i < l->count; i++) {
        const struct range w = l->w[i].r;

        if (!takes_room(&l->w[i]))
            continue;
        if (w.last < r.start)
            gap.start = MAX(gap.start, w.last + 1);
        else
            gap.last = MIN(gap.last, w.start - 1);
    }
    return gap;
}

bool resv_has_type(const struct resv_list *l, enum resv_type type)
{
    for (unsigned i = 0; i < l->count; i++) {
        if (l->w[i].type == type)
            return true;
    }
    return false;
}

const char *resv_type_name(enum resv_type t)
{
    static const char *const names[] = {
        [RESV_DIRECT] = "direct",     [RESV_DIRECT_RELAXABLE] = "direct-relaxable",
        [RESV_RESERVED] = "reserved", [RESV_MSI] = "msi",
        [RESV_SW_MSI] = "sw-msi",
    };

    return (unsigned)t < ARRAY_SIZE(names) ? names[t] : "unknown";
}

void resv_drop_type(struct resv_list *l, enum resv_type type)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < l->count; i++) {
        if (l->w[i].type != type)
            l->w[kept++] = l->w[i];
    }
    l->count = kept;
}

static struct range sw_msi_at(uint64_t start)
{
    return (struct range){start, start + (SW_MSI_SIZE - 1)};
}

int resv_place_sw_msi(const struct resv_list *l, struct range aperture, resv_taken_t taken,
                      const void *ctx, struct range *out)
{
    struct range r = sw_msi_at(SW_MSI_BASE);
    uint64_t next = SW_MSI_SIZE;

    while (!range_contains(aperture, r) || resv_find(l, r) || (taken && taken(ctx, r))) {
        if (next > MSI_32BIT_LAST)
            return trace(-RF_ENOSPC);
        r = sw_msi_at(next);
        next += SW_MSI_SIZE;
    }
    *out = r;
    return 0;
}

static unsigned put_range(struct range *out, unsigned n, unsigned max, uint64_t start,
                          uint64_t last)
{
    if (n < max)
        out[n++] = (struct range){start, last};
    return n;
}

unsigned resv_usable(const struct resv_list *l, struct range aperture, struct range *out,
                     unsigned max)
{
    uint64_t from = aperture.start;
    unsigned n = 0;

    for (unsigned i = 0; i < l->count; i++) {
        const struct range w = l->w[i].r;

        if (!takes_room(&l->w[i]) || w.last < from)
            continue;
        if (w.start > aperture.last)
            break;
        if (w.start > from)
            n = put_range(out, n, max, from, w.start - 1);
        if (w.last >= aperture.last)
            return n;
        from = w.last + 1;
    }
    return put_range(out, n, max, from, aperture.last);
}
