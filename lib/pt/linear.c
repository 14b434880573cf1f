/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/linear.h"

#include "lib/base/err.h"
#include "lib/base/mask.h"

/* Maps what is not yet mapped of r; what is, must agree in being device memory or not. */
static int map_holes(const struct pt_linear *l, struct range r, unsigned prot)
{
    uint64_t at = r.start;

    while (at <= r.last) {
        struct pt_leaf leaf;
        uint64_t next = 0;
        bool found = pt_next_leaf(l->pt, l->base + at, &next, &leaf) && next <= l->base + r.last;
        uint64_t hole_end = found ? MAX(next - l->base, at) : r.last + 1;

        if (hole_end > at) {
            int rc = pt_map(l->pt, l->base + at, PADDR(at), hole_end - at, prot);
            if (rc != 0)
                return rc;
        }
        if (!found)
            break;
        if ((leaf.prot & PT_DEVICE) != (prot & PT_DEVICE))
            return -RF_EEXIST;
        at = next - l->base + BIT(leaf.size_lg2);
    }
    return 0;
}

static bool fits(const struct pt_linear *l, struct range r)
{
    return r.last >> l->bits == 0;
}

int pt_linear_add_ram(const struct pt_linear *l, struct range r)
{
    const unsigned prot = PT_READ | PT_WRITE;
    int rc = 0;

    if (!fits(l, r))
        return -RF_ERANGE;
    if (!range_overlaps(r, l->image))
        return map_holes(l, r, prot);
    if (r.start < l->image.start)
        rc = map_holes(l, (struct range){r.start, l->image.start - 1}, prot);
    if (rc == 0 && r.last > l->image.last)
        rc = map_holes(l, (struct range){l->image.last + 1, r.last}, prot);
    return rc;
}

int pt_linear_add(const struct pt_linear *l, paddr_t pa, uint64_t size, unsigned prot)
{
    struct range r;

    if (size == 0)
        return -RF_EINVAL;
    if (!range_make(pa.v, size, &r) || !fits(l, r))
        return -RF_ERANGE;
    r.start = align_down(r.start, PAGE_SIZE);
    r.last |= PAGE_SIZE - 1;
    return map_holes(l, r, prot);
}
