/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/machine.h"

#include <string.h>

#include "arch/host/host.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "tests/random/verdict.h"
#include "tests/random/workload.h"

struct machine machine;

/* ---- streams --------------------------------------------------------------------------------- */

struct stream machine_stream(unsigned i)
{
    static const struct stream streams[STREAMS] = {
        {0x08, 0, 0}, {0x0f, 0, 0}, {0x10, 0, 1}, {0x18, 1, 2}};

    return streams[i % STREAMS];
}

struct stream machine_function_stream(unsigned i)
{
    unsigned s = 0;

    while (machine_stream(s).group != i)
        s++;
    return machine_stream(s);
}

/* ---- units ----------------------------------------------------------------------------------- */

const struct unit_kind *unit_kind(uint64_t n)
{
    static const struct unit_kind *const kinds[UNIT_KINDS] = {
        &unit_smmuv3, &unit_vtd_legacy, &unit_vtd_second_stage, &unit_vtd_first_stage, &unit_mmu401,
        &unit_smmuv1, &unit_smmuv2};

    return kinds[n % UNIT_KINDS];
}

static void start_unit(unsigned i, const uint64_t *arg)
{
    struct machine_unit *u = &machine.unit[i];

    u->kind = machine.kind;
    u->kind->start(u, i, arg);
}

/* A wait ends by its deadline: what would be a million polls of a unit that hangs takes a hundred,
 * and a unit that is only slow is done by then. */
static void hurry(void *ctx)
{
    static bool inside;

    (void)ctx;
    if (!machine.stuck || inside)
        return;
    inside = true;
    host_clock_advance(10000000);
    inside = false;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Where interrupts are remapped, the function gets a controller of its own. */
static bool route_interrupts(unsigned i, struct iommu_group *g)
{
    struct machine_function *f = &machine.fn[i];
    const struct stream s = machine_function_stream(i);
    struct iommu_unit *u = machine.unit[s.unit].unit;
    const struct msi_source who = {(uint16_t)s.sid, (uint16_t)s.sid};

    f->msi = &machine_frame;
    g->msi_isolated = machine.kind->isolates_interrupts;
    return !g->msi_isolated || u->ops->msi_route(u, who, &machine_frame, &f->msi) == 0;
}

static void offer(unsigned i)
{
    static const struct range direct = {DIRECT_BASE, DIRECT_BASE + DIRECT_SIZE - 1};
    static const struct range bridge = {BRIDGE_BASE, BRIDGE_BASE + BRIDGE_SIZE - 1};
    struct iommu_group *g = iommu_group_get(i);
    bool bad = !g;

    function_build(i);
    for (unsigned s = 0; !bad && s < STREAMS; s++) {
        struct stream at = machine_stream(s);

        if (at.group == i)
            bad = iommu_group_add(g, machine.unit[at.unit].unit, at.sid, machine.fn[i].pci.name);
    }
    if (!bad && i == 1)
        bad = resv_add(&g->windows, direct, RESV_DIRECT, "reserved-memory");
    if (!bad && i == 2)
        bad = resv_add(&g->windows, bridge, RESV_RESERVED, "pci-window");
    bad = bad || !route_interrupts(i, g);
    if (bad || vfio_device_add(&machine.fn[i].pci, g, machine.fn[i].msi))
        verdict_fail("group %u cannot be offered", i);
    machine.device[i] = TAILQ_LAST(&vfio_devices, vfio_device_list);
}

static void log_nowhere(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    (void)text;
    (void)n;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void start_ram(void)
{
    struct page_stats stats;

    host_arena_init(PADDR(RAM_BASE), RAM_SIZE + DIRECT_SIZE);
    page_reset();
    if (page_add_range((struct range){RAM_BASE, RAM_BASE + RAM_SIZE - 1}))
        verdict_fail("no RAM");
    page_get_stats(&stats);
    machine.pages = stats.free_pages;
}

void machine_start(const uint64_t *arg)
{
    unsigned granule_lg2 = log2_floor(arg[MACHINE_GRANULE] | PAGE_SIZE);
    const struct vfio_policy policy = {
        .granule_lg2 = granule_lg2,
        .allow_unsafe_interrupts = arg[MACHINE_FEATURES] & UNSAFE_ALLOWED,
    };

    host_reset();
    memset(&machine, 0, sizeof(machine));
    machine.kind = unit_kind(arg[MACHINE_IOMMU]);
    machine.granule = UINT64_C(1) << granule_lg2;
    TAILQ_INIT(&machine.host.devs);
    inject_after(0);
    log_set_sink(log_nowhere, NULL);
    log_set_level(LOG_ERR);
    start_ram();
    frame_reset();
    if (arg[MACHINE_PARK])
        host_park_enable(arg[MACHINE_PARK]);
    host_clock_hook(hurry, NULL);
    for (unsigned i = 0; i < UNITS; i++)
        start_unit(i, arg);
    workload_start();
    vfio_set_policy(&policy);
    for (unsigned i = 0; i < GROUPS; i++)
        offer(i);
}

static void stop_group(unsigned i)
{
    struct iommu_group *g = iommu_group_find(i);
    struct iommu_endpoint *e;

    while ((e = TAILQ_FIRST(&g->endpoints))) {
        TAILQ_REMOVE(&g->endpoints, e, link);
        heap_free(e);
    }
    LIST_REMOVE(g, link);
    heap_free(g);
    if (machine.fn[i].msi != &machine_frame)
        heap_free(machine.fn[i].msi);
    LIST_REMOVE(machine.device[i]->group, link);
    heap_free(machine.device[i]->group);
    TAILQ_REMOVE(&vfio_devices, machine.device[i], link);
    heap_free(machine.device[i]);
}

void machine_stop(bool may_lose_pages)
{
    struct page_stats stats;

    for (unsigned i = 0; i < GROUPS; i++)
        stop_group(i);
    workload_stop();
    for (unsigned i = 0; i < UNITS; i++)
        machine.kind->stop(&machine.unit[i]);
    page_get_stats(&stats);
    if (stats.free_pages + stats.quarantined_pages != machine.pages)
        verdict_fail("%lu pages at the start, %lu free and %lu in quarantine at the end",
                     machine.pages, stats.free_pages, stats.quarantined_pages);
    if (stats.quarantined_pages && !may_lose_pages)
        verdict_fail("%lu pages are in quarantine, but every unit answered",
                     stats.quarantined_pages);
    host_reset();
    host_arena_fini();
}
