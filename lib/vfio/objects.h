/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_VFIO_OBJECTS_H
#define RF_VFIO_OBJECTS_H

#include "arch/mmio.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/upage.h"
#include "lib/vfio/uapi.h"
#include "lib/vfio/vfio.h"

/* What the files of lib/vfio know of one another.
 *
 * A container is deprived until SET_IOMMU: only then it has an IOVA space, which goes again with
 * its last group. A group is *attached* when its container has one. A device can be opened only
 * while its group is attached, but it may outlive that: then its DMA and interrupts are gone. */

struct vfio_container {
    bool iommu_set; /* aspace is live */
    bool v1;        /* it was set as VFIO_TYPE1_IOMMU, which unmaps by other rules */
    bool dirty_tracking;
    struct iommu_aspace aspace;
    LIST_HEAD(, vfio_group) groups;
    LIST_ENTRY(vfio_container) link;
};
LIST_HEAD(vfio_container_list, vfio_container);

struct vfio_group {
    struct iommu_group *iommu;
    struct vfio_container *container; /* NULL: in none */
    bool fd_open;
    unsigned
        devices_open; /* keep the group with its container, also when its descriptor is closed */
    LIST_ENTRY(vfio_group) container_link;
    LIST_ENTRY(vfio_group) link;
};
LIST_HEAD(vfio_group_list, vfio_group);

/* One vector of MSI or MSI-X. */
struct vfio_vector {
    bool live; /* has an interrupt, and an event to signal */
    void *event;
    uint32_t irq;
    struct msi_message msg; /* MSI-X only: what the doorbell was made reachable for */
    uint64_t iova;          /* MSI-X only: the address that the device writes */
};

struct vfio_irqs {
    uint32_t index; /* VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX, or VFIO_IRQ_NONE */
    unsigned count; /* vectors that may be live */
    unsigned live;  /* those that are */
    unsigned room;  /* of vec, which stays for the next time */
    struct vfio_vector *vec;
    /* MSI: its vectors are one aligned block with one message. */
    uint32_t block;
    struct msi_message msg;
    uint64_t iova;
    /* ERR and REQ: kept for the workload, never signalled but by itself. */
    void *notify[2];
};
#define VFIO_IRQ_NONE VFIO_PCI_NUM_IRQS

struct vfio_config; /* config.h */

struct vfio_device {
    struct pci_dev *pci;
    struct vfio_group *group;
    struct msi_controller *msi;
    unsigned opens;
    struct vfio_config *config; /* while open */
    struct vfio_irqs irqs;
    unsigned msix_count;    /* 0: none, or its table is not where it could be used */
    struct mmio msix_table; /* size 0: not mapped yet; stays mapped */
    bool msix_masked;       /* its entries are, but for the live ones: known until a reset */
    bool lost;              /* did not come back from a reset: unused until one succeeds */
    struct mmio bar[6];     /* the same */
    TAILQ_ENTRY(vfio_device) link;
};
TAILQ_HEAD(vfio_device_list, vfio_device);

extern struct vfio_container_list vfio_containers;
extern struct vfio_group_list vfio_groups;
extern struct vfio_device_list vfio_devices;
extern const struct vfio_env *vfio_env;
extern struct vfio_policy vfio_policy;

/* --- args.c ---------------------------------------------------------------------------------- */
/* Reads the first `size` bytes of a structure whose first member is argsz. -RF_EFAULT, or
 * -RF_EINVAL when its argsz is smaller than that. */
int vfio_args_in(void *args, uint64_t uarg, size_t size);

/* The same, and vfio_env->copy_out, on the way of every map, unmap and interrupt: a structure of
 * words, whose size is known when this is compiled. */
static ALWAYS_INLINE int vfio_words_in(void *args, uint64_t uarg, size_t size)
{
    bool there = upage_in(args, uarg, size) && *(const uint32_t *)args >= size;
    return there ? 0 : vfio_args_in(args, uarg, size);
}

