/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_VM_H
#define RF_SYS_VM_H

#include <sys/tree.h>

#include "lib/pt/pt.h"

/* The workload's address space. There is one workload, so there is one space. It is a tree of areas
 * (what may be accessed) over a page table (what is there already). Memory comes when it is touched
 * first, and each of its pages holds one reference for being mapped. Addresses are never
 * randomised: a run can be repeated exactly. All ranges are page aligned and inside USER_RANGE. */

struct file;

/* The lowest 64 KiB and the last page of the lower half are never mapped. */
#define USER_START KIB(64)
#define USER_LAST  ((UINT64_C(1) << 47) - 1 - PAGE_SIZE)
#define USER_RANGE ((struct range){USER_START, USER_LAST})

#define VM_STACK_SIZE MIB(8)
#define VM_STACK_LAST ((UINT64_C(1) << 47) - 1 - MIB(2))
#define VM_MMAP_LAST  (VM_STACK_LAST - VM_STACK_SIZE - MIB(2))
#define VM_TRAMPOLINE ((UINT64_C(1) << 47) - MIB(1)) /* signal_frame.c */
#define VM_PIE_BASE   UINT64_C(0x555500000000)

#define VM_AREAS_MAX 65530u /* as Linux: vm.max_map_count */

struct vma {
    RB_ENTRY(vma) node;
    struct range r;
    unsigned prot;     /* PT_READ, PT_WRITE, PT_EXEC; 0: reserved */
    bool big;          /* 2 MiB blocks are welcome */
    const char *name;  /* for reports; stays valid */
    struct file *file; /* device registers; NULL: memory */
    uint64_t offset;   /* in the file, of r.start */
};

/* ---- vma.c: areas */
struct vma *vm_find(uint64_t uaddr);    /* the area that holds uaddr, or NULL */
struct vma *vm_from(uint64_t uaddr);    /* the first area that ends at or after uaddr, or NULL */
struct vma *vm_nearest(uint64_t uaddr); /* NULL: there are none */
struct vma *vm_next(struct vma *v);

bool vm_is_free(struct range r);

/* True when areas cover all of r. */
bool vm_is_covered(struct range r);

/* The highest free place of this size below VM_MMAP_LAST. False: none. align is a power of two. */
bool vm_find_gap(uint64_t size, uint64_t align, struct range *out);

/* For vm.c, which keeps areas and pages together. A copy of *area, not in the tree yet; NULL: no
 * memory, or VM_AREAS_MAX. */
struct vma *vma_make(const struct vma *area);
/* Into the tree, where its place is free; takes a reference on its file. */
void vma_link(struct vma *v);
/* Both. -RF_ENOMEM. */
int vma_insert(const struct vma *area);
/* Out of the tree, and gone. */
void vma_discard(struct vma *v);
/* Makes `at` a boundary between areas. -RF_ENOMEM: nothing was changed. */
int vma_cut(uint64_t at);
/* Joins neighbours that are alike, in r and with what touches it. */
void vma_merge(struct range r);

/* ---- vm.c: the space */
/* An empty space. -RF_ENOMEM. */
int vm_init(void);

/* Gives everything back. Nothing runs in the space, and no device uses memory of it unpinned. */
void vm_fini(void);

/* Adds a copy of *area; takes a reference on its file. -RF_EEXIST: r is not free; -RF_ENOMEM. */
int vm_add(const struct vma *area);

/* Takes r out, holes or not. Pages that are pinned live on until they are unpinned. -RF_ENOMEM (an
 * area or a 2 MiB page had to be cut in two): nothing was changed. */
int vm_remove(struct range r);

/* vm_add, but what is in the way is removed. -RF_ENOMEM: nothing was changed. */
int vm_replace(const struct vma *area);

/* Sets the rights of r, all of which is covered. -RF_ENOMEM as vm_remove. */
int vm_protect(struct range r, unsigned prot);

/* Moves the memory and the area at `from`, which is inside one area, to the free range that starts
 * at `to` and has `size` bytes, at least as many. -RF_ENOMEM: nothing was changed. */
int vm_move(struct range from, uint64_t to, uint64_t size);

/* ---- vm_page.c: pages */
struct pt *vm_pt(void);

/* Makes an access possible. -RF_EFAULT: not allowed there; -RF_EIO: allowed, but the device does
 * not answer now; -RF_ENOMEM. */
int vm_fault(uint64_t uaddr, unsigned access);

/* The same for the kernel's own use of the workload's memory: also finds it. -RF_EFAULT also for
 * registers. */
int vm_reach(uint64_t uaddr, unsigned access, struct pt_leaf *leaf);

/* Whether a leaf of these rights is memory that the program itself may access so. */
static inline bool vm_allows(unsigned prot, unsigned access)
{
    const unsigned need = access | PT_USER;
    return (prot & (need | PT_DEVICE)) == need;
}

/* Brings in every page of r, whatever its rights. -RF_ENOMEM, -RF_EFAULT for a hole. */
int vm_populate(struct range r);

/* Writes memory of the space whatever its rights: the loader's way. */
int vm_poke(uint64_t uaddr, const void *src, uint64_t n);

/* Forgets the pages of r: memory reads as zero afterwards, registers are asked for again. Both ends
 * are at a cut (vm_cut_page) or at an area's end. */
void vm_drop_pages(struct range r);

/* Makes `at` a boundary between pages of the table. -RF_ENOMEM: nothing was changed. */
int vm_cut_page(uint64_t at);

/* Gives the pages of v that are present the rights of v. */
void vm_update_rights(const struct vma *v);

/* Maps the present pages of `from` at `to` too, without counting them twice: one of the two places
 * is to be given to vm_unalias_pages. -RF_ENOMEM: nothing was changed. */
int vm_alias_pages(struct range from, uint64_t to, unsigned prot);
void vm_unalias_pages(struct range r);

/* ---- pin.c: memory for devices */
/* The contracts of struct vfio_env (lib/vfio/vfio.h). */
int vm_pin(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *piece);
void vm_unpin(paddr_t pa, uint64_t size, bool ok);

/* Translations of the program's addresses are no longer what they were. */
void vm_pin_forget(void);

/* ---- vm_map.c: what mmap and brk know */
/* The heap starts at the next page boundary. */
void vm_set_brk(uint64_t start);

#endif
