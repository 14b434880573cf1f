/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/config.h"

/* Which bits of configuration space the workload reads from where, and which it may write. */

struct rule {
    uint8_t off; /* of the dword, in the header or in its capability */
    uint32_t virt;
    uint32_t write;
    uint32_t keep; /* bits of virt that start as the device has them; the others start at 0 */
    uint32_t set;  /* bits of virt that start at 1 */
};

/* The command register is the kernel's: decode of I/O ports is not offered, pin interrupts stay
 * disabled. Status bits 15:11 and 8 are cleared by writing 1 (7.5.1.1.4): all such bits of a dword
 * are the workload's, so that a 1 goes out only where it wrote one. */
#define COMMAND_MINE  (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX)
#define STATUS_CLEARS 0xf9000000u

static const struct rule header_rules[] = {
    {.off = PCI_COMMAND,
     .virt = COMMAND_MINE | PCI_COMMAND_IO,
     .write = COMMAND_MINE | STATUS_CLEARS,
     .keep = PCI_COMMAND_MEMORY},
    {.off = PCI_CACHE_LINE, .virt = 0xffff, .write = 0xffff, .keep = 0xffff},
    {.off = PCI_ROM, .virt = UINT32_MAX},                 /* the ROM is not offered */
    {.off = PCI_INT_LINE, .virt = 0xffff, .write = 0xff}, /* no pin: reads 0 */
};

/* Of a virtual function: its ids read as all ones in the device, and decode of its memory is not
 * its own (PCI Express 5.0 9.3.4.1.1, 9.3.4.1.3). */
static const struct rule vf_rules[] = {
    {.off = PCI_VENDOR_ID, .virt = UINT32_MAX},
    {.off = PCI_COMMAND, .set = PCI_COMMAND_MEMORY},
};

/* The function stays in D0. D3hot is only played: BARs do not answer, and bus mastering is off.
 * No_Soft_Reset says that leaving it loses nothing, which is then true. Power management events, D1
 * and D2 are not offered. */
static const struct rule pm_rules[] = {
    {.off = 0x00, .virt = 0xfe000000},
    {.off = PCI_PM_CTRL, .virt = UINT32_MAX, .write = PCI_PM_STATE, .set = PCI_PM_NO_SOFT_RESET},
};

/* Of Device Control the device itself gets Relaxed Ordering, Extended Tag and
 * Max_Read_Request_Size. Max_Payload_Size and error reporting concern the ports above: remembered
 * only. Phantom Functions would give it requester ids of other functions; with No Snoop it would
 * read behind the CPU's caches: both read-only. FLR becomes a reset by this kernel. Device Status
 * bits 6 and 3:0 are cleared by writing 1. */
#define DEVCTL_DEVICE  (BIT(4) | BIT(8) | MASK(14, 12))
#define DEVCTL_VIRTUAL (MASK(3, 0) | MASK(7, 5) | PCI_EXP_DEVCTL_FLR)
#define DEVSTA_CLEARS  0x004f0000u

static const struct rule pcie_rules[] = {
    {.off = PCI_EXP_DEVCTL,
     .virt = DEVCTL_VIRTUAL,
     .write = DEVCTL_DEVICE | DEVCTL_VIRTUAL | DEVSTA_CLEARS,
     .keep = MASK(3, 0) | MASK(7, 5)},
};

static const struct rule af_rules[] = {
    {.off = PCI_AF_CTRL, .virt = 0xff, .write = PCI_AF_CTRL_FLR},
};

/* MSI is enabled by VFIO_DEVICE_SET_IRQS only. What the workload writes to the capability is
 * remembered and reaches nothing; the pending bits are the device's. */
#define MSI_CONTROL_WRITE (BIT(16) | MASK(22, 20)) /* MSI Enable, Multiple Message Enable */

static void put(struct vfio_config_dword *dword, const struct rule *r, uint32_t hardware)
{
    dword->virt |= r->virt;
    dword->write |= r->write;
    dword->value = (dword->value & ~r->virt) | (hardware & r->keep) | r->set;
}

static void apply(struct vfio_config *cfg, const struct pci_dev *pci, unsigned base,
                  const struct rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned off = base + rules[i].off;

        if (off < cfg->size)
            put(&cfg->dword[off / 4], &rules[i], pci_read(pci, off, 4));
    }
}

static void apply_cap(struct vfio_config *cfg, const struct pci_dev *pci, unsigned cap,
                      const struct rule *rules, size_t n)
{
    if (cap)
        apply(cfg, pci, cap, rules, n);
}

static void build_vf(struct vfio_config *cfg, const struct pci_dev *pci)
{
    if (!pci->pf)
        return;
    apply(cfg, pci, 0, vf_rules, ARRAY_SIZE(vf_rules));
    cfg->dword[0].value = (uint32_t)pci->device << 16 | pci->vendor;
}

/* --- BARs ------------------------------------------------------------------------------------ */

/* A BAR's value belongs to the workload, so that it can size it; the device's own never moves. */
static void put_bar(struct vfio_config *cfg, unsigned n, uint32_t value, uint32_t write)
{
    cfg->dword[PCI_BAR(n) / 4] =
        (struct vfio_config_dword){.virt = UINT32_MAX, .write = write, .value = value};
}

