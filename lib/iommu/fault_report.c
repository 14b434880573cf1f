/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/fault_internal.h"

#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/iommu/aspace.h"

#define LINE_SIZE 320 /* of log_line */

static const char *access_name(const struct iommu_fault *f)
{
    return f->execute ? "instruction fetch from" : f->write ? "write to" : "read from";
}

static const char *prot_name(unsigned prot)
{
    static const char *const names[] = {"no access", "read-only", "write-only", "read-write"};

    return names[prot & (PT_READ | PT_WRITE)];
}

static void add_device(struct strbuf *s, const struct refusal *r)
{
    const struct iommu_endpoint *e = iommu_endpoint_find(r->unit, r->first.sid);

    strbuf_printf(s, "%s%s (stream 0x%x)", e ? e->name : "a device that firmware does not name",
                  e && e->shared ? ", or a device of the same stream" : "", r->first.sid);
}

static const struct iommu_aspace *space_of(const struct refusal *r)
{
    const struct iommu_group *g = iommu_group_of(r->unit, r->first.sid);

    return g ? g->aspace : NULL;
}

/* ---- where the address lies: the first of these that has something to say does */

static bool place_unowned(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    (void)iova;
    if (a)
        return false;
    strbuf_printf(s, "the device is given to nobody, so nothing is mapped for it");
    return true;
}

static bool place_mapped(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    const struct aspace_map *m = aspace_find(a, iova);

    if (m)
        strbuf_printf(s, "mapping there: [0x%lx, 0x%lx] %s%s", m->iova.start, m->iova.last,
                      prot_name(m->prot),
                      m->revoked ? ", revoked when the registers behind it went off" : "");
    return m;
}

static void add_doorbells(struct strbuf *s, const struct iommu_aspace *a)
{
    bool any = false;

    for (unsigned i = 0; i < ASPACE_DOORBELLS; i++) {
        const struct aspace_doorbell *b = &a->doorbells[i];

        if (!b->refs)
            continue;
        strbuf_printf(s, "%s[0x%lx, 0x%lx]", any ? ", " : "; doorbell pages: ", b->iova,
                      b->iova + (b->size - 1));
        any = true;
    }
    if (!any)
        strbuf_printf(s, "; no doorbell is mapped, as no MSI is enabled");
}

static bool place_window(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    const struct resv_window *w = resv_find(&a->windows, (struct range){iova, iova});

    if (!w)
        return false;
    strbuf_printf(s, "in the %s window [0x%lx, 0x%lx] (%s), where nothing can be mapped",
                  resv_type_name(w->type), w->r.start, w->r.last, w->origin);
    if (w->type == RESV_SW_MSI)
        add_doorbells(s, a);
    return true;
}

static bool place_beyond(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    if (range_has(a->aperture, iova))
        return false;
    strbuf_printf(s, "above 0x%lx, the last address that can be mapped", a->aperture.last);
    return true;
}

static bool place_nearest(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    const struct aspace_map *m = aspace_nearest(a, iova);

    if (!m)
        return false;
    strbuf_printf(s, "nearest mapping: [0x%lx, 0x%lx] %s, ", m->iova.start, m->iova.last,
                  prot_name(m->prot));
    if (m->iova.start > iova)
        strbuf_printf(s, "begins 0x%lx above", m->iova.start - iova);
    else if (iova - m->iova.last == 1)
        strbuf_printf(s, "ends right before");
    else
        strbuf_printf(s, "ends 0x%lx below", iova - m->iova.last - 1);
    return true;
}

static bool place_empty(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    (void)a;
    (void)iova;
    strbuf_printf(s, "nothing is mapped for this device");
    return true;
}

static void add_place(struct strbuf *s, const struct iommu_aspace *a, uint64_t iova)
{
    static bool (*const places[])(struct strbuf *, const struct iommu_aspace *, uint64_t) = {
        place_unowned, place_mapped, place_window, place_beyond, place_nearest, place_empty,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(places) && !places[i](s, a, iova); i++)
        ;
}

/* ---- the lines */

static void add_access(struct strbuf *s, const struct refusal *r)
{
    const struct iommu_fault *f = &r->first;

    add_device(s, r);
    if (f->has_iova)
        strbuf_printf(s, " %s IOVA 0x%lx", access_name(f), f->iova);
    if (f->has_index)
        strbuf_printf(s, " interrupt of entry %u", f->index);
    strbuf_printf(s, ": %s", f->event);
    if (f->code)
        strbuf_printf(s, " (%02Xh)", f->code);
}

static void add_seen(struct strbuf *s, const struct refusal *r)
{
    strbuf_printf(s, "%lu record%s of this refusal", r->count, r->count == 1 ? "" : "s");
    if (r->first.has_iova && r->count > 1)
        strbuf_printf(s, ", addresses 0x%lx..0x%lx", r->seen.start, r->seen.last);
}

static void report_place(const struct refusal *r)
{
    char text[LINE_SIZE];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    if (r->first.has_iova) {
        add_place(&s, space_of(r), r->first.iova);
        strbuf_printf(&s, "; ");
    }
    add_seen(&s, r);
    log_warn("  %s", text);
}

static const char *what_was_refused(const struct refusal *r)
{
    return r->first.has_index ? "interrupt" : "DMA";
}

void fault_report(const struct refusal *r)
{
    const struct iommu_fault *f = &r->first;
    char text[LINE_SIZE];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    add_access(&s, r);
    log_warn("%s refused: %s, %s", what_was_refused(r), text, f->meaning);
    report_place(r);
    if (f->has_fetch)
        log_warn("  %s could not read its own table at physical 0x%lx", r->unit->name, f->fetch);
    log_warn("  check: %s", f->advice);
    log_debug("  record of %s: %016lx %016lx %016lx %016lx", r->unit->name, f->raw[0], f->raw[1],
              f->raw[2], f->raw[3]);
}

void fault_report_more(const struct refusal *r)
{
    char text[LINE_SIZE];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    add_access(&s, r);
    strbuf_printf(&s, ": %lu more since it was reported; ", r->count - r->told);
    add_seen(&s, r);
    log_warn("%s refused again: %s", what_was_refused(r), text);
}
