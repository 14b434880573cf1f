/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/exception.h"

#include "arch/aarch64/esr.h"
#include "arch/aarch64/image.h"
#include "arch/aarch64/layout.h"
#include "arch/aarch64/sysreg.h"
#include "arch/cpu.h"
#include "arch/power.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"

#define STATUS_EXCEPTION 70

_Static_assert(offsetof(struct kernel_regs, sp) == REGS_SP, "layout.h");
_Static_assert(offsetof(struct kernel_regs, pc) == REGS_PC, "layout.h");
_Static_assert(offsetof(struct kernel_regs, esr) == REGS_ESR, "layout.h");
_Static_assert(offsetof(struct kernel_regs, far) == REGS_FAR, "layout.h");
_Static_assert(offsetof(struct kernel_regs, vector) == REGS_VECTOR, "layout.h");

/* PAR_EL1, DDI 0487 D24.2 */
#define PAR_F  BIT(0) /* the address is not mapped */
#define PAR_PA MASK(47, 12)

static void (*bus_error)(paddr_t at);

void cpu_on_bus_error(void (*fn)(paddr_t at))
{
    bus_error = fn;
}

static paddr_t physical(uint64_t va)
{
    __asm__ volatile("at s1e1r, %0" : : "r"(va));
    isb();
    uint64_t par = SYSREG_READ(par_el1);
    return par & PAR_F ? PADDR_INVALID : PADDR((par & PAR_PA) | (va & (PAGE_SIZE - 1)));
}

static void tell_bus_error(const struct kernel_regs *r)
{
    if (bus_error == NULL || r->vector != VECTOR_SYNC || !esr_is_external_abort(r->esr) ||
        !esr_decode(r->esr).has_address)
        return;
    paddr_t at = physical(r->far);
    if (paddr_valid(at))
        bus_error(at);
}

static bool in_text(uint64_t pc)
{
    return pc >= (uint64_t)__text_start && pc < (uint64_t)__text_end && is_aligned(pc, 4);
}

/* An address, and its offset in the image file when it is code: what addr2line asks for. */
static void add_code_address(struct strbuf *s, const char *name, uint64_t pc)
{
    strbuf_printf(s, "%s 0x%lx", name, pc);
    if (in_text(pc))
        strbuf_printf(s, " (image + 0x%lx)", pc - (uint64_t)__image_start);
}

static bool hit_stack_guard(const struct esr *e, uint64_t far)
{
    uint64_t bottom = (uint64_t)__stack_bottom;
    return e->kind == ESR_PAGE_FAULT && far < bottom && far >= bottom - PAGE_SIZE;
}

static void report_cause(const struct kernel_regs *r)
{
    static const char *const interrupts[] = {
        [VECTOR_IRQ] = "interrupt", [VECTOR_FIQ] = "fast interrupt"};
    struct esr e = esr_decode(r->esr);
    char text[200];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    if (r->vector == VECTOR_IRQ || r->vector == VECTOR_FIQ)
        strbuf_printf(&s, "%s, which is always masked here", interrupts[r->vector]);
    else
        esr_describe(&e, r->far, &s);
    if (r->vector == VECTOR_SYNC && hit_stack_guard(&e, r->far))
        strbuf_printf(&s, " (the page below the stack: it is full)");
    log_err("kernel exception: %s", text);
}

static void report_place(const struct kernel_regs *r)
{
    char text[200];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    add_code_address(&s, "at", r->pc);
    if (in_text(r->pc))
        strbuf_printf(&s, ", instruction 0x%08x", *(const uint32_t *)r->pc);
    add_code_address(&s, ", called from", r->x[30]);
    log_err("  %s", text);
    log_err("  esr 0x%lx far 0x%lx spsr 0x%lx sp 0x%lx", r->esr, r->far, r->pstate, r->sp);
}

void exception_dump_x(const uint64_t x[31])
{
    for (unsigned i = 0; i < 31; i += 4) {
        char text[120];
        struct strbuf s;

        strbuf_init(&s, text, sizeof(text));
        for (unsigned j = i; j < MIN(i + 4, 31u); j++)
            strbuf_printf(&s, " %sx%u 0x%016lx", j < 10 ? " " : "", j, x[j]);
        log_err(" %s", text);
    }
}

static _Noreturn void report(const struct kernel_regs *r)
{
    static bool reporting;

    /* One in the report itself would overwrite the registers and never end. */
    if (!reporting) {
        reporting = true;
        tell_bus_error(r);
        report_cause(r);
        report_place(r);
        exception_dump_x(r->x);
    }
    power_off(STATUS_EXCEPTION);
}

/* mmio_try.S */
extern const char mmio_try_first[], mmio_try_last[], mmio_try_refused[];

static bool is_refused_try(const struct kernel_regs *r)
{
    return r->vector == VECTOR_SYNC && esr_is_external_abort(r->esr) &&
           r->pc >= (uint64_t)mmio_try_first && r->pc < (uint64_t)mmio_try_last;
}

void exception_handle(const struct kernel_regs *r)
{
    if (!is_refused_try(r))
        report(r);
    SYSREG_WRITE(elr_el1, (uint64_t)mmio_try_refused);
}
