/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/early.h"

#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"

/* Relative relocations, packed (System V ABI, generic part, SHT_RELR): an even word is the address
 * of a word to relocate, which holds its addend; an odd one has a bit, from bit 1 on, for each of
 * the 63 words that follow. Nothing else is in the image: check-image looks. */
#define BITMAP_WORDS 63

void early_relocate(void)
{
    const uint64_t *r = (const uint64_t *)__relr_start;
    const uint64_t *end = (const uint64_t *)__relr_end;
    uint64_t here = (uint64_t)__image_start; /* the image is linked at 0 */
    uint64_t *next = (uint64_t *)here;

    for (; r < end; r++) {
        if ((*r & 1) == 0) {
            next = (uint64_t *)(here + *r);
            *next++ += LINEAR_BASE + here;
            continue;
        }
        for (unsigned i = 0; i < BITMAP_WORDS; i++)
            if (*r >> (i + 1) & 1)
                next[i] += LINEAR_BASE + here;
        next += BITMAP_WORDS;
    }
}
