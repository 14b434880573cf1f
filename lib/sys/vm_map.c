/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/linux.h"
#include "lib/sys/vm.h"

/* mmap and its family. Stricter than Linux: memory is never writable and executable at once. */

#define BIG_SIZE   MIB(2)
#define BLOCK_SIZE KIB(64)

static struct {
    uint64_t start;
    uint64_t now;
} heap;

/* Rounds a length up to pages. False: 0, or more than the space has. */
static bool page_length(uint64_t len, uint64_t *out)
{
    *out = align_up(len, PAGE_SIZE);
    return len != 0 && len <= USER_LAST;
}

static bool user_range(uint64_t start, uint64_t size, struct range *out)
{
    return range_make(start, size, out) && range_contains(USER_RANGE, *out);
}

/* Linux's rights as ours. No format of this project has write-only or execute-only pages.
 * -RF_EACCES for writable and executable. */
static int decode_prot(uint64_t prot, unsigned *out)
{
    const uint64_t both = LX_PROT_WRITE | LX_PROT_EXEC;
    if ((prot & both) == both) {
        log_warn_limited(
            "memory that is writable and executable was refused: write it first, then mprotect "
            "it to PROT_READ | PROT_EXEC");
        return -RF_EACCES;
    }
    if ((prot & ~(LX_PROT_READ | both)) != 0)
        return -RF_EINVAL;
    *out = ((prot & (LX_PROT_READ | both)) != 0 ? PT_READ : 0) |
           ((prot & LX_PROT_WRITE) != 0 ? PT_WRITE : 0) |
           ((prot & LX_PROT_EXEC) != 0 ? PT_EXEC : 0);
    return 0;
}

/* Memory that can never be had is refused when it is asked for, not when it is touched. */
static bool can_be_backed(uint64_t size)
{
    struct page_stats s;
    page_get_stats(&s);
    return size >> PAGE_LG2 <= s.free_pages;
}

/* ---- mmap */

struct map_request {
    uint64_t addr, size, flags, align;
    struct vma area;
};

static uint64_t best_align(uint64_t size)
{
    return size >= BIG_SIZE ? BIG_SIZE : size >= BLOCK_SIZE ? BLOCK_SIZE : PAGE_SIZE;
}

/* MAP_HUGETLB: whole huge pages of 2 MiB, or of the size that the flags ask for (at most 1 GiB). */
static int decode_huge(struct map_request *m)
{
    unsigned lg2 = (m->flags >> LX_MAP_HUGE_SHIFT) & 63;
    if (lg2 == 0)
        lg2 = 21;
    if (lg2 < 16 || lg2 > 30)
        return -RF_EINVAL;
    m->align = UINT64_C(1) << lg2;
    m->size = align_up(m->size, m->align);
    return 0;
}

static int decode_file(struct map_request *m, int fd, uint64_t offset)
{
    struct file *f = fd_get(fd);
    if (f == NULL)
        return -RF_EBADF;
    if (f->ops->mmap == NULL)
        return -RF_ENODEV;
    if ((f->flags & LX_O_ACCMODE) == LX_O_WRONLY ||
        ((m->area.prot & PT_WRITE) != 0 && (f->flags & LX_O_ACCMODE) != LX_O_RDWR))
        return -RF_EACCES;
    int rc = f->ops->mmap(f, offset, m->size);
    if (rc != 0 || f->ops->page == NULL)
        return rc;
    if ((m->area.prot & PT_EXEC) != 0)
        return -RF_EACCES;
    m->area.file = f;
    m->area.offset = offset;
    m->area.name = f->ops->name;
    m->area.big = false;
    return 0;
}

static int decode_map(struct map_request *m, const uint64_t *a)
{
    unsigned type = a[3] & LX_MAP_TYPE;
    *m = (struct map_request){.addr = a[0], .flags = a[3]};
    if (!is_aligned(a[5], PAGE_SIZE) || a[1] == 0)
        return -RF_EINVAL;
    if (type != LX_MAP_SHARED && type != LX_MAP_PRIVATE && type != LX_MAP_SHARED_VALIDATE)
        return -RF_EINVAL;
    if (!page_length(a[1], &m->size))
        return -RF_ENOMEM;
    m->align = best_align(m->size);
    m->area = (struct vma){.name = "memory"};
    int rc = decode_prot(a[2], &m->area.prot);
    if (rc == 0 && (m->flags & LX_MAP_HUGETLB) != 0)
        rc = decode_huge(m);
    m->area.big = m->size >= BIG_SIZE;
    if (rc == 0 && (m->flags & LX_MAP_ANONYMOUS) == 0)
        rc = decode_file(m, (int)a[4], a[5]);
    return rc;
}

