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

/* The test's workload has made a system call when its trap is USER_SYSCALL. */
void user_run(struct user_regs *r, user_call_fn call, struct user_trap *out)
{
    if (workload == NULL)
        host_abort("user_run: the test has no workload (host_user_hook)");
    do
        workload(workload_ctx, r, out);
    while (out->kind == USER_SYSCALL && call(r) == USER_CALL_DONE);
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
