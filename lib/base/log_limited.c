/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "arch/clock.h"
#include "lib/base/log.h"
#include "lib/base/types.h"

#define SECOND_NS UINT64_C(1000000000)

/* What was logged in the second that began at start_ns. */
static struct {
    uint64_t start_ns;
    unsigned printed;
    unsigned long left_out;
} rate;

void log_limited_flush(void)
{
    if (rate.left_out != 0)
        log_warn("%lu more lines about requests were left out: at most %d a second are printed",
                 rate.left_out, LOG_LIMITED_LINES);
    rate.left_out = 0;
    rate.printed = 0;
}

static void start_second(void)
{
    uint64_t now = clock_now_ns();

    if (now - rate.start_ns < SECOND_NS)
        return;
    log_limited_flush();
    rate.start_ns = now;
}

void log_limited(enum log_level level, const char *fmt, ...)
{
    char text[LOG_LINE_MAX + 1];
    va_list args;

    start_second();
    if (rate.printed == LOG_LIMITED_LINES) {
        rate.left_out++;
        return;
    }
    rate.printed++;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    log_line(level, "%s", text);
}
