/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/boot/nearest.h"

#include <string.h>

#include "lib/base/types.h"

#define CHARS_MAX 32u

/* Levenshtein's distance, one row of the matrix at a time. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[CHARS_MAX + 1];
    unsigned an = (unsigned)strnlen(a, CHARS_MAX), bn = (unsigned)strnlen(b, CHARS_MAX);

    for (unsigned j = 0; j <= bn; j++)
        row[j] = j;
    for (unsigned i = 1; i <= an; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= bn; j++) {
            unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[bn];
}

size_t nearest_word(const char *word, const char *const *words, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (distance(word, words[i]) < distance(word, words[best]))
            best = i;
    return best;
}
