/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/mem/heap.h"
#include "lib/sys/node.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"

/* /proc/self/pagemap: one word for each page of the address space, with the page's frame. Drivers
 * read it for an address to give to their device. No workload is told a physical one: the frame is
 * the page's own virtual number. It names the memory to the device once VFIO_IOMMU_MAP_DMA has
 * mapped it there, and nothing else has that number. */

#define WORD     sizeof(uint64_t)
#define PRESENT  BIT(63)
#define READ_MAX KIB(64) /* more is a short read: a call ends soon */

static uint64_t word_of(uint64_t uaddr)
{
    struct pt_leaf leaf;
    return pt_lookup(vm_pt(), uaddr, &leaf) ? PRESENT | uaddr >> PAGE_LG2 : 0;
}

static int64_t pagemap_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    const uint64_t size = (USER_LAST >> PAGE_LG2) * WORD + WORD;
    uint64_t end = pos < size ? pos + MIN(MIN(n, READ_MAX), size - pos) : pos;
    (void)f;
    if ((pos | n) % WORD != 0)
        return -RF_EINVAL;
    for (uint64_t at = pos; at < end; at += WORD) {
        uint64_t word = word_of(at / WORD << PAGE_LG2);
        if (copy_out(uaddr + (at - pos), &word, WORD) != 0)
            return at != pos ? (int64_t)(at - pos) : -RF_EFAULT;
    }
    return (int64_t)(end - pos);
}

static void pagemap_stat(struct file *f, struct file_stat *st)
{
    (void)f;
    st->mode = PAGEMAP_MODE;
}

static void pagemap_release(struct file *f)
{
    heap_free(f);
}

static const struct file_ops pagemap_ops = {
    .name = "pagemap", .read = pagemap_read, .stat = pagemap_stat, .release = pagemap_release};

int pagemap_open(const struct node *n, unsigned flags, struct file **out)
{
    (void)n;
    if ((flags & LX_O_ACCMODE) != LX_O_RDONLY)
        return -RF_EACCES;
    struct file *f = heap_alloc(sizeof(*f));
    if (f == NULL)
        return -RF_ENOMEM;
    file_init(f, &pagemap_ops, flags);
    f->seekable = true;
    *out = f;
    return 0;
}
