/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* pread and pwrite of BARs, and the reset of a function. */

/* ---- pread and pwrite ----------------------------------------------------------------------- */

static void bar_access(void **state)
{
    uint64_t v = 0x1122334455667788;

    (void)state;
    memcpy(user.arg, &v, sizeof(v));
    for (unsigned width = 1; width <= 8; width *= 2) {
        memset(fn.bar0, 0, 64);
        assert_int_equal(vfio_device_write(opened, ARG, width, 8), width);
        assert_memory_equal(fn.bar0 + 8, &v, width);
        assert_int_equal(fn.bar0[8 + width], 0);
        assert_int_equal(vfio_device_read(opened, ARG + 64, width, 8), width);
        assert_memory_equal(user.arg + 64, &v, width);
    }
}

static unsigned widths; /* bits: widths of the accesses that came */

static uint64_t noting_read(void *ctx, uint64_t off, unsigned width)
{
    widths |= width;
    return bar0_read(ctx, off, width);
}

/* Odd offsets and lengths become the widest naturally aligned accesses (others abort the test). */
static void bar_access_widths(void **state)
{
    static const struct host_mmio_ops ops = {noting_read, bar0_write};
    static const struct {
        uint64_t off;
        size_t n;
        unsigned widths;
    } rows[] = {{0, 8, 8}, {0, 7, 7}, {1, 7, 7}, {4, 8, 4}, {4, 12, 12}, {3, 1, 1}, {2, 2, 2}};

    (void)state;
    host_mmio_reset();
    host_mmio_register(BAR0, BAR0_SIZE, &ops, NULL);
    for (unsigned i = 0; i < 64; i++)
        fn.bar0[i] = (uint8_t)i;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        widths = 0;
        assert_int_equal(vfio_device_read(opened, ARG, rows[i].n, rows[i].off), rows[i].n);
        assert_int_equal(widths, rows[i].widths);
        assert_memory_equal(user.arg, fn.bar0 + rows[i].off, rows[i].n);
    }
}

