/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/trap.h"

#include "arch/x86_64/layout.h"
#include "lib/base/mask.h"

/* Error code of a page fault (SDM 3A 4.7) */
#define PF_PRESENT  BIT(0)
#define PF_WRITE    BIT(1)
#define PF_RESERVED BIT(3)
#define PF_EXECUTE  BIT(4)

enum { SIGNAL_ILL = 4, SIGNAL_TRAP = 5, SIGNAL_BUS = 7, SIGNAL_FPE = 8, SIGNAL_SEGV = 11 };

static const struct {
    uint8_t vector;
    uint8_t signal;
    const char *name;
} exceptions[] = {
    {0, SIGNAL_FPE, "division by zero or overflow"},
    {1, SIGNAL_TRAP, "debug exception"},
    {2, SIGNAL_BUS, "non-maskable interrupt: the hardware reports an error"},
    {3, SIGNAL_TRAP, "breakpoint"},
    {4, SIGNAL_SEGV, "overflow"},
    {5, SIGNAL_SEGV, "bound range"},
    {6, SIGNAL_ILL, "undefined instruction"},
    {7, SIGNAL_ILL, "floating point that is switched off"},
    {8, SIGNAL_BUS, "double fault"},
    {10, SIGNAL_SEGV, "invalid task state"},
    {11, SIGNAL_BUS, "segment not present"},
    {12, SIGNAL_BUS, "stack segment fault"},
    {13, SIGNAL_SEGV, "general protection"},
    {VECTOR_PAGE_FAULT, SIGNAL_SEGV, "page fault"},
    {16, SIGNAL_FPE, "x87 floating-point exception"},
    {17, SIGNAL_BUS, "misaligned access"},
    {18, SIGNAL_BUS, "machine check: the hardware reports an error"},
    {19, SIGNAL_FPE, "SIMD floating-point exception"},
    {20, SIGNAL_BUS, "virtualization exception"},
    {21, SIGNAL_SEGV, "control protection"},
};

struct trap trap_decode(uint64_t vector, uint64_t error)
{
    struct trap t = {.name = "unknown exception", .signal = SIGNAL_ILL};

    if (vector >= VECTOR_INTERRUPT_MIN)
        return (struct trap){.kind = TRAP_INTERRUPT, .name = "interrupt"};
    for (unsigned i = 0; i < ARRAY_SIZE(exceptions); i++) {
        if (exceptions[i].vector == vector) {
            t.name = exceptions[i].name;
            t.signal = exceptions[i].signal;
        }
    }
    if (vector == VECTOR_PAGE_FAULT) {
        t.kind = TRAP_PAGE_FAULT;
        t.write = (error & PF_WRITE) != 0;
        t.execute = (error & PF_EXECUTE) != 0;
        t.present = (error & PF_PRESENT) != 0;
        t.reserved = (error & PF_RESERVED) != 0;
    }
    return t;
}

static const char *reason(const struct trap *t)
{
    if (t->reserved)
        return "reserved bits in a table";
    return t->present ? "not allowed" : "not present";
}

static const char *access_name(const struct trap *t)
{
    if (t->execute)
        return "execution of";
    return t->write ? "write to" : "read of";
}

void trap_describe(const struct trap *t, uint64_t error, uint64_t address, struct strbuf *out)
{
    strbuf_printf(out, "%s", t->name);
    if (t->kind == TRAP_PAGE_FAULT)
        strbuf_printf(out, ", %s, %s 0x%lx", reason(t), access_name(t), address);
    else if (error != 0)
        strbuf_printf(out, ", error code 0x%lx", error);
}
