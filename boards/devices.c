/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "boards/driver.h"
#include "boards/groups.h"
#include "boards/windows.h"
#include "drivers/pci/ecam.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"

/* Words for the classes that people pass through; anything else is a "device". */
static const struct {
    uint32_t class_code, mask;
    const char *word;
} class_words[] = {
    {0x010802, 0xffffff, "nvme"},    {0x010601, 0xffffff, "ahci"},
    {0x010000, 0xff0000, "storage"}, {0x020000, 0xffff00, "ethernet"},
    {0x020000, 0xff0000, "net"},     {0x030000, 0xff0000, "display"},
    {0x040000, 0xff0000, "media"},   {0x060000, 0xffff00, "host"},
    {0x060400, 0xffff00, "bridge"},  {0x0c0330, 0xffffff, "xhci"},
    {0x120000, 0xff0000, "accel"},
};

static const char *class_word(uint32_t class_code)
{
    for (unsigned i = 0; i < ARRAY_SIZE(class_words); i++)
        if ((class_code & class_words[i].mask) == class_words[i].class_code)
            return class_words[i].word;
    return "device";
}

/* A bridge for which no bus number is left is named and shut: the rest can be used. */
static int scan(struct pci_host *host)
{
    int err = pci_scan(host);

    return err == -RF_ENOSPC ? 0 : err;
}

/* Where no function was found, one is asked for in the way that may end in an error on the bus: a
 * place where nothing answers at all is then explained (bus_error.c). */
static void check_empty(const struct pci_host *host, const struct mmio *ecam)
{
    if (host->dev_count == 0)
        (void)mmio_read32(ecam, REG32(0));
}

static struct pci_host *start_host(const struct machine *m, const struct hw_pci_host *hw)
{
    struct ecam_config cfg = {
        .name = hw->name,
        .ecam = map_or_stop(hw->ecam, hw->name),
        .segment = hw->segment,
        .bus_first = hw->bus_first,
        .bus_last = hw->bus_last,
        .other_roots = hw->other_roots,
        .window_count = hw->window_count,
    };
    struct pci_host *host;

    for (unsigned i = 0; i < hw->window_count; i++) {
        const struct hw_pci_window *w = &hw->window[i];

        cfg.window[i] = (struct pci_window){
            .space = (enum pci_space)w->kind,
            .prefetchable = w->prefetchable,
            .bus = {w->bus, w->bus + (w->cpu.last - w->cpu.start)},
            .offset = w->cpu.start - w->bus,
        };
    }
    if (ecam_create(&cfg, &host))
        stop("out of memory: the PCI host of %s", hw->name);
    vfs_ask(m, host);
    if (scan(host) || pci_assign(host))
        stop("the PCI devices of %s cannot be enumerated", hw->name);
    check_empty(host, &cfg.ecam);
    return host;
}

/* IOVAs that firmware keeps for the function. */
static int add_firmware_iovas(struct resv_list *l, const struct machine *m,
                              const struct hw_pci_host *hw, const struct pci_dev *d)
{
    int err = 0;

    for (unsigned i = 0; i < m->hw.iova_count && !err; i++) {
        const struct hw_iova *v = &m->hw.iova[i];

        if (hwdesc_iova_is_of(&m->hw, v, hw, d->rid))
            err = resv_add(l, v->iova, windows_type_of(v), v->name);
    }
    return err;
}

/* Every requester id of the function, on its unit, in its group: nobody else's, as groups_assign()
 * has joined all that share a stream. */
static const char *join_group(const struct machine *m, struct function *f,
                              const struct hw_pci_host *hw)
{
    struct place p[PLACES_MAX];

    for (unsigned i = groups_places(m, hw, f->pci, p); i-- > 0;) {
        if (p[i].iommu == HW_IOMMUS)
            return "no IOMMU covers it";
        if (!m->unit[p[i].iommu])
            return "its IOMMU is not driven";
        f->unit = m->unit[p[i].iommu];
        f->stream = p[i].stream;
        if (f->stream >> f->unit->caps.sid_bits)
            return "its stream id is beyond what the IOMMU has";
        if (iommu_group_add(f->group, f->unit, f->stream, f->label))
            stop("no room for the streams of %s", f->label);
    }
    return NULL;
}

/* Such a device would read what memory held before the kernel zeroed it in its cache, and the
 * workload would need memory that is not cached, which it has not. */
static const char *check_coherent(const struct hw_pci_host *hw)
{
    return hw->coherent ? NULL
                        : "its DMA does not see the CPU's caches (no dma-coherent in firmware's "
                          "description), which is not supported";
}

