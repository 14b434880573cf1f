/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/machine.h"

#include <string.h>

#include "arch/host/host.h"
#include "drivers/iommu/smmuv3/state.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "tests/random/verdict.h"
#include "tests/random/workload.h"

#define REGISTERS UINT64_C(0x09000000)

struct machine machine;

/* ---- streams --------------------------------------------------------------------------------- */

struct stream machine_stream(unsigned i)
{
    static const struct stream streams[STREAMS] = {
        {0x08, 0, 0}, {0x0f, 0, 0}, {0x10, 0, 1}, {0x18, 1, 2}};

    return streams[i % STREAMS];
}

/* ---- SMMUs ----------------------------------------------------------------------------------- */

/* Both start from what QEMU has, without its optional features. */
static struct smmuv3_model_config model_plain(void)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    cfg.idr0 &= ~(3u << 27 | 1u << 12);     /* ST_LEVEL, ASID16 */
    cfg.idr1 = (cfg.idr1 & ~0x1f003fu) | 8; /* EVENTQS, SIDSIZE */
    cfg.idr3 &= ~(1u << 10);                /* RIL */
    return cfg;
}

static uint32_t if_has(uint64_t features, enum feature f, uint32_t bits)
{
    return features & f ? bits : 0;
}

static struct smmuv3_model_config model_config(const uint64_t *arg)
{
    struct smmuv3_model_config cfg = model_plain();
    uint64_t has = arg[MACHINE_FEATURES], pace = arg[MACHINE_PACE];

    cfg.idr0 |= if_has(has, HAS_TWO_LEVEL, 1u << 27) | if_has(has, HAS_ASID16, 1u << 12) |
                if_has(has, HAS_HYP, 1u << 9) | if_has(has, HAS_ATS, 1u << 10) |
                if_has(has, HAS_BTM, 1u << 5) | if_has(has, HAS_MSI, 1u << 13);
    cfg.idr1 |= if_has(has, HAS_TWO_LEVEL, 16 ^ 8) | (uint32_t)arg[MACHINE_EVENTS] << 16;
    cfg.idr3 |= if_has(has, HAS_RANGES, 1u << 10);
    cfg.iidr = if_has(has, IS_MMU_700, 0x4870043b);
    cfg.page0_only = has & PAGE0_ONLY;
    cfg.non_coherent = has & NON_COHERENT;
    cfg.ram_base = RAM_BASE;
    cfg.ram_size = RAM_SIZE + DIRECT_SIZE;
    cfg.lazy_commands = pace;
    cfg.burst = (unsigned)pace;
    cfg.sync_delay = (unsigned)pace % 4;
    cfg.ack_delay = (unsigned)pace % 3;
    cfg.forget = has & FORGETS ? 8 : 0;
    return cfg;
}

static void start_unit(unsigned i, const struct smmuv3_model_config *cfg)
{
    static const char *const name[UNITS] = {"smmuv3@a", "smmuv3@b"};
    struct machine_unit *u = &machine.unit[i];
    struct smmuv3_config unit = {
        .regs = {.base = REGISTERS + i * 0x20000, .size = 0x20000},
        .name = name[i],
        .dt_coherent = !cfg->non_coherent,
        .page0_only = cfg->page0_only,
    };

    u->model = smmuv3_model_new(cfg);
    smmuv3_model_map(u->model, REGISTERS + i * 0x20000);
    if (smmuv3_create(&unit, &u->unit) || iommu_unit_start(u->unit))
        verdict_fail("%s does not start", name[i]);
}

/* A wait ends by its deadline: what would be a million polls of a unit that hangs takes few. */
static void hurry(void *ctx)
{
    static bool inside;

    (void)ctx;
    if (!machine.stuck || inside)
        return;
    inside = true;
    host_clock_advance(100000000);
    inside = false;
}

/* ---- groups ---------------------------------------------------------------------------------- */

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
    if (bad || vfio_device_add(&machine.fn[i].pci, g, &machine_frame))
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
    struct smmuv3_model_config first = model_config(arg), second = model_plain();
    unsigned granule_lg2 = log2_floor(arg[MACHINE_GRANULE] | PAGE_SIZE);
    const struct vfio_policy policy = {
        .granule_lg2 = granule_lg2,
        .allow_unsafe_interrupts = arg[MACHINE_FEATURES] & UNSAFE_ALLOWED,
    };

    host_reset();
    memset(&machine, 0, sizeof(machine));
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
    second.idr1 |= 4u << 16;
    start_unit(0, &first);
    start_unit(1, &second);
    workload_start();
    vfio_set_policy(&policy);
    for (unsigned i = 0; i < GROUPS; i++)
        offer(i);
}

/* A unit lives until power-off; here it has to go before the next program. */
static void stop_unit(struct machine_unit *u)
{
    struct smmuv3 *s = smmuv3_of(u->unit);

    while (!SLIST_EMPTY(&s->cd_pages)) {
        struct smmuv3_cd_page *page = SLIST_FIRST(&s->cd_pages);

        SLIST_REMOVE_HEAD(&s->cd_pages, link);
        page_free(page->pa, 0);
        heap_free(page);
    }
    smmuv3_strtab_fini(s, true);
    smmuv3_queue_fini(&s->cmdq, true);
    smmuv3_queue_fini(&s->eventq, true);
    heap_free(s->unit.asid_map);
    LIST_REMOVE(&s->unit, link);
    heap_free(s);
    smmuv3_model_free(u->model);
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
        stop_unit(&machine.unit[i]);
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
