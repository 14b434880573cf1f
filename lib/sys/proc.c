/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/proc.h"

#include "lib/base/log.h"

static struct {
    bool ended;
    int status;
    const char *name;
    struct user_regs regs;
} proc;

bool proc_to_look_at;

void proc_start(const char *name)
{
    proc.name = name;
    proc.ended = proc_to_look_at = false;
}

void proc_exit(int status)
{
    if (!proc.ended)
        proc.status = status;
    proc.ended = true;
    proc_to_look_at = true;
}

void proc_kill(int signal, const char *why)
{
    if (!proc.ended)
        log_err("%s was ended by signal %d: %s", proc_name(), signal, why);
    proc_exit(128 + signal);
}

bool proc_ended(int *status)
{
    *status = proc.status;
    return proc.ended;
}

struct user_regs *proc_regs(void)
{
    return &proc.regs;
}

const char *proc_name(void)
{
    return proc.name != NULL ? proc.name : "workload";
}