static int check_fixed(struct map_request *m)
{
    if (!is_aligned(m->addr, PAGE_SIZE))
        return -RF_EINVAL;
    if (m->addr < USER_START)
        return -RF_EPERM;
    return user_range(m->addr, m->size, &m->area.r) ? 0 : -RF_ENOMEM;
}

static int place(struct map_request *m)
{
    if ((m->flags & (LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE)) != 0)
        return check_fixed(m);
    uint64_t hint = align_down(m->addr, m->flags & LX_MAP_HUGETLB ? m->align : PAGE_SIZE);
    if (user_range(hint, m->size, &m->area.r) && vm_is_free(m->area.r))
        return 0;
    return vm_find_gap(m->size, m->align, &m->area.r) ? 0 : -RF_ENOMEM;
}

/* MAP_POPULATE and MAP_LOCKED are promises that Linux too breaks silently when memory is short;
 * MAP_HUGETLB is one that it keeps. */
static int populate(const struct map_request *m)
{
    if ((m->flags & (LX_MAP_POPULATE | LX_MAP_LOCKED | LX_MAP_HUGETLB)) == 0 || m->area.prot == 0)
        return 0;
    int rc = vm_populate(m->area.r);
    if ((m->flags & LX_MAP_HUGETLB) == 0)
        return 0;
    if (rc != 0)
        vm_remove(m->area.r);
    return rc;
}

static bool replaces(const struct map_request *m)
{
    return (m->flags & (LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE)) == LX_MAP_FIXED;
}

int64_t sys_mmap(const uint64_t *a)
{
    struct map_request m;
    int rc = decode_map(&m, a);
    if (rc == 0 && m.area.file == NULL && (m.area.prot & PT_WRITE) != 0 &&
        (m.flags & LX_MAP_NORESERVE) == 0 && !can_be_backed(m.size))
        rc = -RF_ENOMEM;
    if (rc == 0)
        rc = place(&m);
    if (rc == 0)
        rc = replaces(&m) ? vm_replace(&m.area) : vm_add(&m.area);
    if (rc == 0)
        rc = populate(&m);
    return rc != 0 ? rc : (int64_t)m.area.r.start;
}

/* ---- the rest */

int64_t sys_munmap(const uint64_t *a)
{
    struct range r;
    uint64_t size;
    if (!is_aligned(a[0], PAGE_SIZE) || !page_length(a[1], &size) || !range_make(a[0], size, &r) ||
        r.last > USER_LAST)
        return -RF_EINVAL;
    r.start = MAX(r.start, USER_START);
    return r.start > r.last ? 0 : vm_remove(r);
}

static bool has_registers(struct range r)
{
    for (struct vma *v = vm_from(r.start); v != NULL && v->r.start <= r.last; v = vm_next(v)) {
        if (v->file != NULL)
            return true;
    }
    return false;
}

int64_t sys_mprotect(const uint64_t *a)
{
    struct range r;
    unsigned prot;
    uint64_t size = align_up(a[1], PAGE_SIZE);
    if (!is_aligned(a[0], PAGE_SIZE))
        return -RF_EINVAL;
    if (a[1] == 0)
        return 0;
    if (!user_range(a[0], size, &r) || !vm_is_covered(r))
        return -RF_ENOMEM;
    int rc = decode_prot(a[2], &prot);
    if (rc == 0 && (prot & PT_EXEC) != 0 && has_registers(r))
        rc = -RF_EACCES;
    return rc != 0 ? rc : vm_protect(r, prot);
}

/* A larger area for `old`, which is the end of its area: where it is, or elsewhere when it may. */
static int64_t grow(const struct vma *v, struct range old, uint64_t size, uint64_t flags)
{
    struct vma more = *v;
    struct range to;
    bool fits = user_range(old.last + 1, size - range_size(old), &more.r);
    more.offset += old.last + 1 - v->r.start;
    if ((v->prot & PT_WRITE) != 0 && !can_be_backed(size - range_size(old)))
        return -RF_ENOMEM;
    if (fits && v->r.last == old.last && vm_is_free(more.r)) {
        int rc = vm_add(&more);
        return rc != 0 ? rc : (int64_t)old.start;
    }
    if ((flags & LX_MREMAP_MAYMOVE) == 0 || !vm_find_gap(size, best_align(size), &to))
        return -RF_ENOMEM;
    int rc = vm_move(old, to.start, size);
    return rc != 0 ? rc : (int64_t)to.start;
}

