/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <ringfence/device.h>

#include "workloads/hostile/attempt.h"

/* Outside every window of the machines that this runs on. */
#define FREE_IOVA 0x1000000

#define PCI_COMMAND     0x04
#define PCI_BAR0        0x10
#define PCI_CAPABILITY  0x34
#define PCI_CAP_PM      0x01
#define PCI_PM_CTRL     4
#define PCI_CAP_MSI     0x05
#define PCI_CAP_MSIX    0x11
#define PCI_BAR_ADDRESS 0xfffffff0u
#define PCI_BAR_TYPE    0x6u
#define PCI_BAR_64      0x4u
#define EDU_LIVENESS    0x04
#define EDU_RAISE       0x60
#define EDU_ACKNOWLEDGE 0x64

static volatile uint8_t *msix_page;

static unsigned find_capability(const struct rf_device *d, unsigned id)
{
    unsigned at = rf_config_read(d, PCI_CAPABILITY, 1) & 0xfc;

    for (unsigned i = 0; at && i < 48; i++) {
        if (rf_config_read(d, at, 1) == id)
            return at;
        at = rf_config_read(d, at + 1, 1) & 0xfc;
    }
    return 0;
}

/* A BAR moved in configuration space is not moved in the machine: the registers stay where they
 * are. */
static void attack_bar(struct rf_device *d)
{
    volatile uint32_t *regs = rf_bar(d, 0, NULL);
    uint32_t before = rf_config_read(d, PCI_BAR0, 4);
    uint32_t first = regs ? regs[0] : 0;

    rf_config_write(d, PCI_BAR0, 4, 0x40200000u);
    attempt(regs && regs[0] == first, "moving BAR 0 over the kernel's memory");
    rf_config_write(d, PCI_BAR0, 4, before & PCI_BAR_ADDRESS);
}

/* The device has 32-bit registers only, and answers anything else by an error on the bus, which
 * must not become an exception of the kernel: that the next lines come is the proof. */
static void attack_widths(const struct rf_device *d)
{
    struct vfio_region_info info = {.argsz = sizeof(info), .index = 0};
    uint64_t value = 0;

    if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
        return;
    for (unsigned width = 1; width <= 8; width *= 2) {
        long in = pread(d->fd, &value, width, (off_t)info.offset + width);
        long out = pwrite(d->fd, &value, width, (off_t)info.offset + EDU_LIVENESS);

        attempt((in < 0 || in == width) && (out < 0 || out == width),
                "crashing the kernel by a register access of %u bytes", width);
    }
}

static void touch(uintptr_t address)
{
    (void)*(volatile uint32_t *)address;
}

/* Registers that do not answer are out of reach, and not an error on the bus: with memory decode
 * off, and in D3hot. */
static void attack_sleeping_registers(struct rf_device *d)
{
    uintptr_t regs = (uintptr_t)rf_bar(d, 0, NULL);
    unsigned pm = find_capability(d, PCI_CAP_PM);
    uint32_t command = rf_config_read(d, PCI_COMMAND, 2);

    touch(regs);
    rf_config_write(d, PCI_COMMAND, 2, 0);
    attempt(trap(touch, regs) != 0, "registers of %s with memory decode off", d->bdf);
    rf_config_write(d, PCI_COMMAND, 2, command);
    if (!pm)
        return;
    touch(regs);
    rf_config_write(d, pm + PCI_PM_CTRL, 2, 3);
    attempt(trap(touch, regs) != 0, "registers of %s in D3hot", d->bdf);
    rf_config_write(d, pm + PCI_PM_CTRL, 2, 0);
}

/* The message goes where the kernel says, whatever configuration space seems to hold: aimed at the
 * program's own memory, it does not arrive there. */
static void attack_msi(struct rf_device *d)
{
    unsigned cap = find_capability(d, PCI_CAP_MSI);
    volatile uint32_t *regs = rf_bar(d, 0, NULL);
    uint64_t iova = FREE_IOVA;
    volatile uint32_t *page = rf_dma_alloc(d, iova, 4096);

    if (!cap || !regs || !page)
        return;
    rf_bus_master(d, 1);
    rf_config_write(d, cap + 4, 4, (uint32_t)iova);
    rf_config_write(d, cap + 8, 4, 0);
    rf_config_write(d, cap + 12, 2, 0x1234);
    rf_config_write(d, cap + 2, 2, rf_config_read(d, cap + 2, 2) | 1u);
    regs[EDU_RAISE / 4] = 1;
    attempt(page[0] == 0, "aiming an MSI by configuration space");
    regs[EDU_ACKNOWLEDGE / 4] = 1;
    rf_config_write(d, cap + 2, 2, rf_config_read(d, cap + 2, 2) & ~1u);
    rf_dma_unmap(d, iova, 4096);
}

static void attack_msix_control(const struct rf_device *d)
{
    unsigned cap = find_capability(d, PCI_CAP_MSIX);
    uint32_t control = rf_config_read(d, cap + 2, 2);

    if (!cap)
        return;
    rf_config_write(d, cap + 2, 2, control ^ 0x8000u);
    attempt(rf_config_read(d, cap + 2, 2) == control,
            "switching MSI-X on behind the kernel's back");
}

