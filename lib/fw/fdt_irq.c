/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include <string.h>

#include "lib/base/err.h"

/* Interrupt controllers, MSI frames, and interrupts as the Arm GIC binding encodes them: type,
 * number, flags. */

#define GIC_SPI_FIRST   32u
#define GIC_PPI_FIRST   16u
#define GIC_SPI_COUNT   988u /* INTIDs 32 .. 1019 (IHI 0048 2.2.1) */
#define GIC_PPI_COUNT   16u
#define ITS_TRANSLATION 0x10000u /* the second of its two frames: a write there is an MSI */
#define FLAGS_EDGE      3u       /* rising or falling; 4 and 8 are levels */

#define TIMER_VIRTUAL \
    2u /* index in the timer's interrupts: secure, physical, virtual, hypervisor */

static int read_distributor(struct dt_walk *w)
{
    struct hw_gic *gic = &w->hw->gic;
    struct range dist;
    int err = dt_need_reg(w, 0, &dist);

    if (err || (err = dt_claim(w, dist, "GIC distributor")))
        return err;
    w->gic_cells = dt_u32(w, DT_INTERRUPT_CELLS, 0);
    if (w->gic_cells < 3 || w->gic_cells > 4)
        return dt_refuse(w, -RF_EINVAL, "#interrupt-cells is %u, a GIC has 3 or 4", w->gic_cells);
    gic->dist = dist;
    gic->phandle = dt_u32(w, DT_PHANDLE, 0);
    return 0;
}

static bool is_second(struct dt_walk *w)
{
    if (w->hw->gic.version)
        dt_odd(w, "a second interrupt controller: the first is used");
    return w->hw->gic.version;
}

int dt_gicv2(struct dt_walk *w)
{
    struct hw_gic *gic = &w->hw->gic;
    struct range cpu;
    int err;

    if (is_second(w))
        return 0;
    if ((err = read_distributor(w)) || (err = dt_need_reg(w, 1, &cpu)) ||
        (err = dt_claim(w, cpu, "GIC CPU registers")))
        return err;
    gic->cpu = cpu;
    gic->version = 2;
    return 0;
}

static int add_redist(struct dt_walk *w)
{
    struct hw_gic *gic = &w->hw->gic;
    struct range r;
    int err = dt_need_reg(w, gic->redist_count + 1, &r);

    if (err || (err = dt_claim(w, r, "GIC redistributors")))
        return err;
    gic->redist[gic->redist_count++] = r;
    return 0;
}

/* What follows the regions of redistributors in reg is of the GICv2 that it may be too. */
int dt_gicv3(struct dt_walk *w)
{
    struct hw_gic *gic = &w->hw->gic;
    const uint32_t regions = dt_u32(w, DT_REDISTRIBUTOR_REGIONS, 1);
    int err;

    if (is_second(w))
        return 0;
    if (regions == 0 || regions > HW_REDISTS)
        return dt_refuse(w, -RF_EINVAL, "#redistributor-regions is %u, 1 to %u can be read",
                         regions, HW_REDISTS);
    err = read_distributor(w);
    while (!err && gic->redist_count < regions)
        err = add_redist(w);
    gic->noncoherent = dt_has(w, DT_DMA_NONCOHERENT);
    gic->version = 3;
    return err;
}

static int check_phandle(struct dt_walk *w, uint32_t phandle)
{
    for (unsigned i = 0; phandle && i < w->hw->msi_count; i++) {
        if (w->hw->msi[i].phandle == phandle)
            return dt_refuse(w, -RF_EINVAL, "it has the same phandle as %s", w->hw->msi[i].name);
    }
    return 0;
}

/* Some trees give the distributor a block that has all of the GIC in it. */
static bool is_part_of_gic(const struct dt_walk *w, const struct hw_msi_frame *f)
{
    return f->kind == HW_MSI_ITS && range_contains(w->hw->gic.dist, f->regs);
}

