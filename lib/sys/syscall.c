/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/syscall.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/base/panic.h"

#define NR_COUNT 512

static uint8_t index_of[NR_COUNT]; /* 1 + index in the ABI's table; 0: not known */
static uint64_t reported[NR_COUNT / 64];
static struct syscall_record last;

void syscall_init(const struct sys_abi *a)
{
    memset(index_of, 0, sizeof(index_of));
    memset(reported, 0, sizeof(reported));
    memset(&last, 0, sizeof(last));
    for (unsigned i = 0; i < a->call_count; i++) {
        ASSERT(a->calls[i].nr < NR_COUNT && i < UINT8_MAX);
        index_of[a->calls[i].nr] = (uint8_t)(i + 1);
    }
    abi_set(a);
}

const struct syscall_record *syscall_last(void)
{
    return &last;
}

/* Numbers beyond the table share the place of the last one. */
static int64_t unknown(uint64_t nr)
{
    unsigned slot = (unsigned)MIN(nr, NR_COUNT - 1);
    if ((reported[slot / 64] & BIT(slot % 64)) == 0)
        log_warn("the workload made system call %lu, which is not supported: it got ENOSYS",
                 (unsigned long)nr);
    reported[slot / 64] |= BIT(slot % 64);
    return -RF_ENOSYS;
}

int64_t syscall_do(uint64_t nr, const uint64_t *a)
{
    if (nr >= NR_COUNT || index_of[nr] == 0)
        return unknown(nr);
    last.call = &abi()->calls[index_of[nr] - 1];
    memcpy(last.a, a, sizeof(last.a));
    last.result = last.call->fn(a);
    return last.result;
}
