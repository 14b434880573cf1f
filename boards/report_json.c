/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"
#include "lib/base/log.h"

/* One line, one object. Addresses are strings in hex, "end" is inclusive. */

static void put_string(const char *s)
{
    log_printf("\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\')
            log_printf("\\%c", c);
        else if (c < 0x20)
            log_printf("\\u%04x", c);
        else
            log_raw(s, 1);
    }
    log_printf("\"");
}

static void put_member(const char *name, const char *value)
{
    log_printf("\"%s\":", name);
    put_string(value);
}

static void put_iommus(const struct machine *m)
{
    const char *comma = "";

    for (unsigned i = 0; i < m->hw.iommu_count; i++) {
        const struct iommu_unit *u = m->unit[i];

        if (!u)
            continue;
        log_printf("%s{\"kind\":\"%s\",", comma, m->driver[i]->name);
        put_member("name", u->name);
        log_printf(",\"base\":\"0x%lx\",\"coherent\":%s,\"ias\":%u,\"oas\":%u,\"granules\":%lu,"
                   "\"sid_bits\":%u,\"asid_bits\":%u,\"irqs\":[%u,%u,%u,%u]}",
                   m->hw.iommu[i].regs.start, u->caps.coherent ? "true" : "false", u->caps.ias,
                   u->caps.oas, u->caps.granules, u->caps.sid_bits, u->caps.asid_bits,
                   m->hw.iommu[i].eventq.id, m->hw.iommu[i].gerror.id, m->hw.iommu[i].priq.id,
                   m->hw.iommu[i].cmdq_sync.id);
        comma = ",";
    }
}

static const char *const msi_words[] = {
    [HW_MSI_V2M] = "gicv2m",
    [HW_MSI_ITS] = "its",
    [HW_MSI_LAPIC] = "lapic",
};

static void put_msis(const struct machine *m)
{
    const char *comma = "";

    for (unsigned i = 0; i < m->hw.msi_count; i++) {
        const struct msi_controller *c = m->msi[i];

        if (!c)
            continue;
        log_printf("%s{\"kind\":\"%s\",\"base\":\"0x%lx\",\"spi_base\":%u,\"spi_count\":%u,"
                   "\"isolates\":%s}",
                   comma, msi_words[m->hw.msi[i].kind], c->base.v, c->irq_first, c->irq_count,
                   c->isolates ? "true" : "false");
        comma = ",";
    }
}

static const char *const path_words[] = {
    [DMA_UNTESTED] = "untested",
    [DMA_PROVEN] = "proven",
    [DMA_REFUTED] = "refuted",
};

static void put_hosts(const struct machine *m)
{
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        const struct hw_pci_host *h = &m->hw.host[i];

        log_printf("%s{\"segment\":%u,\"bus_start\":%u,\"bus_end\":%u,\"ecam\":\"0x%lx\","
                   "\"dma_path\":\"%s\"}",
                   i ? "," : "", h->segment, h->bus_first, h->bus_last, h->ecam.start,
                   path_words[m->verdict[i].path]);
    }
}

static void put_windows(const struct resv_list *l)
{
    for (unsigned i = 0; i < l->count; i++)
        log_printf("%s{\"start\":\"0x%lx\",\"end\":\"0x%lx\",\"type\":\"%s\",\"origin\":\"%s\"}",
                   i ? "," : "", l->w[i].r.start, l->w[i].r.last, resv_type_name(l->w[i].type),
                   l->w[i].origin);
}

static const char *const owner_words[] = {
    [OWNER_NOBODY] = "nobody",
    [OWNER_KERNEL] = "kernel",
    [OWNER_WORKLOAD] = "workload",
};

static void put_function(const struct function *f)
{
    log_printf("{\"rid\":\"%s\",\"vendor\":\"%04x\",\"device\":\"%04x\",\"class\":\"%06x\",",
               f->pci->name, f->pci->vendor, f->pci->device, f->pci->class_code);
    if (f->pci->pf) {
        put_member("pf", f->pci->pf->name);
        log_printf(",");
    }
    if (f->unit)
        log_printf("\"stream\":%u,", f->stream);
    log_printf("\"group\":%u,\"owner\":\"%s\",", f->group->id, owner_words[f->owner]);
    if (f->why) {
        put_member("why", f->why);
        log_printf(",");
    }
    log_printf("\"reserved\":[");
    put_windows(&f->group->windows);
    log_printf("]}");
}

static const char *const psci_words[] = {
    [HW_PSCI_NONE] = "none",
    [HW_PSCI_HVC] = "hvc",
    [HW_PSCI_SMC] = "smc",
};

/* What AArch64 machines tell; others leave it out. */
static void put_platform(const struct hwdesc *hw)
{
    if (hw->gic.version == 0)
        return;
    log_printf(",\"gic\":{\"version\":%u,\"dist\":\"0x%lx\",\"cpu\":\"0x%lx\"},"
               "\"timer_irq\":%u,\"psci\":\"%s\",\"console\":\"0x%lx\"",
               hw->gic.version, hw->gic.dist.start, hw->gic.cpu.start, hw->timer_irq,
               psci_words[hw->psci], hw->uart.regs.start);
}

void report_json(const struct machine *m)
{
    log_printf("{");
    put_member("machine", m->hw.model);
    log_printf(",\"ram_bytes\":%lu,\"cpus\":%u", rammap_total(&m->hw.ram), m->hw.cpu_count);
    put_platform(&m->hw);
    log_printf(",\"iommus\":[");
    put_iommus(m);
    log_printf("],\"msi\":[");
    put_msis(m);
    log_printf("],\"pci_hosts\":[");
    put_hosts(m);
    log_printf("],\"functions\":[");
    for (unsigned i = 0; i < m->function_count; i++) {
        if (i)
            log_printf(",");
        put_function(&m->function[i]);
    }
    log_printf("]}\n");
}
