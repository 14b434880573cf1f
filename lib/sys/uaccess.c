/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/uaccess.h"

#include <string.h>

#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/mem/upage.h"
#include "lib/sys/vm.h"

static __attribute__((noinline)) uint8_t *find(uint64_t uaddr, enum upage_way way)
{
    struct pt_leaf leaf;
    if (vm_reach(uaddr, way == UPAGE_WRITE ? PT_WRITE : PT_READ, &leaf) != 0)
        return NULL;
    upage_remember(uaddr, way, paddr_to_ptr(leaf.pa));
    return paddr_to_ptr(leaf.pa);
}

/* The kernel's pointer to the byte at uaddr, and in *n (which comes in as the bytes wanted) how
 * many follow it in the same page. NULL: no such access. */
static uint8_t *reach(uint64_t uaddr, size_t *n, enum upage_way way)
{
    uint8_t *at;
    *n = MIN(*n, PAGE_SIZE - (uaddr & (PAGE_SIZE - 1)));
    return upage_find(upage_place(uaddr, way), uaddr, &at) ? at : find(uaddr, way);
}

int copy_in(void *dst, uint64_t uaddr, size_t n)
{
    uint8_t *to = dst;
    while (n != 0) {
        size_t part = n;
        const uint8_t *from = reach(uaddr, &part, UPAGE_READ);
        if (from == NULL)
            return -RF_EFAULT;
        memcpy(to, from, part);
        to += part;
        uaddr += part;
        n -= part;
    }
    return 0;
}

int copy_out(uint64_t uaddr, const void *src, size_t n)
{
    const uint8_t *from = src;
    while (n != 0) {
        size_t part = n;
        uint8_t *to = reach(uaddr, &part, UPAGE_WRITE);
        if (to == NULL)
            return -RF_EFAULT;
        memcpy(to, from, part);
        from += part;
        uaddr += part;
        n -= part;
    }
    return 0;
}

int copy_zero(uint64_t uaddr, uint64_t n)
{
    while (n != 0) {
        size_t part = n;
        uint8_t *to = reach(uaddr, &part, UPAGE_WRITE);
        if (to == NULL)
            return -RF_EFAULT;
        memset(to, 0, part);
        uaddr += part;
        n -= part;
    }
    return 0;
}

int64_t copy_string(char *dst, uint64_t uaddr, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t part = size - done;
        const uint8_t *from = reach(uaddr + done, &part, UPAGE_READ);
        if (from == NULL)
            return -RF_EFAULT;
        size_t len = strnlen((const char *)from, part);
        memcpy(dst + done, from, len);
        done += len;
        if (len != part) {
            dst[done] = '\0';
            return (int64_t)done;
        }
    }
    return -RF_ENAMETOOLONG;
}
