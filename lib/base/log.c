/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"

#define PREFIX     "ringfence: "
#define EARLY_SIZE 4096

static log_sink_t log_sink;
static void *log_ctx;
static enum log_level max_level = LOG_INFO;
static bool in_line; /* log_raw's last character was not the end of a line */

/* What was logged before there was a sink. A debugger finds it by name when none ever came. */
static struct {
    char text[EARLY_SIZE];
    size_t used;
    unsigned dropped;
} log_early;

static void emit(const char *text, size_t n)
{
    if (log_sink != NULL) {
        log_sink(log_ctx, text, n);
    } else if (n <= EARLY_SIZE - log_early.used) {
        memcpy(log_early.text + log_early.used, text, n);
        log_early.used += n;
    } else {
        log_early.dropped++;
    }
}

void log_set_sink(log_sink_t sink, void *ctx)
{
    log_sink = sink;
    log_ctx = ctx;
    in_line = false;
    if (sink == NULL)
        return;
    if (log_early.used != 0)
        sink(ctx, log_early.text, log_early.used);
    log_early.used = 0;
    if (log_early.dropped != 0)
        log_warn("%u lines from before the console were lost", log_early.dropped);
    log_early.dropped = 0;
}

void log_set_level(enum log_level level)
{
    max_level = level;
}

/* snprintf's result is what the text would need; what it has, is at most size - 1. */
static size_t printed(int n, size_t size)
{
    if (n < 0)
        return 0;
    return (size_t)n < size ? (size_t)n : size - 1;
}

/* One emit a line, so that a line is kept whole or dropped whole. */
void log_line(enum log_level level, const char *fmt, ...)
{
    const size_t prefix = sizeof(PREFIX) - 1;
    char line[sizeof(PREFIX) + LOG_LINE_MAX + 1] = PREFIX;
    va_list args;

    if (level > max_level)
        return;
    va_start(args, fmt);
    int n = vsnprintf(line + prefix, LOG_LINE_MAX + 1, fmt, args);
    va_end(args);
    size_t end = prefix + printed(n, LOG_LINE_MAX + 1);
    line[end] = '\n';
    if (in_line)
        log_raw("\n", 1);
    emit(line, end + 1);
}

void log_raw(const char *text, size_t n)
{
    if (n == 0)
        return;
    emit(text, n);
    in_line = text[n - 1] != '\n';
}

void log_printf(const char *fmt, ...)
{
    char text[LOG_LINE_MAX + 1];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    log_raw(text, printed(n, sizeof(text)));
}

int log_trace(const char *file, int line, int err)
{
    log_debug("%s:%d: %s", file, line, err_name(err));
    return err;
}