#define BAR_TYPE_64      BIT(2)
#define BAR_PREFETCHABLE BIT(3)

/* I/O BARs read as unimplemented. */
static void build_bars(struct vfio_config *cfg, const struct pci_dev *pci)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pci->bar); i++) {
        const struct pci_bar *bar = &pci->bar[i];
        uint64_t write = ~(bar->size - 1);
        uint32_t flags =
            (bar->is_64 ? BAR_TYPE_64 : 0) | (bar->prefetchable ? BAR_PREFETCHABLE : 0);

        if (!bar->present || bar->io) {
            put_bar(cfg, i, 0, 0);
            continue;
        }
        put_bar(cfg, i, (uint32_t)bar->bus | flags, (uint32_t)write & ~0xfu);
        if (bar->is_64 && i + 1 < ARRAY_SIZE(pci->bar)) {
            i++;
            put_bar(cfg, i, (uint32_t)(bar->bus >> 32), (uint32_t)(write >> 32));
        }
    }
}

/* --- MSI ------------------------------------------------------------------------------------- */

static void build_msi(struct vfio_config *cfg, const struct pci_dev *pci)
{
    const struct pci_msi *msi = &pci->msi;
    const struct rule control = {.virt = MSI_CONTROL_WRITE, .write = MSI_CONTROL_WRITE};
    const struct rule stored = {.virt = UINT32_MAX, .write = UINT32_MAX};
    unsigned dwords = 2u + msi->is_64 + msi->maskable; /* address, data, mask */

    if (msi->cap == 0)
        return;
    apply(cfg, pci, msi->cap, &control, 1);
    for (unsigned i = 1; i <= dwords; i++)
        apply(cfg, pci, msi->cap + 4 * i, &stored, 1);
}

/* --- Extended capabilities ------------------------------------------------------------------- */

/* What changes how requests are routed or translated is the kernel's: the workload does not even
 * see it. Sizes are those of the fixed part. */
static const struct {
    uint16_t id;
    uint8_t size;
} hidden[] = {
    {PCI_EXT_CAP_ID_ACS, 8},  {PCI_EXT_CAP_ID_ATS, 8},   {PCI_EXT_CAP_ID_SRIOV, 64},
    {PCI_EXT_CAP_ID_PRI, 16}, {PCI_EXT_CAP_ID_PASID, 8},
};

#define EXT_CAP_MAX ((PCI_CFG_SIZE - PCI_EXT_CAP_FIRST) / 8)

static unsigned hidden_size(uint32_t header)
{
    for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
        if (hidden[i].id == FIELD_GET(PCI_EXT_CAP_ID, header))
            return hidden[i].size;
    }
    return 0;
}

/* Reads as 0, which as a header is the null capability that ends the chain. */
static void hide(struct vfio_config *cfg, unsigned off, unsigned size)
{
    for (; size != 0 && off < cfg->size; off += 4, size -= 4)
        cfg->dword[off / 4] = (struct vfio_config_dword){.virt = UINT32_MAX};
}

/* Makes the capability at `off` point to `next`. */
static void link_to(struct vfio_config *cfg, unsigned off, unsigned next)
{
    struct vfio_config_dword *header = &cfg->dword[off / 4];

    header->virt |= PCI_EXT_CAP_NEXT;
    header->value = (uint32_t)FIELD_SET(header->value, PCI_EXT_CAP_NEXT, next);
}

/* Walks the chain as the device has it, and links each visible capability to the next visible one.
 * The first header stays, if need be as a null capability, because the chain has to start there. */
static void build_ext_caps(struct vfio_config *cfg, const struct pci_dev *pci)
{
    unsigned off = PCI_EXT_CAP_FIRST, visible = PCI_EXT_CAP_FIRST;

    for (unsigned i = 0; i < EXT_CAP_MAX && off >= PCI_EXT_CAP_FIRST && off < cfg->size; i++) {
        uint32_t header = pci_read(pci, off, 4);
        unsigned size = hidden_size(header);

        if (header == 0 || header == UINT32_MAX)
            break;
        if (size)
            hide(cfg, off, size);
        else
            visible = off;
        off = FIELD_GET(PCI_EXT_CAP_NEXT, header) & ~3u;
        link_to(cfg, visible, off);
    }
}

void vfio_config_build(struct vfio_config *cfg, const struct pci_dev *pci)
{
    cfg->size = pci->is_pcie ? PCI_CFG_SIZE : PCI_CFG_COMPAT;
    apply(cfg, pci, 0, header_rules, ARRAY_SIZE(header_rules));
    build_vf(cfg, pci);
    build_bars(cfg, pci);
    apply_cap(cfg, pci, pci->cap_pm, pm_rules, ARRAY_SIZE(pm_rules));
    apply_cap(cfg, pci, pci->cap_pcie, pcie_rules, ARRAY_SIZE(pcie_rules));
    apply_cap(cfg, pci, pci->cap_af, af_rules, ARRAY_SIZE(af_rules));
    build_msi(cfg, pci);
    build_ext_caps(cfg, pci);
}
