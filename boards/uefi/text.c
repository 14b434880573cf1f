/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#include <string.h>

#include "lib/base/strbuf.h"

static bool is_blank(unsigned c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_text(unsigned c)
{
    return is_blank(c) || (c > ' ' && c < 0x7f);
}

static bool bad_text(struct strbuf *why, UINTN line, const char *what)
{
    strbuf_printf(why, "line %lu %s", (unsigned long)line, what);
    return false;
}

/* The end of the line that begins at `at`. */
static UINTN line_end(const uint8_t *bytes, UINTN size, UINTN at)
{
    while (at < size && bytes[at] != '\n')
        at++;
    return at;
}

static bool is_comment(const uint8_t *bytes, UINTN at, UINTN end)
{
    while (at < end && is_blank(bytes[at]))
        at++;
    return at < end && bytes[at] == '#';
}

/* Editors of some systems begin a file with the mark of UTF-8. */
static UINTN skip_mark(const uint8_t *bytes, UINTN size)
{
    return size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

bool config_text(const uint8_t *bytes, UINTN size, char *out, UINTN room, char *why, UINTN why_size)
{
    struct strbuf s;
    UINTN n = 0, line = 1, end;

    strbuf_init(&s, why, why_size);
    for (UINTN at = skip_mark(bytes, size); at < size; at = end + 1, line++) {
        end = line_end(bytes, size, at);
        if (is_comment(bytes, at, end))
            continue;
        for (; at < end; at++) {
            if (!is_text(bytes[at]))
                return bad_text(&s, line, "holds a byte that is no ASCII text");
            if (n + 2 > room)
                return bad_text(&s, line, "goes beyond what a command line may have");
            out[n++] = is_blank(bytes[at]) ? ' ' : (char)bytes[at];
        }
        if (n + 1 < room)
            out[n++] = ' ';
    }
    out[n] = '\0';
    return true;
}

static UINTN skip_word(const CHAR16 *text, UINTN at, UINTN count)
{
    bool quoted = false;

    for (; at < count && text[at] && (quoted || !is_blank(text[at])); at++)
        quoted ^= text[at] == '"';
    return at;
}

bool options_text(const CHAR16 *options, UINTN bytes, bool has_name, char *out, UINTN room)
{
    UINTN count = bytes / sizeof(CHAR16), n = 0;
    bool any = false;

    if (!options || bytes % sizeof(CHAR16) != 0)
        return false;
    for (UINTN at = has_name ? skip_word(options, 0, count) : 0; at < count && options[at]; at++) {
        if (!is_text(options[at]) || n + 2 > room)
            return false;
        any |= !is_blank(options[at]);
        out[n++] = (char)options[at];
    }
    out[n] = '\0';
    return any;
}
