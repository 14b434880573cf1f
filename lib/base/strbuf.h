/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_STRBUF_H
#define RF_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Text built piece by piece into a caller's buffer; always terminated, never overrun. */
struct strbuf {
    char *text;
    size_t size; /* of the buffer, terminator included */
    size_t used; /* without the terminator */
    bool cut;    /* something did not fit */
};

void strbuf_init(struct strbuf *s, char *buffer, size_t size);
void strbuf_printf(struct strbuf *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *s, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
