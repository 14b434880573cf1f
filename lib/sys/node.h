/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_NODE_H
#define RF_SYS_NODE_H

#include "lib/base/strbuf.h"
#include "lib/sys/file.h"

/* The files that the workload finds by name: a fixed tree of /dev, /proc and /sys with one
 * directory for each PCI function that it is offered. Nodes are made on the way and hold nothing.
 */

struct vfio_device;
struct node;

#define NODE_NAME  32 /* longest name, with its terminator */
#define NODE_TEXT  1024
#define NODE_DEPTH 16
#define NODE_PATH  256 /* longest path, with its terminator */

struct node_entry {
    const char *name; /* NULL ends */
    const struct node_type *type;
};

/* What a place in the tree is; fields that do not apply are NULL. */
struct node_type {
    uint32_t mode; /* LX_S_IF* and permissions */
    /* Directories: fixed entries, and the i-th of those that depend on the machine. */
    const struct node_entry *entries;
    bool (*child)(const struct node *dir, unsigned i, char *name, struct node *out);
    /* Content of a text file, target of a link. */
    void (*text)(const struct node *n, struct strbuf *s);
    /* Other files: a new file with one reference. */
    int (*open)(const struct node *n, unsigned flags, struct file **out);
    uint64_t rdev; /* character devices: as in struct stat */
};

struct node {
    const struct node_type *type;
    struct vfio_device *dev; /* the function that this is about */
    unsigned id;             /* the group */
};

/* A node and the directories above it, the root first. */
struct node_path {
    unsigned depth; /* of the node: at[depth] */
    struct node at[NODE_DEPTH];
};

extern const struct node_type node_root;       /* node_tree.c */
extern const struct node_type node_pci_device; /* node_pci.c: one function's directory */

/* ---- node.c */
/* The i-th entry of a directory; false: there are fewer. */
bool node_child(const struct node *dir, unsigned i, char name[NODE_NAME], struct node *out);

/* The root. */
void node_start(struct node_path *p);

/* Follows a path from *p (which an absolute one ignores); the last component only if it is no link
 * or `follow`. -RF_ENOENT, -RF_ENOTDIR, -RF_ELOOP, -RF_ENAMETOOLONG; *p is then undefined. */
int node_walk(struct node_path *p, const char *path, bool follow);

static inline const struct node *node_of(const struct node_path *p)
{
    return &p->at[p->depth];
}

void node_stat(const struct node *n, struct file_stat *st);

/* ---- file_node.c */
/* Opens what is there: a file with one reference. -RF_EACCES, -RF_ENOMEM, or the node's own. */
int node_open(const struct node_path *p, unsigned flags, struct file **out);

/* The directory behind an open file, or NULL. */
const struct node_path *node_dir_of(struct file *f);

/* ---- file_dev.c */
int null_open(const struct node *n, unsigned flags, struct file **out);
int zero_open(const struct node *n, unsigned flags, struct file **out);
int random_open(const struct node *n, unsigned flags, struct file **out);

/* ---- file_pagemap.c */
#define PAGEMAP_MODE (LX_S_IFREG | 0400)
int pagemap_open(const struct node *n, unsigned flags, struct file **out);

/* ---- node_pci.c */
/* The i-th function that the workload is offered, as its own directory or as a link to it. */
bool pci_child(const struct node *dir, unsigned i, char name[NODE_NAME], struct node *out);
/* The i-th function of group dir->id, as a link. */
bool group_member(const struct node *dir, unsigned i, char name[NODE_NAME], struct node *out);
/* The i-th group's number; false: there are fewer. */
bool group_number(unsigned i, unsigned *id);

#endif
