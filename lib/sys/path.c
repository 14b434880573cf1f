/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/base/err.h"
#include "lib/sys/calls.h"
#include "lib/sys/node.h"
#include "lib/sys/uaccess.h"

/* System calls that take a path. The working directory is the root, and nothing can be created. */

/* Where a relative path starts; *p is the root. */
static int start_at(int dirfd, struct node_path *p)
{
    if (dirfd == LX_AT_FDCWD)
        return 0;
    struct file *f = fd_get(dirfd);
    const struct node_path *dir = f == NULL ? NULL : node_dir_of(f);
    if (dir != NULL)
        *p = *dir;
    return f == NULL ? -RF_EBADF : dir == NULL ? -RF_ENOTDIR : 0;
}

static int resolve(int dirfd, uint64_t path_uaddr, bool follow, struct node_path *p)
{
    char path[NODE_PATH];
    node_start(p);
    int64_t length = copy_string(path, path_uaddr, sizeof(path));
    if (length < 0)
        return (int)length;
    int rc = path[0] == '/' ? 0 : start_at(dirfd, p);
    return rc != 0 ? rc : node_walk(p, path, follow);
}

int64_t sys_openat(const uint64_t *a)
{
    struct node_path p;
    struct file *f;
    unsigned flags = (unsigned)a[2];
    int rc = resolve((int)a[0], a[1], true, &p);
    if (rc == -RF_ENOENT && (flags & LX_O_CREAT) != 0)
        return -RF_EROFS;
    if (rc == 0 && (flags & LX_O_CREAT) != 0 && (flags & LX_O_EXCL) != 0)
        return -RF_EEXIST;
    if (rc == 0 && (flags & abi()->o_directory) != 0 &&
        (node_of(&p)->type->mode & LX_S_IFMT) != LX_S_IFDIR)
        return -RF_ENOTDIR;
    if (rc == 0)
        rc = node_open(&p, flags, &f);
    return rc != 0 ? rc : fd_install_new(f, flags);
}

int64_t sys_readlinkat(const uint64_t *a)
{
    struct node_path p;
    char text[NODE_PATH];
    struct strbuf s;
    if ((int)a[3] <= 0)
        return -RF_EINVAL;
    int rc = resolve((int)a[0], a[1], false, &p);
    if (rc != 0)
        return rc;
    const struct node *n = node_of(&p);
    if ((n->type->mode & LX_S_IFMT) != LX_S_IFLNK)
        return -RF_EINVAL;
    strbuf_init(&s, text, sizeof(text));
    n->type->text(n, &s);
    uint64_t length = MIN(s.used, (unsigned)a[3]);
    rc = copy_out(a[2], text, length);
    return rc != 0 ? rc : (int64_t)length;
}

/* The program is user 0, for whom only what is made read-only is closed. */
static int64_t access(const uint64_t *a, uint64_t flags)
{
    struct node_path p;
    const uint64_t modes = 7;
    if ((a[2] & ~modes) != 0)
        return -RF_EINVAL;
    int rc = resolve((int)a[0], a[1], (flags & LX_AT_SYMLINK_NOFOLLOW) == 0, &p);
    if (rc == 0 && (a[2] & LX_W_OK) != 0 && (node_of(&p)->type->mode & 0222) == 0)
        rc = -RF_EACCES;
    return rc;
}

int64_t sys_faccessat(const uint64_t *a)
{
    return access(a, 0);
}

int64_t sys_faccessat2(const uint64_t *a)
{
    return access(a, a[3]);
}

int64_t sys_newfstatat(const uint64_t *a)
{
    char first;
    struct node_path p;
    struct file_stat st;
    if ((a[3] & LX_AT_EMPTY_PATH) != 0 && copy_in(&first, a[1], 1) == 0 && first == '\0' &&
        (int)a[0] != LX_AT_FDCWD)
        return sys_fstat((const uint64_t[]){a[0], a[2]});
    int rc = resolve((int)a[0], a[1], (a[3] & LX_AT_SYMLINK_NOFOLLOW) == 0, &p);
    if (rc != 0)
        return rc;
    node_stat(node_of(&p), &st);
    return abi()->stat_out(a[2], &st);
}

int64_t sys_getcwd(const uint64_t *a)
{
    static const char root[] = "/";
    if (a[1] < sizeof(root))
        return -RF_ERANGE;
    int rc = copy_out(a[0], root, sizeof(root));
    return rc != 0 ? rc : (int64_t)sizeof(root);
}
