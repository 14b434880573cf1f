/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* acpidump's text: a line "SIGN @ 0xADDRESS" begins a table, lines "  OFFSET: XX XX ...  ASCII"
 * hold up to 16 bytes each, an empty line ends it. */

#define BYTES_A_LINE 16
#define LINE_SIZE    160

static bool is_head(const char *line)
{
    return strlen(line) > 7 && memcmp(line + 4, " @ 0x", 5) == 0;
}

static const char *next_line(const char *at, const char *end, char line[LINE_SIZE])
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((stop ? stop : end) - at), kept = n < LINE_SIZE - 1 ? n : LINE_SIZE - 1;

    memcpy(line, at, kept);
    line[kept] = '\0';
    return stop ? stop + 1 : end;
}

/* The first line that is not empty decides. */
bool acpidump_is(const char *text, size_t size)
{
    const char *at = text, *end = text + size;
    char line[LINE_SIZE] = "";

    while (at < end && strspn(line, " \r\n") == strlen(line))
        at = next_line(at, end, line);
    return is_head(line);
}

/* Bytes of a line; -1: it is none. */
static int read_line(const char *line, uint8_t out[BYTES_A_LINE])
{
    const char *p = strchr(line, ':');
    int n = 0;

    if (!p || p == line)
        return -1;
    for (p++; n < BYTES_A_LINE && p[0] == ' ' && isxdigit((unsigned char)p[1]) &&
              isxdigit((unsigned char)p[2]) && (p[3] == ' ' || p[3] == '\0' || p[3] == '\r');
         p += 3)
        out[n++] = (uint8_t)strtoul((const char[]){p[1], p[2], '\0'}, NULL, 16);
    return n ? n : -1;
}

struct table {
    uint8_t *data;
    size_t size, room;
};

static bool append(struct table *t, const uint8_t *bytes, int n)
{
    if (t->size + (size_t)n > t->room) {
        uint8_t *more = realloc(t->data, t->room + 0x1000);

        if (!more)
            return false;
        t->data = more;
        t->room += 0x1000;
    }
    memcpy(t->data + t->size, bytes, (size_t)n);
    t->size += (size_t)n;
    return true;
}

/* Hands the table that was read over; there may be none yet. */
static bool finish(struct input *in, struct table *t, struct strbuf *why)
{
    struct table done = *t;

    *t = (struct table){0};
    return !done.data || input_own(in, done.data, done.size, why);
}

bool acpidump_read(struct input *in, const char *text, size_t size, struct strbuf *why)
{
    const char *at = text, *end = text + size;
    struct table t = {0};
    unsigned number = 0;
    bool good = true;

    while (good && at < end) {
        char line[LINE_SIZE];
        uint8_t bytes[BYTES_A_LINE];

        at = next_line(at, end, line);
        number++;
        if (is_head(line) || strspn(line, " \r\n") == strlen(line)) {
            good = finish(in, &t, why);
            continue;
        }
        int n = read_line(line, bytes);
        good = n > 0 && append(&t, bytes, n);
        if (!good)
            strbuf_printf(why, "line %u is no line of an acpidump", number);
    }
    good = good && finish(in, &t, why);
    free(t.data);
    return good;
}
