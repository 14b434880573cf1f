/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "tests/unit/sys_fixture.h"

#include "lib/sys/elf.h"
#include "tests/fuzz/input.h"

/* A program file that may be anything: it is loaded and taken away again without a page lost, or it
 * is refused with a reason. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    void *file = malloc(size + 1); /* of its own, so that a read beyond it is found */
    struct sys_config cfg = {
        .elf = file,
        .elf_size = size,
        .argv = fx_argv,
        .argc = 3,
        .envp = fx_envp,
        .elf_machine = 183,
    };

    memcpy(file, data, size);
    fx_boot(NULL);
    if (sys_load(&cfg, &why) == 0)
        fx_end(NULL);
    else
        assert_non_null(why);
    assert_int_equal(fx_free_pages(), fx_free_at_start);
    free(file);
    return 0;
}
