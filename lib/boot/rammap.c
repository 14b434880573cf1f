/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/boot/rammap.h"

#include <string.h>

#include "lib/base/err.h"

/* Puts `n` ranges in the place of those with index first .. end - 1. */
static int replace(struct rammap *m, unsigned first, unsigned end, const struct range *with,
                   unsigned n)
{
    if (m->count - (end - first) + n > RAMMAP_MAX)
        return -RF_ENOSPC;
    memmove(&m->r[first + n], &m->r[end], (m->count - end) * sizeof(m->r[0]));
    memcpy(&m->r[first], with, n * sizeof(m->r[0]));
    m->count = m->count - (end - first) + n;
    return 0;
}

static bool touches(struct range a, struct range b)
{
    return range_overlaps(a, b) || range_precedes(a, b) || range_precedes(b, a);
}

int rammap_add(struct rammap *m, struct range r)
{
    unsigned first = 0;

    while (first < m->count && m->r[first].last < r.start && !touches(m->r[first], r))
        first++;
    unsigned end = first;
    while (end < m->count && touches(m->r[end], r)) {
        r.start = MIN(r.start, m->r[end].start);
        r.last = MAX(r.last, m->r[end].last);
        end++;
    }
    return replace(m, first, end, &r, 1);
}

int rammap_remove(struct rammap *m, struct range r)
{
    unsigned first = 0;

    while (first < m->count && m->r[first].last < r.start)
        first++;
    unsigned end = first;
    while (end < m->count && m->r[end].start <= r.last)
        end++;
    if (first == end)
        return 0;

    /* What sticks out on both sides stays. */
    struct range rest[2];
    unsigned n = 0;
    if (m->r[first].start < r.start)
        rest[n++] = (struct range){m->r[first].start, r.start - 1};
    if (m->r[end - 1].last > r.last)
        rest[n++] = (struct range){r.last + 1, m->r[end - 1].last};
    return replace(m, first, end, rest, n);
}

/* False when no whole page is inside. */
static bool whole_pages(struct range r, struct range *out)
{
    uint64_t start = align_up(r.start, PAGE_SIZE);
    uint64_t end = align_down(r.last + 1, PAGE_SIZE); /* 0: the end of the space */

    if (start < r.start || end - 1 < start || end - 1 > r.last)
        return false;
    *out = (struct range){start, end - 1};
    return true;
}

void rammap_page_align(struct rammap *m)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->count; i++)
        if (whole_pages(m->r[i], &m->r[n]))
            n++;
    m->count = n;
}

uint64_t rammap_total(const struct rammap *m)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < m->count; i++)
        sum += range_size(m->r[i]);
    return sum;
}

bool rammap_contains(const struct rammap *m, struct range r)
{
    for (unsigned i = 0; i < m->count; i++)
        if (range_contains(m->r[i], r))
            return true;
    return false;
}
