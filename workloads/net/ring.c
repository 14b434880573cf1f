/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/ring.h"

#include <string.h>

#include "workloads/net/regs.h"

/* Descriptor rings (datasheet 7.1, 7.2). The device writes into descriptors and buffers at any
 * time, so what it says of a frame is read once, and its size is bounded. */

/* Before a tail moves, descriptors are in memory, and what was in buffers that go back has been
 * read; a descriptor is read before its buffer. x86-64 keeps stores in order, and loads, and no
 * store passes a load (SDM 3A 8.2.2). */
#if defined(__aarch64__)
#define barrier() __asm__ volatile("dmb osh" ::: "memory")
#else
#define barrier() __asm__ volatile("" ::: "memory")
#endif

#define ENABLE_LOOKS 10000u /* a look takes about 1 us, the queue some */

/* First the descriptors, then the buffers of both rings. */
static void lay_out_ring(const struct igbvf *vf, struct igbvf_ring *r, unsigned number)
{
    *r = (struct igbvf_ring){
        .desc = (void *)(vf->memory + number * RING_BYTES),
        .desc_iova = vf->iova + number * RING_BYTES,
        .size = vf->ring_size,
    };
    for (unsigned n = 0; n < RING_MAX; n++)
        r->buffer[n] = 2 * RING_BYTES + (number * RING_MAX + n) * BUFFER_SIZE;
}

static void set_base(const struct igbvf *vf, const struct igbvf_ring *r, uint32_t base_reg)
{
    put_reg(vf->regs, base_reg, (uint32_t)r->desc_iova);
    put_reg(vf->regs, base_reg + (RDBAH - RDBAL), (uint32_t)(r->desc_iova >> 32));
    put_reg(vf->regs, base_reg + (RDLEN - RDBAL), r->size * 16);
    put_reg(vf->regs, base_reg + (RDH - RDBAL), 0);
    put_reg(vf->regs, base_reg + (RDT - RDBAL), 0);
}

static void write_desc(const struct igbvf_ring *r, unsigned n, uint64_t address, uint32_t word2,
                       uint32_t word3)
{
    r->desc[n][0] = address;
    r->desc[n][1] = (uint64_t)word3 << 32 | word2;
}

static unsigned after(const struct igbvf_ring *r, unsigned n)
{
    return n + 1 == r->size ? 0 : n + 1;
}

static unsigned before(const struct igbvf_ring *r, unsigned n)
{
    return n == 0 ? r->size - 1 : n - 1;
}

/* Offers the buffer of a descriptor to the device to receive into. */
static void offer(const struct igbvf *vf, unsigned n)
{
    write_desc(&vf->rx, n, vf->iova + vf->rx.buffer[n], 0, 0);
}

/* A tail that moves before its queue says that it is on is lost (datasheet 4.5.9, 4.5.10). */
static int switch_on(const struct igbvf *vf, uint32_t reg)
{
    put_reg(vf->regs, reg, XDCTL_ENABLE);
    for (unsigned i = 0; i < ENABLE_LOOKS; i++)
        if (get_reg(vf->regs, reg) & XDCTL_ENABLE)
            return 0;
    return -1;
}

/* One descriptor always stays with the driver: head and tail together mean empty. */
int ring_start(struct igbvf *vf)
{
    lay_out_ring(vf, &vf->rx, 0);
    lay_out_ring(vf, &vf->tx, 1);
    vf->is_cut = 0;
    for (unsigned n = 0; n < vf->rx.size; n++)
        offer(vf, n);
    set_base(vf, &vf->rx, RDBAL);
    set_base(vf, &vf->tx, TDBAL);
    put_reg(vf->regs, TDWBAL, 0);
    put_reg(vf->regs, TDWBAH, 0);
    put_reg(vf->regs, SRRCTL,
            SRRCTL_BSIZEPACKET(BUFFER_SIZE) | SRRCTL_DESCTYPE_ADVANCED | SRRCTL_DROP_EN);
    if (switch_on(vf, RXDCTL) || switch_on(vf, TXDCTL))
        return -1;
    igbvf_post(vf);
    return 0;
}

