/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* Configuration space: which bits the workload reads, which it writes, and what the function sees.
 * The function lets everything above the header be written, so what it does not see was stopped. */

#define COMMAND_MINE (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX)

static uint8_t before[PCI_CFG_SIZE];

static void snapshot(void)
{
    memcpy(before, fn.cfg, sizeof(before));
}

/* Bits of the function's dword that differ from the snapshot. */
static uint32_t changed(unsigned off)
{
    return cfg_get(before, off, 4) ^ cfg_get(fn.cfg, off, 4);
}

/* ---- the matrix --------------------------------------------------------------------------- */

/* What the workload can change: in the function, and in its own view only. A dword that is not here
 * is read-only. */
static const struct {
    unsigned off;
    uint32_t device, view;
} matrix[] = {
    {PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, COMMAND_MINE},
    {PCI_CACHE_LINE, 0, 0xffff},
    {PCI_BAR(0), 0, ~(BAR0_SIZE - 1)},
    {PCI_BAR(1), 0, UINT32_MAX},
    {PCI_BAR(2), 0, ~0xffu},
    {PCI_BAR(4), 0, 0xfff00000},
    {PCI_BAR(5), 0, UINT32_MAX},
    {PCI_INT_LINE, 0, 0xff},
    {CAP_PM + PCI_PM_CTRL, 0, 0x3},
    {CAP_MSI, 0, 0x00710000},
    {CAP_MSI + 4, 0, UINT32_MAX},
    {CAP_MSI + 8, 0, UINT32_MAX},
    {CAP_MSI + 12, 0, UINT32_MAX},
    {CAP_MSI + 16, 0, UINT32_MAX},
    {CAP_PCIE + PCI_EXP_DEVCTL, 0x7110, 0x71ff},
};

/* The bits that a write of one bit, or its inverse, changed; FLR is a test of its own. */
static void try_bit(unsigned off, uint32_t bit, uint32_t *device, uint32_t *view)
{
    uint32_t was = config_read(off, 4), now = was ^ bit;

    if (off == CAP_PCIE + PCI_EXP_DEVCTL && bit == PCI_EXP_DEVCTL_FLR)
        return;
    if (off == CAP_AF + PCI_AF_CTRL && bit == PCI_AF_CTRL_FLR)
        return;
    if (off == CAP_PM + PCI_PM_CTRL && bit < 4)
        now |= 3; /* D1 and D2 are no states of it */
    snapshot();
    config_write(off, 4, now);
    *view |= config_read(off, 4) ^ was;
    for (unsigned at = 0; at < PCI_CFG_SIZE; at += 4) {
        if (at == off)
            *device |= changed(at);
        else if (at != PCI_COMMAND) /* D3hot takes bus mastering off */
            assert_int_equal(changed(at), 0);
    }
    config_write(off, 4, was);
}

static void every_bit(void **state)
{
    size_t row = 0;

    (void)state;
    for (unsigned off = 0; off < PCI_CFG_SIZE; off += 4) {
        bool listed = row < ARRAY_SIZE(matrix) && matrix[row].off == off;
        uint32_t device = 0, view = 0;

        for (unsigned i = 0; i < 32; i++)
            try_bit(off, 1u << i, &device, &view);
        if (device != (listed ? matrix[row].device : 0) || view != (listed ? matrix[row].view : 0))
            fail_msg("0x%x: device 0x%x, view 0x%x", off, device, view);
        row += listed;
    }
    assert_int_equal(row, ARRAY_SIZE(matrix));
    assert_int_equal(fn.resets, 1); /* that of the open */
}

/* Single bytes and halves have the rights of their part of the dword. */
static void narrow_accesses(void **state)
{
    (void)state;
    config_write(PCI_COMMAND + 1, 1, 0xff);
    assert_int_equal(config_read(PCI_COMMAND, 2), PCI_COMMAND_MEMORY | PCI_COMMAND_INTX);
    config_write(PCI_COMMAND, 1, PCI_COMMAND_MASTER);
    assert_int_equal(config_read(PCI_COMMAND, 2), PCI_COMMAND_MASTER | PCI_COMMAND_INTX);
    config_write(PCI_BAR(0) + 3, 1, 0xee);
    assert_int_equal(config_read(PCI_BAR(0) + 3, 1), 0xee);
    assert_int_equal(config_read(PCI_BAR(0), 4), (BAR0 & 0xffffff) | 0xee000004);
    config_write(CAP_PCIE + PCI_EXP_DEVCTL + 1, 1, 0x51);
    assert_int_equal(cfg_get(fn.cfg, CAP_PCIE + PCI_EXP_DEVCTL, 2), 0x5110);
}

/* ---- reads -------------------------------------------------------------------------------- */

static void identity(void **state)
{
    (void)state;
    assert_int_equal(config_read(PCI_VENDOR_ID, 4), 0x00101b36);
    assert_int_equal(config_read(PCI_REVISION, 4), 0x01080202);
    assert_int_equal(config_read(PCI_STATUS, 2), PCI_STATUS_CAPLIST);
    assert_int_equal(config_read(PCI_CAP_POINTER, 1), CAP_PM);
    assert_int_equal(config_read(CAP_MSIX + 2, 2), VECTORS - 1);
    assert_int_equal(config_read(CAP_MSIX + 4, 4), BAR0_TABLE);
    assert_int_equal(config_read(PCI_INT_PIN, 1), 0);     /* INTx is not offered */
    assert_int_equal(config_read(CAP_PM + 2, 2), 0x0003); /* no PME, D1, D2 */
}

