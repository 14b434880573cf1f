/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/esr.h"

#include "lib/base/mask.h"

#define ESR_EC   MASK(31, 26)
#define ISS_DFSC MASK(5, 0)
#define ISS_WNR  BIT(6)
#define ISS_CM   BIT(8)  /* cache maintenance: WnR is 1 whatever it was */
#define ISS_FNV  BIT(10) /* FAR is not valid */

enum { SIGNAL_ILL = 4, SIGNAL_TRAP = 5, SIGNAL_BUS = 7, SIGNAL_FPE = 8, SIGNAL_SEGV = 11 };

/* Exception classes; those of aborts come in pairs, from a lower and from the same level. */
#define EC_SVC64             0x15u
#define EC_INSTRUCTION_LOWER 0x20u
#define EC_INSTRUCTION_SAME  0x21u
#define EC_PC_ALIGNMENT      0x22u
#define EC_DATA_LOWER        0x24u
#define EC_DATA_SAME         0x25u

static const struct {
    uint8_t ec;
    uint8_t signal;
    const char *name;
} classes[] = {
    {0x00, SIGNAL_ILL, "undefined instruction"},
    {0x01, SIGNAL_ILL, "trapped WFI or WFE"},
    {0x07, SIGNAL_ILL, "trapped floating point or SIMD"},
    {0x09, SIGNAL_ILL, "trapped pointer authentication"},
    {0x0a, SIGNAL_ILL, "trapped 64-byte load or store"},
    {0x0d, SIGNAL_ILL, "branch target"},
    {0x0e, SIGNAL_ILL, "illegal execution state"},
    {EC_SVC64, SIGNAL_ILL, "SVC"},
    {0x16, SIGNAL_ILL, "HVC"},
    {0x17, SIGNAL_ILL, "SMC"},
    {0x18, SIGNAL_ILL, "trapped system register or instruction"},
    {0x19, SIGNAL_ILL, "trapped SVE"},
    {0x1c, SIGNAL_ILL, "pointer authentication failure"},
    {0x1d, SIGNAL_ILL, "trapped SME"},
    {EC_INSTRUCTION_LOWER, SIGNAL_SEGV, "instruction abort"},
    {EC_INSTRUCTION_SAME, SIGNAL_SEGV, "instruction abort"},
    {EC_PC_ALIGNMENT, SIGNAL_BUS, "misaligned program counter"},
    {EC_DATA_LOWER, SIGNAL_SEGV, "data abort"},
    {EC_DATA_SAME, SIGNAL_SEGV, "data abort"},
    {0x26, SIGNAL_BUS, "misaligned stack pointer"},
    {0x2c, SIGNAL_FPE, "floating-point exception"},
    {0x2f, SIGNAL_BUS, "SError"},
    {0x30, SIGNAL_TRAP, "hardware breakpoint"},
    {0x31, SIGNAL_TRAP, "hardware breakpoint"},
    {0x32, SIGNAL_TRAP, "single step"},
    {0x33, SIGNAL_TRAP, "single step"},
    {0x34, SIGNAL_TRAP, "watchpoint"},
    {0x35, SIGNAL_TRAP, "watchpoint"},
    {0x3c, SIGNAL_TRAP, "BRK"},
};

#define DFSC_EXTERNAL 0x10u

/* Fault status codes; the low two bits of those with a level are the level. */
static const struct {
    uint8_t first, last;
    bool has_level;
    enum esr_kind kind;
    const char *name;
} statuses[] = {
    {0x00, 0x03, true, ESR_PAGE_FAULT, "address size fault"},
    {0x04, 0x07, true, ESR_PAGE_FAULT, "translation fault"},
    {0x08, 0x0b, true, ESR_PAGE_FAULT, "access flag fault"},
    {0x0c, 0x0f, true, ESR_PAGE_FAULT, "permission fault"},
    {DFSC_EXTERNAL, DFSC_EXTERNAL, false, ESR_ABORT, "external abort"},
    {0x11, 0x11, false, ESR_ABORT, "tag check fault"},
    {0x14, 0x17, true, ESR_ABORT, "external abort on a table walk"},
    {0x18, 0x18, false, ESR_ABORT, "memory error"},
    {0x1c, 0x1f, true, ESR_ABORT, "memory error on a table walk"},
    {0x21, 0x21, false, ESR_ABORT, "alignment fault"},
    {0x30, 0x30, false, ESR_ABORT, "TLB conflict"},
    {0x31, 0x31, false, ESR_ABORT, "unsupported atomic hardware update"},
    {0x34, 0x34, false, ESR_ABORT, "lockdown"},
    {0x35, 0x35, false, ESR_ABORT, "unsupported exclusive or atomic access"},
};

static void decode_class(struct esr *e, unsigned ec)
{
    e->class_name = "unknown exception class";
    e->signal = SIGNAL_ILL;
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
        if (classes[i].ec == ec) {
            e->class_name = classes[i].name;
            e->signal = classes[i].signal;
        }
    }
}

static void decode_status(struct esr *e, unsigned code)
{
    e->kind = ESR_ABORT;
    e->status = "unknown fault status";
    for (unsigned i = 0; i < ARRAY_SIZE(statuses); i++) {
        if (statuses[i].first <= code && code <= statuses[i].last) {
            e->status = statuses[i].name;
            e->kind = statuses[i].kind;
            e->level = statuses[i].has_level ? (int)(code & 3) : -1;
        }
    }
    if (e->kind == ESR_ABORT)
        e->signal = SIGNAL_BUS;
}

bool esr_is_svc(uint64_t syndrome)
{
    return FIELD_GET(ESR_EC, syndrome) == EC_SVC64;
}

struct esr esr_decode(uint64_t syndrome)
{
    struct esr e = {.kind = ESR_OTHER, .level = -1};
    unsigned ec = (unsigned)FIELD_GET(ESR_EC, syndrome);

    decode_class(&e, ec);
    switch (ec) {
    case EC_PC_ALIGNMENT:
        e.execute = true;
        e.has_address = true;
        break;
    case EC_DATA_LOWER:
    case EC_DATA_SAME:
        e.write = (syndrome & ISS_WNR) && !(syndrome & ISS_CM);
        e.has_address = !(syndrome & ISS_FNV);
        decode_status(&e, (unsigned)FIELD_GET(ISS_DFSC, syndrome));
        break;
    case EC_INSTRUCTION_LOWER:
    case EC_INSTRUCTION_SAME:
        e.execute = true;
        e.has_address = !(syndrome & ISS_FNV);
        decode_status(&e, (unsigned)FIELD_GET(ISS_DFSC, syndrome));
        break;
    }
    return e;
}

bool esr_is_external_abort(uint64_t syndrome)
{
    return FIELD_GET(ESR_EC, syndrome) == EC_DATA_SAME &&
           FIELD_GET(ISS_DFSC, syndrome) == DFSC_EXTERNAL;
}

static const char *access_name(const struct esr *e)
{
    if (e->execute)
        return "execution of";
    return e->write ? "write to" : "read of";
}

void esr_describe(const struct esr *e, uint64_t address, struct strbuf *out)
{
    strbuf_printf(out, "%s", e->class_name);
    if (e->status != NULL)
        strbuf_printf(out, ", %s", e->status);
    if (e->level >= 0)
        strbuf_printf(out, ", level %d", e->level);
    if (e->has_address)
        strbuf_printf(out, ", %s 0x%lx", access_name(e), address);
}
