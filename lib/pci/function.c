/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/function.h"

#include <stdio.h>

#include "arch/clock.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/pci/bar.h"
#include "lib/pci/caps.h"
#include "lib/pci/sriov.h"

#define D0_DELAY_US 10000 /* D3hot to D0 (5.9) */

/* Some host bridges give zeroes where nothing answers. */
bool pci_is_absent(struct pci_host *h, pci_rid_t rid)
{
    uint32_t vendor = h->ops->read(h, rid, PCI_VENDOR_ID, 2);

    return vendor == 0xffff || vendor == 0;
}

/* Decode of memory and I/O stays as it is: pci_assign switches it off before it looks at a BAR. */
void pci_stop_mastering(struct pci_host *h, pci_rid_t rid)
{
    uint32_t command = h->ops->read(h, rid, PCI_COMMAND, 2);

    command = (command & ~(uint32_t)PCI_COMMAND_MASTER) | (uint32_t)PCI_COMMAND_INTX;
    h->ops->write(h, rid, PCI_COMMAND, 2, command);
}

/* Controls that are cleared wherever the capability appears, also when it appears twice. Phantom
 * functions would send with requester ids of their own. */
struct quiet {
    uint16_t id;
    uint8_t offset;
    uint16_t bits;
};

static const struct quiet quiet_caps[] = {
    {PCI_CAP_ID_MSI, PCI_MSI_CTRL, PCI_MSI_ENABLE},
    {PCI_CAP_ID_MSIX, PCI_MSIX_CTRL, PCI_MSIX_ENABLE},
    {PCI_CAP_ID_PCIE, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_PHANTOM},
};

static const struct quiet quiet_ext_caps[] = {
    {PCI_EXT_CAP_ID_ATS, PCI_ATS_CTRL, PCI_ATS_ENABLE},
    {PCI_EXT_CAP_ID_PASID, PCI_PASID_CTRL, PCI_PASID_ENABLE},
    {PCI_EXT_CAP_ID_PRI, PCI_PRI_CTRL, PCI_PRI_ENABLE},
    {PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_CTRL, PCI_SRIOV_VF_ENABLE | PCI_SRIOV_VF_MEMORY},
};

static void quiet(const struct pci_dev *d, uint16_t at, uint16_t id, const struct quiet *q,
                  unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (q[i].id != id)
            continue;
        uint32_t ctrl = pci_read(d, at + q[i].offset, 2);
        if (ctrl & q[i].bits)
            pci_write(d, at + q[i].offset, 2, ctrl & ~(uint32_t)q[i].bits);
    }
}

static void read_msi(struct pci_dev *d, uint16_t at)
{
    uint32_t ctrl = pci_read(d, at + PCI_MSI_CTRL, 2);
    unsigned lg2 = (unsigned)FIELD_GET(PCI_MSI_MMC, ctrl);

    if (d->msi.cap || lg2 > 5 || at + pci_cap_size(d, at, PCI_CAP_ID_MSI) > PCI_CFG_COMPAT)
        return;
    d->msi = (struct pci_msi){
        .cap = at,
        .count = (uint8_t)(1u << lg2),
        .is_64 = (ctrl & PCI_MSI_64) != 0,
        .maskable = (ctrl & PCI_MSI_MASKABLE) != 0,
    };
}

/* Whether table and PBA lie inside their BARs is known when the BARs are: see assign.c. */
static void read_msix(struct pci_dev *d, uint16_t at)
{
    uint32_t ctrl = pci_read(d, at + PCI_MSIX_CTRL, 2);
    uint32_t table = pci_read(d, at + PCI_MSIX_TABLE, 4), pba = pci_read(d, at + PCI_MSIX_PBA, 4);

    if (d->msix.cap || at + 12u > PCI_CFG_COMPAT)
        return;
    if (FIELD_GET(PCI_MSIX_BIR, table) > 5 || FIELD_GET(PCI_MSIX_BIR, pba) > 5) {
        log_warn("%s: MSI-X names a BAR that does not exist", d->name);
        return;
    }
    d->msix = (struct pci_msix){
        .cap = at,
        .count = (uint16_t)(FIELD_GET(PCI_MSIX_SIZE, ctrl) + 1),
        .table_bar = (uint8_t)FIELD_GET(PCI_MSIX_BIR, table),
        .pba_bar = (uint8_t)FIELD_GET(PCI_MSIX_BIR, pba),
        .table_off = table & (uint32_t)PCI_MSIX_OFFSET,
        .pba_off = pba & (uint32_t)PCI_MSIX_OFFSET,
    };
}