static ALWAYS_INLINE int vfio_words_out(uint64_t uaddr, const void *src, size_t size)
{
    return upage_out(uaddr, src, size) ? 0 : vfio_env->copy_out(uaddr, src, size);
}

/* A table of ioctls has the function of each at its index; NULL: there is none. */
typedef long (*vfio_ioctl_fn)(void *object, uint64_t arg);
#define VFIO_IOCTL_INDEX(cmd) ((cmd) - VFIO_IOCTL(0))
/* Runs the entry of `cmd`; -RF_ENOTTY when there is none. */
static ALWAYS_INLINE long vfio_ioctl_run(const vfio_ioctl_fn *table, size_t n, void *object,
                                         unsigned cmd, uint64_t arg)
{
    unsigned i = VFIO_IOCTL_INDEX(cmd);

    return i < n && table[i] ? table[i](object, arg) : trace(-RF_ENOTTY);
}

/* A capability chain behind an information structure of `base` bytes. */
struct vfio_caps {
    uint32_t base;
    uint32_t size;
    struct vfio_info_cap_header *last;
    _Alignas(8) uint8_t bytes[1024];
};
void vfio_caps_init(struct vfio_caps *caps, uint32_t base);
/* Appends a zeroed capability of `size` bytes, header included, and returns it. */
void *vfio_caps_add(struct vfio_caps *caps, uint16_t id, uint16_t version, size_t size);
/* Writes the chain behind the structure at uarg if *argsz has room for it; else *argsz gets what is
 * needed and *cap_offset 0. 0 or -RF_EFAULT. */
int vfio_caps_out(const struct vfio_caps *caps, uint64_t uarg, uint32_t *argsz,
                  uint32_t *cap_offset);

/* --- container.c ----------------------------------------------------------------------------- */
/* Puts a group into a container, and attaches it when that has an IOVA space. aspace_attach's and
 * vfio_peer_check_join's errors; then nothing has changed, and a line says what was in the way. */
int vfio_container_add(struct vfio_container *c, struct vfio_group *g);
/* Bus mastering and interrupts of the group's devices off, streams denied; the container loses its
 * IOVA space with its last group. */
void vfio_container_remove(struct vfio_group *g);

/* --- map.c, unmap.c, info.c
 * --------------------------------------------------------------------------- */
