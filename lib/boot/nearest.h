/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_NEAREST_H
#define RF_BOOT_NEAREST_H

#include <stddef.h>

/* The index of the one of n words (n > 0) that needs the fewest insertions, deletions and
 * replacements of a character to become `word`. Only the first 32 characters count. */
size_t nearest_word(const char *word, const char *const *words, size_t n);

#endif
