/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/barrier.h"
#include "arch/clock.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/base/wait.h"
#include "lib/mem/page.h"

/* The invalidation queue (VT-d 6.5.2). Every batch ends with one wait descriptor, and completion is
 * its status in memory: the head moves before the work is done. Each wait writes another number to
 * another place, so that a status which comes late is neither taken for a later one's nor put over
 * it. The hardware reads the queue, and writes the status, by snooping, whatever ECAP.C says. */
#define QUEUE_ORDER 1u /* the descriptors, and the page of the status */

/* Legacy mode has descriptors of 128 bits, scalable mode needs 256 (IQA.DW). */
static uint32_t entry_words(const struct vtd *v)
{
    return vtd_scalable(v) ? 2 * DESC_WORDS : DESC_WORDS;
}

int vtd_queue_alloc(struct vtd *v)
{
    struct vtd_queue *q = &v->queue;

    if (!(v->feat.ecap & ECAP_QI))
        return 0;
    q->pa = page_alloc_zeroed(QUEUE_ORDER);
    if (!paddr_valid(q->pa))
        return trace(-RF_ENOMEM);
    q->base = paddr_to_ptr(q->pa);
    q->status = paddr_to_ptr(paddr_add(q->pa, PAGE_SIZE));
    q->words = entry_words(v);
    q->entries = (uint32_t)(PAGE_SIZE / (q->words * sizeof(uint64_t)));
    return 0;
}

void vtd_queue_free(struct vtd *v)
{
    if (v->queue.base)
        page_free(v->queue.pa, QUEUE_ORDER);
    v->queue.base = NULL;
}

/* The words of the status page that waits write in turn; the last one is nobody's. */
#define STATUS_WORDS (PAGE_SIZE / sizeof(uint32_t) - 1)

/* A wait that nobody waits for: it does nothing. One that neither writes nor interrupts would be as
 * good, but QEMU takes it for an error. */
static struct vtd_desc nothing(const struct vtd_queue *q)
{
    return (struct vtd_desc){
        {FIELD_PREP(DESC0_TYPE, DESC_WAIT) | WAIT0_SW, ptr_to_paddr(&q->status[STATUS_WORDS]).v}};
}

/* ---- on and off ------------------------------------------------------------------------------ */

static bool is_drained(const void *unit)
{
    const struct vtd *v = unit;

    return ((mmio_read64(&v->regs, VTD_IQH) ^ mmio_read64(&v->regs, VTD_IQT)) & IQ_INDEX) == 0;
}

static bool is_in_error(const struct vtd *v)
{
    return (mmio_read32(&v->regs, VTD_FSTS) & FSTS_QUEUE) != 0;
}

static bool is_drained_or_in_error(const void *unit)
{
    return is_drained(unit) || is_in_error(unit);
}

/* Before a queue goes off its last descriptor has to be a wait (VT-d 6.5.2), and who knows what
 * firmware's was. One of ours goes through the queue's memory, which is then as it was. */
static void end_with_wait(struct vtd *v)
{
    uint64_t iqa = mmio_read64(&v->regs, VTD_IQA), tail = mmio_read64(&v->regs, VTD_IQT) & IQ_INDEX;
    uint64_t bytes = (iqa & IQA_DW ? 2 : 1) * sizeof(struct vtd_desc);
    uint64_t size = PAGE_SIZE << FIELD_GET(IQA_QS, iqa);
    paddr_t at = paddr_add(PADDR(iqa & IQA_IQA), tail);
    const struct vtd_desc wait = nothing(&v->queue);
    uint64_t before[2 * DESC_WORDS], *slot;

    if (!v->queue.base || !page_is_managed(at) || tail + bytes > size)
        return;
    slot = paddr_to_ptr(at);
    for (size_t i = 0; i < bytes / sizeof(*slot); i++) {
        before[i] = dma_load64(&slot[i]);
        dma_store64(&slot[i], i < DESC_WORDS ? wait.w[i] : 0);
    }
    dma_wmb();
    mmio_write64(&v->regs, VTD_IQT, (tail + bytes) % size);
    (void)wait_for_condition(is_drained_or_in_error, v, VTD_WAIT_US);
    for (size_t i = 0; i < bytes / sizeof(*slot); i++)
        dma_store64(&slot[i], before[i]);
}

/* A queue that stands at an error, or does not move, is switched off as it is: what it was asked is
 * asked again, of everything, when the new tables are in place. */
