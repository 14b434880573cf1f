/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/syscall.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/base/panic.h"
#include "lib/sys/calls.h"
#include "lib/sys/proc.h"

#define NR_COUNT 512

static const struct sys_call *calls[NR_COUNT]; /* NULL: not known */
static uint64_t reported[NR_COUNT / 64];
static struct syscall_record last;

void syscall_init(const struct sys_abi *a)
{
    memset(calls, 0, sizeof(calls));
    memset(reported, 0, sizeof(reported));
    memset(&last, 0, sizeof(last));
    for (unsigned i = 0; i < a->call_count; i++) {
        ASSERT(a->calls[i].nr < NR_COUNT);
        calls[a->calls[i].nr] = &a->calls[i];
    }
    abi_set(a);
}

const struct syscall_record *syscall_last(void)
{
    return &last;
}

/* Numbers beyond the table share the place of the last one. */
static __attribute__((noinline)) int64_t unknown(uint64_t nr)
{
    unsigned slot = (unsigned)MIN(nr, NR_COUNT - 1);
    if ((reported[slot / 64] & BIT(slot % 64)) == 0)
        log_warn_limited("the workload made system call %lu, which is not supported: it got ENOSYS",
                         (unsigned long)nr);
    reported[slot / 64] |= BIT(slot % 64);
    return -RF_ENOSYS;
}

static ALWAYS_INLINE int64_t run(uint64_t nr, const uint64_t *a)
{
    const struct sys_call *call = nr < NR_COUNT ? calls[nr] : NULL;
    if (call == NULL)
        return unknown(nr);
    last = (struct syscall_record){call, {a[0], a[1], a[2], a[3], a[4], a[5]}, 0};
    last.result = call->fn(a);
    return last.result;
}

int64_t syscall_do(uint64_t nr, const uint64_t *a)
{
    return run(nr, a);
}

enum user_answer syscall_user(struct user_regs *r)
{
    user_set_result(r, run(user_syscall_nr(r), user_args(r)));
    return proc_to_look_at ? USER_CALL_LOOK : USER_CALL_DONE;
}