/* MREMAP_FIXED, DONTUNMAP and the duplicating form (old size 0) are not supported. */
int64_t sys_mremap(const uint64_t *a)
{
    uint64_t old_size, size;
    struct range old;
    if (!is_aligned(a[0], PAGE_SIZE) || !page_length(a[1], &old_size) ||
        !page_length(a[2], &size) || (a[3] & ~(uint64_t)LX_MREMAP_MAYMOVE) != 0)
        return -RF_EINVAL;
    if (!user_range(a[0], old_size, &old))
        return -RF_EFAULT;
    struct vma *v = vm_find(old.start);
    if (v == NULL || v->r.last < old.last)
        return -RF_EFAULT;
    if (size > old_size)
        return v->file != NULL ? -RF_EFAULT : grow(v, old, size, a[3]);
    if (size == old_size)
        return (int64_t)old.start;
    int rc = vm_remove((struct range){old.start + size, old.last});
    return rc != 0 ? rc : (int64_t)old.start;
}

void vm_set_brk(uint64_t start)
{
    heap.start = heap.now = align_up(start, PAGE_SIZE);
}

/* Moves the end of the heap's pages. */
static bool move_brk(uint64_t from, uint64_t to)
{
    struct vma area = {.prot = PT_READ | PT_WRITE, .name = "[heap]"};
    if (to < from)
        return vm_remove((struct range){to, from - 1}) == 0;
    return to == from ||
           (user_range(from, to - from, &area.r) && can_be_backed(to - from) && vm_add(&area) == 0);
}

/* Linux's brk: what it returns is the break, changed or not. */
int64_t sys_brk(const uint64_t *a)
{
    if (a[0] >= heap.start && a[0] <= USER_LAST &&
        move_brk(align_up(heap.now, PAGE_SIZE), align_up(a[0], PAGE_SIZE)))
        heap.now = a[0];
    return (int64_t)heap.now;
}

static int64_t forget(struct range r)
{
    int rc = vm_cut_page(r.start);
    if (rc == 0)
        rc = vm_cut_page(r.last + 1);
    if (rc == 0)
        vm_drop_pages(r);
    return rc;
}

/* DONTNEED does what it says, WILLNEED brings pages in, all other advice is heard and ignored. */
int64_t sys_madvise(const uint64_t *a)
{
    struct range r;
    if (!is_aligned(a[0], PAGE_SIZE))
        return -RF_EINVAL;
    if (a[1] == 0)
        return 0;
    if (!user_range(a[0], align_up(a[1], PAGE_SIZE), &r) || !vm_is_covered(r))
        return -RF_ENOMEM;
    if (a[2] == LX_MADV_WILLNEED)
        vm_populate(r);
    return a[2] == LX_MADV_DONTNEED ? forget(r) : 0;
}

/* Nothing is ever paged out: to lock memory is to bring it in. */
int64_t sys_mlock(const uint64_t *a)
{
    struct range r;
    uint64_t start = align_down(a[0], PAGE_SIZE);
    uint64_t size = align_up(a[0] - start + a[1], PAGE_SIZE);
    if (a[1] == 0)
        return 0;
    if (size < a[1] || !user_range(start, size, &r) || !vm_is_covered(r))
        return -RF_ENOMEM;
    return vm_populate(r) == 0 ? 0 : -RF_ENOMEM;
}

int64_t sys_mlock2(const uint64_t *a)
{
    const uint64_t on_fault = 1;
    if ((a[2] & ~on_fault) != 0)
        return -RF_EINVAL;
    return (a[2] & on_fault) != 0 ? 0 : sys_mlock(a);
}

int64_t sys_munlock(const uint64_t *a)
{
    (void)a;
    return 0;
}

int64_t sys_mlockall(const uint64_t *a)
{
    (void)a;
    return 0;
}

int64_t sys_munlockall(const uint64_t *a)
{
    (void)a;
    return 0;
}
