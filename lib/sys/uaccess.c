/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/uaccess.h"

#include <string.h>

#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/sys/vm.h"

/* Where the program's pages are that calls have used, for reading and for writing. A page may be
 * here only as long as its translation is valid: these are emptied where the CPU's own are
 * (vm_page.c), so that they are never older. */
#define PLACES 16
enum { READING, WRITING };
static struct place {
    uint64_t page; /* its number; NO_PAGE: none */
    uint8_t *at;
} places[2][PLACES];
#define NO_PAGE UINT64_MAX

void uaccess_forget(void)
{
    for (unsigned i = 0; i < PLACES; i++)
        places[READING][i].page = places[WRITING][i].page = NO_PAGE;
}

static __attribute__((noinline)) uint8_t *find(uint64_t uaddr, unsigned way, struct place *p)
{
    struct pt_leaf leaf;
    if (vm_reach(uaddr, way == WRITING ? PT_WRITE : PT_READ, &leaf) != 0)
        return NULL;
    uint8_t *byte = paddr_to_ptr(leaf.pa);
    *p = (struct place){uaddr >> PAGE_LG2, byte - (uaddr & (PAGE_SIZE - 1))};
    return byte;
}

/* The kernel's pointer to the byte at uaddr, and in *n (which comes in as the bytes wanted) how
 * many follow it in the same page. NULL: no such access. */
static inline uint8_t *reach(uint64_t uaddr, size_t *n, unsigned way)
{
    uint64_t page = uaddr >> PAGE_LG2, offset = uaddr & (PAGE_SIZE - 1);
    struct place *p = &places[way][page % PLACES];
    *n = MIN(*n, PAGE_SIZE - offset);
    return p->page == page ? p->at + offset : find(uaddr, way, p);
}

typedef uint64_t __attribute__((may_alias)) any64_t;
typedef uint32_t __attribute__((may_alias)) any32_t;

/* Most arguments are an aligned word: false for all others. */
static inline bool move_word(void *to, const void *from, size_t n)
{
    uint64_t both = (uint64_t)to | (uint64_t)from;
    if (n == 8 && is_aligned(both, 8))
        *(any64_t *)to = *(const any64_t *)from;
    else if (n == 4 && is_aligned(both, 4))
        *(any32_t *)to = *(const any32_t *)from;
    else
        return false;
    return true;
}

/* The place of [uaddr, uaddr + n), if it is in one page that is known; else NULL. */
static inline uint8_t *known(uint64_t uaddr, size_t n, unsigned way)
{
    uint64_t page = uaddr >> PAGE_LG2, offset = uaddr & (PAGE_SIZE - 1);
    const struct place *p = &places[way][page % PLACES];
    return p->page == page && n <= PAGE_SIZE - offset ? p->at + offset : NULL;
}

static __attribute__((noinline)) int copy_in_parts(uint8_t *to, uint64_t uaddr, size_t n)
{
    while (n != 0) {
        size_t part = n;
        const uint8_t *from = reach(uaddr, &part, READING);
        if (from == NULL)
            return -RF_EFAULT;
        memcpy(to, from, part);
        to += part;
        uaddr += part;
        n -= part;
    }
    return 0;
}

static __attribute__((noinline)) int copy_out_parts(uint64_t uaddr, const uint8_t *from, size_t n)
{
    while (n != 0) {
        size_t part = n;
        uint8_t *to = reach(uaddr, &part, WRITING);
        if (to == NULL)
            return -RF_EFAULT;
        memcpy(to, from, part);
        from += part;
        uaddr += part;
        n -= part;
    }
    return 0;
}

int copy_in(void *dst, uint64_t uaddr, size_t n)
{
    const uint8_t *from = known(uaddr, n, READING);
    if (from == NULL)
        return copy_in_parts(dst, uaddr, n);
    if (!move_word(dst, from, n))
        memcpy(dst, from, n);
    return 0;
}

int copy_out(uint64_t uaddr, const void *src, size_t n)
{
    uint8_t *to = known(uaddr, n, WRITING);
    if (to == NULL)
        return copy_out_parts(uaddr, src, n);
    if (!move_word(to, src, n))
        memcpy(to, src, n);
    return 0;
}

int copy_zero(uint64_t uaddr, uint64_t n)
{
    while (n != 0) {
        size_t part = n;
        uint8_t *to = reach(uaddr, &part, WRITING);
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
        const uint8_t *from = reach(uaddr + done, &part, READING);
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
