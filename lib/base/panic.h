/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_PANIC_H
#define RF_BASE_PANIC_H

/* For a broken invariant only, never for bad input: prints the line and powers the machine off with
 * status 70. The implementation is the CPU's (arch/<cpu>/panic.c); on the host it aborts. */
_Noreturn void panic(const char *fmt, ...) __attribute__((cold, format(printf, 1, 2)));

#define ASSERT(cond)                                                         \
    do {                                                                     \
        if (!(cond))                                                         \
            panic("%s:%d: broken invariant: %s", __FILE__, __LINE__, #cond); \
    } while (0)

#endif