int vtd_queue_stop(struct vtd *v)
{
    v->queue_on = false;
    if (!vtd_is_on(v, GCMD_QIE))
        return 0;
    (void)wait_for_condition(is_drained_or_in_error, v, VTD_WAIT_US);
    if (is_drained(v) && !is_in_error(v))
        end_with_wait(v);
    return vtd_disable(v, GCMD_QIE);
}

int vtd_queue_start(struct vtd *v)
{
    int err;

    if (!v->queue.base)
        return 0;
    v->queue.head = v->queue.tail = 0;
    mmio_write32(&v->regs, VTD_FSTS, (uint32_t)FSTS_QUEUE); /* of the queue before */
    mmio_write64(&v->regs, VTD_IQT, 0);
    mmio_write64(&v->regs, VTD_IQA,
                 (v->queue.pa.v & IQA_IQA) | (vtd_scalable(v) ? IQA_DW : 0) |
                     FIELD_PREP(IQA_QS, 0));
    err = vtd_enable(v, GCMD_QIE);
    v->queue_on = !err;
    return err;
}

/* ---- submitting ------------------------------------------------------------------------------ */

/* What a wider entry has behind the descriptor is 0 since the queue was made. */
static void store(const struct vtd_queue *q, uint32_t entry, const struct vtd_desc *desc)
{
    uint64_t *slot = q->base + (size_t)entry * q->words;

    for (unsigned i = 0; i < DESC_WORDS; i++)
        dma_store64(&slot[i], desc->w[i]);
}

static uint64_t position(const struct vtd_queue *q, uint32_t entry)
{
    return (uint64_t)entry * q->words * sizeof(uint64_t);
}

static uint32_t head(const struct vtd *v)
{
    const struct vtd_queue *q = &v->queue;
    uint64_t bytes = mmio_read64(&v->regs, VTD_IQH) & IQ_INDEX;

    return (uint32_t)(bytes / (q->words * sizeof(uint64_t))) & (q->entries - 1);
}

/* Room for so many. IQH is read only when the last look at it does not suffice. */
static bool has_room(struct vtd *v, unsigned n)
{
    struct vtd_queue *q = &v->queue;

    if (((q->tail - q->head) & (q->entries - 1)) + n < q->entries)
        return true;
    q->head = head(v);
    return ((q->tail - q->head) & (q->entries - 1)) + n < q->entries;
}

static void append(struct vtd *v, const struct vtd_desc *desc)
{
    struct vtd_queue *q = &v->queue;

    store(q, q->tail, desc);
    q->tail = (q->tail + 1) & (q->entries - 1);
    v->stats.descriptors++;
}

static void ring(const struct vtd *v)
{
    dma_wmb(); /* the descriptors, and the tables that they are about */
    mmio_write64(&v->regs, VTD_IQT, position(&v->queue, v->queue.tail));
}

/* Where the last wait writes. */
static uint32_t *status_of(const struct vtd_queue *q)
{
    return &q->status[q->sequence % STATUS_WORDS];
}

static struct vtd_desc wait_desc(const struct vtd_queue *q)
{
    return (struct vtd_desc){
        {FIELD_PREP(DESC0_TYPE, DESC_WAIT) | WAIT0_SW | FIELD_PREP(WAIT0_DATA, q->sequence),
         ptr_to_paddr(status_of(q)).v},
    };
}

static int submit(struct vtd *v, const struct vtd_desc *descs, unsigned n)
{
    struct vtd_queue *q = &v->queue;
    struct vtd_desc wait;

    if (!has_room(v, n + 1)) /* it stands, and has been filled by what was repeated */
        return trace(-RF_EIO);
    for (unsigned i = 0; i < n; i++)
        append(v, &descs[i]);
    q->sequence++;
    wait = wait_desc(q);
    append(v, &wait);
    v->stats.waits++;
    ring(v);
    return 0;
}

/* ---- errors (VT-d 6.5.2.10) ------------------------------------------------------------------ */

enum outcome { PENDING, DONE, REPEAT, REPLACED };

/* How often one batch may be resumed before the queue counts as lost. */
#define RECOVERIES 4u

/* The queue stands at the bad descriptor until the error is cleared and the tail is written, which
 * the next wait does. */
static enum outcome replace_descriptor(struct vtd *v)
{
    const struct vtd_desc filler = nothing(&v->queue);
    uint32_t at = head(v);
    const uint64_t *bad = v->queue.base + (size_t)at * v->queue.words;

