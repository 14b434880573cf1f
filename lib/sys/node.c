/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/node.h"

#include <string.h>

#include "lib/base/err.h"

#define LINKS_MAX 8 /* on one path */

static unsigned kind(const struct node *n)
{
    return n->type->mode & LX_S_IFMT;
}

bool node_child(const struct node *dir, unsigned i, char name[NODE_NAME], struct node *out)
{
    const struct node_entry *e = dir->type->entries;
    unsigned fixed = 0;
    for (; e != NULL && e->name != NULL; e++, fixed++) {
        if (fixed != i)
            continue;
        strncpy(name, e->name, NODE_NAME - 1);
        name[NODE_NAME - 1] = '\0';
        *out = (struct node){.type = e->type, .dev = dir->dev, .id = dir->id};
        return true;
    }
    return dir->type->child != NULL && dir->type->child(dir, i - fixed, name, out);
}

static bool find(const struct node *dir, const char *wanted, struct node *out)
{
    char name[NODE_NAME];
    for (unsigned i = 0; node_child(dir, i, name, out); i++) {
        if (strcmp(name, wanted) == 0)
            return true;
    }
    return false;
}

/* Text still to be walked; a link's target is put before what follows it. */
struct walk {
    struct node_path *p;
    char rest[NODE_PATH];
    unsigned links;
};

void node_start(struct node_path *p)
{
    p->depth = 0;
    p->at[0] = (struct node){.type = &node_root};
}

static int follow_link(struct walk *w, const struct node *link, const char *after)
{
    char text[NODE_PATH];
    struct strbuf s;
    if (++w->links > LINKS_MAX)
        return -RF_ELOOP;
    strbuf_init(&s, text, sizeof(text));
    link->type->text(link, &s);
    strbuf_printf(&s, "/%s", after);
    if (s.cut)
        return -RF_ENAMETOOLONG;
    memcpy(w->rest, text, s.used + 1);
    if (w->rest[0] == '/')
        node_start(w->p);
    return 0;
}

/* One component, whose terminator replaced the slash; `after` is what follows, or NULL. */
static int step(struct walk *w, const char *name, const char *after, bool follow)
{
    struct node_path *p = w->p;
    struct node next;
    if (kind(node_of(p)) != LX_S_IFDIR)
        return -RF_ENOTDIR;
    if (name[0] == '\0' || strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        p->depth -= p->depth != 0;
        return 0;
    }
    if (strlen(name) >= NODE_NAME || p->depth == NODE_DEPTH - 1 || !find(node_of(p), name, &next))
        return -RF_ENOENT;
    if (kind(&next) == LX_S_IFLNK && (after != NULL || follow)) {
        int rc = follow_link(w, &next, after != NULL ? after : "");
        return rc != 0 ? rc : 1;
    }
    p->at[++p->depth] = next;
    return 0;
}

int node_walk(struct node_path *p, const char *path, bool follow)
{
    struct walk w = {.p = p};
    size_t length = strlen(path);
    if (length >= sizeof(w.rest))
        return -RF_ENAMETOOLONG;
    if (path[0] == '\0')
        return -RF_ENOENT;
    memcpy(w.rest, path, length + 1);
    if (path[0] == '/')
        node_start(p);
    for (char *name = w.rest; name != NULL;) {
        char *slash = strchr(name, '/');
        if (slash != NULL)
            *slash++ = '\0';
        int rc = step(&w, name, slash, follow);
        if (rc < 0)
            return rc;
        name = rc == 1 ? w.rest : slash;
    }
    return 0;
}

void node_stat(const struct node *n, struct file_stat *st)
{
    *st = (struct file_stat){
        .mode = n->type->mode,
        .ino = (uintptr_t)n->type / sizeof(void *) + n->id,
        .rdev = n->type->rdev,
        .size = n->type->text != NULL ? PAGE_SIZE : 0,
    };
}
