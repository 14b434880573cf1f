/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/strbuf.h"

#include <stdio.h>

void strbuf_init(struct strbuf *s, char *buffer, size_t size)
{
    *s = (struct strbuf){.text = buffer, .size = size};
    if (size != 0)
        buffer[0] = '\0';
}

void strbuf_vprintf(struct strbuf *s, const char *fmt, va_list args)
{
    size_t room = s->size - s->used;
    int n = vsnprintf(s->text + s->used, room, fmt, args);

    if (n < 0 || (size_t)n >= room) {
        s->cut = true;
        s->used = s->size == 0 ? 0 : s->size - 1;
    } else {
        s->used += (size_t)n;
    }
}

void strbuf_printf(struct strbuf *s, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    strbuf_vprintf(s, fmt, args);
    va_end(args);
}
