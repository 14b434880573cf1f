/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/vm.h"

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/file.h"

static int compare(const struct vma *a, const struct vma *b)
{
    return a->r.start < b->r.start ? -1 : a->r.start > b->r.start;
}

RB_HEAD(vma_tree, vma);
RB_PROTOTYPE(vma_tree, vma, node, compare)
RB_GENERATE(vma_tree, vma, node, compare)

static struct {
    struct vma_tree areas;
    struct vma *near; /* the area that was found last; NULL: none */
    unsigned count;
} space = {.areas = RB_INITIALIZER(&space.areas)};

void vma_discard(struct vma *v)
{
    RB_REMOVE(vma_tree, &space.areas, v);
    space.near = NULL;
    space.count--;
    if (v->file != NULL)
        file_put(v->file);
    heap_free(v);
}

struct vma *vm_from(uint64_t uaddr)
{
    if (space.near != NULL && range_has(space.near->r, uaddr))
        return space.near;
    struct vma key = {.r = {uaddr, uaddr}};
    struct vma *after = RB_NFIND(vma_tree, &space.areas, &key);
    struct vma *before =
        after == NULL ? RB_MAX(vma_tree, &space.areas) : RB_PREV(vma_tree, &space.areas, after);
    space.near = before != NULL && before->r.last >= uaddr ? before : after;
    return space.near;
}

struct vma *vm_find(uint64_t uaddr)
{
    struct vma *v = vm_from(uaddr);
    return v != NULL && v->r.start <= uaddr ? v : NULL;
}

struct vma *vm_next(struct vma *v)
{
    return RB_NEXT(vma_tree, &space.areas, v);
}

struct vma *vm_nearest(uint64_t uaddr)
{
    struct vma *above = vm_from(uaddr);
    struct vma *below =
        above == NULL ? RB_MAX(vma_tree, &space.areas) : RB_PREV(vma_tree, &space.areas, above);
    if (above == NULL || below == NULL || range_has(above->r, uaddr))
        return above != NULL ? above : below;
    return above->r.start - uaddr <= uaddr - below->r.last ? above : below;
}

bool vm_is_free(struct range r)
{
    struct vma *v = vm_from(r.start);
    return v == NULL || v->r.start > r.last;
}

bool vm_is_covered(struct range r)
{
    struct vma *v = vm_find(r.start);
    while (v != NULL && v->r.last < r.last) {
        struct vma *next = vm_next(v);
        v = next != NULL && range_precedes(v->r, next->r) ? next : NULL;
    }
    return v != NULL;
}

/* The highest aligned place of this size inside [low, last]. */
static bool place(uint64_t low, uint64_t last, uint64_t size, uint64_t align, struct range *out)
{
    if (last < low || last - low < size - 1)
        return false;
    uint64_t start = align_down(last - (size - 1), align);
    return start >= low && range_make(start, size, out);
}

bool vm_find_gap(uint64_t size, uint64_t align, struct range *out)
{
    uint64_t last = VM_MMAP_LAST;
    struct vma *v;
    for (v = RB_MAX(vma_tree, &space.areas); v != NULL; v = RB_PREV(vma_tree, &space.areas, v)) {
        if (place(v->r.last + 1, last, size, align, out))
            return true;
        last = MIN(last, v->r.start - 1);
    }
    return place(USER_START, last, size, align, out);
}

struct vma *vma_make(const struct vma *area)
{
    struct vma *v = space.count == VM_AREAS_MAX ? NULL : heap_alloc(sizeof(*v));
    if (v != NULL)
        *v = *area;
    return v;
}

void vma_link(struct vma *v)
{
    if (v->file != NULL)
        file_get(v->file);
    RB_INSERT(vma_tree, &space.areas, v);
    space.count++;
}

int vma_insert(const struct vma *area)
{
    struct vma *v = vma_make(area);
    if (v == NULL)
        return -RF_ENOMEM;
    vma_link(v);
    return 0;
}

static bool can_merge(const struct vma *a, const struct vma *b)
{
    return range_precedes(a->r, b->r) && a->prot == b->prot && a->big == b->big &&
           a->name == b->name && a->file == b->file &&
           (a->file == NULL || a->offset + range_size(a->r) == b->offset);
}

void vma_merge(struct range r)
{
    struct vma *v = vm_from(r.start - 1);
    while (v != NULL && v->r.start <= r.last) {
        struct vma *next = vm_next(v);
        if (next != NULL && can_merge(v, next)) {
            v->r.last = next->r.last;
            vma_discard(next);
        } else {
            v = next;
        }
    }
}

int vma_cut(uint64_t at)
{
    struct vma *v = vm_find(at);
    if (v == NULL || v->r.start == at)
        return 0;
    struct vma upper = *v;
    upper.r.start = at;
    upper.offset += at - v->r.start;
    struct range whole = v->r;
    v->r.last = at - 1;
    int rc = vma_insert(&upper);
    if (rc != 0)
        v->r = whole;
    return rc;
}
