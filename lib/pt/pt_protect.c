/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/pt/engine.h"

struct protect_job {
    struct pt *pt;
    struct pt_gather *g;
    unsigned prot; /* without PT_DEVICE */
};

static bool has_device_leaf(const struct pt *pt, struct range r)
{
    struct pt_leaf leaf;
    uint64_t at = r.start;
    while (pt_next_leaf(pt, at, &at, &leaf) && at <= r.last) {
        if ((leaf.prot & PT_DEVICE) != 0)
            return true;
        at += BIT(leaf.size_lg2);
    }
    return false;
}

/* PT_USER also says whose right PT_EXEC is, so one side loses something either way. */
static bool takes_away(unsigned before, unsigned after)
{
    return (before & ~after) != 0 || ((before ^ after) & PT_USER) != 0;
}

/* Only rights change, so no invalid entry is needed in between (DDI 0487 D8.14.1 lists what needs
 * break-before-make: type, shareability, address, size). */
static void protect_leaf(struct protect_job *p, uint64_t *entry, unsigned level, uint64_t iova)
{
    struct pt *pt = p->pt;
    uint64_t old = dma_load64(entry);
    unsigned before = pt->fmt->prot_of(pt, old);
    unsigned after = p->prot | (before & PT_DEVICE);
    if (after == before)
        return;
    unsigned lg2 = pt_entry_lg2(pt, level);
    dma_store64(entry, pt->fmt->encode_leaf(pt, level, pt_target(pt, old), after));
    if (takes_away(before, after))
        pt_gather_add(p->g, pt_entry_span(lg2, iova), (uint8_t)lg2, false);
}

static void protect_table(struct protect_job *p, struct pt_place at, struct range r)
{
    const unsigned level = at.level;
    struct range todo = r;
    for (;;) {
        struct range part = pt_entry_part(todo, pt_entry_lg2(p->pt, level));
        uint64_t *entry = pt_entry(p->pt, at, todo.start);
        uint64_t value = dma_load64(entry);
        if (pt_is_leaf(p->pt, value, level))
            protect_leaf(p, entry, level, todo.start);
        else if (pt_is_table(p->pt, value, level))
            protect_table(p, (struct pt_place){pt_target(p->pt, value), level - 1}, part);
        if (part.last == todo.last)
            break;
        todo.start = part.last + 1;
    }
    pt_clean(p->pt, at, r);
}

int pt_protect(struct pt *pt, uint64_t iova, uint64_t size, unsigned prot, struct pt_gather *g)
{
    struct range r;
    int rc = pt_check_range(pt, iova, size, &r);
    if (rc == 0)
        rc = pt_check_prot(pt, prot);
    if (rc != 0)
        return rc;
    const struct pt_place at = pt_descend(pt, r);
    if (pt_cuts_leaf(pt, at, r) || ((prot & PT_EXEC) != 0 && has_device_leaf(pt, r)))
        return -RF_EINVAL;
    struct protect_job p = {pt, g, prot & ~PT_DEVICE};
    protect_table(&p, at, r);
    pt_publish(pt);
    return 0;
}
