/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/watch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *model_violation(const struct model_watch *w)
{
    return w->violation[0] ? w->violation : NULL;
}

void model_on_access(struct model_watch *w, void (*fn)(void *ctx), void *ctx)
{
    w->on_access = fn;
    w->ctx = ctx;
}

unsigned model_writes(const struct model_watch *w, struct model_write *out, unsigned max)
{
    unsigned n = w->writes < max ? w->writes : max;

    memcpy(out, w->write, n * sizeof(*out));
    return n;
}

void model_broken(struct model_watch *w, const char *fmt, ...)
{
    va_list args;

    if (w->violation[0])
        return;
    va_start(args, fmt);
    vsnprintf(w->violation, sizeof(w->violation), fmt, args);
    va_end(args);
}

void model_wrote(struct model_watch *w, uint32_t offset, uint64_t value)
{
    if (w->writes < MODEL_WRITES_MAX)
        w->write[w->writes++] = (struct model_write){offset, value};
}

void model_accessed(struct model_watch *w)
{
    if (!w->on_access || w->in_access)
        return;
    w->in_access = true;
    w->on_access(w->ctx);
    w->in_access = false;
}