static void touch_msix(uintptr_t offset)
{
    *(volatile uint32_t *)(msix_page + offset) = 0x40200000u;
}

static void attack_msix_table(struct rf_device *d)
{
    unsigned cap = find_capability(d, PCI_CAP_MSIX);
    uint32_t table = cap ? rf_config_read(d, cap + 4, 4) : 0;
    struct vfio_region_info info = {.argsz = sizeof(info), .index = table & 7};
    uint32_t entry = 0x40200000u, now = 0;

    if (!cap || ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
        return;
    msix_page = rf_bar(d, table & 7, NULL);
    attempt(!msix_page || trap(touch_msix, table & ~7u) != 0, "store to the mapped MSI-X table");
    if (pwrite(d->fd, &entry, 4, (off_t)(info.offset + (table & ~7u))) == 4)
        pread(d->fd, &now, 4, (off_t)(info.offset + (table & ~7u)));
    attempt(now != entry, "pwrite to the MSI-X table");
}

static const struct {
    const char *name;
    uint64_t iova, size;
} windows[] = {
    {"an IOVA above the aperture", 1ul << 48, 4096},
    {"an IOVA range that wraps", ~0xffful, 8192},
    {"an odd IOVA", FREE_IOVA + 1, 4096},
    {"an odd size", FREE_IOVA, 4095},
    {"nothing", FREE_IOVA, 0},
};

static void attack_window(const struct rf_device *d, char *memory, const struct place *w)
{
    attempt(rf_dma_map(d, memory, w->at, 4096, RF_DMA_READ) < 0, "mapping %s", w->name);
    attempt(rf_dma_map(d, memory, w->at - 4096, 8192, RF_DMA_READ) < 0,
            "mapping across the start of %s", w->name);
}

/* Where the device's own registers are on the bus: in a window of the host bridge, whatever the
 * machine. */
static uint64_t own_registers(const struct rf_device *d)
{
    uint32_t low = rf_config_read(d, PCI_BAR0, 4);
    uint64_t high = (low & PCI_BAR_TYPE) == PCI_BAR_64 ? rf_config_read(d, PCI_BAR0 + 4, 4) : 0;

    return high << 32 | (low & PCI_BAR_ADDRESS);
}

static void attack_windows(const struct rf_device *d, char *memory)
{
    const struct place own = {"the window of its own registers", own_registers(d)};

    for (size_t i = 0; i < window_count; i++)
        attack_window(d, memory, &own_windows[i]);
    attack_window(d, memory, &own);
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
        attempt(rf_dma_map(d, memory, windows[i].iova, windows[i].size, RF_DMA_READ) < 0,
                "mapping %s", windows[i].name);
}

static void attack_maps(const struct rf_device *d)
{
    char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    attack_windows(d, memory);
    for (size_t i = 0; i < foreign_count; i++)
        attempt(rf_dma_map(d, (void *)foreign[i], FREE_IOVA, 4096, RF_DMA_READ) < 0,
                "mapping foreign memory 0x%016lx for DMA", (unsigned long)foreign[i]);
    attempt(rf_dma_map(d, read_only, FREE_IOVA, 4096, RF_DMA_WRITE) < 0,
            "mapping read-only memory for writes by DMA");
    attempt(rf_dma_map(d, memory, FREE_IOVA, 4096, 0x100) < 0, "mapping with an unknown flag");
    rf_dma_map(d, memory, FREE_IOVA, 8192, RF_DMA_READ);
    attempt(rf_dma_unmap(d, FREE_IOVA, 4096) < 0, "unmapping half a mapping");
    attempt(rf_dma_map(d, memory, FREE_IOVA + 4096, 4096, RF_DMA_READ) < 0,
            "mapping over a mapping");
    rf_dma_unmap(d, FREE_IOVA, 8192);
}

static void attack_groups(const struct rf_device *d)
{
    struct rf_device other;
    char path[40];

    attempt(open("/dev/vfio/4095", O_RDWR) < 0, "opening a group that does not exist");
    snprintf(path, sizeof(path), "/dev/vfio/%u", d->group_id);
    attempt(open(path, O_RDWR) < 0, "opening a group a second time");
    attempt(ioctl(d->group, VFIO_GROUP_GET_DEVICE_FD, "0000:00:00.0") < 0,
            "opening the host bridge through another device's group");
    attempt(rf_open(&other, "0000:00:00.0") < 0, "opening the host bridge");
    attempt(open("/dev/mem", O_RDWR) < 0, "opening /dev/mem");
}

void attack_vfio(void)
{
    struct rf_device disk, edu;
    char bdf[16];

    if (rf_find_id(0x1234, 0x11e8, 0, bdf) == 0 && rf_open(&edu, bdf) == 0) {
        attack_bar(&edu);
        attack_widths(&edu);
        attack_sleeping_registers(&edu);
        attack_msi(&edu);
        attack_maps(&edu);
        attack_groups(&edu);
        attack_config(&edu);
        rf_close(&edu);
    }
    if (rf_find_class(0x010802, 0xffffff, 0, bdf) == 0 && rf_open(&disk, bdf) == 0) {
        attack_msix_control(&disk);
        attack_msix_table(&disk);
        attack_sleeping_registers(&disk);
        attack_config(&disk);
        rf_close(&disk);
    }
}
