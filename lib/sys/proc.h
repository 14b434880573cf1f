/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_PROC_H
#define RF_SYS_PROC_H

#include "arch/user.h"
#include "lib/base/types.h"
#include "lib/sys/elf.h"

/* The one process: how it is made and how it ends. */

#define PROC_PID 1

/* Ends it; it does not run again, and the first end counts. */
void proc_exit(int status);                  /* status 0..255 */
void proc_kill(int signal, const char *why); /* status 128 + signal; prints why */

struct user_regs *proc_regs(void);

/* Between two instructions of the program there is something to do: it ended, or has a signal. */
extern bool proc_to_look_at;

const char *proc_name(void); /* argv[0]; never NULL */

/* ---- load.c */
struct sys_config;

/* Where the image was put. */
struct proc_image {
    uint64_t bias;  /* added to the file's addresses */
    uint64_t entry; /* with the bias */
    uint64_t phdr;
    uint16_t phnum;
    uint64_t end; /* after the last segment */
};

/* Maps the segments into the empty space. -RF_ENOMEM; *why says it in words. */
int load_image(const struct sys_config *cfg, const struct elf_image *elf, struct proc_image *out,
               const char **why);

/* Makes the stack with arguments, environment and auxiliary vector; *sp is its top. -RF_E2BIG,
 * -RF_ENOMEM. */
int load_stack(const struct sys_config *cfg, const struct proc_image *image, uint64_t *sp,
               const char **why);

/* ---- report.c */
/* What the program did wrong, where, and in which state: one report, when it dies. */
void report_fault(const struct user_regs *r, const struct user_trap *t, int signal,
                  const struct proc_image *image);

/* ---- random.c */
/* Not fit for keys: seeded by the clock alone, because no architecture of this project is asked for
 * random numbers. */
void random_bytes(void *out, size_t n);

#endif
