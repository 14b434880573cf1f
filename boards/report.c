/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "arch/cpu.h"
#include "boards/board.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"

#define VERSION "0.1"

static void report_machine(const struct machine *m)
{
    char cpu[96];

    cpu_describe(cpu, sizeof(cpu));
    log_printf("Ringfence " VERSION " on %s: %lu MiB RAM, 1 of %u CPUs used\n", m->hw.model,
               rammap_total(&m->hw.ram) / MIB(1), m->hw.cpu_count);
    log_printf("  cpu      %s\n", cpu);
}

/* A text of several lines, each below the first one's column. */
static void print_indented(const char *text)
{
    const char *end;

    for (; (end = strchr(text, '\n')) != NULL; text = end + 1)
        log_printf("%.*s\n           ", (int)(end - text), text);
    log_printf("%s\n", text);
}

static void report_units(const struct machine *m)
{
    char text[320];

    for (unsigned i = 0; i < m->hw.iommu_count; i++) {
        if (!m->unit[i])
            continue;
        m->driver[i]->describe(m->unit[i], text, sizeof(text));
        log_printf("  iommu    %s: ", m->hw.iommu[i].name);
        print_indented(text);
    }
}

static void report_irq(const struct machine *m)
{
    char text[320];

    if (!board.irq->describe)
        return;
    board.irq->describe(m, text, sizeof(text));
    log_printf("  irq      ");
    print_indented(text);
}

static const char *msi_words(const struct machine *m, const struct msi_controller *c)
{
    if (c->isolates)
        return "tells devices apart";
    for (unsigned i = 0; i < m->function_count; i++)
        if (m->function[i].msi && m->function[i].msi->isolates)
            return "tells devices apart by the IOMMU";
    return "cannot tell who rings: one workload owns every ringer";
}

static void report_msi(const struct machine *m)
{
    for (unsigned i = 0; i < m->hw.msi_count; i++) {
        const struct msi_controller *c = m->msi[i];

        if (!c)
            continue;
        log_printf("  msi      %s at 0x%lx: interrupts %u..%u; %s\n", c->name, c->base.v,
                   c->irq_first, c->irq_first + c->irq_count - 1, msi_words(m, c));
    }
}

static const char *const window_words[] = {"io", "mem32", "mem64"};

static void report_verdict(const struct dma_verdict *v)
{
    static const char *const words[] = {
        [DMA_UNTESTED] = "not tested: ",
        [DMA_PROVEN] = "proven by root port ",
        [DMA_REFUTED] = "refuted by root port ",
    };

    log_printf("             DMA through the IOMMU: %s%s\n", words[v->path],
               v->path == DMA_UNTESTED ? v->why : v->port->name);
}

static void report_hosts(const struct machine *m)
{
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        const struct hw_pci_host *h = &m->hw.host[i];

        log_printf("  pci      %s: segment %u, buses %u..%u, ECAM 0x%lx\n", h->name, h->segment,
                   h->bus_first, h->bus_last, h->ecam.start);
        for (unsigned w = 0; w < h->window_count; w++)
            log_printf("             %-5s bus 0x%lx..0x%lx at CPU 0x%lx\n",
                       window_words[h->window[w].kind], h->window[w].bus,
                       h->window[w].bus + (h->window[w].cpu.last - h->window[w].cpu.start),
                       h->window[w].cpu.start);
        report_verdict(&m->verdict[i]);
    }
}

static const char *const owner_words[] = {
    [OWNER_NOBODY] = "blocked",
    [OWNER_KERNEL] = "kernel",
    [OWNER_WORKLOAD] = "workload",
};

/* What is to be said of a function beside its owner; NULL: nothing. */
static const char *remark_on(const struct function *f)
{
    if (!f->why && f->owner == OWNER_WORKLOAD && !f->msi)
        return "no interrupts, firmware gives it no MSI frame that works";
    return f->why;
}

static void report_function(const struct function *f)
{
    const char *remark = remark_on(f);
    char stream[16] = "none";

    if (f->unit)
        snprintf(stream, sizeof(stream), "0x%x", f->stream);
    log_printf("  %-21s %04x:%04x  %06x  %-7s %5u  %s%s%s\n", f->label, f->pci->vendor,
               f->pci->device, f->pci->class_code, stream, f->group->id, owner_words[f->owner],
               remark ? ": " : "", remark ? remark : "");
}

static void report_functions(const struct machine *m)
{
    log_printf("  function              id         class   stream  group  owner\n");
    for (unsigned i = 0; i < m->function_count; i++)
        report_function(&m->function[i]);
}

/* The reserved windows of a group; SW_MSI is placed for each container among them, and printed
 * where it would go. */
static void report_windows(const struct resv_list *l)
{
    struct range aperture = {0, UINT64_MAX};
    struct range sw_msi;

    for (unsigned i = 0; i < l->count; i++)
        log_printf("  window   0x%lx..0x%lx %s (%s)\n", l->w[i].r.start, l->w[i].r.last,
                   resv_type_name(l->w[i].type), l->w[i].origin);
    if (resv_place_sw_msi(l, aperture, NULL, NULL, &sw_msi) == 0)
        log_printf("  window   0x%lx..0x%lx %s (doorbells)\n", sw_msi.start, sw_msi.last,
                   resv_type_name(RESV_SW_MSI));
}

static bool same_windows(const struct resv_list *a, const struct resv_list *b)
{
    unsigned i = 0;

    while (i < a->count && i < b->count && a->w[i].type == b->w[i].type &&
           a->w[i].r.start == b->w[i].r.start && a->w[i].r.last == b->w[i].r.last)
        i++;
    return i == a->count && i == b->count;
}

/* Most devices behind one host bridge have the same. */
static void report_all_windows(const struct machine *m)
{
    const struct resv_list *shown = NULL;

    for (unsigned i = 0; i < m->function_count; i++) {
        const struct function *f = &m->function[i];

        if (f->owner != OWNER_WORKLOAD || (shown && same_windows(&f->group->windows, shown)))
            continue;
        shown = &f->group->windows;
        report_windows(shown);
    }
}

void report_text(const struct machine *m)
{
    report_machine(m);
    report_irq(m);
    report_units(m);
    report_msi(m);
    report_hosts(m);
    report_all_windows(m);
    report_functions(m);
    vfs_report();
}

void report_print(const struct machine *m)
{
    if (m->cmd.report == REPORT_JSON)
        report_json(m);
    else if (m->cmd.report == REPORT_TEXT)
        report_text(m);
}