static void bar_access_limits(void **state)
{
    static const struct {
        uint64_t offset;
        size_t n;
        long result;
    } rows[] = {
        {0, 0, 0},
        {BAR0_SIZE - 4, 4, 4},
        {BAR0_SIZE - 4, 64, 4}, /* cut at the end */
        {BAR0_SIZE, 1, -RF_EINVAL},
        {(UINT64_C(1) << 40) - 1, 1, -RF_EINVAL},
        {REGION(1), 4, -RF_EINVAL}, /* upper half of BAR0 */
        {REGION(3), 4, -RF_EINVAL},
        {REGION(VFIO_PCI_ROM_REGION_INDEX), 4, -RF_EINVAL},
        {REGION(VFIO_PCI_VGA_REGION_INDEX), 4, -RF_EINVAL},
        {REGION(9), 4, -RF_EINVAL},
        {REGION(9), 0, -RF_EINVAL},
        {UINT64_MAX, 4, -RF_EINVAL},
        {0, SIZE_MAX, BAR0_SIZE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(vfio_device_read(opened, ARG, rows[i].n, rows[i].offset), rows[i].result);
        assert_int_equal(vfio_device_write(opened, ARG, rows[i].n, rows[i].offset), rows[i].result);
    }
    assert_int_equal(vfio_device_read(opened, 0, 4, 0), -RF_EFAULT);
    assert_int_equal(vfio_device_write(opened, ARG + ARG_SIZE, 4, 0), -RF_EFAULT);
}

static bool refuse_bytes(uint64_t addr, unsigned width)
{
    (void)addr;
    return width == 1;
}

/* A device without byte-wide registers may answer a byte by an error on the bus: the workload's
 * mistake, and not the kernel's end. */
static void bar_access_refused(void **state)
{
    (void)state;
    host_mmio_refuse(refuse_bytes);
    fn.bar0[8] = 0x5a;
    user.arg[0] = 0x33;
    assert_int_equal(vfio_device_read(opened, ARG, 1, 8), -RF_EIO);
    assert_int_equal(user.arg[0], 0x33);
    assert_int_equal(vfio_device_write(opened, ARG, 1, 8), -RF_EIO);
    assert_int_equal(vfio_device_write(opened, ARG, 3, 8), -RF_EIO);
    assert_int_equal(fn.bar0[8], 0x33); /* the two bytes before the refused one went out */
    assert_int_equal(vfio_device_read(opened, ARG, 4, 8), 4);
}

/* ATK-18: as in Linux the table reads as all ones and drops what is written. */
static void msix_table_is_closed(void **state)
{
    uint8_t table[VECTORS * 16], ones[VECTORS * 16];

    (void)state;
    memcpy(table, fn.bar0 + BAR0_TABLE, sizeof(table));
    memset(ones, 0xff, sizeof(ones));
    memset(user.arg, 0x5a, ARG_SIZE);
    assert_int_equal(vfio_device_write(opened, ARG, sizeof(table) + 8, BAR0_TABLE),
                     sizeof(table) + 8);
    assert_memory_equal(fn.bar0 + BAR0_TABLE, table, sizeof(table));
    assert_int_equal(fn.bar0[BAR0_TABLE + sizeof(table)], 0x5a); /* what is behind it is open */
    assert_int_equal(vfio_device_read(opened, ARG, sizeof(table), BAR0_TABLE), sizeof(table));
    assert_memory_equal(user.arg, ones, sizeof(table));
}

static void memory_decode_off(void **state)
{
    paddr_t pa;

    (void)state;
    config_write(PCI_COMMAND, 2, 0);
    assert_int_equal(vfio_device_read(opened, ARG, 4, 0), -RF_EIO);
    assert_int_equal(vfio_device_write(opened, ARG, 4, 0), -RF_EIO);
    assert_int_equal(vfio_device_read(opened, ARG, 4, BAR0_SIZE), -RF_EINVAL);
    assert_int_equal(vfio_device_page(opened, 0, &pa), -RF_EIO);
    assert_int_equal(vfio_device_mmap(opened, 0, 0x1000), 0); /* the map is allowed all the same */
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(vfio_device_read(opened, ARG, 4, 0), 4);
}

/* ---- reset ---------------------------------------------------------------------------------- */

/* VF-RESET */
static void reset_keeps_what_was_configured(void **state)
{
    unsigned resets = fn.resets;

    (void)state;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    config_write(CAP_PCIE + PCI_EXP_DEVCTL, 2, 0x5110);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
    assert_int_equal(fn.resets, resets + 1);
    assert_int_equal(user.zaps, 1);
    assert_int_equal(config_read(PCI_COMMAND, 2), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    assert_int_equal(cfg_get(fn.cfg, PCI_COMMAND, 2),
                     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX);
    assert_int_equal(cfg_get(fn.cfg, PCI_BAR(0), 4), BAR0 | 4);
    assert_int_equal(cfg_get(fn.cfg, PCI_BAR(4), 4), BAR4 | 0xc);
    assert_int_equal(cfg_get(fn.cfg, CAP_PCIE + PCI_EXP_DEVCTL, 2), 0x5110);
}

static void no_reset(void **state)
{
    struct vfio_device_info info = {.argsz = sizeof(info)};

    (void)state;
    pci_fn.has_flr = false;
    cfg_put(fn.cfg, CAP_PM + PCI_PM_CTRL, 2, PCI_PM_NO_SOFT_RESET);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), -RF_EINVAL);
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_INFO, &info), 0);
    assert_int_equal(cfg_get(user.arg, 4, 4), VFIO_DEVICE_FLAGS_PCI);
    cfg_put(fn.cfg, CAP_PM + PCI_PM_CTRL, 2, 0); /* a way through D3hot */
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
}

static void reset_without_an_answer(void **state)
{
    (void)state;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    fn.gone = true;
    log_clear();
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), -RF_EIO);
    assert_one_line("0000:00:00.0 does not answer after its reset");
    fn.gone = false;
}

/* It answers when nobody waits any more, with its BARs at 0, No Snoop on and ACS off. */
static void comes_back_too_late(void **state)
{
    const uint32_t both = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

    (void)state;
    config_write(PCI_COMMAND, 2, both);
    fn.gone = true;
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), -RF_EIO);
    fn.gone = false;
    memcpy(fn.cfg, fn.initial, sizeof(fn.cfg));
    config_write(PCI_COMMAND, 2, 0);
    config_write(PCI_COMMAND, 2, both);
    assert_int_equal(cfg_get(fn.cfg, PCI_COMMAND, 2) & both, 0);
    assert_int_equal(vfio_device_read(opened, ARG, 4, 0), -RF_EIO);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
    assert_int_equal(cfg_get(fn.cfg, PCI_COMMAND, 2) & both, both);
    assert_int_equal(vfio_device_read(opened, ARG, 4, 0), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(bar_access),
        OPEN(bar_access_widths),
        OPEN(bar_access_limits),
        OPEN(bar_access_refused),
        OPEN(msix_table_is_closed),
        OPEN(memory_decode_off),
        OPEN(reset_keeps_what_was_configured),
        OPEN(no_reset),
        OPEN(reset_without_an_answer),
        OPEN(comes_back_too_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
