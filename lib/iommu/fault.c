/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/fault_internal.h"

#include <string.h>

#include "arch/clock.h"
#include "lib/base/log.h"
#include "lib/iommu/unit.h"

/* Records of one burst are this near to each other: hardware splits a transfer at 4 KiB at most. */
#define NEAR KIB(4)

/* A device that never stops must not hold the kernel: what is left is taken by the next poll. */
#define BUDGET 4096
#define BATCH  8

#define SECOND_NS UINT64_C(1000000000)

/* The latest refusals, oldest first from `oldest` on; an older one is forgotten. */
#define KNOWN 16
static struct {
    struct refusal r[KNOWN];
    unsigned oldest;
    unsigned count;
    uint64_t forgotten; /* records of older refusals that no report has */
} known;

/* What was printed in the second that began at start_ns. */
static struct {
    uint64_t start_ns;
    unsigned printed;
    uint64_t kept_back;
} rate;

/* ---- rate */

static void tell_kept_back(void)
{
    if (rate.kept_back)
        log_warn("%lu more refusals kept back: at most %d a second are printed", rate.kept_back,
                 FAULT_REPORTS);
    rate.kept_back = 0;
}

static void start_second(void)
{
    uint64_t now = clock_now_ns();

    if (now - rate.start_ns < SECOND_NS)
        return;
    tell_kept_back();
    rate.start_ns = now;
    rate.printed = 0;
}

static void report_at_rate(struct refusal *r)
{
    if (r->kept_back)
        return;
    start_second();
    if (rate.printed == FAULT_REPORTS) {
        r->kept_back = true;
        rate.kept_back++;
        return;
    }
    rate.printed++;
    fault_report(r);
    r->told = r->count;
}

/* ---- the refusals known */

static struct refusal *nth(unsigned i)
{
    return &known.r[(known.oldest + i) % KNOWN];
}

static bool same_access(const struct iommu_fault *a, const struct iommu_fault *b)
{
    return a->sid == b->sid && a->write == b->write && a->execute == b->execute &&
           a->has_iova == b->has_iova && a->index == b->index && a->code == b->code &&
           strcmp(a->event, b->event) == 0;
}

static struct range widen(struct range r, uint64_t by)
{
    return (struct range){r.start < by ? 0 : r.start - by,
                          UINT64_MAX - r.last < by ? UINT64_MAX : r.last + by};
}

static bool belongs(const struct refusal *r, const struct iommu_unit *u,
                    const struct iommu_fault *f)
{
    if (r->unit != u || !same_access(&r->first, f))
        return false;
    return !f->has_iova || range_has(widen(r->seen, NEAR), f->iova);
}

static struct refusal *find(const struct iommu_unit *u, const struct iommu_fault *f)
{
    for (unsigned i = known.count; i-- > 0;) { /* most likely the latest */
        if (belongs(nth(i), u, f))
            return nth(i);
    }
    return NULL;
}

static void forget_oldest(void)
{
    struct refusal *r = nth(0);

    if (!r->told)
        report_at_rate(r);
    known.forgotten += r->count - r->told;
    known.oldest = (known.oldest + 1) % KNOWN;
    known.count--;
}

static void take(const struct iommu_unit *u, const struct iommu_fault *f)
{
    struct refusal *r = find(u, f);

    if (!r) {
        if (known.count == KNOWN)
            forget_oldest();
        r = nth(known.count++);
        *r = (struct refusal){.unit = u, .first = *f, .seen = {f->iova, f->iova}};
    }
    r->count++;
    r->seen.start = MIN(r->seen.start, f->iova);
    r->seen.last = MAX(r->seen.last, f->iova);
}

/* ---- entry points */

static unsigned drain(struct iommu_unit *u)
{
    struct iommu_fault batch[BATCH];
    unsigned taken = 0;
    unsigned n = 1;

    if (u->dead) /* taking records also recovers a unit, which a dead one must not */
        return 0;
    while (n > 0 && taken < BUDGET) {
        n = u->ops->faults(u, batch, BATCH);
        for (unsigned i = 0; i < n; i++)
            take(u, &batch[i]);
        taken += n;
    }
    u->fault_count += taken;
    return taken;
}

unsigned iommu_fault_poll(void)
{
    struct iommu_unit *u;
    unsigned taken = 0;

    LIST_FOREACH (u, &iommu_units, link)
        taken += drain(u);
    if (known.count == 0) /* most often: the clock is not read */
        return taken;
    start_second();
    for (unsigned i = 0; i < known.count; i++) {
        if (!nth(i)->told)
            report_at_rate(nth(i));
    }
    return taken;
}

static void tell_rest(const struct refusal *r)
{
    if (r->told) {
        if (r->count > r->told)
            fault_report_more(r);
        return;
    }
    fault_report(r);
    if (r->kept_back && rate.kept_back)
        rate.kept_back--; /* not any more */
}

/* Not held to the rate: there are at most KNOWN, and it is the last word. */
void iommu_fault_flush(void)
{
    for (unsigned i = 0; i < known.count; i++)
        tell_rest(nth(i));
    tell_kept_back();
    if (known.forgotten)
        log_warn("%lu more records of earlier refusals", known.forgotten);
    known.count = 0;
    known.forgotten = 0;
}
