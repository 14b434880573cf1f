/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_USER_H
#define RF_TESTS_FAKE_USER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/vfio/config.h"
#include "tests/unit/fake_iommu.h"

/* The workload: memory in which any access may fault, eventfds that count, descriptors. */

/* ---- user memory ------------------------------------------------------------------------- */

/* Arguments live at ARG; DMA memory at DMA, of which the second half is read-only. Its pages are
 * contiguous, or in falling order when user.scattered. */
#define ARG       UINT64_C(0x10000000)
#define ARG_SIZE  0x4000u
#define DMA       UINT64_C(0x20000000)
#define DMA_PAGES 1024u
#define DMA_SIZE  (DMA_PAGES * PAGE_SIZE)
#define DMA_RO    (DMA + DMA_SIZE / 2)
#define DMA_RAM   UINT64_C(0x80000000)

static struct {
    uint8_t arg[ARG_SIZE];
    unsigned copies, copy_fails_at; /* the n-th copy from now on faults; 0: none */
    bool scattered;
    unsigned pinned[DMA_PAGES], lost;
    unsigned zaps;
    uint64_t regs_offset;
} user;

static struct vfio_device *opened;

static inline int user_copy(uint64_t uaddr, size_t n)
{
    if (++user.copies == user.copy_fails_at)
        return -RF_EFAULT;
    return uaddr < ARG || n > ARG_SIZE || uaddr - ARG > ARG_SIZE - n ? -RF_EFAULT : 0;
}

static inline int user_copy_in(void *dst, uint64_t uaddr, size_t n)
{
    int err = user_copy(uaddr, n);

    if (!err)
        memcpy(dst, user.arg + (uaddr - ARG), n);
    return err;
}

static inline int user_copy_out(uint64_t uaddr, const void *src, size_t n)
{
    int err = user_copy(uaddr, n);

    if (!err)
        memcpy(user.arg + (uaddr - ARG), src, n);
    return err;
}

static inline paddr_t user_page(uint64_t uaddr)
{
    uint64_t page = (uaddr - DMA) / PAGE_SIZE;

    return PADDR(DMA_RAM + (user.scattered ? DMA_PAGES - 1 - page : page) * PAGE_SIZE);
}

static inline void user_unpin(paddr_t pa, uint64_t size, bool ok)
{
    for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
        unsigned *refs = &user.pinned[(pa.v - DMA_RAM + at) / PAGE_SIZE];

        assert_true(*refs > 0);
        --*refs;
        user.lost += !ok;
    }
}

/* At REGS the workload has mapped the opened device's file from user.regs_offset on, all of it
 * readable, and writable below REGS_RO. */
#define REGS      UINT64_C(0x30000000)
#define REGS_SIZE MIB(2)
#define REGS_RO   (REGS + MIB(1))

static inline struct vfio_device *user_registers(uint64_t uaddr, uint64_t size, bool write,
                                                 uint64_t *offset)
{
    uint64_t end = write ? REGS_RO : REGS + REGS_SIZE;

    if (!opened || uaddr < REGS || uaddr >= end || size > end - uaddr)
        return NULL;
    *offset = user.regs_offset + (uaddr - REGS);
    return opened;
}

/* Each page is a piece. */
static inline int user_pin(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *piece)
{
    uint64_t end = write ? DMA_RO : DMA + DMA_SIZE;

    if (uaddr - REGS < REGS_SIZE)
        return -RF_ENXIO;
    if (uaddr < DMA || uaddr >= end || size > end - uaddr)
        return -RF_EFAULT;
    *pa = user_page(uaddr);
    *piece = PAGE_SIZE;
    user.pinned[(pa->v - DMA_RAM) / PAGE_SIZE]++;
    return 0;
}

static inline unsigned user_pinned_pages(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DMA_PAGES; i++)
        n += user.pinned[i];
    return n;
}

/* ---- eventfds and other descriptors ------------------------------------------------------ */

#define FD_EVENT(n)  (100 + (int)(n)) /* n below EVENTS */
#define EVENTS       16u
#define FD_FILE      50 /* open, but not an eventfd */
#define FD_CLOSED    99
#define FD_CONTAINER 10
#define FD_OTHER     11 /* a second container */
#define FD_DEVICE    20

static struct {
    unsigned refs, count;
} events[EVENTS];

static struct vfio_container *containers[2];
static int install_error;

static inline int fd_event_get(int fd, void **event)
{
    if (fd < FD_EVENT(0) || fd >= FD_EVENT(EVENTS))
        return fd == FD_FILE ? -RF_EINVAL : -RF_EBADF;
    events[fd - FD_EVENT(0)].refs++;
    *event = &events[fd - FD_EVENT(0)];
    return 0;
}

static inline unsigned event_index(void *event)
{
    return (unsigned)(((char *)event - (char *)events) / sizeof(events[0]));
}

static inline void fd_event_put(void *event)
{
    assert_true(events[event_index(event)].refs > 0);
    events[event_index(event)].refs--;
}

static inline void fd_event_signal(void *event)
{
    assert_true(events[event_index(event)].refs > 0);
    events[event_index(event)].count++;
}

static inline int fd_container(int fd, struct vfio_container **out)
{
    if (fd == FD_FILE)
        return -RF_EBADFD;
    if ((fd != FD_CONTAINER && fd != FD_OTHER) || !containers[fd - FD_CONTAINER])
        return -RF_EBADF;
    *out = containers[fd - FD_CONTAINER];
    return 0;
}

static inline int fd_install_device(struct vfio_device *d)
{
    if (install_error)
        return install_error;
    opened = d;
    return FD_DEVICE;
}

static inline void fd_zap(struct vfio_device *d)
{
    (void)d;
    user.zaps++;
}

static const struct vfio_env fake_env = {
    .copy_in = user_copy_in,
    .copy_out = user_copy_out,
    .pin = user_pin,
    .registers = user_registers,
    .unpin = user_unpin,
    .event_get = fd_event_get,
    .event_put = fd_event_put,
    .event_signal = fd_event_signal,
    .container_of_fd = fd_container,
    .install_device = fd_install_device,
    .zap = fd_zap,
};

#endif
