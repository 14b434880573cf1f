/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mem.h"
#include "drivers/iommu/vtd/state.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"
#include "tests/model/vtd/model.h"
#include "tests/random/machine.h"
#include "tests/random/verdict.h"

#define REGISTERS UINT64_C(0xfed90000)

enum { MODE_LEGACY, MODE_SECOND_STAGE, MODE_FIRST_STAGE };

/* ---- life ------------------------------------------------------------------------------------ */

/* Bits of CAP and ECAP (VT-d 11.4.2, 11.4.3). */
enum { CAP_RWBF = 4, CAP_CM = 7, CAP_PSI = 39, CAP_MAMV = 48 };
enum { ECAP_C = 0, ECAP_EIM = 4, ECAP_SC = 7, ECAP_SMPWC = 48 };

static void set(uint64_t *word, unsigned bit, bool on)
{
    *word = on ? *word | UINT64_C(1) << bit : *word & ~(UINT64_C(1) << bit);
}

/* As QEMU has it, in caching mode. */
static struct vtd_model_config model_plain(unsigned mode)
{
    static const struct vtd_model_config *const by_mode[] = {
        [MODE_LEGACY] = &vtd_model_legacy,
        [MODE_SECOND_STAGE] = &vtd_model_ss,
        [MODE_FIRST_STAGE] = &vtd_model_fs,
    };
    struct vtd_model_config cfg = *by_mode[mode];

    set(&cfg.cap, CAP_CM, true);
    cfg.ram_base = RAM_BASE;
    cfg.ram_size = RAM_SIZE + DIRECT_SIZE;
    return cfg;
}

static struct vtd_model_config model_config(unsigned mode, const uint64_t *arg)
{
    struct vtd_model_config cfg = model_plain(mode);
    uint64_t has = arg[MACHINE_FEATURES], pace = arg[MACHINE_PACE];

    set(&cfg.cap, CAP_CM, !(has & VTD_KEEPS_NO_ABSENCE));
    set(&cfg.cap, CAP_PSI, !(has & VTD_WHOLE_DOMAINS));
    cfg.cap = (cfg.cap & ~(UINT64_C(0x3f) << CAP_MAMV)) | arg[MACHINE_EVENTS] << CAP_MAMV;
    set(&cfg.ecap, ECAP_EIM, has & VTD_X2APIC);
    set(&cfg.ecap, ECAP_SC, has & VTD_SNOOP_CONTROL);
    if (has & NON_COHERENT) {
        set(&cfg.cap, CAP_RWBF, has & VTD_WRITE_BUFFER);
        set(&cfg.ecap, ECAP_C, has & VTD_WRITE_BUFFER);
        set(&cfg.ecap, ECAP_SMPWC, has & VTD_WRITE_BUFFER);
    }
    cfg.lazy_queue = pace;
    cfg.late_status = has & VTD_LATE_STATUS;
    cfg.wait_delay = (unsigned)pace;
    cfg.ack_delay = (unsigned)pace % 4;
    return cfg;
}

static void start(struct machine_unit *u, unsigned i, const uint64_t *arg)
{
    static const char *const name[UNITS] = {"vtd@a", "vtd@b"};
    unsigned mode = u->kind->mode;
    struct vtd_model_config cfg = i == 0 ? model_config(mode, arg) : model_plain(mode);
    struct vtd_config unit = {
        .regs = {.base = REGISTERS + i * 0x1000, .size = 0x1000},
        .name = name[i],
        .haw = (uint8_t)cfg.haw,
        .intr_remap = true,
        .x2apic = cfg.ecap >> ECAP_EIM & 1,
    };

    u->model = vtd_model_new(&cfg);
    u->watch = vtd_model_watch(u->model);
    vtd_model_map(u->model, unit.regs.base);
    if (vtd_create(&unit, &u->unit) || iommu_unit_start(u->unit))
        verdict_fail("%s does not start", unit.name);
}

/* All its streams are in the first half of bus 0: it has one context table at most. A unit that
 * died has let go of it. */
static void stop(struct machine_unit *u)
{
    struct vtd *v = vtd_of(u->unit);
    uint64_t table = v->root[0] & ENTRY_PTR;

    if (table)
        page_free(PADDR(table), 0);
    vtd_root_free(v);
    vtd_queue_free(v);
    if (v->irt)
        page_free(ptr_to_paddr(v->irt), 0);
    heap_free(v->unit.asid_map);
    LIST_REMOVE(&v->unit, link);
    heap_free(v);
    vtd_model_free(u->model);
}

