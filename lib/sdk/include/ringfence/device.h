/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _RINGFENCE_DEVICE_H
#define _RINGFENCE_DEVICE_H

#include <stddef.h>
#include <stdint.h>

/* A PCI device through VFIO, in few calls. Nothing here is special to Ringfence: it is all done
 * with open, ioctl and mmap on /dev/vfio and reads of /sys/bus/pci, so the same program runs on
 * Linux. Functions that return int return 0, or -1 with errno set. */

struct rf_device {
    int container, group, fd;
    unsigned group_id;
    char bdf[16]; /* "0000:01:00.0" */
    struct {
        volatile void *address; /* NULL: not mapped */
        size_t size;
    } bar[6];
};

/* The n-th device (from 0) whose 24-bit class code matches under the mask, or with this vendor and
 * device id, by bus address. ENODEV: there is none. */
int rf_find_class(uint32_t class_code, uint32_t mask, unsigned n, char bdf[16]);
int rf_find_id(uint16_t vendor, uint16_t device, unsigned n, char bdf[16]);

/* Opens the device in a container of its own, or in the one of another open device. Leaves bus
 * mastering off. */
int rf_open(struct rf_device *d, const char *bdf);
int rf_open_with(struct rf_device *d, const char *bdf, const struct rf_device *other);
void rf_close(struct rf_device *d); /* unmaps its BARs too */

/* Maps a whole BAR; NULL on failure. The second call for a BAR gives the same address. */
volatile void *rf_bar(struct rf_device *d, unsigned index, size_t *size);

/* What the device may do with a mapping. */
#define RF_DMA_READ  1u
#define RF_DMA_WRITE 2u

/* What a mapping's memory, IOVA and size are multiples of: the larger of the CPU's page and the
 * IOMMU's. 0 on failure. */
size_t rf_quantum(const struct rf_device *d);

/* Lets the device reach [memory, memory + size) at iova. All three are multiples of the quantum. */
int rf_dma_map(const struct rf_device *d, void *memory, uint64_t iova, size_t size,
               unsigned rights);
int rf_dma_unmap(const struct rf_device *d, uint64_t iova, size_t size);

/* The lowest free-to-use IOVA from 1 MiB on where `size` bytes fit between the windows that the
 * kernel reports as not mappable, aligned to 2 MiB. Does not know what was mapped already. ENOSPC.
 */
int rf_iova_find(const struct rf_device *d, size_t size, uint64_t *iova);

/* Zeroed memory that the device may read and write at iova; size is rounded up to the quantum, also
 * for rf_dma_unmap. NULL on failure. */
void *rf_dma_alloc(const struct rf_device *d, uint64_t iova, size_t size);

/* Configuration space; width 1, 2 or 4. Reads give all ones on failure. */
uint32_t rf_config_read(const struct rf_device *d, unsigned offset, unsigned width);
int rf_config_write(const struct rf_device *d, unsigned offset, unsigned width, uint32_t value);
int rf_bus_master(const struct rf_device *d, int on);

/* Signals eventfds[i] when vector i of the index (VFIO_PCI_MSIX_IRQ_INDEX, ...) fires. n 0: off. */
int rf_irqs(const struct rf_device *d, unsigned index, const int *eventfds, unsigned n);

#endif