static void read_pcie(struct pci_dev *d, uint16_t at)
{
    if (d->cap_pcie || at + 0x14u > PCI_CFG_COMPAT)
        return;
    d->cap_pcie = at;
    d->is_pcie = true;
    d->port_type = (uint8_t)FIELD_GET(PCI_EXP_FLAGS_TYPE, pci_read(d, at + PCI_EXP_FLAGS, 2));
    d->has_flr |= (pci_read(d, at + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR) != 0;
}

static void read_af(struct pci_dev *d, uint16_t at)
{
    const uint32_t both = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;

    if (d->cap_af || at + 6u > PCI_CFG_COMPAT || (pci_read(d, at + PCI_AF_CAP, 1) & both) != both)
        return;
    d->cap_af = at;
    d->has_flr = true;
}

/* D3hot hides the BARs. Leaving it may reset the function, so it comes before they are read. */
static void read_pm(struct pci_dev *d, uint16_t at)
{
    if (d->cap_pm || at + 8u > PCI_CFG_COMPAT)
        return;
    d->cap_pm = at;
    uint32_t ctrl = pci_read(d, at + PCI_PM_CTRL, 2);
    if (FIELD_GET(PCI_PM_STATE, ctrl) == 0)
        return;
    pci_write(d, at + PCI_PM_CTRL, 2, ctrl & ~(uint32_t)PCI_PM_STATE);
    clock_delay_us(D0_DELAY_US);
}

static const struct {
    uint8_t id;
    void (*read)(struct pci_dev *d, uint16_t at);
} cap_readers[] = {
    {PCI_CAP_ID_PM, read_pm},     {PCI_CAP_ID_MSI, read_msi}, {PCI_CAP_ID_PCIE, read_pcie},
    {PCI_CAP_ID_MSIX, read_msix}, {PCI_CAP_ID_AF, read_af},
};

static void read_caps(struct pci_dev *d)
{
    struct pci_cap_walk w = pci_caps(d);
    uint16_t id;

    while (pci_cap_next(&w, &id)) {
        quiet(d, w.at, id, quiet_caps, ARRAY_SIZE(quiet_caps));
        for (unsigned i = 0; i < ARRAY_SIZE(cap_readers); i++) {
            if (cap_readers[i].id == id)
                cap_readers[i].read(d, w.at);
        }
    }
}

static void read_ext_caps(struct pci_dev *d)
{
    const struct {
        uint16_t id;
        uint16_t *cap;
    } known[] = {
        {PCI_EXT_CAP_ID_ACS, &d->cap_acs}, {PCI_EXT_CAP_ID_ARI, &d->cap_ari},
        {PCI_EXT_CAP_ID_ATS, &d->cap_ats}, {PCI_EXT_CAP_ID_SRIOV, &d->cap_sriov},
        {PCI_EXT_CAP_ID_PRI, &d->cap_pri}, {PCI_EXT_CAP_ID_PASID, &d->cap_pasid},
    };
    struct pci_cap_walk w = pci_ext_caps(d);
    uint16_t id;

    while (pci_cap_next(&w, &id)) {
        quiet(d, w.at, id, quiet_ext_caps, ARRAY_SIZE(quiet_ext_caps));
        for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
            if (known[i].id == id && *known[i].cap == 0)
                *known[i].cap = w.at;
        }
    }
}

/* What a virtual function leaves to its physical function (9.3.4.1). It is no multi-function device
 * of its own, whatever its function number. */
static void read_vf_identity(struct pci_dev *d)
{
    d->vendor = d->pf->vendor;
    d->device = (uint16_t)pci_read(d->pf, d->pf->cap_sriov + PCI_SRIOV_DEVICE, 2);
    d->multifunction = false;
}

static void read_identity(struct pci_dev *d)
{
    uint8_t header = (uint8_t)pci_read(d, PCI_HEADER_TYPE, 1);

    d->vendor = (uint16_t)pci_read(d, PCI_VENDOR_ID, 2);
    d->device = (uint16_t)pci_read(d, PCI_DEVICE_ID, 2);
    d->revision = (uint8_t)pci_read(d, PCI_REVISION, 1);
    d->class_code = pci_read(d, PCI_REVISION, 4) >> 8;
    d->header_type = header & ~(uint8_t)PCI_HEADER_MULTI;
    d->multifunction = (header & PCI_HEADER_MULTI) || PCI_FN(d->rid) != 0;
    d->is_bridge = d->header_type == PCI_HEADER_BRIDGE;
    if (d->pf)
        read_vf_identity(d);
    if (d->header_type == PCI_HEADER_NORMAL) {
        d->subvendor = (uint16_t)pci_read(d, PCI_SUBVENDOR, 2);
        d->subdevice = (uint16_t)pci_read(d, PCI_SUBDEVICE, 2);
    } else if (!d->is_bridge) {
        log_warn("%s: header type 0x%x is not known: only its identity is read", d->name,
                 d->header_type);
    }
}

static struct pci_dev *take(struct pci_host *h, struct pci_dev *parent, pci_rid_t rid,
                            struct pci_dev *pf)
{
    struct pci_dev *d;

    pci_stop_mastering(h, rid);
    d = heap_alloc(sizeof(*d));
    if (!d)
        return NULL;
    d->host = h;
    d->parent = parent;
    d->pf = pf;
    d->rid = rid;
    snprintf(d->name, sizeof(d->name), "%04x:%02x:%02x.%x", h->segment, PCI_BUS(rid), PCI_DEV(rid),
             PCI_FN(rid));
    TAILQ_INSERT_TAIL(&h->devs, d, link);
    h->dev_count++;
    read_identity(d);
    read_caps(d);
    pci_stop_mastering(h, rid); /* once more: leaving D3hot may have reset it */
    read_ext_caps(d);
    return d;
}

struct pci_dev *pci_take(struct pci_host *h, struct pci_dev *parent, pci_rid_t rid)
{
    return take(h, parent, rid, NULL);
}

static struct pci_bar vf_bar(const struct pci_bar *first, unsigned n)
{
    struct pci_bar bar = *first;

    if (bar.present && paddr_valid(bar.cpu)) {
        bar.bus += n * bar.size;
        bar.cpu = paddr_add(bar.cpu, n * bar.size);
    }
    return bar;
}

struct pci_dev *pci_take_vf(struct pci_dev *pf, unsigned n)
{
    struct pci_dev *d = take(pf->host, pf->parent, pci_sriov_rid(pf, n), pf);

    for (unsigned i = 0; d && i < ARRAY_SIZE(d->bar); i++)
        d->bar[i] = vf_bar(&pf->sriov.bar[i], n);
    if (d)
        pci_check_msix(d);
    return d;
}

void pci_drop(struct pci_dev *d)
{
    TAILQ_REMOVE(&d->host->devs, d, link);
    d->host->dev_count--;
    heap_free(d);
}
