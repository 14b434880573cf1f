/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/driver.h"
#include "drivers/net/igb_pf/igb_pf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

/* Virtual functions: which were asked for, and who tends their physical functions. */

static struct pci_vf_wish wishes[CMDLINE_VFS];

static bool is_on(const struct cmdline_vfs *v, const struct pci_host *host)
{
    return v->segment == host->segment && PCI_BUS(v->rid) >= host->bus_first &&
           PCI_BUS(v->rid) <= host->bus_last;
}

/* Buses of a segment are of one host each, so all wishes together fit. */
void vfs_ask(const struct machine *m, struct pci_host *host)
{
    static unsigned used;

    host->wish = &wishes[used];
    for (unsigned i = 0; i < m->cmd.vfs_count; i++) {
        const struct cmdline_vfs *v = &m->cmd.vfs[i];

        if (is_on(v, host))
            host->wish[host->wish_count++] = (struct pci_vf_wish){.pf = v->rid, .count = v->count};
    }
    used += host->wish_count;
}

static struct pci_dev *find(const struct machine *m, const struct cmdline_vfs *v)
{
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        struct pci_dev *d;

        TAILQ_FOREACH (d, &m->host[i]->devs, link) {
            if (d->rid == v->rid && d->host->segment == v->segment)
                return d;
        }
    }
    return NULL;
}

static struct pci_vf_wish *wish_of(const struct pci_dev *pf)
{
    struct pci_vf_wish *w = pf->host->wish;

    while (w->pf != pf->rid)
        w++;
    return w;
}

void vfs_enable(const struct machine *m)
{
    for (unsigned i = 0; i < m->cmd.vfs_count; i++) {
        const struct cmdline_vfs *v = &m->cmd.vfs[i];
        struct pci_dev *pf = find(m, v);
        struct pci_vf_wish *w;

        if (!pf)
            stop("vfs=%s: there is no such PCI function", v->device);
        w = wish_of(pf);
        if (w->why[0] || pci_sriov_enable(pf, w))
            stop("vfs=%s=%u cannot be: %s", v->device, v->count, w->why);
    }
}

/* --- physical functions ---------------------------------------------------------------------- */

static struct agent {
    const struct function *function;
    struct igb_pf *igb; /* NULL: nothing here knows the device */
} agents[CMDLINE_VFS];
static unsigned agent_count;

static bool is_igb(const struct pci_dev *pf)
{
    return pf->vendor == IGB_PF_VENDOR && pf->device == IGB_PF_DEVICE &&
           paddr_valid(pf->bar[0].cpu);
}

/* An 82576, as QEMU has it, lets its VFs receive only while it masters the bus itself. It has
 * nothing to read or write, and if it did: its stream is denied. */
static void start_igb(struct agent *a)
{
    const struct pci_dev *pf = a->function->pci;
    const struct pci_bar *bar = &pf->bar[0];
    struct igb_pf_config cfg = {
        .name = pf->name,
        .regs = map_or_stop((struct range){bar->cpu.v, bar->cpu.v + (bar->size - 1)}, pf->name),
        .vfs = pf->sriov.count,
    };
    int err = igb_pf_start(&cfg, &a->igb);

    if (err)
        stop("vfs=%s: the physical function does not start (%s)", pf->name, err_name(err));
    pci_set_bus_master(pf, true);
}

void vfs_start(struct machine *m)
{
    for (unsigned i = 0; i < m->function_count; i++) {
        const struct function *f = &m->function[i];

        if (f->pci->sriov.count == 0 || f->owner != OWNER_KERNEL)
            continue;
        agents[agent_count] = (struct agent){.function = f};
        if (is_igb(f->pci))
            start_igb(&agents[agent_count]);
        agent_count++;
    }
}

void vfs_poll(void)
{
    for (unsigned i = 0; i < agent_count; i++)
        if (agents[i].igb)
            igb_pf_poll(agents[i].igb);
}

void vfs_stop(void)
{
    for (unsigned i = 0; i < agent_count; i++) {
        pci_set_bus_master(agents[i].function->pci, false);
        if (agents[i].igb)
            igb_pf_stop(agents[i].igb);
    }
    agent_count = 0;
}

static void report_macs(const struct agent *a)
{
    for (unsigned n = 0; n < a->function->pci->sriov.count; n++) {
        const uint8_t *mac = igb_pf_mac(a->igb, n);

        log_printf("%s VF %u %02x:%02x:%02x:%02x:%02x:%02x", n ? "," : "", n, mac[0], mac[1],
                   mac[2], mac[3], mac[4], mac[5]);
    }
}

void vfs_report(void)
{
    for (unsigned i = 0; i < agent_count; i++) {
        const struct agent *a = &agents[i];

        log_printf("  vfs      %s, its own DMA denied:", a->function->pci->name);
        if (a->igb)
            report_macs(a);
        else
            log_printf(" nothing here tends it, its virtual functions are on their own");
        log_printf("\n");
    }
}
