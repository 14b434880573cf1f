/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/base/err.h"
#include "lib/sys/abi.h"
#include "lib/sys/proc.h"
#include "lib/sys/signal.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"

/* The frame of a signal handler on the program's stack: struct siginfo and struct ucontext, as
 * Linux's struct rt_sigframe; where, the ABI says. */

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

#define FRAME_SIZE (sizeof(struct siginfo) + 512 + USER_CONTEXT_SIZE)

static _Alignas(16) uint8_t frame[FRAME_SIZE];

/* What comes before struct siginfo, if that is not first. */
static uint64_t info_offset(void)
{
    const struct sys_frame *f = &abi()->frame;
    uint64_t context_end = f->context + USER_CONTEXT_SIZE;
    uint64_t end = MAX(context_end, f->mask + sizeof(uint64_t));

    return f->ucontext >= sizeof(struct siginfo) ? 0 : align_up(end, 8);
}

static uint64_t frame_size(void)
{
    uint64_t info_end = info_offset() + sizeof(struct siginfo);
    uint64_t context_end = abi()->frame.context + USER_CONTEXT_SIZE;

    return align_up(MAX(info_end, context_end), 16);
}

/* Where the stack pointer is when a function begins: 16-byte aligned, before a return address was
 * pushed. */
static uint64_t frame_address(uint64_t top)
{
    return align_down(top - frame_size(), 16) - (abi()->frame.back ? sizeof(uint64_t) : 0);
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

static void build(const struct user_regs *r, const struct signal_info *info,
                  const struct user_call *call)
{
    const struct sys_frame *f = &abi()->frame;
    struct siginfo s = encode_info(info);
    memset(frame, 0, sizeof(frame));
    user_save_context(r, info->address, frame + f->context, call->sp + f->context);
    memcpy(frame + f->mask, &info->mask, sizeof(info->mask));
    memcpy(frame + info_offset(), &s, sizeof(s));
    if (f->back)
        memcpy(frame, &call->back, sizeof(call->back));
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
    uint64_t sp = frame_address(top);
    struct user_call call = {
        .fn = action->handler,
        .sp = sp,
        .back = action->restorer,
        .a = (uint64_t)info->sig,
        .b = sp + info_offset(),
        .c = sp + abi()->frame.ucontext,
    };
    if ((action->flags & LX_SA_RESTORER) == 0 && trampoline(&call.back) != 0)
        return -RF_EFAULT;
    build(r, info, &call);
    if (copy_out(sp, frame, frame_size()) != 0)
        return -RF_EFAULT;
    user_enter_call(r, &call);
    return 0;
}

int signal_pop(struct user_regs *r, uint64_t *mask)
{
    const struct sys_frame *f = &abi()->frame;
    int rc = copy_in(frame, user_sp(r) - (f->back ? sizeof(uint64_t) : 0), frame_size());
    if (rc != 0)
        return rc;
    memcpy(mask, frame + f->mask, sizeof(*mask));
    return user_load_context(r, frame + f->context);
}
