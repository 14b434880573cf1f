/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/user.h"
#include "lib/base/err.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/nr_x86_64.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"

/* x86-64. Its table has the calls that later architectures left out, each the narrower form of one
 * that all have. */

static int64_t sys_open(const uint64_t *a)
{
    return sys_openat((const uint64_t[]){(uint64_t)LX_AT_FDCWD, a[0], a[1], a[2]});
}

static int64_t sys_stat(const uint64_t *a)
{
    return sys_newfstatat((const uint64_t[]){(uint64_t)LX_AT_FDCWD, a[0], a[1], 0});
}

static int64_t sys_lstat(const uint64_t *a)
{
    return sys_newfstatat(
        (const uint64_t[]){(uint64_t)LX_AT_FDCWD, a[0], a[1], LX_AT_SYMLINK_NOFOLLOW});
}

static int64_t sys_access(const uint64_t *a)
{
    return sys_faccessat((const uint64_t[]){(uint64_t)LX_AT_FDCWD, a[0], a[1]});
}

static int64_t sys_readlink(const uint64_t *a)
{
    return sys_readlinkat((const uint64_t[]){(uint64_t)LX_AT_FDCWD, a[0], a[1], a[2]});
}

/* Unlike dup3, it takes a descriptor's own number. */
static int64_t sys_dup2(const uint64_t *a)
{
    if ((int)a[0] == (int)a[1])
        return fd_get((int)a[0]) == NULL ? -RF_EBADF : (int64_t)(int)a[0];
    return sys_dup3((const uint64_t[]){a[0], a[1], 0});
}

static int64_t sys_epoll_create(const uint64_t *a)
{
    return (int)a[0] <= 0 ? -RF_EINVAL : sys_epoll_create1((const uint64_t[]){0});
}

static int64_t sys_epoll_wait(const uint64_t *a)
{
    return sys_epoll_pwait((const uint64_t[]){a[0], a[1], a[2], a[3], 0, 0});
}

static int64_t sys_eventfd(const uint64_t *a)
{
    return sys_eventfd2((const uint64_t[]){a[0], 0});
}

#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003

/* GS stays the program's by its own instructions; nothing asks the kernel for it. */
static int64_t sys_arch_prctl(const uint64_t *a)
{
    uint64_t fs = user_tls();

    switch ((int)a[0]) {
    case ARCH_SET_FS:
        if (a[1] > USER_LAST)
            return -RF_EPERM;
        user_set_tls(a[1]);
        return 0;
    case ARCH_GET_FS:
        return copy_out(a[1], &fs, sizeof(fs));
    }
    return -RF_EINVAL;
}

#define X86_CALLS(X)   \
    X(access, 2)       \
    X(arch_prctl, 2)   \
    X(dup2, 2)         \
    X(epoll_create, 1) \
    X(epoll_wait, 4)   \
    X(eventfd, 1)      \
    X(fork, 0)         \
    X(lstat, 2)        \
    X(open, 3)         \
    X(poll, 3)         \
    X(readlink, 3)     \
    X(stat, 2)         \
    X(vfork, 0)

#define ENTRY(name, args) {X86_##name, args, #name, sys_##name},
static const struct sys_call calls[] = {SYS_CALLS(ENTRY) X86_CALLS(ENTRY)};
#undef ENTRY

struct stat_x86 {
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev;
    int64_t size, blksize, blocks;
    struct lx_timespec atime, mtime, ctime;
    int64_t unused[3];
};
_Static_assert(sizeof(struct stat_x86) == 144, "struct stat");

static int stat_out(uint64_t uaddr, const struct file_stat *st)
{
    struct stat_x86 s = {
        .dev = 1,
        .ino = st->ino,
        .nlink = 1,
        .mode = st->mode,
        .rdev = st->rdev,
        .size = (int64_t)st->size,
        .blksize = (int64_t)PAGE_SIZE,
    };
    return copy_out(uaddr, &s, sizeof(s));
}

/* mov $15, %eax; syscall */
static const uint8_t sigreturn[] = {0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05};

const struct sys_abi abi_x86 = {
    .machine = 62, /* EM_X86_64 */
    .name = "x86_64",
    .calls = calls,
    .call_count = ARRAY_SIZE(calls),
    .o_directory = 0200000,
    .epoll_size = 12,
    .epoll_data = 4,
    .frame =
        {
            .back = true,
            .ucontext = 8,
            .mask = 8 + 296,
            .context = 8 + 40,
        },
    .red_zone = 128,
    .sigreturn = sigreturn,
    .sigreturn_size = sizeof(sigreturn),
    .stat_out = stat_out,
};
