/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* Configuration space: what a write brings about, and buffers that are not what they should be. */

static uint8_t before[PCI_CFG_SIZE];

static void snapshot(void)
{
    memcpy(before, fn.cfg, sizeof(before));
}

/* ---- what a write brings about ------------------------------------------------------------- */

/* Bits that a 1 clears are cleared only where the workload itself wrote 1. */
static void write_one_to_clear(void **state)
{
    (void)state;
    cfg_put(fn.cfg, PCI_STATUS, 2, 0xf910);
    cfg_put(fn.cfg, CAP_PCIE + PCI_EXP_DEVSTA, 2, 0x000f);
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    config_write(CAP_PCIE + PCI_EXP_DEVCTL, 4, 0x2010);
    assert_int_equal(config_read(PCI_STATUS, 2), 0xf910);
    assert_int_equal(config_read(CAP_PCIE + PCI_EXP_DEVSTA, 2), 0x000f);
    config_write(PCI_COMMAND, 4, 0x20000000 | PCI_COMMAND_MEMORY);
    assert_int_equal(config_read(PCI_STATUS, 2), 0xd910);
    config_write(CAP_PCIE + PCI_EXP_DEVSTA, 2, 0x0001);
    assert_int_equal(config_read(CAP_PCIE + PCI_EXP_DEVSTA, 2), 0x000e);
}

static bool decode_at_zap;

static void watched_zap(struct vfio_device *d)
{
    decode_at_zap = fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY;
    fd_zap(d);
}

/* The maps of the BARs go before decode does. */
static void memory_off(void **state)
{
    struct vfio_env env = fake_env;

    (void)state;
    env.zap = watched_zap;
    vfio_set_env(&env);
    config_write(PCI_COMMAND, 2, 0);
    assert_int_equal(user.zaps, 1);
    assert_true(decode_at_zap);
    assert_int_equal(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY, 0);
    config_write(PCI_COMMAND, 2, PCI_COMMAND_INTX); /* nothing of ours changes */
    assert_int_equal(user.zaps, 1);
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY, PCI_COMMAND_MEMORY);
    vfio_set_env(&fake_env);
}

static void power_states(void **state)
{
    paddr_t pa;

    (void)state;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    for (uint32_t d = 1; d <= 2; d++) {
        config_write(CAP_PM + PCI_PM_CTRL, 2, d);
        assert_int_equal(config_read(CAP_PM + PCI_PM_CTRL, 2), PCI_PM_NO_SOFT_RESET);
    }
    assert_int_equal(user.zaps, 0);
    config_write(CAP_PM + PCI_PM_CTRL, 2, PCI_PM_D3HOT);
    assert_int_equal(config_read(CAP_PM + PCI_PM_CTRL, 2), PCI_PM_NO_SOFT_RESET | PCI_PM_D3HOT);
    assert_int_equal(user.zaps, 1);
    assert_false(pci_bus_master(&pci_fn));
    assert_int_equal(cfg_get(fn.cfg, CAP_PM + PCI_PM_CTRL, 2), 0); /* the function stays in D0 */
    assert_int_equal(vfio_device_page(opened, 0, &pa), -RF_EIO);
    assert_int_equal(vfio_device_read(opened, ARG, 4, 0), -RF_EIO);
    config_write(CAP_PM + PCI_PM_CTRL, 2, PCI_PM_D0);
    assert_true(pci_bus_master(&pci_fn));
    assert_int_equal(vfio_device_page(opened, 0, &pa), 0);
}

/* ATK-18: no write to the MSI or MSI-X capability reaches the function. */
static void interrupts_are_the_kernels(void **state)
{
    (void)state;
    snapshot();
    config_write(CAP_MSI + 4, 4, 0xfee00000);
    config_write(CAP_MSI + 2, 2, PCI_MSI_ENABLE);
    config_write(CAP_MSIX + 2, 2, PCI_MSIX_ENABLE);
    config_write(CAP_MSIX + 4, 4, 0);
    assert_memory_equal(before, fn.cfg, sizeof(before));
    assert_int_equal(config_read(CAP_MSI + 4, 4), 0xfee00000);
    assert_int_equal(config_read(CAP_MSIX + 2, 2) & PCI_MSIX_ENABLE, 0);
}

static void flr_by_device_control(void **state)
{
    unsigned resets = fn.resets;

    (void)state;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    config_write(CAP_PCIE + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_FLR | 0x4010);
    assert_int_equal(fn.resets, resets + 1);
    assert_int_equal(user.zaps, 1);
    assert_int_equal(config_read(CAP_PCIE + PCI_EXP_DEVCTL, 2), 0x4010);
    assert_int_equal(cfg_get(fn.cfg, CAP_PCIE + PCI_EXP_DEVCTL, 2), 0x4010);
    assert_int_equal(cfg_get(fn.cfg, PCI_BAR(0), 4), BAR0 | 4);
    assert_true(pci_bus_master(&pci_fn));
}

static void flr_by_advanced_features(void **state)
{
    unsigned resets = fn.resets;

    (void)state;
    config_write(CAP_AF + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR);
    assert_int_equal(fn.resets, resets + 1);
    assert_int_equal(config_read(CAP_AF + PCI_AF_CTRL, 1), 0);
}

static void flr_that_is_not_there(void **state)
{
    unsigned resets = fn.resets;

    (void)state;
    pci_fn.has_flr = false;
    config_write(CAP_PCIE + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_FLR);
    assert_int_equal(fn.resets, resets);
}

/* ---- buffers ------------------------------------------------------------------------------- */

static void ranges_and_faults(void **state)
{
    static const struct {
        uint64_t off;
        size_t n;
        long result;
    } rows[] = {
        {0, 4096, 4096},           {4095, 1, 1}, {4096, 1, -RF_EFAULT},
        {4095, 2, -RF_EFAULT},     {4096, 0, 0}, {UINT32_MAX, 4, -RF_EFAULT},
        {1, SIZE_MAX, -RF_EFAULT},
    };
    const uint64_t region = REGION(VFIO_PCI_CONFIG_REGION_INDEX);

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(vfio_device_read(opened, ARG, rows[i].n, region + rows[i].off),
                         rows[i].result);
    }
    assert_int_equal(vfio_device_read(opened, 0, 4, region), -RF_EFAULT);
    assert_int_equal(vfio_device_write(opened, ARG + ARG_SIZE - 3, 4, region), -RF_EFAULT);
    snapshot();
    assert_int_equal(vfio_device_write(opened, 0, 64, region), -RF_EFAULT);
    assert_memory_equal(before, fn.cfg, sizeof(before));
}

/* An odd range is split into aligned accesses: the function refuses others. */
static void odd_ranges(void **state)
{
    (void)state;
    assert_int_equal(vfio_device_read(opened, ARG, 7, REGION(VFIO_PCI_CONFIG_REGION_INDEX) + 1), 7);
    assert_memory_equal(user.arg, "\x1b\x10\x00\x02\x00\x10\x00", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(write_one_to_clear),
        OPEN(memory_off),
        OPEN(power_states),
        OPEN(interrupts_are_the_kernels),
        OPEN(flr_by_device_control),
        OPEN(flr_by_advanced_features),
        OPEN(flr_that_is_not_there),
        OPEN(ranges_and_faults),
        OPEN(odd_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
