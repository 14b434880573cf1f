/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/vm.h"

#include "arch/cpu.h"
#include "arch/mmu.h"
#include "lib/base/err.h"
#include "lib/base/panic.h"
#include "lib/mem/heap.h"
#include "lib/mem/upage.h"

int vm_init(void)
{
    const struct pt_config cfg = {
        .granule_lg2 = PAGE_LG2,
        .ias = mmu_user_bits,
        .oas = (uint8_t)cpu_pa_bits(),
        .coherent = true,
    };
    upage_forget();
    vm_pin_forget();
    return pt_init(vm_pt(), mmu_user_format, &cfg);
}

void vm_fini(void)
{
    struct vma *v;
    while ((v = vm_from(0)) != NULL) {
        vm_drop_pages(v->r);
        vma_discard(v);
    }
    pt_fini(vm_pt());
}

int vm_add(const struct vma *area)
{
    ASSERT(range_contains(USER_RANGE, area->r));
    if (!vm_is_free(area->r))
        return -RF_EEXIST;
    int rc = vma_insert(area);
    if (rc == 0)
        vma_merge(area->r);
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
        rc = vma_cut(r.start);
    if (rc == 0)
        rc = vma_cut(r.last + 1);
    if (rc != 0)
        vma_merge(r);
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
        vma_discard(v);
    }
    return 0;
}

int vm_replace(const struct vma *area)
{
    ASSERT(range_contains(USER_RANGE, area->r));
    struct vma *v = vma_make(area);
    if (v == NULL)
        return -RF_ENOMEM;
    int rc = vm_remove(area->r);
    if (rc != 0) {
        heap_free(v);
        return rc;
    }
    vma_link(v);
    vma_merge(area->r);
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
    vma_merge(r);
    return 0;
}

int vm_move(struct range from, uint64_t to, uint64_t size)
{
    const struct vma *whole = vm_find(from.start);
    ASSERT(whole != NULL && range_contains(whole->r, from));
    struct vma area = *whole;
    area.offset += from.start - area.r.start;
    area.r = (struct range){to, to + (size - 1)};
    struct vma *v = vma_make(&area);
    int rc = v == NULL ? -RF_ENOMEM : cut_out(from);
    if (rc == 0)
        rc = vm_alias_pages(from, to, area.prot);
    if (rc != 0) {
        heap_free(v);
        vma_merge(from);
        return rc;
    }
    vma_link(v);
    vm_unalias_pages(from);
    vma_discard(vm_find(from.start));
    vma_merge(area.r);
    return 0;
}