/* ---- what a device sends --------------------------------------------------------------------- */

/* VT-d 7.1.3: the second stage has one reason for what is not mapped and what is not allowed. */
static const struct {
    uint8_t reason;
    bool unmapped, forbidden;
} reasons[] = {
    {0x04, true, false}, /* legacy: beyond the width */
    {0x05, true, true},  /* legacy: write */
    {0x06, true, true},  /* legacy: read */
    {0x71, true, false}, /* first stage: not present */
    {0x79, true, true},  /* second stage */
    {0x80, true, false}, /* first stage: not canonical */
    {0x84, true, false}, /* second stage: beyond the width */
    {0x85, false, true}, /* first stage: write */
};

static struct access dma(struct machine_unit *u, uint32_t sid, uint64_t iova, bool write)
{
    struct vtd_model_result r = vtd_model_dma(u->model, (uint16_t)sid, iova, write);
    struct access a = {
        .passed = r.passed,
        .bypassed = r.bypassed,
        .stale = r.stale,
        .paddr = r.paddr,
        .reason = r.reason,
    };

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        if (reasons[i].reason != r.reason)
            continue;
        a.says_unmapped = reasons[i].unmapped;
        a.says_forbidden = reasons[i].forbidden;
    }
    return a;
}

/* It reaches a vector by an entry that only this device may use. */
static const char *ring(struct machine_unit *u, uint32_t sid, struct msi_message m)
{
    struct vtd_model_msi r = vtd_model_msi(u->model, (uint16_t)sid, m.address.v, m.data);
    struct vtd_model_msi other = vtd_model_msi(u->model, (uint16_t)sid ^ 1, m.address.v, m.data);

    if (!r.delivered)
        return "is blocked";
    if (r.compatible || r.stale)
        return r.stale ? "goes by a stale entry" : "goes by no entry";
    if (other.delivered)
        return "can be sent by another device";
    return function_has_irq(r.vector) && r.destination == 0 ? NULL : "reaches nobody's vector";
}

/* ---- errors ---------------------------------------------------------------------------------- */

enum { FSTS_IQE = 1 << 4, FSTS_ICE = 1 << 5, FSTS_ITE = 1 << 6 };

static void raise_event(struct machine_unit *u, uint64_t record, uint64_t iova)
{
    vtd_model_raise_fault(u->model, iova, record);
}

/* The unit has no errors of its own but those of its queue: fail(). */
static bool raise_error(struct machine_unit *u, uint32_t bits)
{
    vtd_model_raise_fault(u->model, bits, bits);
    return false;
}

/* A device that does not answer, and an answer that nobody waits for, are recovered from. */
static bool fail(struct machine_unit *u, unsigned n, unsigned code, unsigned times)
{
    uint32_t bit = code == 2 ? FSTS_ITE : code == 3 ? FSTS_ICE : FSTS_IQE;

    vtd_model_fail(u->model, n, bit, times);
    return bit == FSTS_IQE;
}

static void stick(struct machine_unit *u, bool stuck)
{
    vtd_model_set_wait_stuck(u->model, stuck);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

#define VTD_KIND                                                                             \
    .granules = KIB(4), .interrupts = {0xfee00000, 0xfeefffff}, .isolates_interrupts = true, \
    .start = start, .stop = stop, .dma = dma, .ring = ring, .raise_event = raise_event,      \
    .raise_error = raise_error, .fail = fail, .stick = stick

const struct unit_kind unit_vtd_legacy = {
    .name = "VT-d, legacy mode",
    .mode = MODE_LEGACY,
    .input_size = UINT64_C(1) << 48,
    .has_write_only = true,
    VTD_KIND,
};

const struct unit_kind unit_vtd_second_stage = {
    .name = "VT-d, scalable mode, second stage",
    .mode = MODE_SECOND_STAGE,
    .input_size = UINT64_C(1) << 48,
    .has_write_only = true,
    VTD_KIND,
};

/* Input is canonical: the lower half of 48 bits. */
const struct unit_kind unit_vtd_first_stage = {
    .name = "VT-d, scalable mode, first stage",
    .mode = MODE_FIRST_STAGE,
    .input_size = UINT64_C(1) << 47,
    VTD_KIND,
};
