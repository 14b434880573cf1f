/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_WATCH_H
#define RF_TESTS_MODEL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* What every model keeps for its test: the first rule that software broke, the writes to registers,
 * and who acts whenever one was accessed. */

#define MODEL_WRITES_MAX 1024u

struct model_write {
    uint32_t offset;
    uint64_t value;
};

struct model_watch {
    char violation[200]; /* empty: none */
    struct model_write write[MODEL_WRITES_MAX];
    unsigned writes;
    void (*on_access)(void *ctx); /* NULL: nobody */
    void *ctx;
    bool in_access;
};

/* ---- the test's ------------------------------------------------------------------------------ */

/* The first rule that software broke since the model was made; NULL: none. */
const char *model_violation(const struct model_watch *w);

/* fn is called after every access to a register, for instance to try a DMA there; NULL: nothing. */
void model_on_access(struct model_watch *w, void (*fn)(void *ctx), void *ctx);

/* The first writes in order; the number, at most max. */
unsigned model_writes(const struct model_watch *w, struct model_write *out, unsigned max);

/* ---- the model's ----------------------------------------------------------------------------- */

void model_broken(struct model_watch *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void model_wrote(struct model_watch *w, uint32_t offset, uint64_t value);

/* A register was accessed. Accesses of on_access are none. */
void model_accessed(struct model_watch *w);

#endif
