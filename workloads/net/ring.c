/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/ring.h"

#include <string.h>

#include "workloads/net/regs.h"

/* Descriptor rings (datasheet 7.1, 7.2). The device writes into descriptors and buffers at any
 * time, so what it says of a frame is read once, and its size is bounded. */

/* A descriptor is in memory before its tail moves; it is read before what it stands for. */
#if defined(__aarch64__)
#define barrier() __asm__ volatile("dmb osh" ::: "memory")
#else
#define barrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif

static void set_base(const struct igbvf *vf, const struct igbvf_ring *r, uint32_t base_reg)
{
    put_reg(vf->regs, base_reg, (uint32_t)r->desc_iova);
    put_reg(vf->regs, base_reg + (RDBAH - RDBAL), (uint32_t)(r->desc_iova >> 32));
    put_reg(vf->regs, base_reg + (RDLEN - RDBAL), r->size * 16);
    put_reg(vf->regs, base_reg + (RDH - RDBAL), 0);
    put_reg(vf->regs, base_reg + (RDT - RDBAL), 0);
}

static void write_desc(struct igbvf_ring *r, unsigned n, uint64_t address, uint32_t word2,
                       uint32_t word3)
{
    r->desc[n][0] = (uint32_t)address;
    r->desc[n][1] = (uint32_t)(address >> 32);
    r->desc[n][2] = word2;
    r->desc[n][3] = word3;
}

static uint64_t buffer_of(const struct igbvf_ring *r, unsigned n)
{
    return r->buffer_iova + (uint64_t)n * BUFFER_SIZE;
}

static unsigned after(const struct igbvf_ring *r, unsigned n)
{
    return n + 1 == r->size ? 0 : n + 1;
}

/* One descriptor always stays with the driver: head and tail together mean empty. */
void ring_start(struct igbvf *vf)
{
    for (unsigned n = 0; n < vf->rx.size; n++)
        write_desc(&vf->rx, n, buffer_of(&vf->rx, n), 0, 0);
    barrier();
    set_base(vf, &vf->rx, RDBAL);
    set_base(vf, &vf->tx, TDBAL);
    put_reg(vf->regs, TDWBAL, 0);
    put_reg(vf->regs, TDWBAH, 0);
    put_reg(vf->regs, SRRCTL,
            SRRCTL_BSIZEPACKET(BUFFER_SIZE) | SRRCTL_DESCTYPE_ADVANCED | SRRCTL_DROP_EN);
    put_reg(vf->regs, RXDCTL, XDCTL_ENABLE);
    put_reg(vf->regs, TXDCTL, XDCTL_ENABLE);
    put_reg(vf->regs, RDT, vf->rx.size - 1);
}

/* --- receive --------------------------------------------------------------------------------- */

unsigned igbvf_receive(struct igbvf *vf, const uint8_t **frame, int *error)
{
    struct igbvf_ring *r = &vf->rx;
    uint32_t status = r->desc[r->next][2];
    unsigned size;

    if (!(status & RXD_DD))
        return 0;
    barrier();
    size = r->desc[r->next][3] & RXD_SIZE;
    *frame = r->buffer + (size_t)r->next * BUFFER_SIZE;
    *error = (status & RXD_ERRORS) || !(status & RXD_EOP) || size == 0;
    return size > BUFFER_SIZE || size == 0 ? BUFFER_SIZE : size;
}

/* The descriptor goes back in the place that is just behind the device's last. */
static void give_back(struct igbvf *vf, uint64_t iova)
{
    struct igbvf_ring *r = &vf->rx;
    unsigned given = r->next;

    write_desc(r, given, iova, 0, 0);
    r->next = after(r, given);
    barrier();
    put_reg(vf->regs, RDT, given);
}

void igbvf_release(struct igbvf *vf)
{
    give_back(vf, buffer_of(&vf->rx, vf->rx.next));
}

void igbvf_receive_into(struct igbvf *vf, uint64_t iova)
{
    unsigned n = get_reg(vf->regs, RDH) % vf->rx.size;

    write_desc(&vf->rx, n, iova, 0, 0);
    barrier();
}

/* --- transmit -------------------------------------------------------------------------------- */

static void reclaim(struct igbvf_ring *r)
{
    while (r->done != r->next && r->desc[r->done][3] & TXD_DD)
        r->done = after(r, r->done);
}

static int is_full(struct igbvf_ring *r)
{
    if (after(r, r->next) == r->done)
        reclaim(r);
    return after(r, r->next) == r->done;
}

int igbvf_send_from(struct igbvf *vf, uint64_t iova, unsigned size)
{
    struct igbvf_ring *r = &vf->tx;

    if (is_full(r))
        return -1;
    write_desc(r, r->next, iova, TXD_DTYP_DATA | TXD_DEXT | TXD_EOP | TXD_IFCS | TXD_RS | size,
               TXD_PAYLEN(size));
    r->next = after(r, r->next);
    barrier();
    put_reg(vf->regs, TDT, r->next);
    return 0;
}

int igbvf_send(struct igbvf *vf, const void *frame, unsigned size)
{
    struct igbvf_ring *r = &vf->tx;
    uint8_t *to = r->buffer + (size_t)r->next * BUFFER_SIZE;

    if (is_full(r) || size > FRAME_MAX)
        return -1;
    memcpy(to, frame, size);
    if (size < FRAME_MIN)
        memset(to + size, 0, FRAME_MIN - size);
    return igbvf_send_from(vf, buffer_of(r, r->next), size < FRAME_MIN ? FRAME_MIN : size);
}

int igbvf_complete_at(struct igbvf *vf, uint64_t iova, const void *frame, unsigned size)
{
    put_reg(vf->regs, TDWBAH, (uint32_t)(iova >> 32));
    put_reg(vf->regs, TDWBAL, (uint32_t)iova | TDWBAL_EN);
    return igbvf_send(vf, frame, size);
}
