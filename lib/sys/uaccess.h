/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_UACCESS_H
#define RF_SYS_UACCESS_H

#include "lib/mem/upage.h"

/* The workload's memory, reached through its page tables and the kernel's linear map; the kernel
 * never dereferences a user address, so no pointer can hurt it. Pages that are not there yet are
 * faulted in as the workload's own access would. All give 0 or -RF_EFAULT (a hole, a missing right,
 * device registers, the kernel's half), and for -RF_EFAULT a part may have been copied. */
int copy_in(void *dst, uint64_t uaddr, size_t n);
int copy_out(uint64_t uaddr, const void *src, size_t n);
int copy_zero(uint64_t uaddr, uint64_t n);

/* A doubleword, on the way of every call that waits for an event. */
static inline int copy_out64(uint64_t uaddr, uint64_t value)
{
    return upage_out(uaddr, &value, sizeof(value)) ? 0 : copy_out(uaddr, &value, sizeof(value));
}

/* A string with its terminator into dst: its length, -RF_EFAULT, or -RF_ENAMETOOLONG when the
 * terminator is not among the first `size` bytes. */
int64_t copy_string(char *dst, uint64_t uaddr, size_t size);

#endif