long vfio_iommu_map(struct vfio_container *c, uint64_t uarg);
long vfio_iommu_unmap(struct vfio_container *c, uint64_t uarg);
long vfio_iommu_get_info(struct vfio_container *c, uint64_t uarg);
/* aspace_release_t: drops the references that vfio_iommu_map took. */
void vfio_release(void *ctx, paddr_t pa, uint64_t size, bool ok);
/* MAP_DMA iova ... refused, NAME: why. One line; returns err. */
int vfio_refuse_map(const struct vfio_iommu_type1_dma_map *m, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The map that r would cut in two; NULL: none. */
const struct aspace_map *vfio_find_cut(const struct iommu_aspace *a, struct range r);
unsigned vfio_map_prot(const struct vfio_iommu_type1_dma_map *m); /* PT_READ, PT_WRITE */

/* --- dirty.c --------------------------------------------------------------------------------- */
#define VFIO_DIRTY_BITMAP_MAX MIB(256)
/* VFIO_IOMMU_DIRTY_PAGES. */
long vfio_iommu_dirty_pages(struct vfio_container *c, uint64_t uarg);
/* Is b a bitmap for `size` bytes? 0 or -RF_EINVAL. */
int vfio_dirty_check(const struct vfio_container *c, const struct vfio_bitmap *b, uint64_t size);
/* Sets the bits of r's dirty pages; those of other pages stay. 0 or -RF_EFAULT. */
int vfio_dirty_report(const struct vfio_container *c, const struct vfio_bitmap *b, struct range r);

/* --- peer.c ---------------------------------------------------------------------------------- */
/* What is mapped are registers of d, at `offset` of its file. -RF_ENODEV: they are off; -RF_EXDEV:
 * the way there does not pass the IOMMU; -RF_EBUSY: the MSI-X table or PBA is among them;
 * -RF_EINVAL: not whole quanta of a BAR; aspace_map_add's. */
int vfio_peer_add(const struct vfio_container *c, const struct vfio_iommu_type1_dma_map *m,
                  struct aspace_map *map, const struct vfio_device *d, uint64_t offset);
/* Whether no registers are mapped that the devices of the group could not reach. -RF_EXDEV, with a
 * line that says which. */
int vfio_peer_check_join(const struct vfio_container *c, const struct vfio_group *g);

/* Takes the registers of d out of the workload's address space and of every IOVA space, for good: a
 * new map is needed when they are back. To be called before they go off. */
void vfio_peer_revoke(struct vfio_device *d);

/* --- group.c --------------------------------------------------------------------------------- */
/* The group of an isolation group, made when there is none; NULL: no memory. */
struct vfio_group *vfio_group_get(struct iommu_group *iommu);
/* Leaves the container if neither the group's descriptor nor a device of it is open any more. */
void vfio_group_release(struct vfio_group *g);

static inline bool vfio_group_attached(const struct vfio_group *g)
{
    return g->container && g->container->iommu_set;
}

/* --- device.c, reset.c ----------------------------------------------------------------------- */
/* First open: reset, memory decode on, bus mastering off. -RF_ENOMEM, -RF_EIO (no answer after the
 * reset). */
int vfio_device_open(struct vfio_device *d);

/* The controls that the workload may not choose, after anything that reset the function. */
void vfio_device_set_safe(const struct vfio_device *d);

bool vfio_device_can_reset(const struct vfio_device *d);
/* Resets the function; what the workload configured (command, BARs, interrupts) is as before
 * afterwards. -RF_EINVAL: it has no reset; -RF_EIO: it did not come back, and stays without
 * registers, bus mastering and interrupts until a reset succeeds: it may come late, and as no one
 * set it up. */
int vfio_device_reset(struct vfio_device *d);

/* --- region.c, bar.c ------------------------------------------------------------------------- */
#define VFIO_REGION_SHIFT 40u
long vfio_region_get_info(struct vfio_device *d, uint64_t uarg);
/* Where in physical memory [offset, offset + size) of the device's file is. -RF_EINVAL: not inside
 * a memory BAR; -RF_EBUSY: a page of it has the MSI-X table or PBA. */
int vfio_region_locate(const struct vfio_device *d, uint64_t offset, uint64_t size, paddr_t *pa);
/* pread/pwrite of a BAR: bytes done, -RF_EINVAL beyond its end, -RF_EIO while memory decode is off
 * or for an access that the device refuses. */
long vfio_bar_access(struct vfio_device *d, unsigned bar, uint64_t uaddr, size_t n, uint64_t offset,
                     bool write);

/* --- irq.c, msi.c ---------------------------------------------------------------------------- */
long vfio_irq_get_info(struct vfio_device *d, uint64_t uarg);
long vfio_irq_set(struct vfio_device *d, uint64_t uarg);
/* Vectors that the device and its interrupt controller have for an index. */
unsigned vfio_irq_count(const struct vfio_device *d, uint32_t index);

/* Gives vector start + i the event of descriptor fds[i], or nothing when that is negative. All or
 * nothing: events, interrupts, doorbell and memory are taken before the device is touched. */
int vfio_msi_set(struct vfio_device *d, uint32_t index, unsigned start, unsigned count,
                 const int32_t *fds);
/* Every vector silent and given back. */
void vfio_msi_off(struct vfio_device *d);
/* Programs the device again after a reset. */
void vfio_msi_restore(struct vfio_device *d);

#endif
