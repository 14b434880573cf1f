/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/base/err.h"
#include "lib/sys/abi.h"
#include "lib/sys/proc.h"
#include "lib/sys/signal.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"

/* The frame of a signal handler on the program's stack: struct siginfo, then struct ucontext, as
 * Linux's struct rt_sigframe. */

struct siginfo {
    int32_t signo, error, code, pad;
    union {
        uint64_t address;
        struct {
            int32_t pid;
            uint32_t uid;
        };
    };
    uint8_t rest[104];
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo_t");

#define FRAME_SIZE (sizeof(struct siginfo) + 256 + USER_CONTEXT_SIZE)

static _Alignas(16) uint8_t frame[FRAME_SIZE];

static uint64_t frame_size(void)
{
    return align_up(sizeof(struct siginfo) + abi()->ucontext_regs + USER_CONTEXT_SIZE, 16);
}

static struct siginfo encode_info(const struct signal_info *info)
{
    struct siginfo s = {.signo = info->sig, .code = info->code};
    if (info->code == LX_SI_TKILL)
        s.pid = PROC_PID;
    else
        s.address = info->address;
    return s;
}

static void build(const struct user_regs *r, const struct signal_info *info)
{
    struct siginfo s = encode_info(info);
    uint8_t *ucontext = frame + sizeof(s);
    memset(frame, 0, sizeof(frame));
    memcpy(frame, &s, sizeof(s));
    memcpy(ucontext + abi()->ucontext_mask, &info->mask, sizeof(info->mask));
    user_save_context(r, info->address, ucontext + abi()->ucontext_regs);
}

/* Where a handler returns to whose program gave no such place: a page with the call. */
static int trampoline(uint64_t *uaddr)
{
    struct vma area = {.prot = PT_READ | PT_EXEC, .name = "[sigreturn]"};
    area.r = (struct range){VM_TRAMPOLINE, VM_TRAMPOLINE + PAGE_SIZE - 1};
    *uaddr = VM_TRAMPOLINE;
    if (vm_find(VM_TRAMPOLINE) != NULL)
        return 0;
    int rc = vm_add(&area);
    return rc != 0 ? rc : vm_poke(VM_TRAMPOLINE, abi()->sigreturn, abi()->sigreturn_size);
}

int signal_push(struct user_regs *r, const struct lx_sigaction *action, uint64_t stack,
                const struct signal_info *info)
{
    uint64_t top = stack != 0 ? stack : user_sp(r) - abi()->red_zone;
    uint64_t sp = align_down(top - frame_size(), 16);
    struct user_call call = {
        .fn = action->handler,
        .sp = sp,
        .back = action->restorer,
        .a = (uint64_t)info->sig,
        .b = sp,
        .c = sp + sizeof(struct siginfo),
    };
    if ((action->flags & LX_SA_RESTORER) == 0 && trampoline(&call.back) != 0)
        return -RF_EFAULT;
    build(r, info);
    if (copy_out(sp, frame, frame_size()) != 0)
        return -RF_EFAULT;
    user_enter_call(r, &call);
    return 0;
}

int signal_pop(struct user_regs *r, uint64_t *mask)
{
    int rc = copy_in(frame, user_sp(r), frame_size());
    if (rc != 0)
        return rc;
    const uint8_t *ucontext = frame + sizeof(struct siginfo);
    memcpy(mask, ucontext + abi()->ucontext_mask, sizeof(*mask));
    return user_load_context(r, ucontext + abi()->ucontext_regs);
}
