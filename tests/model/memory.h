/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_MEMORY_H
#define RF_TESTS_MODEL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Memory as a model sees it. A coherent one sees what has become visible of the CPU's stores. The
 * other sees a copy, which has of a line what was in it when it was cleaned, and that only from the
 * next dma_sync() on; the CPU sees what the model wrote only of lines that it has dropped. */
struct model_memory;

/* The copy of RAM [base, base + size); there is one at a time. A coherent model has none, and hands
 * NULL to the other functions. */
struct model_memory *model_memory_new(uint64_t base, uint64_t size);

/* The same behind a write buffer of the chipset: whatever is cleaned, nothing arrives before the
 * buffer is flushed, and then all. */
struct model_memory *model_memory_new_buffered(uint64_t base, uint64_t size);
void model_memory_flush(struct model_memory *s);

void model_memory_free(struct model_memory *s);

/* False: external abort, there is no memory. */
bool model_read64(struct model_memory *s, uint64_t pa, uint64_t *out);
bool model_write64(struct model_memory *s, uint64_t pa, uint64_t value);

#endif
