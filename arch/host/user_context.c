/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/user.h"

void user_save_context(const struct user_regs *r, uint64_t fault_address, void *context,
                       uint64_t uaddr)
{
    (void)uaddr;
    (void)fault_address;
    memcpy(context, r, sizeof(*r));
}

int user_load_context(struct user_regs *r, const void *context)
{
    memcpy(r, context, sizeof(*r));
    return 0;
}

void user_enter_call(struct user_regs *r, const struct user_call *call)
{
    r->pc = call->fn;
    r->sp = call->sp;
    r->arg[0] = call->a;
    r->arg[1] = call->b;
    r->arg[2] = call->c;
}