/* Some ITSs have a frame elsewhere, before the one that the architecture knows. */
static bool has_doorbell(const struct hw_msi_frame *f)
{
    return f->kind != HW_MSI_ITS || range_size(f->regs) > ITS_TRANSLATION;
}

static int add_msi(struct dt_walk *w, struct hw_msi_frame f)
{
    struct hwdesc *hw = w->hw;
    int err;

    f.phandle = dt_u32(w, DT_PHANDLE, 0);
    if (hw->msi_count == HW_MSI_FRAMES)
        return dt_refuse(w, -RF_ENOSPC, "more than %u MSI frames", HW_MSI_FRAMES);
    if ((err = dt_need_reg(w, 0, &f.regs)) ||
        (!is_part_of_gic(w, &f) && (err = dt_claim(w, f.regs, "MSI frame"))) ||
        (err = check_phandle(w, f.phandle)))
        return err;
    if (!has_doorbell(&f))
        dt_odd(w, "the frame that devices write to is not in reg: its devices have no interrupts");
    if ((f.spi_base == 0) != (f.spi_count == 0))
        return dt_refuse(w, -RF_EINVAL,
                         "arm,msi-base-spi and arm,msi-num-spis belong together, one is missing");
    if (!(f.name = dt_keep(w, w->level[w->depth].name)))
        return -RF_ENOSPC;
    hw->msi[hw->msi_count++] = f;
    return 0;
}

int dt_v2m(struct dt_walk *w)
{
    return add_msi(w, (struct hw_msi_frame){
                          .kind = HW_MSI_V2M,
                          .spi_base = dt_u32(w, DT_MSI_BASE_SPI, 0), /* despite its name an INTID */
                          .spi_count = dt_u32(w, DT_MSI_NUM_SPIS, 0),
                      });
}

int dt_its(struct dt_walk *w)
{
    return add_msi(w, (struct hw_msi_frame){
                          .kind = HW_MSI_ITS,
                          .noncoherent = dt_has(w, DT_DMA_NONCOHERENT),
                      });
}

int dt_timer(struct dt_walk *w)
{
    w->timer_irqs = dt_irqs_of(w);
    return 0;
}

int dt_psci(struct dt_walk *w)
{
    const char *method = dt_string(&w->prop[DT_METHOD], 0);

    if (method && strcmp(method, "hvc") == 0)
        w->hw->psci = HW_PSCI_HVC;
    else if (method && strcmp(method, "smc") == 0)
        w->hw->psci = HW_PSCI_SMC;
    else
        dt_odd(w, "method is neither hvc nor smc: the machine cannot be switched off");
    return 0;
}

struct dt_irqs dt_irqs_of(const struct dt_walk *w)
{
    return (struct dt_irqs){
        .list = w->prop[DT_INTERRUPTS],
        .extended = w->prop[DT_INTERRUPTS_EXTENDED],
        .names = w->prop[DT_INTERRUPT_NAMES],
        .parent = w->level[w->depth].irq_parent,
        .node = w->level[w->depth].name,
    };
}

/* The cells of entry `index`, when they are the GIC's; NULL otherwise. Entries of another
 * controller in interrupts-extended end the search: how long they are stands in that controller's
 * node. */
static const uint8_t *gic_entry(const struct dt_walk *w, const struct dt_irqs *q, unsigned index)
{
    const uint32_t phandle = w->hw->gic.phandle, cells = w->gic_cells;
    const bool extended = q->extended.data != NULL;
    const struct dt_prop *list = extended ? &q->extended : &q->list;
    const uint32_t stride = cells + extended;

    if (cells == 0 || (!extended && q->parent != phandle) || index >= list->len / DT_CELL / stride)
        return NULL;
    for (size_t i = 0; extended && i <= index; i++) {
        if (dt_cell(list->data, i * stride) != phandle)
            return NULL;
    }
    return list->data + DT_CELL * ((size_t)index * stride + extended);
}

