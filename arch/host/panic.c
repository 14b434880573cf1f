/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/panic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/host/host.h"
#include "arch/host/reset.h"
#include "arch/power.h"

/* Where a way out that a test expects leads to; NULL: it does not expect it. */
static jmp_buf *panic_target;
static jmp_buf *power_target;
static char panic_text[320];
static int power_status;

void host_abort(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fputs("host: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

/* True when fn left by the target. */
static bool catch_exit(jmp_buf **target, void (*fn)(void *ctx), void *ctx)
{
    jmp_buf here;
    jmp_buf *volatile outer = *target;
    bool left = setjmp(here) != 0;

    if (!left) {
        *target = &here;
        fn(ctx);
    }
    *target = outer;
    return left;
}

const char *host_panic_catch(void (*fn)(void *ctx), void *ctx)
{
    return catch_exit(&panic_target, fn, ctx) ? panic_text : NULL;
}

bool host_power_off_catch(void (*fn)(void *ctx), void *ctx, int *status)
{
    if (!catch_exit(&power_target, fn, ctx))
        return false;
    *status = power_status;
    return true;
}

void panic(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(panic_text, sizeof(panic_text), fmt, args);
    va_end(args);
    if (panic_target == NULL)
        host_abort("panic: %s", panic_text);
    longjmp(*panic_target, 1);
}

void power_set_method(enum power_method m)
{
    (void)m;
}

void power_set_last_resort(void (*off)(void))
{
    (void)off;
}

void power_off(int status)
{
    power_status = status;
    if (power_target == NULL)
        host_abort("power_off(%d)", status);
    longjmp(*power_target, 1);
}
