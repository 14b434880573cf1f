/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/signal.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/sys/calls.h"
#include "lib/sys/proc.h"
#include "lib/sys/uaccess.h"

static struct {
    struct lx_sigaction action[LX_SIGNALS + 1];
    uint64_t blocked, pending; /* bit n - 1 is signal n, as in sigset_t */
    struct lx_stack stack;
    bool returning; /* rt_sigreturn was called */
} state;

#define SIG_BIT(n) BIT((n) - 1)
#define IGNORED_BY_DEFAULT \
    (SIG_BIT(LX_SIGCHLD) | SIG_BIT(LX_SIGCONT) | SIG_BIT(LX_SIGURG) | SIG_BIT(LX_SIGWINCH))
#define UNBLOCKABLE (SIG_BIT(LX_SIGKILL) | SIG_BIT(LX_SIGSTOP))

void signal_reset(void)
{
    memset(&state, 0, sizeof(state));
    state.stack.flags = LX_SS_DISABLE;
}

static bool is_signal(uint64_t n)
{
    return n >= 1 && n <= LX_SIGNALS;
}

static bool is_ignored(int sig)
{
    uint64_t handler = state.action[sig].handler;
    return handler == LX_SIG_IGN ||
           (handler == LX_SIG_DFL && (IGNORED_BY_DEFAULT & SIG_BIT(sig)) != 0);
}

/* The alternate stack's end, when the handler asks for it and does not run on it already. */
static uint64_t handler_stack(const struct user_regs *r, const struct lx_sigaction *action)
{
    const struct lx_stack *s = &state.stack;
    bool enabled = (s->flags & LX_SS_DISABLE) == 0 && (action->flags & LX_SA_ONSTACK) != 0;
    return enabled && user_sp(r) - s->sp >= s->size ? s->sp + s->size : 0;
}

/* False: there is no handler, or no room for its frame. */
static bool enter_handler(struct user_regs *r, struct signal_info *info)
{
    struct lx_sigaction *action = &state.action[info->sig];
    if (action->handler == LX_SIG_DFL || action->handler == LX_SIG_IGN)
        return false;
    info->mask = state.blocked;
    if (signal_push(r, action, handler_stack(r, action), info) != 0)
        return false;
    uint64_t self = (action->flags & LX_SA_NODEFER) != 0 ? 0 : SIG_BIT(info->sig);
    state.blocked |= (action->mask | self) & ~UNBLOCKABLE;
    if ((action->flags & LX_SA_RESETHAND) != 0)
        action->handler = LX_SIG_DFL;
    return true;
}

bool signal_fault(struct user_regs *r, int sig, uint64_t address)
{
    struct signal_info info = {.sig = sig, .code = LX_SI_FAULT, .address = address};
    return (state.blocked & SIG_BIT(sig)) == 0 && enter_handler(r, &info);
}

static void deliver(struct user_regs *r, int sig)
{
    struct signal_info info = {.sig = sig, .code = LX_SI_TKILL};
    state.pending &= ~SIG_BIT(sig);
    if (!is_ignored(sig) && !enter_handler(r, &info))
        proc_kill(sig, sig == LX_SIGABRT ? "it aborted itself" : "it sent itself a signal");
}

static uint64_t ready(void)
{
    return state.pending & ~state.blocked;
}

/* What may have made a signal ready. */
static void changed(void)
{
    if (ready() != 0)
        proc_to_look_at = true;
}

/* The mask is the frame's. */
static void leave_handler(struct user_regs *r)
{
    state.returning = false;
    if (signal_pop(r, &state.blocked) != 0)
        proc_kill(LX_SIGSEGV, "it returned from a signal handler with a broken stack");
    state.blocked &= ~UNBLOCKABLE;
}

void signal_deliver(struct user_regs *r)
{
    proc_to_look_at = false;
    if (state.returning)
        leave_handler(r);
    if (ready() != 0)
        deliver(r, (int)__builtin_ctzll(ready()) + 1);
    changed();
}

/* ---- system calls */

int64_t sys_rt_sigaction(const uint64_t *a)
{
    uint64_t sig = a[0];
    struct lx_sigaction action;
    if (!is_signal(sig) || a[3] != sizeof(action.mask))
        return -RF_EINVAL;
    if (a[1] != 0 && (UNBLOCKABLE & SIG_BIT(sig)) != 0)
        return -RF_EINVAL;
    if (a[1] != 0 && copy_in(&action, a[1], sizeof(action)) != 0)
        return -RF_EFAULT;
    if (a[2] != 0 && copy_out(a[2], &state.action[sig], sizeof(action)) != 0)
        return -RF_EFAULT;
    if (a[1] != 0)
        state.action[sig] = action;
    return 0;
}

int64_t sys_rt_sigprocmask(const uint64_t *a)
{
    uint64_t set = 0, old = state.blocked;
    if (a[3] != sizeof(set) || (a[1] != 0 && a[0] > LX_SIG_SETMASK))
        return -RF_EINVAL;
    if (a[1] != 0 && copy_in(&set, a[1], sizeof(set)) != 0)
        return -RF_EFAULT;
    if (a[2] != 0 && copy_out(a[2], &old, sizeof(old)) != 0)
        return -RF_EFAULT;
    if (a[1] == 0)
        return 0;
    const uint64_t result[] = {
        [LX_SIG_BLOCK] = old | set, [LX_SIG_UNBLOCK] = old & ~set, [LX_SIG_SETMASK] = set};
    state.blocked = result[a[0]] & ~UNBLOCKABLE;
    changed();
    return 0;
}

int64_t sys_sigaltstack(const uint64_t *a)
{
    struct lx_stack stack;
    if (a[0] != 0 && copy_in(&stack, a[0], sizeof(stack)) != 0)
        return -RF_EFAULT;
    if (a[1] != 0 && copy_out(a[1], &state.stack, sizeof(state.stack)) != 0)
        return -RF_EFAULT;
    if (a[0] != 0)
        state.stack = stack;
    return 0;
}

/* Replaces all registers, so it waits until they are put together. */
int64_t sys_rt_sigreturn(const uint64_t *a)
{
    (void)a;
    state.returning = proc_to_look_at = true;
    return 0;
}

static int64_t raise(uint64_t sig)
{
    if (sig > LX_SIGNALS)
        return -RF_EINVAL;
    if (sig != 0 && !is_ignored((int)sig))
        state.pending |= SIG_BIT(sig);
    changed();
    return 0;
}

static bool is_self(uint64_t pid)
{
    return (int)pid == PROC_PID || (int)pid == 0 || (int)pid == -PROC_PID;
}

int64_t sys_kill(const uint64_t *a)
{
    return is_self(a[0]) ? raise((unsigned)a[1]) : -RF_ESRCH;
}

int64_t sys_tkill(const uint64_t *a)
{
    return (int)a[0] == PROC_PID ? raise((unsigned)a[1]) : -RF_ESRCH;
}

int64_t sys_tgkill(const uint64_t *a)
{
    return (int)a[0] == PROC_PID ? sys_tkill(a + 1) : -RF_ESRCH;
}
