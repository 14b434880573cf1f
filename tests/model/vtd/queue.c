/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include <string.h>

/* The invalidation queue (6.5.2). */

static unsigned entry_bytes(const struct vtd_model *m)
{
    return bit(m->iqa, 11) ? 32 : 16;
}

static uint64_t ring_bytes(const struct vtd_model *m)
{
    return 4096ull << bits(m->iqa, 2, 0);
}

/* ---- what is legal --------------------------------------------------------------------------- */

struct layout { /* defined bits; all others are reserved and must be 0 */
    uint8_t type;
    bool scalable;
    uint64_t w0, w1;
};

static const struct layout layouts[] = {
    {VTD_INV_CONTEXT, false, 0x0003ffffffff003f, 0},
    {VTD_INV_IOTLB, false, 0x00000000ffff00ff, 0xfffffffffffff07f},
    {VTD_INV_IEC, false, 0x0000fffff800001f, 0},
    {VTD_INV_WAIT, false, 0xffffffff000000ff, 0xfffffffffffffffc},
    {VTD_INV_PIOTLB, true, 0x000fffffffff003f, 0xfffffffffffff07f},
    {VTD_INV_PASID, true, 0x000fffffffff003f, 0},
};

static bool granularity_is_legal(const uint64_t d[2])
{
    unsigned g = (unsigned)bits(d[0], 5, 4);

    switch (bits(d[0], 3, 0)) {
    case VTD_INV_CONTEXT:
    case VTD_INV_IOTLB:
        return g != 0;
    case VTD_INV_PIOTLB:
        return g >= 2;
    case VTD_INV_PASID:
        return g != 2;
    default:
        return true;
    }
}

static bool is_legal(const struct vtd_model *m, const uint64_t d[4])
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        const struct layout *l = &layouts[i];

        if (l->type != bits(d[0], 3, 0))
            continue;
        if (l->scalable && !is_scalable(m))
            return false;
        if (l->type == VTD_INV_IEC && !bit(m->cfg.ecap, 3))
            return false;
        return !(d[0] & ~l->w0) && !(d[1] & ~l->w1) && !d[2] && !d[3] && granularity_is_legal(d);
    }
    return false;
}

static void check_pages(struct vtd_model *m, const uint64_t d[2])
{
    unsigned am = (unsigned)bits(d[1], 5, 0);

    if (bits(d[0], 5, 4) != 3)
        return;
    if (!bit(m->cfg.cap, 39))
        model_broken(&m->watch, "page-selective invalidation, and CAP.PSI is 0");
    if (am > bits(m->cfg.cap, 53, 48))
        model_broken(&m->watch, "AM %u is above CAP.MAMV", am);
    if (keep(d[1], 63, 12) & ((1ull << (12 + am)) - 1))
        model_broken(&m->watch, "address %llx is not aligned to AM %u", (unsigned long long)d[1],
                     am);
}

static void check_drain(struct vtd_model *m, const uint64_t d[2])
{
    if (bit(d[0], 6) != bit(m->cfg.cap, 54) || bit(d[0], 7) != bit(m->cfg.cap, 55))
        model_broken(&m->watch, "IOTLB invalidation %llx: DW and DR are not CAP.DWD and CAP.DRD",
                     (unsigned long long)d[0]);
}

static void check(struct vtd_model *m, const uint64_t d[2])
{
    unsigned type = (unsigned)bits(d[0], 3, 0);

    if (type == VTD_INV_IOTLB)
        check_drain(m, d);
    if (type == VTD_INV_IOTLB || type == VTD_INV_PIOTLB)
        check_pages(m, d);
    if (type == VTD_INV_WAIT && bit(d[0], 4) && bit(d[0], 5))
        model_broken(&m->watch, "a wait descriptor asks for a status and an interrupt");
}

/* ---- invalidations that wait for a wait ------------------------------------------------------ */

static void put_off(struct vtd_model *m, const uint64_t d[2])
{
    if (m->pending_count == PENDING_MAX) {
        model_broken(&m->watch, "%u invalidations without a wait descriptor", PENDING_MAX);
        return;
    }
    memcpy(m->pending[m->pending_count++], d, sizeof(m->pending[0]));
}

static void carry_out(struct vtd_model *m, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        vtm_invalidate(m, m->pending[i]);
    m->pending_count -= n;
    memmove(m->pending, m->pending[n], m->pending_count * sizeof(m->pending[0]));
    for (unsigned i = 0; i < m->wait_count; i++)
        m->waits[i].marks -= m->waits[i].marks < n ? m->waits[i].marks : n;
}