static void command_at_open(void **state)
{
    (void)state;
    assert_int_equal(config_read(PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
    assert_int_equal(cfg_get(fn.cfg, PCI_COMMAND, 2) & (COMMAND_MINE | PCI_COMMAND_IO),
                     PCI_COMMAND_MEMORY | PCI_COMMAND_INTX);
    assert_int_equal(cfg_get(fn.cfg, CAP_PCIE + PCI_EXP_DEVCTL, 2) & BIT(11), 0); /* No Snoop */
}

/* VF-BARS: sized in the usual way, while the function's own registers stay. */
static void bar_sizing(void **state)
{
    static const struct {
        unsigned bar;
        uint32_t at_open, sized;
    } rows[] = {
        {0, BAR0 | 4, 0xffffc004},
        {1, 0, 0xffffffff},
        {2, BAR2, 0xffffff00},
        {3, 0, 0},
        {4, (uint32_t)BAR4 | 0xc, 0xfff0000c},
        {5, 0, 0xffffffff},
    };

    (void)state;
    snapshot();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned off = PCI_BAR(rows[i].bar);

        assert_int_equal(config_read(off, 4), rows[i].at_open);
        config_write(off, 4, UINT32_MAX);
        assert_int_equal(config_read(off, 4), rows[i].sized);
        assert_int_equal(changed(off), 0);
    }
    config_write(PCI_ROM, 4, 0xfffff800);
    assert_int_equal(config_read(PCI_ROM, 4), 0);
}

static void io_bars_are_absent(void **state)
{
    struct vfio_config cfg = {0};

    (void)state;
    pci_fn.bar[2].io = true;
    vfio_config_build(&cfg, &pci_fn);
    assert_int_equal(cfg.dword[PCI_BAR(2) / 4].value, 0);
    assert_int_equal(cfg.dword[PCI_BAR(2) / 4].write, 0);
}

/* What changes translation or routing is not in the chain and reads as 0: ACS, ATS, SR-IOV. */
static void hidden_capabilities(void **state)
{
    unsigned off = EXT_AER, seen = 0;

    (void)state;
    memset(fn.cfg + EXT_ATS + 4, 0xff, 4);
    for (; off; off = config_read(off, 4) >> 20, seen++)
        assert_true(off == EXT_AER || off == EXT_SERIAL);
    assert_int_equal(seen, 2);
    for (off = EXT_ACS; off < EXT_SERIAL; off += 4) {
        if (off == EXT_SRIOV + 64)
            break;
        assert_int_equal(config_read(off, 4), 0);
    }
}

/* The chain has to start at 0x100: a hidden first capability becomes the null capability. */
static void hidden_first_capability(void **state)
{
    static struct vfio_config cfg;

    (void)state;
    memset(&cfg, 0, sizeof(cfg));
    fn_ext_cap(EXT_AER, PCI_EXT_CAP_ID_PASID, EXT_SERIAL);
    vfio_config_build(&cfg, &pci_fn);
    assert_int_equal(cfg.dword[EXT_AER / 4].virt, UINT32_MAX);
    assert_int_equal(cfg.dword[EXT_AER / 4].value, EXT_SERIAL << 20);
}

/* A chain that loops or leaves the space ends all the same. */
static void broken_chains(void **state)
{
    static struct vfio_config cfg;
    static const unsigned next[] = {EXT_AER, EXT_ACS, 0xffc, 0x40, 0x103, 0xfff};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(next); i++) {
        memset(&cfg, 0, sizeof(cfg));
        fn_ext_cap(EXT_ACS, PCI_EXT_CAP_ID_ACS, next[i]);
        fn_ext_cap(0xffc, PCI_EXT_CAP_ID_SRIOV, 0xffc);
        vfio_config_build(&cfg, &pci_fn);
    }
}

static void conventional_function(void **state)
{
    (void)state;
    pci_fn.is_pcie = false;
    pci_fn.cap_pcie = 0;
    assert_int_equal(open_device(), FD_DEVICE);
    assert_int_equal(vfio_device_read(opened, ARG, 4, REGION(VFIO_PCI_CONFIG_REGION_INDEX) + 252),
                     4);
    assert_int_equal(vfio_device_read(opened, ARG, 4, REGION(VFIO_PCI_CONFIG_REGION_INDEX) + 256),
                     -RF_EFAULT);
}

/* In the function its ids are all ones, and its memory decode is somewhere else. */
static void virtual_function(void **state)
{
    static struct pci_dev pf;
    static struct vfio_config cfg;
    uint16_t command;

    (void)state;
    pci_fn.pf = &pf;
    cfg_put(fn.cfg, PCI_VENDOR_ID, 4, UINT32_MAX);
    assert_int_equal(open_device(), FD_DEVICE);
    assert_int_equal(config_read(PCI_VENDOR_ID, 2), pci_fn.vendor);
    assert_int_equal(config_read(PCI_DEVICE_ID, 2), pci_fn.device);
    config_write(PCI_VENDOR_ID, 4, 0);
    assert_int_equal(config_read(PCI_VENDOR_ID, 4), (uint32_t)pci_fn.device << 16 | pci_fn.vendor);
    command = (uint16_t)config_read(PCI_COMMAND, 2);
    assert_int_equal(command & COMMAND_MINE, PCI_COMMAND_MEMORY);
    cfg_put(fn.cfg, PCI_COMMAND, 2, 0);
    vfio_config_build(&cfg, &pci_fn);
    assert_true(cfg.dword[PCI_COMMAND / 4].value & PCI_COMMAND_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(every_bit),
        OPEN(narrow_accesses),
        OPEN(identity),
        OPEN(command_at_open),
        OPEN(bar_sizing),
        OPEN(io_bars_are_absent),
        OPEN(hidden_capabilities),
        OPEN(hidden_first_capability),
        OPEN(broken_chains),
        WITH(conventional_function, vfio_up_attached),
        WITH(virtual_function, vfio_up_attached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
