/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_MEM_UPAGE_H
#define RF_MEM_UPAGE_H

#include "lib/base/types.h"

/* Pages of the workload that calls have used lately, one table for reading and one for writing:
 * what a call copies is mostly in one of them, and then neither a walk nor a right has to be looked
 * up. A page may be here only as long as its translation is valid, so the table is emptied where
 * the CPU's own translations are. There is one workload, so there is one table. */
#define UPAGE_PLACES 16
enum upage_way { UPAGE_READ, UPAGE_WRITE, UPAGE_WAYS };

extern struct upage {
    uint64_t page; /* its number; UPAGE_NONE: none */
    uintptr_t at;  /* of its first byte in the linear map */
} upage_table[UPAGE_WAYS][UPAGE_PLACES];
#define UPAGE_NONE UINT64_MAX

/* byte is the kernel's pointer to what the workload may read or write at uaddr. */
void upage_remember(uint64_t uaddr, enum upage_way way, uint8_t *byte);

/* Translations of the workload's addresses are no longer what they were. */
void upage_forget(void);

static inline struct upage *upage_place(uint64_t uaddr, enum upage_way way)
{
    return &upage_table[way][(uaddr >> PAGE_LG2) % UPAGE_PLACES];
}

/* True when *p, the place of uaddr, has it; *at is then the kernel's pointer to it. */
static inline bool upage_find(const struct upage *p, uint64_t uaddr, uint8_t **at)
{
    *at = (uint8_t *)(p->at + (uaddr & (PAGE_SIZE - 1)));
    return p->page == uaddr >> PAGE_LG2;
}

/* Words are aligned to 8 bytes where they fill such words, else to 4; tells the compiler so. */
#define UPAGE_ALIGN(n) ((n) % 8 == 0 ? 8 : 4)

static ALWAYS_INLINE void *upage_aligned(uint8_t *p, size_t n)
{
    return n % 8 == 0 ? __builtin_assume_aligned(p, 8) : __builtin_assume_aligned(p, 4);
}

static ALWAYS_INLINE bool upage_words(uint64_t uaddr, size_t n, enum upage_way way, uint8_t **at)
{
    bool fits = n == UPAGE_ALIGN(n) || (uaddr & (PAGE_SIZE - 1)) <= PAGE_SIZE - n;
    return upage_find(upage_place(uaddr, way), uaddr, at) && fits &&
           is_aligned(uaddr, UPAGE_ALIGN(n));
}

/* Copy a structure of words, whose size is known when this is compiled, by a few loads and stores.
 * False, and nothing was done: it is not aligned, or not in such a page. What was read is not read
 * again, as somebody may write it meanwhile. */
static ALWAYS_INLINE bool upage_in(void *dst, uint64_t uaddr, size_t n)
{
    uint8_t *from;
    if (!upage_words(uaddr, n, UPAGE_READ, &from))
        return false;
    __builtin_memcpy(dst, upage_aligned(from, n), n);
    __asm__ volatile("" ::: "memory");
    return true;
}

static ALWAYS_INLINE bool upage_out(uint64_t uaddr, const void *src, size_t n)
{
    uint8_t *to;
    if (!upage_words(uaddr, n, UPAGE_WRITE, &to))
        return false;
    __builtin_memcpy(upage_aligned(to, n), src, n);
    return true;
}

#endif
