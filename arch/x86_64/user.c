/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/user.h"

#include "arch/barrier.h"
#include "arch/x86_64/exception.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/sysreg.h"
#include "arch/x86_64/trap.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"

/* RFLAGS that are the workload's: CF PF AF ZF SF TF DF OF, RF, AC, ID. All others are the kernel's:
 * interrupts on, no I/O privilege. */
#define RFLAGS_USER \
    (MASK(11, 10) | BIT(8) | MASK(7, 6) | BIT(4) | BIT(2) | BIT(0) | BIT(16) | BIT(18) | BIT(21))
#define RFLAGS_IF BIT(9)

#define SIGNAL_SEGV 11
#define SIGNAL_BUS  7

_Static_assert(USER_CALL_DONE == 0, "vectors.S");

/* vectors.S, user_context.c */
void user_enter(struct user_regs *r, user_call_fn call);
void user_fp_init(void);

/* apic.c */
extern uint64_t apic_came[];
extern volatile uint8_t apic_any;

void user_init(struct user_regs *r, uint64_t pc, uint64_t sp)
{
    *r = (struct user_regs){.rip = pc, .rsp = sp};
    user_fp_init();
    user_set_tls(0);
    msr_write(MSR_GS_BASE, 0);
}

static void decode(const struct user_regs *r, struct user_trap *out)
{
    static char what[120];
    uint64_t address = SYSREG_READ(cr2);
    struct trap t = trap_decode(r->vector, r->error);
    struct strbuf s;

    strbuf_init(&s, what, sizeof(what));
    trap_describe(&t, r->error, address, &s);
    *out = (struct user_trap){
        .kind = t.kind == TRAP_PAGE_FAULT && !t.reserved ? USER_FAULT : USER_ERROR,
        .address = t.kind == TRAP_PAGE_FAULT ? address : r->rip,
        .write = t.write,
        .execute = t.execute,
        .what = what,
        .syndrome = r->vector << 32 | r->error,
        .signal = t.reserved ? SIGNAL_BUS : t.signal,
    };
}

static void take_interrupt(uint64_t vector, struct user_trap *out)
{
    apic_came[vector / 64] |= BIT(vector % 64);
    apic_any = true;
    *out = (struct user_trap){.kind = USER_IRQ};
}

/* An address that is not canonical would fault in the kernel, at the return. */
static bool cannot_return(const struct user_regs *r, struct user_trap *out)
{
    if (r->rip >> USER_BITS == 0)
        return false;
    *out = (struct user_trap){
        .kind = USER_FAULT,
        .address = r->rip,
        .execute = true,
        .what = "jump to an address that is not the program's",
        .signal = SIGNAL_SEGV,
    };
    return true;
}

void user_run(struct user_regs *r, user_call_fn call, struct user_trap *out)
{
    if (cannot_return(r, out))
        return;
    r->cs = SELECTOR_USER_CODE;
    r->ss = SELECTOR_USER_DATA;
    r->rflags = (r->rflags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
    user_enter(r, call);
    if (r->vector == VECTOR_CALLED)
        *out = (struct user_trap){.kind = USER_SYSCALL};
    else if (r->vector >= VECTOR_INTERRUPT_MIN)
        take_interrupt(r->vector, out);
    else
        decode(r, out);
}

void user_set_tls(uint64_t value)
{
    msr_write(MSR_FS_BASE, value);
}

uint64_t user_tls(void)
{
    return msr_read(MSR_FS_BASE);
}

uint64_t user_pc(const struct user_regs *r)
{
    return r->rip;
}

uint64_t user_sp(const struct user_regs *r)
{
    return r->rsp;
}

void user_dump(const struct user_regs *r)
{
    log_err("  rip 0x%lx rflags 0x%lx fs base 0x%lx", r->rip, r->rflags, msr_read(MSR_FS_BASE));
    exception_dump_registers(r);
}
