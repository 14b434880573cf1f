/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/node.h"
#include "lib/sys/uaccess.h"

/* Directories and text files of the tree, when they are open. */

/* ---- text: made once, when it is opened */

struct text_file {
    struct file file;
    struct node node;
    size_t size;
    char text[];
};

static struct text_file *text_file(struct file *f)
{
    return CONTAINER_OF(f, struct text_file, file);
}

static int64_t text_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    const struct text_file *t = text_file(f);
    uint64_t part = pos >= t->size ? 0 : MIN(n, t->size - pos);
    int rc = part == 0 ? 0 : copy_out(uaddr, t->text + pos, part);
    return rc != 0 ? rc : (int64_t)part;
}

static void text_stat(struct file *f, struct file_stat *st)
{
    node_stat(&text_file(f)->node, st);
}

static void text_release(struct file *f)
{
    heap_free(text_file(f));
}

static const struct file_ops text_ops = {
    .name = "text", .read = text_read, .stat = text_stat, .release = text_release};

static int open_text(const struct node *n, unsigned flags, struct file **out)
{
    char text[NODE_TEXT];
    struct strbuf s;
    strbuf_init(&s, text, sizeof(text));
    n->type->text(n, &s);
    struct text_file *t = heap_alloc(sizeof(*t) + s.used);
    if (t == NULL)
        return -RF_ENOMEM;
    file_init(&t->file, &text_ops, flags);
    t->file.seekable = true;
    t->node = *n;
    t->size = s.used;
    memcpy(t->text, text, s.used);
    *out = &t->file;
    return 0;
}

/* ---- directories */

struct dir_file {
    struct file file; /* pos: index of the next entry, "." and ".." first */
    struct node_path path;
};

static struct dir_file *dir_file(struct file *f)
{
    return CONTAINER_OF(f, struct dir_file, file);
}

static bool entry_at(const struct node_path *p, uint64_t i, char *name, struct node *out)
{
    const struct node *dir = node_of(p);
    if (i >= 2)
        return node_child(dir, (unsigned)(i - 2), name, out);
    *out = i == 0 || p->depth == 0 ? *dir : p->at[p->depth - 1];
    memcpy(name, "..", 3);
    name[i + 1] = '\0';
    return true;
}

static uint8_t entry_type(const struct node *n)
{
    return (uint8_t)((n->type->mode & LX_S_IFMT) >> 12); /* DT_* are the type bits of st_mode */
}

/* Writes one entry: its length, 0 if it does not fit, or -RF_EFAULT. */
static int64_t write_entry(uint64_t uaddr, uint64_t room, const struct node *n, const char *name,
                           uint64_t next)
{
    _Alignas(8) uint8_t raw[sizeof(struct lx_dirent) + NODE_NAME] = {0};
    struct lx_dirent *d = (struct lx_dirent *)raw;
    size_t length = strlen(name) + 1;
    size_t fixed = offsetof(struct lx_dirent, name);
    struct file_stat st;
    node_stat(n, &st);
    d->ino = st.ino;
    d->off = (int64_t)next;
    d->reclen = (uint16_t)align_up(fixed + length, 8);
    d->type = entry_type(n);
    if (d->reclen > room)
        return 0;
    memcpy(raw + fixed, name, length);
    return copy_out(uaddr, raw, d->reclen) != 0 ? -RF_EFAULT : d->reclen;
}

static int64_t dir_getdents(struct file *f, uint64_t uaddr, uint64_t n)
{
    uint64_t done = 0;
    char name[NODE_NAME];
    struct node entry;
    while (entry_at(&dir_file(f)->path, f->pos, name, &entry)) {
        int64_t length = write_entry(uaddr + done, n - done, &entry, name, f->pos + 1);
        if (length <= 0 && done == 0)
            return length == 0 ? -RF_EINVAL : length;
        if (length <= 0)
            break;
        done += (uint64_t)length;
        f->pos++;
    }
    return (int64_t)done;
}

static int64_t dir_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)uaddr, (void)n, (void)pos;
    return -RF_EISDIR;
}

static void dir_stat(struct file *f, struct file_stat *st)
{
    node_stat(node_of(&dir_file(f)->path), st);
}

static void dir_release(struct file *f)
{
    heap_free(dir_file(f));
}

static const struct file_ops dir_ops = {
    .name = "directory",
    .read = dir_read,
    .getdents = dir_getdents,
    .stat = dir_stat,
    .release = dir_release,
};

const struct node_path *node_dir_of(struct file *f)
{
    return f->ops == &dir_ops ? &dir_file(f)->path : NULL;
}

static int open_dir(const struct node_path *p, unsigned flags, struct file **out)
{
    struct dir_file *d = heap_alloc(sizeof(*d));
    if (d == NULL)
        return -RF_ENOMEM;
    file_init(&d->file, &dir_ops, flags);
    d->file.seekable = true;
    d->path = *p;
    *out = &d->file;
    return 0;
}

int node_open(const struct node_path *p, unsigned flags, struct file **out)
{
    const struct node *n = node_of(p);
    bool writes = (flags & LX_O_ACCMODE) != LX_O_RDONLY;
    if (n->type->open != NULL)
        return n->type->open(n, flags, out);
    switch (n->type->mode & LX_S_IFMT) {
    case LX_S_IFDIR:
        return writes ? -RF_EISDIR : open_dir(p, flags, out);
    case LX_S_IFREG:
        return writes ? -RF_EACCES : open_text(n, flags, out);
    }
    return -RF_ELOOP; /* a link that was not to be followed */
}
