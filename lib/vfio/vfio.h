/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_VFIO_VFIO_H
#define RF_VFIO_VFIO_H

#include "lib/iommu/aspace.h"
#include "lib/pci/pci.h"

/* VFIO objects behind the files of /dev/vfio: container, group, device. Numbers, structures, errno
 * order and argsz rules are those of Linux's <linux/vfio.h> (lib/vfio/uapi.h). File descriptors
 * belong to the layer above; what this layer needs of it comes through struct vfio_env. Not
 * reentrant: there is one workload with one thread, and interrupts are handled where the kernel
 * asks for them. */

struct vfio_container;
struct vfio_group;
struct vfio_device;

struct vfio_env {
    /* The workload's memory. 0 or -RF_EFAULT; nothing else can go wrong, whatever the address. */
    int (*copy_in)(void *dst, uint64_t uaddr, size_t n);
    int (*copy_out)(uint64_t uaddr, const void *src, size_t n);
    /* Brings memory of [uaddr, uaddr + size) in, and takes a reference on each page of the piece
     * that follows itself in physical memory from uaddr on: *piece bytes at *pa, as far as it goes.
     * -RF_EFAULT: something else is there (or is not writable though `write`), -RF_ENXIO: registers
     * are, -RF_ENOMEM; then no reference is held. */
    int (*pin)(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *piece);
    /* The device whose registers the workload has mapped, in one piece and with the right to read
     * or `write`, at all of [uaddr, uaddr + size), and where in its file they are; NULL: it has
     * not. */
    struct vfio_device *(*registers)(uint64_t uaddr, uint64_t size, bool write, uint64_t *offset);
    /* Drops the references of a piece, or of several that follow one another and are smaller than a
     * PAGE_GROUP together; ok false: the pages are never used again (quarantine). */
    void (*unpin)(paddr_t pa, uint64_t size, bool ok);
    /* An eventfd by its descriptor: 0 with a counted handle in *event, -RF_EBADF, -RF_EINVAL. */
    int (*event_get)(int fd, void **event);
    void (*event_put)(void *event);
    void (*event_signal)(void *event); /* adds 1 */
    /* The container behind a descriptor: -RF_EBADF, or -RF_EBADFD when it is something else. */
    int (*container_of_fd)(int fd, struct vfio_container **out);
    /* A new descriptor for an opened device; negative on failure (the device is then closed by the
     * caller). */
    int (*install_device)(struct vfio_device *dev);
    /* Takes every mapping of the device's BARs out of the workload's address space, at once. The
     * next access asks vfio_device_page again. */
    void (*zap)(struct vfio_device *dev);
};
void vfio_set_env(const struct vfio_env *env);

/* --- Policy, set by kmain -------------------------------------------------------------------- */
struct vfio_policy {
    unsigned granule_lg2; /* of every container; 0: smallest common */
    bool allow_unsafe_interrupts;
};
void vfio_set_policy(const struct vfio_policy *p);

/* Offers a function to the workload. Everything of it stays off (bus mastering, interrupts) until
 * it is opened. The group is its isolation group's; msi NULL: no interrupts but INTx (which is not
 * offered). -RF_ENOMEM. */
int vfio_device_add(struct pci_dev *pci, struct iommu_group *group, struct msi_controller *msi);

/* Walks all offered devices (for /sys and the report); NULL ends. */
struct vfio_device *vfio_device_next(struct vfio_device *after);
struct pci_dev *vfio_device_pci(const struct vfio_device *dev);
unsigned vfio_device_group_id(const struct vfio_device *dev);

/* --- Container: /dev/vfio/vfio --------------------------------------------------------------- */
int vfio_container_open(struct vfio_container **out);
/* Last descriptor gone: detaches every group, unmaps and syncs everything. Groups and devices that
 * are still open lose their DMA. */
void vfio_container_close(struct vfio_container *c);
long vfio_container_ioctl(struct vfio_container *c, unsigned cmd, uint64_t arg);

/* --- Group: /dev/vfio/<id> ------------------------------------------------------------------- */
/* -RF_ENOENT: no such group; -RF_EBUSY: open already (as Linux: one opener, and a device that is
 * still open counts as one). */
int vfio_group_open(unsigned id, struct vfio_group **out);
void vfio_group_close(struct vfio_group *g);
long vfio_group_ioctl(struct vfio_group *g, unsigned cmd, uint64_t arg);

/* --- Device: from VFIO_GROUP_GET_DEVICE_FD --------------------------------------------------- */
/* One call for each descriptor that install_device made. With the last one: bus mastering off,
 * interrupts off and freed, reset, then deny if the group is closed too. */
void vfio_device_close(struct vfio_device *dev);
long vfio_device_ioctl(struct vfio_device *dev, unsigned cmd, uint64_t arg);
/* pread/pwrite at offset (region << 40 | offset in region); bytes done or negative. */
long vfio_device_read(struct vfio_device *dev, uint64_t uaddr, size_t n, uint64_t offset);
long vfio_device_write(struct vfio_device *dev, uint64_t uaddr, size_t n, uint64_t offset);
/* May [offset, offset + size) be mapped at all? 0, -RF_EINVAL as Linux. Pages that hold the MSI-X
 * table or PBA are inside the map but never accessible. */
int vfio_device_mmap(struct vfio_device *dev, uint64_t offset, uint64_t size);
/* The page behind an access inside such a map: 0 and *pa (Device-nGnRE, never executable), or
 * -RF_EFAULT (MSI-X page), -RF_EIO (memory decode is off, device closed): SIGBUS. */
int vfio_device_page(struct vfio_device *dev, uint64_t offset, paddr_t *pa);

/* Closes what is open, whoever left it so: bus mastering off, reset, deny, unmap. For the end of
 * the workload. */
void vfio_shutdown(void);

#endif
