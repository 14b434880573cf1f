/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/smmuv2.h"
#include "lib/mem/heap.h"
#include "tests/model/smmuv2/model.h"
#include "tests/random/machine.h"
#include "tests/random/verdict.h"

#define REGISTERS UINT64_C(0x09000000)
#define WINDOW    UINT64_C(0x800000) /* for 64 banks of 64 KiB, ample */

/* ---- life ------------------------------------------------------------------------------------ */

enum { MODE_MMU401, MODE_SMMUV1, MODE_MMU500 };

/* Bits of IDR0 and IDR1 (IHI 0062 10.6.9, 10.6.10). */
enum { IDR0_SMS = 1 << 27, IDR0_NUMSIDB = 0xf << 9, IDR0_NUMSMRG = 0xff };
#define IDR1_PAGESIZE (1u << 31)

static struct smmuv2_model_config model_plain(unsigned mode)
{
    static const struct smmuv2_model_config *const by_mode[] = {
        [MODE_MMU401] = &smmuv2_model_mmu401,
        [MODE_SMMUV1] = &smmuv2_model_v1,
        [MODE_MMU500] = &smmuv2_model_mmu500,
    };
    struct smmuv2_model_config cfg = *by_mode[mode];

    cfg.ram_base = RAM_BASE;
    cfg.ram_size = RAM_SIZE + DIRECT_SIZE;
    return cfg;
}

/* Without stream matching ids are of 7 bits. */
static struct smmuv2_model_config model_config(unsigned mode, const uint64_t *arg)
{
    struct smmuv2_model_config cfg = model_plain(mode);
    uint64_t has = arg[MACHINE_FEATURES], pace = arg[MACHINE_PACE];

    if (has & SMMUV2_INDEXING)
        cfg.idr0 = (cfg.idr0 & ~(uint32_t)(IDR0_SMS | IDR0_NUMSIDB | IDR0_NUMSMRG)) | 7u << 9;
    if (has & SMMUV2_BIG_PAGES)
        cfg.idr1 |= IDR1_PAGESIZE;
    if (mode == MODE_MMU500 && has & SMMUV2_GENERIC)
        cfg.mmu500 = false;
    cfg.non_coherent = has & NON_COHERENT;
    cfg.keeps_routes = has & SMMUV2_KEEPS_ROUTES;
    cfg.sync_delay = (unsigned)pace;
    cfg.forget = has & FORGETS ? 8 : 0;
    return cfg;
}

static enum smmuv2_part part_of(const struct smmuv2_model_config *cfg)
{
    if (cfg->version == 1)
        return cfg->granule_64k ? SMMUV2_PART_MMU401 : SMMUV2_PART_V1;
    return cfg->mmu500 ? SMMUV2_PART_MMU500 : SMMUV2_PART_V2;
}

static void start(struct machine_unit *u, unsigned i, const uint64_t *arg)
{
    static const char *const name[UNITS] = {"smmu@a", "smmu@b"};
    unsigned mode = u->kind->mode;
    struct smmuv2_model_config cfg = i == 0 ? model_config(mode, arg) : model_plain(mode);
    struct smmuv2_config unit = {
        .regs = {.base = REGISTERS + i * WINDOW},
        .name = name[i],
        .part = part_of(&cfg),
        .dt_coherent = !cfg.non_coherent,
        .sid_last = 0x7fff,
    };

    u->model = smmuv2_model_new(&cfg);
    u->watch = smmuv2_model_watch(u->model);
    unit.regs.size = smmuv2_model_size(u->model);
    smmuv2_model_map(u->model, unit.regs.base);
    if (smmuv2_create(&unit, &u->unit) || iommu_unit_start(u->unit))
        verdict_fail("%s does not start", unit.name);
}

/* The unit is the first member of what was allocated. */
static void stop(struct machine_unit *u)
{
    heap_free(u->unit->asid_map);
    LIST_REMOVE(u->unit, link);
    heap_free(u->unit);
    smmuv2_model_free(u->model);
}

/* ---- what a device sends --------------------------------------------------------------------- */

enum { FSR_TF = 1 << 1, FSR_PF = 1 << 3 };

static struct access dma(struct machine_unit *u, uint32_t sid, uint64_t iova, bool write)
{
    struct smmuv2_model_result r = smmuv2_model_dma(u->model, sid, iova, write);

    return (struct access){
        .passed = r.passed,
        .bypassed = r.bypassed,
        .stale = r.stale,
        .registers = r.device_memory,
        .says_unmapped = r.fsr == FSR_TF,
        .says_forbidden = r.fsr == FSR_PF,
        .paddr = r.paddr,
        .reason = r.fsr | r.gfsr << 16,
    };
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* Of some stream in some bank. */
static void raise_event(struct machine_unit *u, uint64_t record, uint64_t iova)
{
    smmuv2_model_raise_context(u->model, record % 4, (uint32_t)(record >> 2) & 0x1fe,
                               (uint32_t)(record >> 32) & 0x7fff, iova, record >> 63);
}

static bool raise_error(struct machine_unit *u, uint32_t bits)
{
    smmuv2_model_raise_global(u->model, bits, 0x18, bits);
    return false;
}

/* It has no commands that could be refused. */
static bool fail(struct machine_unit *u, unsigned n, unsigned code, unsigned times)
{
    (void)u, (void)n, (void)code, (void)times;
    return false;
}

static void stick(struct machine_unit *u, bool stuck)
{
    smmuv2_model_set_sync_stuck(u->model, stuck);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

#define SMMUV2_KIND                                                                           \
    .tells_registers = true, .interrupts = {DOORBELLS, DOORBELLS + DOORBELLS_SIZE - 1},       \
    .start = start, .stop = stop, .dma = dma, .ring = frame_ring, .raise_event = raise_event, \
    .raise_error = raise_error, .fail = fail, .stick = stick

const struct unit_kind unit_mmu401 = {
    .name = "MMU-401, stage 2",
    .mode = MODE_MMU401,
    .input_size = UINT64_C(1) << 40,
    .granules = KIB(64),
    .has_write_only = true,
    SMMUV2_KIND,
};

const struct unit_kind unit_smmuv1 = {
    .name = "SMMUv1, stage 1, long descriptors",
    .mode = MODE_SMMUV1,
    .input_size = UINT64_C(1) << 32,
    .granules = KIB(4),
    SMMUV2_KIND,
};

const struct unit_kind unit_smmuv2 = {
    .name = "SMMUv2, stage 1",
    .mode = MODE_MMU500,
    .input_size = UINT64_C(1) << 48,
    .granules = KIB(4) | KIB(16) | KIB(64),
    SMMUV2_KIND,
};