    log_err("%s: IQE, invalid descriptor %u, %016lx %016lx (IQEI %u); left out", v->cfg.name, at,
            (unsigned long)dma_load64(&bad[0]), (unsigned long)dma_load64(&bad[1]),
            (unsigned)FIELD_GET(IQER_IQEI, mmio_read64(&v->regs, VTD_IQER)));
    store(&v->queue, at, &filler);
    dma_wmb();
    mmio_write32(&v->regs, VTD_FSTS, (uint32_t)FSTS_IQE);
    return REPLACED;
}

/* Wait descriptors that were pending are dropped with the error, so all is asked once more. */
static enum outcome repeat_batch(struct vtd *v)
{
    log_err("%s: ITE, a device did not answer an invalidation of its TLB; asked again",
            v->cfg.name);
    mmio_write32(&v->regs, VTD_FSTS, (uint32_t)FSTS_ITE);
    return REPEAT;
}

static enum outcome look_at_errors(struct vtd *v)
{
    uint32_t fsts = mmio_read32(&v->regs, VTD_FSTS);

    if (!(fsts & FSTS_QUEUE))
        return PENDING;
    v->stats.errors++;
    if (fsts & FSTS_ICE) {
        log_err("%s: ICE, an answer to an invalidation that was not asked for", v->cfg.name);
        mmio_write32(&v->regs, VTD_FSTS, (uint32_t)FSTS_ICE);
        ring(v);
    }
    if (fsts & FSTS_IQE)
        return replace_descriptor(v);
    return fsts & FSTS_ITE ? repeat_batch(v) : PENDING;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static int give_up(struct vtd *v, int err)
{
    v->queue_on = false;
    v->given_up = true;
    return trace(err);
}

static int timed_out(struct vtd *v)
{
    log_err("%s: an invalidation did not complete within %u ms: IQH_REG %05lx, IQT_REG %05lx, "
            "status %u, wanted %u",
            v->cfg.name, VTD_WAIT_US / 1000, (unsigned long)mmio_read64(&v->regs, VTD_IQH),
            (unsigned long)mmio_read64(&v->regs, VTD_IQT), dma_load32(status_of(&v->queue)),
            v->queue.sequence);
    return give_up(v, -RF_ETIMEDOUT);
}

/* A status counts only when no error was raised before it: what an error dropped may have one, too.
 */
static enum outcome look(struct vtd *v)
{
    bool done = dma_load32(status_of(&v->queue)) == v->queue.sequence;
    enum outcome o = look_at_errors(v);

    return o == PENDING && done ? DONE : o;
}

/* No clock is read when it is done already; end->ns 0: nor was it before. The last look is after
 * the deadline, as in wait_mmio32(). */
static enum outcome wait_status(struct vtd *v, deadline_t *end)
{
    enum outcome o = look(v);

    if (o == PENDING && end->ns == 0)
        *end = deadline_in_us(VTD_WAIT_US);
    for (bool late = false; o == PENDING && !late;) {
        clock_relax();
        late = deadline_passed(*end);
        o = look(v);
    }
    return o;
}

/* A descriptor that was replaced did not do what it was for, so the result tells of it; what was
 * behind it goes through, and is waited for once more. */
static int sync_by_queue(struct vtd *v, const struct vtd_batch *b)
{
    deadline_t end = {0};
    unsigned n = b->count;
    int result = 0;

    for (unsigned tries = 0; tries <= RECOVERIES; tries++) {
        if (submit(v, b->descs, n))
            break;
        switch (wait_status(v, &end)) {
        case DONE:
            dma_mb(); /* what the completion guarantees holds from here on */
            return result;
        case PENDING:
            return timed_out(v);
        case REPLACED:
            result = -RF_EIO;
            n = 0;
            break;
        case REPEAT:
            break;
        }
    }
    return give_up(v, -RF_EIO);
}

static int sync_by_registers(struct vtd *v, const struct vtd_batch *b)
{
    int err = 0;

    for (unsigned i = 0; i < b->count && !err; i++)
        err = vtd_invalidate_direct(v, &b->descs[i]);
    if (err)
        v->given_up = true;
    return err;
}

/* ---- batches --------------------------------------------------------------------------------- */

void vtd_batch_add(struct vtd_batch *b, struct vtd_desc desc)
{
    ASSERT(b->count < VTD_BATCH);
    b->descs[b->count++] = desc;
}

int vtd_batch_sync(struct vtd *v, struct vtd_batch *b)
{
    int err = v->given_up ? trace(-RF_EIO) : vtd_flush_write_buffer(v);

    if (err)
        return err;
    return v->queue.base ? sync_by_queue(v, b) : sync_by_registers(v, b);
}
