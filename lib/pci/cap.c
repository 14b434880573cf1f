/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/caps.h"

#include "lib/base/log.h"

#define CAP_FIRST 0x40u /* capabilities lie behind the header (7.5.1.1.11) */

struct pci_cap_walk pci_caps(const struct pci_dev *d)
{
    struct pci_cap_walk w = {.dev = d};

    if (d->header_type <= PCI_HEADER_BRIDGE && (pci_read(d, PCI_STATUS, 2) & PCI_STATUS_CAPLIST))
        w.next = pci_read(d, PCI_CAP_POINTER, 1) & 0xfc;
    return w;
}

struct pci_cap_walk pci_ext_caps(const struct pci_dev *d)
{
    return (struct pci_cap_walk){
        .dev = d, .extended = true, .next = d->is_pcie ? PCI_EXT_CAP_FIRST : 0};
}

/* Both chains visit each 4 bytes at most once, which bounds them to 48 and 960 steps. */
static bool enter(struct pci_cap_walk *w)
{
    const unsigned word = w->next / 4u, first = w->extended ? PCI_EXT_CAP_FIRST : CAP_FIRST;

    if (w->next < first) {
        log_warn("%s: capability pointer 0x%x is inside the header", w->dev->name, w->next);
        return false;
    }
    if (w->seen[word / 64] & BIT(word % 64)) {
        log_warn("%s: the capability list loops at 0x%x", w->dev->name, w->next);
        return false;
    }
    w->seen[word / 64] |= BIT(word % 64);
    w->at = w->next;
    return true;
}

bool pci_cap_next(struct pci_cap_walk *w, uint16_t *id)
{
    if (w->next == 0 || !enter(w))
        return false;
    uint32_t header = pci_read(w->dev, w->at, 4);
    if (header == UINT32_MAX || (w->extended && header == 0)) /* no such function, or no list */
        return false;
    if (w->extended) {
        *id = (uint16_t)FIELD_GET(PCI_EXT_CAP_ID, header);
        w->next = FIELD_GET(PCI_EXT_CAP_NEXT, header) & 0xffc;
    } else {
        *id = header & 0xff;
        w->next = (header >> 8) & 0xfc;
    }
    return true;
}

static uint16_t find(struct pci_cap_walk w, uint16_t id)
{
    uint16_t each;

    while (pci_cap_next(&w, &each)) {
        if (each == id)
            return w.at;
    }
    return 0;
}

uint16_t pci_find_cap(const struct pci_dev *d, uint8_t id)
{
    return find(pci_caps(d), id);
}

uint16_t pci_find_ext_cap(const struct pci_dev *d, uint16_t id)
{
    return find(pci_ext_caps(d), id);
}

static unsigned msi_size(const struct pci_dev *d, uint16_t off)
{
    uint32_t ctrl = pci_read(d, off + PCI_MSI_CTRL, 2);
    unsigned mask = PCI_MSI_MASKS((ctrl & PCI_MSI_64) != 0);

    return (ctrl & PCI_MSI_MASKABLE) ? mask + 8 : mask - 2;
}

/* Version 1 ends where the port type has no more registers (7.5.3); version 2 has them all. */
static unsigned pcie_size(const struct pci_dev *d, uint16_t off)
{
    uint32_t flags = pci_read(d, off + PCI_EXP_FLAGS, 2);

    if (FIELD_GET(PCI_EXP_FLAGS_VERSION, flags) > 1)
        return 0x3c;
    switch (FIELD_GET(PCI_EXP_FLAGS_TYPE, flags)) {
    case PCI_PORT_ROOT:
    case PCI_PORT_RC_EVENT:
        return 0x24;
    case PCI_PORT_RC_ENDPOINT:
        return 0x0c;
    case PCI_PORT_DOWNSTREAM:
        return 0x1c;
    default:
        return 0x14;
    }
}

static unsigned vendor_size(const struct pci_dev *d, uint16_t off)
{
    return MAX(pci_read(d, off + 2, 1), 3u);
}

static const struct {
    uint8_t id, size;
    unsigned (*measure)(const struct pci_dev *d, uint16_t off);
} cap_sizes[] = {
    {PCI_CAP_ID_PM, 8, NULL},      {PCI_CAP_ID_VPD, 8, NULL},
    {PCI_CAP_ID_MSI, 0, msi_size}, {PCI_CAP_ID_VENDOR, 0, vendor_size},
    {PCI_CAP_ID_SSVID, 8, NULL},   {PCI_CAP_ID_PCIE, 0, pcie_size},
    {PCI_CAP_ID_MSIX, 12, NULL},   {PCI_CAP_ID_AF, 6, NULL},
};

unsigned pci_cap_size(const struct pci_dev *d, uint16_t off, uint8_t id)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cap_sizes); i++) {
        if (cap_sizes[i].id != id || off >= PCI_CFG_COMPAT)
            continue;
        unsigned size = cap_sizes[i].measure ? cap_sizes[i].measure(d, off) : cap_sizes[i].size;
        return MIN(size, PCI_CFG_COMPAT - off);
    }
    return 0;
}
