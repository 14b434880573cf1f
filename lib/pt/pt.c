/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/pt.h"

#include "arch/barrier.h"
#include "lib/base/err.h"
#include "lib/pt/engine.h"

int pt_check_range(const struct pt *pt, uint64_t iova, uint64_t size, struct range *out)
{
    if (size == 0 || !is_aligned(iova | size, BIT(pt->cfg.granule_lg2)))
        return -RF_EINVAL;
    if (!range_make(iova, size, out))
        return -RF_EOVERFLOW;
    return out->last >> pt->cfg.ias == 0 ? 0 : -RF_ERANGE;
}

int pt_check_prot(const struct pt *pt, unsigned prot)
{
    const unsigned rights = PT_READ | PT_WRITE | PT_EXEC;
    if ((prot & ~(rights | PT_USER | PT_DEVICE)) != 0 || (prot & rights) == 0)
        return -RF_EINVAL;
    if ((prot & PT_EXEC) != 0 && (prot & (PT_WRITE | PT_DEVICE)) != 0)
        return -RF_EINVAL;
    return pt->fmt->check_prot(prot);
}

void pt_publish(const struct pt *pt)
{
    if (pt->cfg.coherent)
        dma_wmb();
    else
        dma_sync();
}

static int set_up(struct pt *pt, const struct pt_format *fmt, const struct pt_config *cfg)
{
    *pt = (struct pt){.fmt = fmt, .cfg = *cfg, .root = PADDR_INVALID, .page_prot = ~0u};
    int rc = fmt->geometry(pt);
    pt->region_lg2 = (uint8_t)pt_entry_lg2(pt, 1);
    pt->page_size = BIT(cfg->granule_lg2);
    pt->not_offset = ~(BIT(pt->region_lg2) - pt->page_size);
    pt->not_output = ~(BIT(cfg->oas) - pt->page_size);
    return rc;
}

int pt_init(struct pt *pt, const struct pt_format *fmt, const struct pt_config *cfg)
{
    int rc = set_up(pt, fmt, cfg);
    if (rc != 0)
        return rc;
    paddr_t root = page_alloc_zeroed(pt_table_order(pt));
    if (!paddr_valid(root))
        return -RF_ENOMEM;
    pt->root = root;
    pt->tables = 1;
    if (!cfg->coherent)
        dma_clean(paddr_to_ptr(root), BIT(cfg->granule_lg2));
    pt_publish(pt);
    return 0;
}

static uint64_t count_leaves(const struct pt *pt, paddr_t table, unsigned level)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < pt_entries(pt, level); i++) {
        uint64_t entry = dma_load64(&pt_table(table)[i]);
        if (pt_is_leaf(pt, entry, level))
            sum++;
        else if (pt_is_table(pt, entry, level))
            sum += count_leaves(pt, pt_target(pt, entry), level - 1);
    }
    return sum;
}

int pt_adopt(struct pt *pt, const struct pt_format *fmt, const struct pt_config *cfg, paddr_t root)
{
    int rc = set_up(pt, fmt, cfg);
    if (rc != 0)
        return rc;
    pt->adopted = true;
    pt->root = root;
    pt->leaves = count_leaves(pt, root, pt->top_level);
    return 0;
}

static void free_table(struct pt *pt, paddr_t table, unsigned level)
{
    for (size_t i = 0; level > 0 && i < pt_entries(pt, level); i++) {
        uint64_t entry = dma_load64(&pt_table(table)[i]);
        if (pt_is_table(pt, entry, level))
            free_table(pt, pt_target(pt, entry), level - 1);
    }
    if (pt_live(pt, table) != NULL)
        page_free(table, pt_table_order(pt));
}

void pt_fini(struct pt *pt)
{
    if (paddr_valid(pt->root))
        free_table(pt, pt->root, pt->top_level);
    *pt = (struct pt){.fmt = pt->fmt, .cfg = pt->cfg, .root = PADDR_INVALID};
}
