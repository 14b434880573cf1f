/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_VFIO_UAPI_H
#define RF_VFIO_UAPI_H

#include <stdint.h>

/* The part of Linux's VFIO user interface that Ringfence offers: the same names, numbers and
 * layouts as <linux/vfio.h>, which tests/unit/test_vfio_uapi.c holds against this file. Where a
 * structure starts with argsz, its user says there how many bytes it has; a field beyond is not
 * touched. The SDK installs this very file as <linux/vfio.h>, so it includes nothing of the kernel.
 */

#define VFIO_API_VERSION 0u

/* _IO(';', 100 + n): no direction, no size. */
#define VFIO_IOCTL(n) ((unsigned)(';' << 8) | (100u + (n)))

/* --- Container ------------------------------------------------------------------------------- */
#define VFIO_GET_API_VERSION VFIO_IOCTL(0)
#define VFIO_CHECK_EXTENSION VFIO_IOCTL(1)
#define VFIO_SET_IOMMU       VFIO_IOCTL(2)

#define VFIO_TYPE1_IOMMU   1u
#define VFIO_TYPE1v2_IOMMU 3u
#define VFIO_UNMAP_ALL     9u

#define VFIO_IOMMU_GET_INFO    VFIO_IOCTL(12)
#define VFIO_IOMMU_MAP_DMA     VFIO_IOCTL(13)
#define VFIO_IOMMU_UNMAP_DMA   VFIO_IOCTL(14)
#define VFIO_IOMMU_DIRTY_PAGES VFIO_IOCTL(17)

/* Link of a chain of capabilities that follows an information structure: `next` counts from the
 * start of that structure, 0 ends. */
struct vfio_info_cap_header {
    uint16_t id;
    uint16_t version;
    uint32_t next;
};

struct vfio_iommu_type1_info {
    uint32_t argsz;
    uint32_t flags;
    uint64_t iova_pgsizes;
    uint32_t cap_offset;
    uint32_t pad;
};
#define VFIO_IOMMU_INFO_PGSIZES (1u << 0)
#define VFIO_IOMMU_INFO_CAPS    (1u << 1)

#define VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE 1u
struct vfio_iova_range {
    uint64_t start;
    uint64_t end; /* inclusive */
};
struct vfio_iommu_type1_info_cap_iova_range {
    struct vfio_info_cap_header header;
    uint32_t nr_iovas;
    uint32_t reserved;
    struct vfio_iova_range iova_ranges[];
};

#define VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION 2u
struct vfio_iommu_type1_info_cap_migration {
    struct vfio_info_cap_header header;
    uint32_t flags;
    uint64_t pgsize_bitmap; /* page sizes of dirty bitmaps */
    uint64_t max_dirty_bitmap_size;
};

#define VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL 3u
struct vfio_iommu_type1_info_dma_avail {
    struct vfio_info_cap_header header;
    uint32_t avail;
};

struct vfio_iommu_type1_dma_map {
    uint32_t argsz;
    uint32_t flags;
    uint64_t vaddr;
    uint64_t iova;
    uint64_t size;
};
#define VFIO_DMA_MAP_FLAG_READ  (1u << 0)
#define VFIO_DMA_MAP_FLAG_WRITE (1u << 1)

struct vfio_iommu_type1_dma_unmap {
    uint32_t argsz;
    uint32_t flags;
    uint64_t iova;
    uint64_t size;
    uint8_t data[]; /* struct vfio_bitmap with GET_DIRTY_BITMAP */
};
#define VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP (1u << 0)
#define VFIO_DMA_UNMAP_FLAG_ALL              (1u << 1)

/* One bit a page of `pgsize` bytes, bit 0 of data[0] the first; size in bytes, whole words. */
struct vfio_bitmap {
    uint64_t pgsize;
    uint64_t size;
    uint64_t *data;
};

struct vfio_iommu_type1_dirty_bitmap {
    uint32_t argsz;
    uint32_t flags;
    uint8_t data[]; /* struct vfio_iommu_type1_dirty_bitmap_get with GET_BITMAP */
};
#define VFIO_IOMMU_DIRTY_PAGES_FLAG_START      (1u << 0)
#define VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP       (1u << 1)
#define VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP (1u << 2)

struct vfio_iommu_type1_dirty_bitmap_get {
    uint64_t iova;
    uint64_t size;
    struct vfio_bitmap bitmap;
};

/* --- Group ----------------------------------------------------------------------------------- */
#define VFIO_GROUP_GET_STATUS      VFIO_IOCTL(3)
#define VFIO_GROUP_SET_CONTAINER   VFIO_IOCTL(4)
#define VFIO_GROUP_UNSET_CONTAINER VFIO_IOCTL(5)
#define VFIO_GROUP_GET_DEVICE_FD   VFIO_IOCTL(6)

