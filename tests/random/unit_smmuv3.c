/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/state.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"
#include "tests/model/smmuv3/model.h"
#include "tests/random/machine.h"
#include "tests/random/verdict.h"

#define REGISTERS UINT64_C(0x09000000)

/* ---- life ------------------------------------------------------------------------------------ */

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

static void start(struct machine_unit *u, unsigned i, const uint64_t *arg)
{
    static const char *const name[UNITS] = {"smmuv3@a", "smmuv3@b"};
    struct smmuv3_model_config cfg = i == 0 ? model_config(arg) : model_plain();
    struct smmuv3_config unit = {
        .regs = {.base = REGISTERS + i * 0x20000, .size = 0x20000},
        .name = name[i],
        .dt_coherent = !cfg.non_coherent,
        .page0_only = cfg.page0_only,
    };

    if (i > 0)
        cfg.idr1 |= 4u << 16; /* EVENTQS */
    u->model = smmuv3_model_new(&cfg);
    u->watch = smmuv3_model_watch(u->model);
    smmuv3_model_map(u->model, unit.regs.base);
    if (smmuv3_create(&unit, &u->unit) || iommu_unit_start(u->unit))
        verdict_fail("%s does not start", unit.name);
}

static void stop(struct machine_unit *u)
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

/* ---- what a device sends --------------------------------------------------------------------- */

enum { F_TRANSLATION = 0x10, F_PERMISSION = 0x13 };

static struct access dma(struct machine_unit *u, uint32_t sid, uint64_t iova, bool write)
{
    struct smmuv3_model_result r = smmuv3_model_dma(u->model, sid, iova, write);

    return (struct access){
        .passed = r.passed,
        .bypassed = r.bypassed,
        .stale = r.stale,
        .registers = r.device_memory,
        .says_unmapped = r.event == F_TRANSLATION,
        .says_forbidden = r.event == F_PERMISSION,
        .paddr = r.paddr,
        .reason = r.event,
    };
}

/* ---- errors ---------------------------------------------------------------------------------- */

#define SFM_ERR (1u << 8)

static void raise_event(struct machine_unit *u, uint64_t record, uint64_t iova)
{
    const uint64_t words[4] = {record, ~record, iova, record};

    smmuv3_model_raise_event(u->model, words);
}

static bool raise_error(struct machine_unit *u, uint32_t bits)
{
    smmuv3_model_raise_gerror(u->model, bits);
    return bits & SFM_ERR;
}

/* 2 and 3 are recovered from, if they do not come too often. */
static bool fail(struct machine_unit *u, unsigned n, unsigned code, unsigned times)
{
    smmuv3_model_fail_command(u->model, n, (uint8_t)code, times);
    return code != 2 && code != 3;
}

static void stick(struct machine_unit *u, bool stuck)
{
    smmuv3_model_set_sync_stuck(u->model, stuck);
}

const struct unit_kind unit_smmuv3 = {
    .name = "SMMUv3",
    .input_size = UINT64_C(1) << 48,
    .interrupts = {DOORBELLS, DOORBELLS + DOORBELLS_SIZE - 1},
    .granules = KIB(4) | KIB(16) | KIB(64),
    .forgets_when_dead = true,
    .tells_registers = true,
    .start = start,
    .stop = stop,
    .dma = dma,
    .ring = frame_ring,
    .raise_event = raise_event,
    .raise_error = raise_error,
    .fail = fail,
    .stick = stick,
};