static void move_tail(const struct igbvf *vf, struct igbvf_ring *r, uint32_t tail_reg, unsigned n)
{
    if (r->tail == n)
        return;
    r->tail = n;
    put_reg(vf->regs, tail_reg, n);
}

void igbvf_post(struct igbvf *vf)
{
    barrier();
    move_tail(vf, &vf->tx, TDT, vf->tx.next);
    move_tail(vf, &vf->rx, RDT, before(&vf->rx, vf->rx.next));
}

/* --- receive --------------------------------------------------------------------------------- */

unsigned igbvf_receive(struct igbvf *vf, uint8_t **frame, int *error)
{
    const struct igbvf_ring *r = &vf->rx;
    uint64_t written = r->desc[r->next][1];
    unsigned size = (unsigned)(written >> 32) & RXD_SIZE;

    if (!(written & RXD_DD))
        return 0;
    barrier();
    *frame = vf->memory + r->buffer[r->next];
    *error = vf->is_cut || (written & RXD_ERRORS) || !(written & RXD_EOP) || size == 0 ||
             size > BUFFER_SIZE;
    vf->is_cut = !(written & RXD_EOP);
    return *error ? BUFFER_SIZE : size;
}

/* The descriptor goes back in the place that is just behind the device's last. */
void igbvf_release(struct igbvf *vf)
{
    offer(vf, vf->rx.next);
    vf->rx.next = after(&vf->rx, vf->rx.next);
}

void igbvf_receive_into(struct igbvf *vf, uint64_t iova)
{
    unsigned n = get_reg(vf->regs, RDH) % vf->rx.size;

    write_desc(&vf->rx, n, iova, 0, 0);
    barrier();
}

/* --- transmit -------------------------------------------------------------------------------- */

/* Bit 32 of a descriptor's second half: Descriptor Done is in word 3. */
static int is_sent(const struct igbvf_ring *r, unsigned n)
{
    return (r->desc[n][1] >> 32 & TXD_DD) != 0;
}

static int is_full(struct igbvf_ring *r)
{
    if (after(r, r->next) == r->done)
        while (r->done != r->next && is_sent(r, r->done))
            r->done = after(r, r->done);
    return after(r, r->next) == r->done;
}

/* In a descriptor that is free. */
static void put_frame(struct igbvf_ring *r, uint64_t iova, unsigned size)
{
    write_desc(r, r->next, iova, TXD_DTYP_DATA | TXD_DEXT | TXD_EOP | TXD_IFCS | TXD_RS | size,
               TXD_PAYLEN(size));
    r->next = after(r, r->next);
}

static unsigned pad(uint8_t *frame, unsigned size)
{
    if (size >= FRAME_MIN)
        return size;
    memset(frame + size, 0, FRAME_MIN - size);
    return FRAME_MIN;
}

int igbvf_answer(struct igbvf *vf, unsigned size)
{
    struct igbvf_ring *rx = &vf->rx, *tx = &vf->tx;
    uint32_t frame = rx->buffer[rx->next];

    if (is_full(tx))
        return -1;
    rx->buffer[rx->next] = tx->buffer[tx->next];
    tx->buffer[tx->next] = frame;
    put_frame(tx, vf->iova + frame, pad(vf->memory + frame, size));
    igbvf_release(vf);
    return 0;
}

int igbvf_send_from(struct igbvf *vf, uint64_t iova, unsigned size)
{
    if (is_full(&vf->tx))
        return -1;
    put_frame(&vf->tx, iova, size);
    igbvf_post(vf);
    return 0;
}

int igbvf_send(struct igbvf *vf, const void *frame, unsigned size)
{
    uint32_t to = vf->tx.buffer[vf->tx.next];

    if (is_full(&vf->tx) || size > FRAME_MAX)
        return -1;
    memcpy(vf->memory + to, frame, size);
    return igbvf_send_from(vf, vf->iova + to, pad(vf->memory + to, size));
}

int igbvf_complete_at(struct igbvf *vf, uint64_t iova, const void *frame, unsigned size)
{
    put_reg(vf->regs, TDWBAH, (uint32_t)(iova >> 32));
    put_reg(vf->regs, TDWBAL, (uint32_t)iova | TDWBAL_EN);
    return igbvf_send(vf, frame, size);
}