void vtm_carry_out_all(struct vtd_model *m)
{
    carry_out(m, m->pending_count);
}

static void add_wait(struct vtd_model *m, const uint64_t d[2])
{
    if (!bit(d[0], 5) || m->wait_count == WAITS_MAX)
        return;
    m->waits[m->wait_count++] = (struct wait){
        .data = bits(d[0], 63, 32),
        .address = d[1],
        .left = m->cfg.wait_delay,
        .marks = m->pending_count,
    };
}

static void complete(struct vtd_model *m, unsigned i)
{
    struct wait w = m->waits[i];

    m->wait_count--;
    memmove(&m->waits[i], &m->waits[i + 1], (m->wait_count - i) * sizeof(w));
    if (!w.aborted)
        carry_out(m, w.marks);
    if (!vtm_write32(w.address, (uint32_t)w.data))
        model_broken(&m->watch, "status address %llx is no memory", (unsigned long long)w.address);
}

/* The latest first: in no order that software may rely on. */
void vtm_waits_run(struct vtd_model *m)
{
    for (unsigned i = m->wait_count; i-- > 0;) {
        if (m->waits[i].left > 0)
            m->waits[i].left--;
        else if (!m->cfg.wait_stuck || m->waits[i].aborted)
            complete(m, i);
    }
}

/* ---- errors (6.5.2.10) ----------------------------------------------------------------------- */

static void raise_error(struct vtd_model *m, uint32_t bits_of_fsts)
{
    m->fsts |= bits_of_fsts;
    m->tail_needed = true;
    vtm_fault_event(m);
}

/* A time-out drops what was asked since the last wait that completed. Where statuses come late, the
 * one of a dropped wait comes although nothing was done for it, and what is behind stays queued. */
static void time_out(struct vtd_model *m, const uint64_t d[2])
{
    if (bits(d[0], 3, 0) == VTD_INV_WAIT)
        add_wait(m, d);
    m->pending_count = 0;
    if (!m->cfg.late_status)
        m->wait_count = 0;
    for (unsigned i = 0; i < m->wait_count; i++)
        m->waits[i] = (struct wait){m->waits[i].data, m->waits[i].address, 1, 0, true};
    while (m->wait_count && !m->cfg.wait_delay) /* or with the error itself */
        complete(m, 0);
    m->iqh = m->cfg.late_status ? m->iqh : m->iqt;
    raise_error(m, S_ITE);
}

/* True: this descriptor is the one. */
static bool injected(struct vtd_model *m, const uint64_t d[2])
{
    if (m->fail_nth > 1) {
        m->fail_nth--;
        return false;
    }
    if (m->fail_nth == 0 || m->fail_times == 0)
        return false;
    if (--m->fail_times == 0)
        m->fail_nth = 0;
    if (m->fail_bit == S_ITE)
        time_out(m, d);
    else
        raise_error(m, m->fail_bit);
    return true;
}

/* ---- fetching -------------------------------------------------------------------------------- */

static bool fetch(struct vtd_model *m, uint64_t d[4])
{
    memset(d, 0, 4 * sizeof(*d));
    return vtm_read(m, MEM_QUEUE, keep(m->iqa, 63, 12) + m->iqh, d, entry_bytes(m) / 8) &&
           is_legal(m, d) && (is_scalable(m) ? bit(m->iqa, 11) : true);
}

/* False: the queue stands. A time-out comes when the wait is fetched that would have told. */
static bool run_one(struct vtd_model *m)
{
    uint64_t d[4];
    unsigned type;

    if (!fetch(m, d)) {
        raise_error(m, S_IQE);
        return false;
    }
    type = (unsigned)bits(d[0], 3, 0);
    if (injected(m, d))
        return false;
    check(m, d);
    m->counts[type]++;
    memcpy(m->last[type], d, sizeof(m->last[type]));
    m->ends_with_wait = type == VTD_INV_WAIT;
    if (type == VTD_INV_WAIT)
        add_wait(m, d);
    else if (!m->drop[type])
        put_off(m, d);
    m->iqh = (m->iqh + entry_bytes(m)) % ring_bytes(m);
    return true;
}

void vtm_queue_run(struct vtd_model *m)
{
    unsigned budget = m->cfg.lazy_queue ? 1 : ~0u;

    if (!is_on(m, G_QIE))
        return;
    while (budget-- && m->iqh != m->iqt && !(m->fsts & (S_IQE | S_ICE | S_ITE)) && !m->tail_needed)
        if (!run_one(m))
            return;
}
