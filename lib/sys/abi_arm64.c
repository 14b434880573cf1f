/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/nr_aarch64.h"
#include "lib/sys/uaccess.h"

#define ENTRY(name, args) {NR_##name, args, #name, sys_##name},
static const struct sys_call calls[] = {SYS_CALLS(ENTRY)};
#undef ENTRY

/* struct stat of the generic ABI. */
struct stat_generic {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad1;
    int64_t size;
    int32_t blksize, pad2;
    int64_t blocks;
    struct lx_timespec atime, mtime, ctime;
    uint32_t unused[2];
};
_Static_assert(sizeof(struct stat_generic) == 128, "struct stat");

static int stat_out(uint64_t uaddr, const struct file_stat *st)
{
    struct stat_generic s = {
        .dev = 1,
        .ino = st->ino,
        .mode = st->mode,
        .nlink = 1,
        .rdev = st->rdev,
        .size = (int64_t)st->size,
        .blksize = (int32_t)PAGE_SIZE,
    };
    return copy_out(uaddr, &s, sizeof(s));
}

/* mov x8, #139; svc #0 */
static const uint32_t sigreturn[] = {0xd2801168, 0xd4000001};

const struct sys_abi abi_arm64 = {
    .machine = 183, /* EM_AARCH64 */
    .name = "aarch64",
    .calls = calls,
    .call_count = ARRAY_SIZE(calls),
    .o_directory = 040000,
    .epoll_size = 16,
    .epoll_data = 8,
    .frame =
        {
            .ucontext = 128,
            .mask = 128 + 40,
            .context = 128 + 176,
        },
    .sigreturn = sigreturn,
    .sigreturn_size = sizeof(sigreturn),
    .stat_out = stat_out,
};
