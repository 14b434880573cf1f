/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"
#include "arch/user.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/sys/file.h"
#include "lib/sys/linux.h"
#include "lib/sys/load.h"
#include "lib/sys/proc.h"
#include "lib/sys/report.h"
#include "lib/sys/signal.h"
#include "lib/sys/sys.h"
#include "lib/sys/syscall.h"
#include "lib/sys/vfio.h"
#include "lib/sys/vm.h"
#include "lib/sys/wait.h"

/* From a file to a running program, and back to nothing. */

static bool loaded;
static struct load_image image;
static void (*start_hook)(void);

void sys_set_start_hook(void (*hook)(void))
{
    start_hook = hook;
}

/* ---- loading */

static int build(const struct sys_config *cfg, const struct elf_image *elf, const char **why)
{
    uint64_t sp = 0;
    int rc = load_segments(elf, &image, why);
    if (rc == 0)
        rc = load_stack(cfg, &image, &sp, why);
    if (rc != 0)
        return rc;
    *why = "there is too little memory for its files";
    rc = console_open();
    if (rc != 0)
        return rc;
    vm_set_brk(image.end);
    user_init(proc_regs(), image.entry, sp);
    return 0;
}

int sys_load(const struct sys_config *cfg, const char **why)
{
    struct elf_image elf;
    const struct sys_abi *a = abi_find(cfg->elf_machine);
    *why = "another program runs";
    if (loaded)
        return -RF_EBUSY;
    *why = "this CPU's system calls are not known";
    if (a == NULL)
        return -RF_ENOEXEC;
    int rc = elf_parse(cfg->elf, cfg->elf_size, cfg->elf_machine, &elf, why);
    if (rc != 0)
        return rc;
    *why = "there is too little memory for its page tables";
    rc = vm_init();
    if (rc != 0)
        return rc;

    proc_start(cfg->argc != 0 ? cfg->argv[0] : NULL);
    signal_reset();
    syscall_init(a);
    wait_set_poll(cfg->poll);
    vfio_files_init();
    rc = build(cfg, &elf, why);
    if (rc != 0)
        vm_fini();
    else
        *why = NULL;
    loaded = rc == 0;
    return rc;
}

/* ---- running */

static void die(const struct user_trap *t, int signal)
{
    if (signal != LX_SIGKILL && signal_fault(proc_regs(), signal, t->address))
        return;
    report_fault(proc_regs(), t, signal, image.bias);
    proc_exit(128 + signal);
}

static void handle_syscall(const struct user_trap *t)
{
    (void)t;
    signal_deliver(proc_regs());
}

static void handle_irq(const struct user_trap *t)
{
    (void)t;
    wait_poll();
}

static void handle_fault(const struct user_trap *t)
{
    unsigned access = t->execute ? PT_EXEC : t->write ? PT_WRITE : PT_READ;
    struct user_trap died = *t;
    switch (vm_fault(t->address, access)) {
    case 0:
        return;
    case -RF_ENOMEM:
        died.what = "out of memory";
        die(&died, LX_SIGKILL);
        return;
    case -RF_EIO:
        died.what = "the device does not decode its registers (closed, or memory space off)";
        die(&died, LX_SIGBUS);
        return;
    }
    die(&died, LX_SIGSEGV);
}

static void handle_error(const struct user_trap *t)
{
    die(t, t->signal);
}

static void (*const handlers[])(const struct user_trap *t) = {
    [USER_SYSCALL] = handle_syscall,
    [USER_IRQ] = handle_irq,
    [USER_FAULT] = handle_fault,
    [USER_ERROR] = handle_error,
};

/* Devices first: while one may still write, memory stays the program's. */
static void tear_down(void)
{
    vfio_files_close();
    vm_fini();
    log_limited_flush();
    wait_set_poll(NULL);
    loaded = false;
}

int sys_run(void)
{
    int status;

    if (!loaded)
        return -RF_EINVAL;
    mmu_user_activate(vm_pt()->root);
    if (start_hook != NULL)
        start_hook();
    while (!proc_ended(&status)) {
        struct user_trap t;
        user_run(proc_regs(), syscall_user, &t);
        handlers[t.kind](&t);
    }
    mmu_user_activate(PADDR_INVALID);
    tear_down();
    return status;
}
