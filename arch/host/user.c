/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/host/host.h"
#include "arch/host/reset.h"
#include "lib/base/log.h"

static void (*workload)(void *ctx, struct user_regs *r, struct user_trap *out);
static void *workload_ctx;
static uint64_t tls;

void host_user_reset(void)
{
    workload = NULL;
    tls = 0;
}

void host_user_hook(void (*fn)(void *ctx, struct user_regs *r, struct user_trap *out), void *ctx)
{
    workload = fn;
    workload_ctx = ctx;
}

void user_init(struct user_regs *r, uint64_t pc, uint64_t sp)
{
    *r = (struct user_regs){.pc = pc, .sp = sp};
    tls = 0;
}

void user_run(struct user_regs *r, struct user_trap *out)
{
    if (workload == NULL)
        host_abort("user_run: the test has no workload (host_user_hook)");
    workload(workload_ctx, r, out);
}

uint64_t user_syscall_nr(const struct user_regs *r)
{
    return r->nr;
}

uint64_t user_arg(const struct user_regs *r, unsigned i)
{
    return r->arg[i];
}

void user_set_result(struct user_regs *r, int64_t value)
{
    r->result = value;
}

void user_set_tls(uint64_t value)
{
    tls = value;
}

uint64_t user_tls(void)
{
    return tls;
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
    log_err("  pc 0x%lx sp 0x%lx", r->pc, r->sp);
}
