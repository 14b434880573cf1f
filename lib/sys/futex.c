/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/sys/calls.h"
#include "lib/sys/linux.h"
#include "lib/sys/proc.h"
#include "lib/sys/time.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/wait.h"

/* futex(2) with one thread: nobody waits, so there is nobody to wake, and who waits can only be
 * saved by a timeout. */

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

/* WAIT takes a duration, WAIT_BITSET a moment. */
static int deadline_of(const uint64_t *a, bool absolute, uint64_t *deadline_ns)
{
    *deadline_ns = WAIT_FOREVER;
    if (a[3] == 0)
        return 0;
    return absolute ? time_copy_in(a[3], deadline_ns) : time_deadline(a[3], deadline_ns);
}

static int64_t wait(const uint64_t *a, bool absolute)
{
    uint32_t value;
    uint64_t deadline_ns;
    int rc = copy_in(&value, a[0], sizeof(value));
    if (rc == 0)
        rc = deadline_of(a, absolute, &deadline_ns);
    if (rc != 0)
        return rc;
    if (value != (uint32_t)a[2])
        return -RF_EAGAIN;
    if (deadline_ns == WAIT_FOREVER) {
        proc_kill(LX_SIGABRT, "deadlock: it waits on a futex without a timeout, and has no second "
                              "thread that could wake it");
        return -RF_EAGAIN;
    }
    return wait_until(never, NULL, deadline_ns);
}

int64_t sys_futex(const uint64_t *a)
{
    unsigned op = (unsigned)a[1] & ~(LX_FUTEX_PRIVATE_FLAG | LX_FUTEX_CLOCK_RT);
    if (a[0] % sizeof(uint32_t) != 0)
        return -RF_EINVAL;
    switch (op) {
    case LX_FUTEX_WAIT:
    case LX_FUTEX_WAIT_BITSET:
        return wait(a, op == LX_FUTEX_WAIT_BITSET);
    case LX_FUTEX_WAKE:
    case LX_FUTEX_WAKE_BITSET:
    case LX_FUTEX_REQUEUE:
    case LX_FUTEX_CMP_REQUEUE:
        return 0;
    }
    return -RF_ENOSYS;
}
