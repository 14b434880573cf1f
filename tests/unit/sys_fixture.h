/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_UNIT_SYS_FIXTURE_H
#define RF_TESTS_UNIT_SYS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "lib/sys/linux.h"
#include "lib/sys/nr_aarch64.h"
#include "lib/sys/proc.h"
#include "lib/sys/sys.h"
#include "lib/sys/syscall.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"

/* What the tests of lib/sys share: a machine with 64 MiB, a program that is made here, and a check
 * that its end gives back every page. */

#define FX_ARENA_BASE MIB(512)
#define FX_ARENA_SIZE MIB(64)

/* ---- console -------------------------------------------------------------------------------- */

static char fx_log[64 * 1024];
static size_t fx_log_used;

static inline void fx_sink(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    size_t part = MIN(n, sizeof(fx_log) - 1 - fx_log_used);
    memcpy(fx_log + fx_log_used, text, part);
    fx_log_used += part;
    fx_log[fx_log_used] = '\0';
}

static inline void fx_log_clear(void)
{
    fx_log_used = 0;
    fx_log[0] = '\0';
}

static inline void fx_expect_log(const char *text)
{
    if (strstr(fx_log, text) == NULL)
        fail_msg("\"%s\" is not in the log:\n%s", text, fx_log);
}

/* ---- program -------------------------------------------------------------------------------- */

