/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "lib/sdk/sdk.h"

/* Linux's numbers; newlib's differ above 9. */
static const unsigned char to_linux[NSIG] = {
    [SIGHUP] = 1,   [SIGINT] = 2,   [SIGQUIT] = 3,  [SIGILL] = 4,   [SIGTRAP] = 5,  [SIGABRT] = 6,
    [SIGFPE] = 8,   [SIGKILL] = 9,  [SIGBUS] = 7,   [SIGSEGV] = 11, [SIGPIPE] = 13, [SIGALRM] = 14,
    [SIGTERM] = 15, [SIGUSR1] = 10, [SIGUSR2] = 12, [SIGCHLD] = 17,
};

#define LINUX_SA_RESTORER 0x04000000ul
#define LINUX_SA_NODEFER  0x40000000ul

struct linux_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

void sdk_sigreturn(void);

static void (*handlers[NSIG])(int);

/* The kernel calls this one with its own number; the program's handler gets the C library's. */
static void deliver(int number)
{
    for (int i = 1; i < NSIG; i++)
        if (to_linux[i] == number && handlers[i]) {
            handlers[i](i);
            return;
        }
}

/* A handler may be left by longjmp, as newlib's setjmp does not save a signal mask: so the signal
 * is not blocked while it runs. */
int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    struct linux_sigaction k = {.flags = LINUX_SA_RESTORER | LINUX_SA_NODEFER,
                                .restorer = sdk_sigreturn};

    if (number <= 0 || number >= NSIG || !to_linux[number]) {
        errno = EINVAL;
        return -1;
    }
    if (old) {
        memset(old, 0, sizeof(*old));
        old->sa_handler = handlers[number];
    }
    if (!action)
        return 0;
    handlers[number] = action->sa_handler;
    k.handler = action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN ? action->sa_handler
                                                                               : deliver;
    return (int)SYS4(NR_rt_sigaction, to_linux[number], &k, NULL, sizeof(k.mask));
}
