/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/exception.h"

#include "arch/power.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/sysreg.h"
#include "arch/x86_64/trap.h"
#include "lib/base/log.h"

#define STATUS_EXCEPTION 70

_Static_assert(offsetof(struct user_regs, r12) == REGS_R12, "layout.h");
_Static_assert(offsetof(struct user_regs, rbp) == REGS_RBP, "layout.h");
_Static_assert(offsetof(struct user_regs, rbx) == REGS_RBX, "layout.h");
_Static_assert(offsetof(struct user_regs, r11) == REGS_R11, "layout.h");
_Static_assert(offsetof(struct user_regs, rcx) == REGS_RCX, "layout.h");
_Static_assert(offsetof(struct user_regs, rax) == REGS_RAX, "layout.h");
_Static_assert(offsetof(struct user_regs, arg) == REGS_ARG, "layout.h");
_Static_assert(offsetof(struct user_regs, vector) == REGS_VECTOR, "layout.h");
_Static_assert(offsetof(struct user_regs, rip) == REGS_RIP, "layout.h");
_Static_assert(offsetof(struct user_regs, cs) == REGS_CS, "layout.h");
_Static_assert(offsetof(struct user_regs, rflags) == REGS_RFLAGS, "layout.h");
_Static_assert(offsetof(struct user_regs, rsp) == REGS_RSP, "layout.h");
_Static_assert(sizeof(struct user_regs) == REGS_SIZE, "layout.h");

#define INSTRUCTION_BYTES 8 /* of code that are shown */

static bool in_text(uint64_t pc)
{
    return pc >= (uint64_t)__text_start && pc < (uint64_t)__text_end - INSTRUCTION_BYTES;
}

static bool hit_stack_guard(const struct user_regs *r, uint64_t address)
{
    uint64_t bottom = (uint64_t)__stack_bottom;

    return (r->vector == VECTOR_PAGE_FAULT || r->vector == VECTOR_DOUBLE_FAULT) &&
           address < bottom && address >= bottom - PAGE_SIZE;
}

static void report_cause(const struct user_regs *r)
{
    uint64_t address = SYSREG_READ(cr2);
    struct trap t = trap_decode(r->vector, r->error);
    char text[200];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    trap_describe(&t, r->error, address, &s);
    if (hit_stack_guard(r, address))
        strbuf_printf(&s, " (the page below the stack: it is full)");
    log_err("kernel exception: %s", text);
}

/* Code is shown with its offset in the image: what addr2line asks for. */
static void report_place(const struct user_regs *r)
{
    char text[200];
    struct strbuf s;

    strbuf_init(&s, text, sizeof(text));
    strbuf_printf(&s, "at 0x%lx", r->rip);
    if (in_text(r->rip)) {
        const uint8_t *code = (const uint8_t *)r->rip;

        strbuf_printf(&s, " (image + 0x%lx), instruction", r->rip - (uint64_t)__image_start);
        for (unsigned i = 0; i < INSTRUCTION_BYTES; i++)
            strbuf_printf(&s, " %02x", code[i]);
    }
    log_err("  %s", text);
    log_err("  vector %lu error 0x%lx cr2 0x%lx cs 0x%lx rflags 0x%lx", r->vector, r->error,
            SYSREG_READ(cr2), r->cs, r->rflags);
}

void exception_dump_registers(const struct user_regs *r)
{
    log_err("  rax 0x%016lx rbx 0x%016lx rcx 0x%016lx rdx 0x%016lx", r->rax, r->rbx, r->rcx,
            r->rdx);
    log_err("  rsi 0x%016lx rdi 0x%016lx rbp 0x%016lx rsp 0x%016lx", r->rsi, r->rdi, r->rbp,
            r->rsp);
    log_err("   r8 0x%016lx  r9 0x%016lx r10 0x%016lx r11 0x%016lx", r->r8, r->r9, r->r10, r->r11);
    log_err("  r12 0x%016lx r13 0x%016lx r14 0x%016lx r15 0x%016lx", r->r12, r->r13, r->r14,
            r->r15);
}

void exception_report(const struct user_regs *r)
{
    static bool reporting;

    /* One in the report itself would never end. */
    if (!reporting) {
        reporting = true;
        report_cause(r);
        report_place(r);
        exception_dump_registers(r);
    }
    power_off(STATUS_EXCEPTION);
}