static unsigned vectors_of(const struct pci_dev *d)
{
    return MAX(d->msix.cap ? d->msix.count : 0u, d->msi.cap ? d->msi.count : 0u);
}

/* The function's interrupts, where an ITS tells devices apart. Behind a bridge that writes in the
 * name of its devices, the id is the bridge's, which comes last. */
static struct msi_controller *msi_of(const struct machine *m, const struct hw_pci_host *hw,
                                     const struct pci_dev *d)
{
    pci_rid_t rid[PLACES_MAX];
    unsigned n = pci_aliases(d, rid, PLACES_MAX);
    struct msi_controller *own = NULL;
    unsigned frame;
    uint32_t id;

    if (hwdesc_msi_of(&m->hw, hw, rid[n - 1], &frame, &id) || !m->msi[frame])
        return NULL;
    if (!m->msi[frame]->ops->for_device)
        return m->msi[frame];
    return m->msi[frame]->ops->for_device(m->msi[frame], id, vectors_of(d), &own) ? NULL : own;
}

/* Where interrupts are remapped, the function gets a controller of its own. */
static struct msi_controller *route_msi(const struct function *f, struct msi_controller *c)
{
    struct msi_controller *own = NULL;
    struct msi_source who;
    int err;

    if (!c || !f->unit || !f->unit->ops->msi_route)
        return c;
    pci_msi_ids(f->pci, &who.first, &who.last);
    err = f->unit->ops->msi_route(f->unit, who, c, &own);
    if (err == -RF_EOPNOTSUPP)
        return c;
    return err ? NULL : own;
}

/* Whoever drives a function that firmware goes on using could read and write firmware's memory. */
static const char *check_firmware(const struct machine *m, const struct hw_pci_host *hw,
                                  pci_rid_t rid)
{
    return hwdesc_firmware_uses(&m->hw, hw, rid) && !m->cmd.rmrr_identity
               ? "firmware goes on using it, through memory of its own (rmrr=identity opens that "
                 "to the workload)"
               : NULL;
}

/* A physical function configures its virtual ones, so it is never the workload's. */
static void keep_physical(struct function *f)
{
    f->owner = OWNER_KERNEL;
    f->why = "its virtual functions are offered in its place";
}

static void describe_function(const struct machine *m, struct function *f, unsigned host)
{
    const struct hw_pci_host *hw = &m->hw.host[host];
    struct pci_dev *d = f->pci;

    snprintf(f->label, sizeof(f->label), "%s %s", class_word(d->class_code), d->name);
    f->owner = d->is_bridge ? OWNER_KERNEL : OWNER_NOBODY;
    f->group = iommu_group_get(d->group);
    if (!f->group || windows_of_host(&f->group->windows, hw) ||
        add_firmware_iovas(&f->group->windows, m, hw, d))
        stop("no room for the group of %s and its reserved windows", f->label);
    f->why = join_group(m, f, hw);
    if (!f->why && !d->is_bridge)
        f->why = check_coherent(hw);
    if (!f->why && !d->is_bridge)
        f->why = check_firmware(m, hw, d->rid);
    if (!f->why && d->sriov.count)
        keep_physical(f);
    f->msi = route_msi(f, msi_of(m, hw, d));
}

static bool bridge_buses(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first, uint8_t *last)
{
    const struct machine *m = ctx;

    for (unsigned i = 0; i < m->hw.host_count; i++) {
        const struct pci_dev *d;

        TAILQ_FOREACH (d, &m->host[i]->devs, link) {
            if (d->rid != rid || !d->is_bridge || m->host[i]->segment != segment)
                continue;
            *first = d->bus_secondary;
            *last = d->bus_subordinate;
            return true;
        }
    }
    return false;
}

void devices_find(struct machine *m)
{
    unsigned total = 0;
    struct function *f;

    for (unsigned i = 0; i < m->hw.host_count; i++)
        m->host[i] = start_host(m, &m->hw.host[i]);
    vfs_enable(m);
    for (unsigned i = 0; i < m->hw.host_count; i++)
        total += m->host[i]->dev_count;
    hwdesc_resolve_scopes(&m->hw, bridge_buses, m);
    if (groups_assign(m, total))
        stop("out of memory: the groups of %u PCI functions", total);
    if (total == 0)
        return;
    f = heap_alloc(total * sizeof(*f));
    if (!f)
        stop("out of memory: %u PCI functions", total);
    m->function = f;
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        struct pci_dev *d;

        TAILQ_FOREACH (d, &m->host[i]->devs, link) {
            f->pci = d;
            describe_function(m, f, i);
            f++;
        }
    }
    m->function_count = total;
}
