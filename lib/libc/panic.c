/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/panic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "arch/power.h"
#include "lib/base/log.h"

#define STATUS_PANIC 70

void panic(const char *fmt, ...)
{
    static bool panicking;
    char text[256];
    va_list args;

    /* One that comes from the report itself leaves at once. */
    if (!panicking) {
        panicking = true;
        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        log_err("panic: %s", text);
    }
    power_off(STATUS_PANIC);
}