struct fx_ehdr {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct fx_phdr {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

#define FX_CODE 0x400000u
#define FX_DATA 0x411000u

enum { FX_X = 1, FX_W = 2, FX_R = 4 };

/* A page of headers and code, a page of data with as much again of zeros. */
struct fx_program {
    _Alignas(4096) struct fx_ehdr ehdr;
    struct fx_phdr phdr[4];
    uint8_t code[4096 - sizeof(struct fx_ehdr) - 4 * sizeof(struct fx_phdr)];
    uint8_t data[4096];
};

static struct fx_program fx_program;

static inline void fx_make_program(void)
{
    fx_program = (struct fx_program){
        .ehdr = {.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
                 .type = 2,
                 .machine = 183,
                 .version = 1,
                 .entry = FX_CODE + offsetof(struct fx_program, code),
                 .phoff = sizeof(struct fx_ehdr),
                 .ehsize = sizeof(struct fx_ehdr),
                 .phentsize = sizeof(struct fx_phdr),
                 .phnum = 2},
        .phdr = {{1, FX_R | FX_X, 0, FX_CODE, FX_CODE, 4096, 4096, 4096},
                 {1, FX_R | FX_W, 4096, FX_DATA, FX_DATA, 4096, 8192, 4096}},
    };
    memset(fx_program.code, 0xc0, sizeof(fx_program.code));
    memset(fx_program.data, 0xda, sizeof(fx_program.data));
}

/* ---- machine -------------------------------------------------------------------------------- */

static uint64_t fx_free_at_start;

static inline uint64_t fx_free_pages(void)
{
    struct page_stats s;
    page_get_stats(&s);
    return s.free_pages;
}

static inline int fx_boot(void **state)
{
    (void)state;
    host_reset();
    host_arena_init(PADDR(FX_ARENA_BASE), FX_ARENA_SIZE);
    page_reset();
    inject_after(0);
    log_set_sink(fx_sink, NULL);
    log_limited_flush();
    fx_log_clear();
    fx_make_program();
    int rc = page_add_range((struct range){FX_ARENA_BASE, FX_ARENA_BASE + FX_ARENA_SIZE - 1});
    fx_free_at_start = fx_free_pages();
    return rc;
}

static const char *const fx_argv[] = {"prog", "one", "two"};
static const char *const fx_envp[] = {"HOME=/", NULL};

static inline int fx_load(const char **why)
{
    const struct sys_config cfg = {
        .elf = &fx_program,
        .elf_size = sizeof(fx_program),
        .argv = fx_argv,
        .argc = 3,
        .envp = fx_envp,
        .elf_machine = 183,
    };
    return sys_load(&cfg, why);
}

/* A loaded program whose system calls the test makes. */
static inline int fx_start(void **state)
{
    const char *why;
    int rc = fx_boot(state);
    return rc != 0 ? rc : fx_load(&why);
}

static inline void fx_exit_at_once(void *ctx, struct user_regs *r, struct user_trap *out)
{
    (void)ctx;
    r->nr = NR_exit_group;
    r->arg[0] = 0;
    *out = (struct user_trap){.kind = USER_SYSCALL};
}

/* Ends it: nothing may be lost. */
static inline int fx_end(void **state)
{
    (void)state;
    inject_after(0);
    host_user_hook(fx_exit_at_once, NULL);
    sys_run();
    assert_int_equal(fx_free_pages(), fx_free_at_start);
    return 0;
}

/* ---- calls ---------------------------------------------------------------------------------- */

#define fx_call(nr, ...) syscall_do(nr, (const uint64_t[6]){__VA_ARGS__})

/* Fresh memory of the program. */
static inline uint64_t fx_map(uint64_t size, unsigned prot)
{
    int64_t at =
        fx_call(NR_mmap, 0, size, prot, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS, (uint64_t)-1, 0);
    assert_true(at > 0);
    return (uint64_t)at;
}

#define FX_RW (LX_PROT_READ | LX_PROT_WRITE)

/* A string in the program's memory. */
static inline uint64_t fx_string(const char *text)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    assert_int_equal(copy_out(at, text, strlen(text) + 1), 0);
    return at;
}

static inline uint64_t fx_load64(uint64_t uaddr)
{
    uint64_t v;
    assert_int_equal(copy_in(&v, uaddr, sizeof(v)), 0);
    return v;
}

static inline void fx_store64(uint64_t uaddr, uint64_t v)
{
    assert_int_equal(copy_out(uaddr, &v, sizeof(v)), 0);
}

static inline int fx_open(const char *path, unsigned flags)
{
    uint64_t at = fx_string(path);
    int64_t fd = fx_call(NR_openat, (uint64_t)LX_AT_FDCWD, at, flags, 0);
    assert_int_equal(fx_call(NR_munmap, at, PAGE_SIZE), 0);
    return (int)fd;
}

/* ---- traps */

/* A program that makes these traps one after the other, then exits with 0. */
struct fx_script {
    unsigned count, at;
    struct {
        uint64_t nr;
        uint64_t arg[6];
        struct user_trap trap;
    } step[8];
    int64_t result[8];
};

static inline void fx_play(void *ctx, struct user_regs *r, struct user_trap *out)
{
    struct fx_script *s = ctx;
    if (s->at != 0)
        s->result[s->at - 1] = r->result;
    if (s->at == s->count) {
        fx_exit_at_once(NULL, r, out);
        return;
    }
    r->nr = s->step[s->at].nr;
    memcpy(r->arg, s->step[s->at].arg, sizeof(r->arg));
    *out = s->step[s->at++].trap;
}

static inline int fx_run(struct fx_script *s)
{
    const char *why;
    fx_boot(NULL);
    assert_int_equal(fx_load(&why), 0);
    host_user_hook(fx_play, s);
    int status = sys_run();
    assert_int_equal(fx_free_pages(), fx_free_at_start);
    assert_int_equal(host_mmu_counts().user_root.v, PADDR_INVALID.v);
    return status;
}

#define FX_CALL(n, ...)                                                  \
    {                                                                    \
        .nr = (n), .arg = {__VA_ARGS__}, .trap = {.kind = USER_SYSCALL } \
    }
#define FX_FAULT(a, ...)          \
    {                             \
        .trap = {                 \
            .kind = USER_FAULT,   \
            .address = (a),       \
            .what = "page fault", \
            .signal = 11,         \
            __VA_ARGS__           \
        }                         \
    }

#endif
