/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <ringfence/device.h>

#include "workloads/hostile/attempt.h"

/* Writes everything everywhere into configuration space, and looks in /sys at what the function
 * really holds afterwards. */

#define SIZE       256u /* capabilities that do harm are hidden beyond */
#define CONFIG     ((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40)
#define COMMAND    0x04u
#define POINTER    0x34u
#define CAP_PM     0x01
#define CAP_PCIE   0x10
#define PM_CTRL    4u
#define DEVCTL     8u
#define FREE_BITS  0x06u /* of COMMAND: memory decode, and bus mastering while it has an IOMMU */
#define FREE_PCIE0 0x10u /* of DEVCTL: Relaxed Ordering, */
#define FREE_PCIE1 0x71u /* Extended Tag, Max_Read_Request_Size */

static int read_real(const struct rf_device *d, uint8_t *bytes)
{
    char path[64];
    int fd, n;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", d->bdf);
    fd = open(path, O_RDONLY);
    n = (int)read(fd, bytes, SIZE);
    close(fd);
    return n == SIZE ? 0 : -1;
}

static unsigned find(const uint8_t *real, unsigned id)
{
    unsigned at = real[POINTER] & 0xfc;

    for (unsigned i = 0; at && i < 48; i++) {
        if (real[at] == id)
            return at;
        at = real[at + 1] & 0xfc;
    }
    return 0;
}

/* What may differ: the bits that are the workload's, and status registers. */
static void forget_free_bits(uint8_t *real)
{
    unsigned pcie = find(real, CAP_PCIE);

    real[COMMAND] &= (uint8_t)~FREE_BITS;
    memset(real + COMMAND + 2, 0, 2);
    if (!pcie)
        return;
    real[pcie + DEVCTL] &= (uint8_t)~FREE_PCIE0;
    real[pcie + DEVCTL + 1] &= (uint8_t)~FREE_PCIE1;
    memset(real + pcie + DEVCTL + 2, 0, 2);
}

/* Downwards, so that the reset in Device Control does not wipe the header's traces. */
static void write_all(const struct rf_device *d, unsigned width, uint8_t pattern)
{
    uint8_t bytes[8];

    memset(bytes, pattern, sizeof(bytes));
    for (unsigned off = SIZE / width * width; off != 0; off -= width)
        (void)pwrite(d->fd, bytes, width, CONFIG + off - width);
}

static int holds(const struct rf_device *d, const uint8_t *before)
{
    uint8_t now[SIZE];

    if (read_real(d, now))
        return 0;
    forget_free_bits(now);
    return memcmp(before, now, SIZE) == 0;
}

/* 3 and 7 bytes: each offset once begins an access that is not aligned. */
void attack_config(const struct rf_device *d)
{
    static const uint8_t patterns[] = {0xff, 0xa5, 0x00};
    static const uint8_t widths[] = {1, 2, 3, 4, 7, 8};
    uint32_t command = rf_config_read(d, COMMAND, 2);
    uint8_t before[SIZE];
    unsigned pm;

    if (read_real(d, before))
        return;
    pm = find(before, CAP_PM);
    forget_free_bits(before);
    for (size_t i = 0; i < sizeof(widths); i++)
        for (size_t k = 0; k < sizeof(patterns); k++) {
            write_all(d, widths[i], patterns[k]);
            attempt(holds(d, before), "changing configuration space of %s by 0x%02x, %u at a time",
                    d->bdf, patterns[k], widths[i]);
        }
    attempt(pwrite(d->fd, before, 4, CONFIG + 4096) < 0 &&
                pread(d->fd, before, 4, CONFIG + 4094) < 0,
            "reaching beyond configuration space of %s", d->bdf);
    if (pm)
        rf_config_write(d, pm + PM_CTRL, 2, 0);
    rf_config_write(d, COMMAND, 2, command);
}
