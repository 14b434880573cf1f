/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/vm.h"

#include "arch/cpu.h"
#include "arch/mmu.h"
#include "lib/base/err.h"
#include "lib/base/panic.h"
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
    struct pt pt;
} vm = {.areas = RB_INITIALIZER(&vm.areas)};

struct pt *vm_pt(void)
{
    return &vm.pt;
}

int vm_init(void)
{
    const struct pt_config cfg = {
        .granule_lg2 = PAGE_LG2,
        .ias = mmu_user_bits,
        .oas = (uint8_t)cpu_pa_bits(),
        .coherent = true,
    };
    vm_forget_pages();
    return pt_init(&vm.pt, mmu_user_format, &cfg);
}

static void discard(struct vma *v)
{
    RB_REMOVE(vma_tree, &vm.areas, v);
    vm.near = NULL;
    vm.count--;
    if (v->file != NULL)
        file_put(v->file);
    heap_free(v);
}

void vm_fini(void)
{
    struct vma *v;
    while ((v = RB_MIN(vma_tree, &vm.areas)) != NULL) {
        vm_drop_pages(v->r);
        discard(v);
    }
    pt_fini(&vm.pt);
}

struct vma *vm_from(uint64_t uaddr)
{
    if (vm.near != NULL && range_has(vm.near->r, uaddr))
        return vm.near;
    struct vma key = {.r = {uaddr, uaddr}};
    struct vma *after = RB_NFIND(vma_tree, &vm.areas, &key);
    struct vma *before =
        after == NULL ? RB_MAX(vma_tree, &vm.areas) : RB_PREV(vma_tree, &vm.areas, after);
    vm.near = before != NULL && before->r.last >= uaddr ? before : after;
    return vm.near;
}

struct vma *vm_find(uint64_t uaddr)
{
    struct vma *v = vm_from(uaddr);
    return v != NULL && v->r.start <= uaddr ? v : NULL;
}

struct vma *vm_next(struct vma *v)
{
    return RB_NEXT(vma_tree, &vm.areas, v);
}

struct vma *vm_nearest(uint64_t uaddr)
{
    struct vma *above = vm_from(uaddr);
    struct vma *below =
        above == NULL ? RB_MAX(vma_tree, &vm.areas) : RB_PREV(vma_tree, &vm.areas, above);
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
    for (v = RB_MAX(vma_tree, &vm.areas); v != NULL; v = RB_PREV(vma_tree, &vm.areas, v)) {
        if (place(v->r.last + 1, last, size, align, out))
            return true;
        last = MIN(last, v->r.start - 1);
    }
    return place(USER_START, last, size, align, out);
}

static struct vma *make(const struct vma *area)
{
    struct vma *v = vm.count == VM_AREAS_MAX ? NULL : heap_alloc(sizeof(*v));
    if (v != NULL)
        *v = *area;
    return v;
}

/* Its place is free. */
static void link(struct vma *v)
{
    if (v->file != NULL)
        file_get(v->file);
    RB_INSERT(vma_tree, &vm.areas, v);
    vm.count++;
}

static int insert(const struct vma *area)
{
    struct vma *v = make(area);
    if (v == NULL)
        return -RF_ENOMEM;
    link(v);
    return 0;
}

static bool can_merge(const struct vma *a, const struct vma *b)
{
    return range_precedes(a->r, b->r) && a->prot == b->prot && a->big == b->big &&
           a->name == b->name && a->file == b->file &&
           (a->file == NULL || a->offset + range_size(a->r) == b->offset);
}

/* Joins neighbours that are alike, in r and with what touches it. */
static void merge(struct range r)
{
    struct vma *v = vm_from(r.start - 1);
    while (v != NULL && v->r.start <= r.last) {
        struct vma *next = vm_next(v);
        if (next != NULL && can_merge(v, next)) {
            v->r.last = next->r.last;
            discard(next);
        } else {
            v = next;
        }
    }
}

int vm_add(const struct vma *area)
{
    ASSERT(range_contains(USER_RANGE, area->r));
    if (!vm_is_free(area->r))
        return -RF_EEXIST;
    int rc = insert(area);
    if (rc == 0)
        merge(area->r);
    return rc;
}

/* Makes `at` a boundary between areas. */
static int cut_area(uint64_t at)
{
    struct vma *v = vm_find(at);
    if (v == NULL || v->r.start == at)
        return 0;
    struct vma upper = *v;
    upper.r.start = at;
    upper.offset += at - v->r.start;
    struct range whole = v->r;
    v->r.last = at - 1;
    int rc = insert(&upper);
    if (rc != 0)
        v->r = whole;
    return rc;
}

/* Makes both ends of r boundaries of areas and of pages: after it, removing or changing r cannot
 * fail. */
static int cut_out(struct range r)
{
    int rc = vm_cut_page(r.start);
    if (rc == 0)
        rc = vm_cut_page(r.last + 1);
    if (rc == 0)
        rc = cut_area(r.start);
    if (rc == 0)
        rc = cut_area(r.last + 1);
    if (rc != 0)
        merge(r);
    return rc;
}

int vm_remove(struct range r)
{
    int rc = cut_out(r);
    if (rc != 0)
        return rc;
    struct vma *v;
    while ((v = vm_from(r.start)) != NULL && v->r.start <= r.last) {
        vm_drop_pages(v->r);
        discard(v);
    }
    return 0;
}

int vm_replace(const struct vma *area)
{
    ASSERT(range_contains(USER_RANGE, area->r));
    struct vma *v = make(area);
    if (v == NULL)
        return -RF_ENOMEM;
    int rc = vm_remove(area->r);
    if (rc != 0) {
        heap_free(v);
        return rc;
    }
    link(v);
    merge(area->r);
    return 0;
}

int vm_protect(struct range r, unsigned prot)
{
    int rc = cut_out(r);
    if (rc != 0)
        return rc;
    for (struct vma *v = vm_from(r.start); v != NULL && v->r.start <= r.last; v = vm_next(v)) {
        v->prot = prot;
        vm_update_rights(v);
    }
    merge(r);
    return 0;
}

int vm_move(struct range from, uint64_t to, uint64_t size)
{
    const struct vma *whole = vm_find(from.start);
    ASSERT(whole != NULL && range_contains(whole->r, from));
    struct vma area = *whole;
    area.offset += from.start - area.r.start;
    area.r = (struct range){to, to + (size - 1)};
    struct vma *v = make(&area);
    int rc = v == NULL ? -RF_ENOMEM : cut_out(from);
    if (rc == 0)
        rc = vm_alias_pages(from, to, area.prot);
    if (rc != 0) {
        heap_free(v);
        merge(from);
        return rc;
    }
    link(v);
    vm_unalias_pages(from);
    discard(vm_find(from.start));
    merge(area.r);
    return 0;
}
