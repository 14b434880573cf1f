/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "tests/random/machine.h"
#include "tests/random/reference.h"

/* Interrupts, and what a device may reach. */

static const unsigned vectors[] = {0, 4, VECTORS};

static unsigned pow2_above(unsigned n)
{
    return 1u << log2_ceil(n);
}

long ref_want_irqs(const uint64_t *arg)
{
    const struct ref_device *d = &ref.device[arg[IRQS_DEVICE]];
    unsigned index = (unsigned)arg[IRQS_INDEX];
    uint64_t start = arg[IRQS_START], end = start + arg[IRQS_COUNT];

    if (start >= vectors[index] || end > vectors[index])
        return -RF_EINVAL;
    if (d->index && d->index != index)
        return -RF_EINVAL;
    if (!ref_attached((unsigned)arg[IRQS_DEVICE]))
        return -RF_ENODEV;
    if (end == 0 || (d->index && end > d->count))
        return -RF_EINVAL;
    return 0;
}

void ref_irqs_done(const uint64_t *arg)
{
    struct ref_device *d = &ref.device[arg[IRQS_DEVICE]];
    unsigned index = (unsigned)arg[IRQS_INDEX];
    unsigned start = (unsigned)arg[IRQS_START], count = (unsigned)arg[IRQS_COUNT];
    unsigned mask = ((1u << count) - 1) << start;

    if (!d->index)
        d->count = index == 1 ? pow2_above(start + count) : VECTORS;
    d->index = index;
    d->live = (d->live & ~mask) | ((unsigned)arg[IRQS_EVENTS] << start & mask);
}

/* MSI uses the doorbell while it is enabled, MSI-X by each vector that has an event. */
bool ref_rings(unsigned c)
{
    for (unsigned g = 0; g < GROUPS; g++)
        if (ref.group[g].container == (int)c && (ref.device[g].index == 1 || ref.device[g].live))
            return true;
    return false;
}

static enum sure least(enum sure a, enum sure b)
{
    return a < b ? a : b;
}

/* The second group's window, for everybody in its container. */
static struct ref_reach reach_direct(unsigned c, enum sure attached, uint64_t iova)
{
    const struct ref_group *owner = &ref.group[1];

    if (iova - DIRECT_BASE >= DIRECT_SIZE || owner->container != (int)c)
        return (struct ref_reach){.sure = NO};
    return (struct ref_reach){.sure = least(attached, owner->attached), .pa = iova};
}

/* Where in the window a doorbell is, is the kernel's choice. */
static struct ref_reach reach_doorbell(unsigned c, uint64_t iova)
{
    uint64_t frame = align_down(FRAME, ref.granule);

    return (struct ref_reach){
        .sure = ref_rings(c) || ref.doorbells_moving ? MAYBE : NO,
        .pa = frame + (iova & (ref.granule - 1)),
        .registers = true,
    };
}

static struct ref_reach reach_map(unsigned c, enum sure attached, uint64_t iova, bool write)
{
    const struct ref_map *m;

    LIST_FOREACH (m, &ref.container[c].maps, link) {
        uint64_t at = iova - m->iova.start;

        if (!range_has(m->iova, iova))
            continue;
        uint64_t page = m->pa[at / PAGE_SIZE];
        return (struct ref_reach){
            .sure = !m->revoked && (write ? m->write : m->read) ? least(attached, m->sure) : NO,
            .mapped = !m->revoked,
            .registers = m->registers >= 0,
            .anywhere = page == 0,
            .pa = page + at % PAGE_SIZE,
        };
    }
    return reach_direct(c, attached, iova);
}

struct ref_reach ref_reach(unsigned stream, uint64_t iova, bool write)
{
    struct stream s = machine_stream(stream);
    const struct ref_group *g = &ref.group[s.group];
    enum sure attached = ref.may_die[s.unit] ? least(g->attached, MAYBE) : g->attached;

    if (attached == NO || ref.dead[s.unit])
        return (struct ref_reach){.sure = NO};
    if (!machine.kind->isolates_interrupts && range_has(machine.kind->interrupts, iova))
        return reach_doorbell((unsigned)g->container, iova);
    return reach_map((unsigned)g->container, attached, iova, write);
}
