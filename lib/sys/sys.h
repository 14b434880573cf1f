/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_SYS_H
#define RF_SYS_SYS_H

#include "lib/base/types.h"

/* What the workload stands on: a static ELF in its own address space, with Linux's system calls. */

struct sys_config {
    const void *elf; /* the whole file, in the linear map */
    size_t elf_size;
    const char *const *argv; /* argv[0] is the program's name */
    unsigned argc;
    const char *const *envp; /* NULL-terminated; NULL: none */
    uint16_t elf_machine;    /* EM_AARCH64 = 183, EM_X86_64 = 62 */
    /* Devices wait for nothing of the CPU but this: called in idle loops and after interrupts. */
    void (*poll)(void);
};

/* Loads the program. -RF_ENOEXEC: not an ELF of this machine, not static, segments that overlap,
 * leave the file or the user's half of the space; -RF_E2BIG: arguments; -RF_EBUSY: a program is
 * loaded; -RF_ENOMEM. *why says it in words. */
int sys_load(const struct sys_config *cfg, const char **why);

/* Runs it to its end: exit status 0..255, or 128 + signal number when it died of a fault (a report
 * is printed then). On return every file is closed, every device quiesced and denied, and its
 * memory has been given back after the last invalidation completed. */
int sys_run(void);

/* Instructions or nanoseconds from power-on to the workload's first instruction are taken by
 * benchmarks from this hook; NULL by default. */
void sys_set_start_hook(void (*hook)(void));

#endif