int dt_irq(struct dt_walk *w, const struct dt_irqs *irqs, unsigned index, struct hw_irq *out)
{
    static const struct {
        uint32_t first, count;
    } types[] = {{GIC_SPI_FIRST, GIC_SPI_COUNT}, {GIC_PPI_FIRST, GIC_PPI_COUNT}};
    const uint8_t *entry = gic_entry(w, irqs, index);

    *out = (struct hw_irq){0};
    if (!entry)
        return 0;
    uint32_t type = dt_cell(entry, 0), number = dt_cell(entry, 1), flags = dt_cell(entry, 2);
    if (type >= ARRAY_SIZE(types) || number >= types[type].count)
        return dt_refuse(w, -RF_EINVAL, "%s: interrupt %u is <%u %u>, which no GIC has", irqs->node,
                         index, type, number);
    *out = (struct hw_irq){types[type].first + number, (flags & FLAGS_EDGE) != 0};
    return 0;
}

int dt_irq_named(struct dt_walk *w, const struct dt_irqs *irqs, const char *name,
                 struct hw_irq *out)
{
    const char *each;

    *out = (struct hw_irq){0};
    for (unsigned i = 0; (each = dt_string(&irqs->names, i)) != NULL; i++) {
        if (strcmp(each, name) == 0)
            return dt_irq(w, irqs, i, out);
    }
    return 0;
}

int dt_finish_timer(struct dt_walk *w)
{
    struct hw_irq irq;
    int err = w->timer_irqs.names.data ? dt_irq_named(w, &w->timer_irqs, "virt", &irq)
                                       : dt_irq(w, &w->timer_irqs, TIMER_VIRTUAL, &irq);

    if (!err)
        w->hw->timer_irq = irq.id;
    return err;
}

/* Where devices write. The registers of an ITS before that are for nobody but the kernel
 * (IHI 0069 12.19). */
static struct range doorbell_of(const struct hw_msi_frame *f)
{
    const uint64_t at = f->kind == HW_MSI_ITS ? ITS_TRANSLATION : 0;

    return (struct range){f->regs.start + at, f->regs.last};
}

static bool is_own(const struct hw_msi_frame *f, struct range r, struct range block)
{
    const struct range seen = {MAX(r.start, block.start), MIN(r.last, block.last)};

    return r.start == f->regs.start && r.last == f->regs.last &&
           range_contains(doorbell_of(f), seen);
}

static bool is_free(const struct hwdesc *hw, const struct hw_msi_frame *f, struct range block)
{
    for (unsigned i = 0; i < hw->region_count; i++) {
        struct range r = hw->region[i].r;

        if (range_overlaps(r, block) && !is_own(f, r, block))
            return false;
    }
    for (unsigned i = 0; i < hw->ram.count; i++) {
        if (range_overlaps(hw->ram.r[i], block))
            return false;
    }
    for (unsigned i = 0; i < hw->host_count; i++) {
        for (unsigned n = 0; n < hw->host[i].window_count; n++) {
            if (range_overlaps(hw->host[i].window[n].cpu, block))
                return false;
        }
    }
    return true;
}

static struct range block_around(uint64_t x, unsigned lg2)
{
    uint64_t start = align_down(x, UINT64_C(1) << lg2);

    return (struct range){start, start + ((UINT64_C(1) << lg2) - 1)};
}

/* Grows from one byte: a block that holds only a part of the frame is smaller than any doorbell
 * mapping, and says that there is no safe one. */
void dt_finish_msi(struct hwdesc *hw)
{
    for (struct hw_msi_frame *f = hw->msi; f < hw->msi + hw->msi_count; f++) {
        unsigned lg2 = 0;

        while (has_doorbell(f) && lg2 + 1 < 48 &&
               is_free(hw, f, block_around(doorbell_of(f).start, lg2 + 1)))
            lg2++;
        f->alone_lg2 = (uint8_t)lg2;
    }
}
