/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/report.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/sys/proc.h"
#include "lib/sys/syscall.h"
#include "lib/sys/vm.h"

/* The report of a workload that died. */

static const char *access_of(const struct user_trap *t)
{
    if (t->kind != USER_FAULT)
        return "at";
    return t->execute ? "jump to" : t->write ? "write to" : "read of";
}

static void describe_area(uint64_t uaddr)
{
    const struct vma *v = vm_nearest(uaddr);
    if (v == NULL) {
        log_err("  nothing is mapped");
        return;
    }
    log_err("  %s mapping: 0x%lx..0x%lx %c%c%c %s", range_has(v->r, uaddr) ? "its" : "nearest",
            (unsigned long)v->r.start, (unsigned long)v->r.last,
            (v->prot & PT_READ) != 0 ? 'r' : '-', (v->prot & PT_WRITE) != 0 ? 'w' : '-',
            (v->prot & PT_EXEC) != 0 ? 'x' : '-', v->name);
}

static void describe_last_call(void)
{
    const struct syscall_record *last = syscall_last();
    if (last->call == NULL)
        return;
    char text[160];
    struct strbuf s;
    strbuf_init(&s, text, sizeof(text));
    for (unsigned i = 0; i < last->call->args; i++)
        strbuf_printf(&s, "%s0x%lx", i == 0 ? "" : ", ", (unsigned long)last->args[i]);
    if (last->result < 0)
        log_err("  last system call: %s(%s) = -%s", last->call->name, text,
                err_name((int)last->result));
    else
        log_err("  last system call: %s(%s) = 0x%lx", last->call->name, text,
                (unsigned long)last->result);
}

void report_fault(const struct user_regs *r, const struct user_trap *t, int signal, uint64_t bias)
{
    log_err("%s died: %s, %s 0x%lx by the instruction at 0x%lx (signal %d, syndrome 0x%lx)",
            proc_name(), t->what, access_of(t), (unsigned long)t->address,
            (unsigned long)user_pc(r), signal, (unsigned long)t->syndrome);
    describe_area(t->address);
    log_err("  find the line: addr2line -e %s 0x%lx", proc_name(),
            (unsigned long)(user_pc(r) - bias));
    describe_last_call();
    user_dump(r);
}
