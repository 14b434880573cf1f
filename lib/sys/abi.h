/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_ABI_H
#define RF_SYS_ABI_H

#include "lib/base/types.h"

/* Where Linux's ABI differs between architectures: system-call numbers and a few structures. Chosen
 * by the machine that the program was built for, not by the compiler: the host's tests run it too.
 */

/* One system call. `args` is how many of a[0..5] it looks at. Returns a result or -RF_E*. */
typedef int64_t (*sys_fn)(const uint64_t *a);

struct sys_call {
    uint16_t nr;
    uint8_t args;
    const char *name;
    sys_fn fn;
};

struct file_stat;

/* The frame of a signal handler, which is at its stack pointer: what is where in it, in bytes. The
 * struct siginfo has the place that the others leave: before them, or after. */
struct sys_frame {
    bool back;         /* it begins with the return address, which the return takes off */
    uint16_t ucontext; /* struct ucontext ... */
    uint16_t mask;     /* ... in it, the signal mask ... */
    uint16_t context;  /* ... and struct sigcontext (arch/user.h) */
};

struct sys_abi {
    uint16_t machine; /* e_machine of its programs */
    const char *name; /* utsname.machine, AT_PLATFORM */
    const struct sys_call *calls;
    unsigned call_count;
    uint32_t o_directory; /* O_DIRECTORY */
    uint8_t epoll_size;   /* sizeof(struct epoll_event) */
    uint8_t epoll_data;   /* offset of its data */
    struct sys_frame frame;
    uint8_t red_zone;      /* bytes below the stack pointer that are in use */
    const void *sigreturn; /* instructions that make the call rt_sigreturn */
    uint8_t sigreturn_size;
    int (*stat_out)(uint64_t uaddr, const struct file_stat *st); /* struct stat; 0 or -RF_EFAULT */
};

extern const struct sys_abi abi_arm64, abi_x86;

/* The ABI of programs of this e_machine; NULL: none. */
const struct sys_abi *abi_find(uint16_t machine);

/* The running program's; never NULL after sys_load. */
const struct sys_abi *abi(void);
void abi_set(const struct sys_abi *a);

#endif