struct vfio_group_status {
    uint32_t argsz;
    uint32_t flags;
};
#define VFIO_GROUP_FLAGS_VIABLE        (1u << 0)
#define VFIO_GROUP_FLAGS_CONTAINER_SET (1u << 1)

/* --- Device ---------------------------------------------------------------------------------- */
#define VFIO_DEVICE_GET_INFO               VFIO_IOCTL(7)
#define VFIO_DEVICE_GET_REGION_INFO        VFIO_IOCTL(8)
#define VFIO_DEVICE_GET_IRQ_INFO           VFIO_IOCTL(9)
#define VFIO_DEVICE_SET_IRQS               VFIO_IOCTL(10)
#define VFIO_DEVICE_RESET                  VFIO_IOCTL(11)
#define VFIO_DEVICE_GET_PCI_HOT_RESET_INFO VFIO_IOCTL(12)
#define VFIO_DEVICE_PCI_HOT_RESET          VFIO_IOCTL(13)
#define VFIO_DEVICE_FEATURE                VFIO_IOCTL(17)

struct vfio_device_info {
    uint32_t argsz;
    uint32_t flags;
    uint32_t num_regions;
    uint32_t num_irqs;
    uint32_t cap_offset;
    uint32_t pad;
};
#define VFIO_DEVICE_FLAGS_RESET (1u << 0)
#define VFIO_DEVICE_FLAGS_PCI   (1u << 1)

enum {
    VFIO_PCI_BAR0_REGION_INDEX,
    VFIO_PCI_BAR1_REGION_INDEX,
    VFIO_PCI_BAR2_REGION_INDEX,
    VFIO_PCI_BAR3_REGION_INDEX,
    VFIO_PCI_BAR4_REGION_INDEX,
    VFIO_PCI_BAR5_REGION_INDEX,
    VFIO_PCI_ROM_REGION_INDEX,
    VFIO_PCI_CONFIG_REGION_INDEX,
    VFIO_PCI_VGA_REGION_INDEX,
    VFIO_PCI_NUM_REGIONS,
};

struct vfio_region_info {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t cap_offset;
    uint64_t size;
    uint64_t offset; /* of the region in the device's file */
};
#define VFIO_REGION_INFO_FLAG_READ  (1u << 0)
#define VFIO_REGION_INFO_FLAG_WRITE (1u << 1)
#define VFIO_REGION_INFO_FLAG_MMAP  (1u << 2)
#define VFIO_REGION_INFO_FLAG_CAPS  (1u << 3)

#define VFIO_REGION_INFO_CAP_SPARSE_MMAP 1u
struct vfio_region_sparse_mmap_area {
    uint64_t offset;
    uint64_t size;
};
struct vfio_region_info_cap_sparse_mmap {
    struct vfio_info_cap_header header;
    uint32_t nr_areas;
    uint32_t reserved;
    struct vfio_region_sparse_mmap_area areas[];
};

enum {
    VFIO_PCI_INTX_IRQ_INDEX,
    VFIO_PCI_MSI_IRQ_INDEX,
    VFIO_PCI_MSIX_IRQ_INDEX,
    VFIO_PCI_ERR_IRQ_INDEX,
    VFIO_PCI_REQ_IRQ_INDEX,
    VFIO_PCI_NUM_IRQS,
};

struct vfio_irq_info {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t count;
};
#define VFIO_IRQ_INFO_EVENTFD    (1u << 0)
#define VFIO_IRQ_INFO_MASKABLE   (1u << 1)
#define VFIO_IRQ_INFO_AUTOMASKED (1u << 2)
#define VFIO_IRQ_INFO_NORESIZE   (1u << 3)

struct vfio_irq_set {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t start;
    uint32_t count;
    uint8_t data[];
};
#define VFIO_IRQ_SET_DATA_NONE        (1u << 0)
#define VFIO_IRQ_SET_DATA_BOOL        (1u << 1)
#define VFIO_IRQ_SET_DATA_EVENTFD     (1u << 2)
#define VFIO_IRQ_SET_ACTION_MASK      (1u << 3)
#define VFIO_IRQ_SET_ACTION_UNMASK    (1u << 4)
#define VFIO_IRQ_SET_ACTION_TRIGGER   (1u << 5)
#define VFIO_IRQ_SET_DATA_TYPE_MASK   0x07u
#define VFIO_IRQ_SET_ACTION_TYPE_MASK 0x38u

#endif
