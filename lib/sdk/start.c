/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <unistd.h>

#include "lib/sdk/sdk.h"

typedef void (*init_fn)(void);

extern init_fn __preinit_array_start[] __attribute__((weak));
extern init_fn __preinit_array_end[] __attribute__((weak));
extern init_fn __init_array_start[] __attribute__((weak));
extern init_fn __init_array_end[] __attribute__((weak));
extern init_fn __fini_array_start[] __attribute__((weak));
extern init_fn __fini_array_end[] __attribute__((weak));

int main(int argc, char **argv, char **envp);
_Noreturn void sdk_start(long *stack);

static void run_forward(init_fn *f, init_fn *end)
{
    while (f < end)
        (*f++)();
}

static void run_destructors(void)
{
    for (init_fn *f = __fini_array_end; f > __fini_array_start;)
        (*--f)();
}

_Noreturn void sdk_start(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)&stack[1];

    environ = argv + argc + 1;
    atexit(run_destructors);
    run_forward(__preinit_array_start, __preinit_array_end);
    run_forward(__init_array_start, __init_array_end);
    exit(main(argc, argv, environ));
}
