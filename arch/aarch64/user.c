/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/user.h"

#include "arch/aarch64/esr.h"
#include "arch/aarch64/exception.h"
#include "arch/aarch64/layout.h"
#include "arch/aarch64/sysreg.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"

_Static_assert(offsetof(struct user_regs, sp) == REGS_SP, "layout.h");
_Static_assert(offsetof(struct user_regs, pc) == REGS_PC, "layout.h");
_Static_assert(offsetof(struct user_regs, pstate) == REGS_PSTATE, "layout.h");
_Static_assert(offsetof(struct user_regs, kernel_sp) == REGS_KERNEL_SP, "layout.h");
_Static_assert(offsetof(struct user_regs, call) == REGS_KERNEL_SP + 8, "vectors.S");
_Static_assert(USER_CALL_DONE == 0, "vectors.S");

/* SPSR_EL1 bits that are the workload's: N Z C V, TCO, DIT, SSBS, BTYPE. All others are 0: EL0,
 * 64-bit, nothing masked. */
#define PSTATE_USER (MASK(31, 28) | MASK(25, 24) | BIT(12) | MASK(11, 10))

#define SIGNAL_BUS 7

/* vectors.S */
unsigned user_enter(struct user_regs *r, user_call_fn call);
void fp_zero(void);

void user_init(struct user_regs *r, uint64_t pc, uint64_t sp)
{
    *r = (struct user_regs){.pc = pc, .sp = sp};
    fp_zero();
    user_set_tls(0);
}

static void decode_fault(const struct user_regs *r, struct user_trap *out)
{
    static char what[120];
    uint64_t far = SYSREG_READ(far_el1), syndrome = SYSREG_READ(esr_el1);
    struct esr e = esr_decode(syndrome);
    struct strbuf s;

    strbuf_init(&s, what, sizeof(what));
    esr_describe(&e, far, &s);
    *out = (struct user_trap){
        .kind = e.kind == ESR_PAGE_FAULT ? USER_FAULT : USER_ERROR,
        .address = e.has_address ? far : r->pc,
        .write = e.write,
        .execute = e.execute,
        .what = what,
        .syndrome = syndrome,
        .signal = e.signal,
    };
}

void user_run(struct user_regs *r, user_call_fn call, struct user_trap *out)
{
    r->pstate &= PSTATE_USER;
    switch (user_enter(r, call)) {
    case VECTOR_SYNC:
        decode_fault(r, out);
        break;
    case VECTOR_CALLED:
        *out = (struct user_trap){.kind = USER_SYSCALL};
        break;
    case VECTOR_IRQ:
    case VECTOR_FIQ:
        *out = (struct user_trap){.kind = USER_IRQ};
        break;
    default:
        *out = (struct user_trap){.kind = USER_ERROR,
                                  .address = r->pc,
                                  .what = "SError: a bus error that was reported late",
                                  .syndrome = SYSREG_READ(esr_el1),
                                  .signal = SIGNAL_BUS};
        break;
    }
}

void user_set_tls(uint64_t value)
{
    SYSREG_WRITE(tpidr_el0, value);
}

uint64_t user_tls(void)
{
    return SYSREG_READ(tpidr_el0);
}

uint64_t user_pc(const struct user_regs *r)
{
    return r->pc;
}

uint64_t user_sp(const struct user_regs *r)
{
    return r->sp;
}

void user_dump(const struct user_regs *r)
{
    log_err("  pc 0x%lx sp 0x%lx pstate 0x%lx tls 0x%lx", r->pc, r->sp, r->pstate,
            SYSREG_READ(tpidr_el0));
    exception_dump_x(r->x);
}
