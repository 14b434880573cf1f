/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_MEM_HEAP_H
#define RF_MEM_HEAP_H

#include <stddef.h>

/* Kernel objects. Zeroed; NULL when there is no memory (or a test injects that). Behind it is the C
 * library's malloc, whose memory comes from lib/mem/page.h through lib/libc. */
void *heap_alloc(size_t n);
void heap_free(void *p);

/* How many there are: allocated and not freed. */
size_t heap_count(void);

#endif
