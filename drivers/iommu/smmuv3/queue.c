/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/regs.h"
#include "drivers/iommu/smmuv3/state.h"

#include "arch/barrier.h"
#include "arch/clock.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"

/* Completion is observed by polling CMDQ_CONS, which passes a CMD_SYNC only when everything before
 * it has completed (4.7.3). Polling memory for the CMD_SYNC's own MSI (IDR0.MSI) is not used: it
 * needs a coherent SMMU as well, it saves bus traffic only when many CPUs wait at once, and it
 * would be a second way to complete that must be proven. */

/* ---- rings (3.5.1) --------------------------------------------------------------------------- */

static uint64_t queue_bytes(unsigned lg2, unsigned entry_words)
{
    return (uint64_t)entry_words * 8 << lg2;
}

static unsigned bytes_order(uint64_t bytes)
{
    return bytes <= PAGE_SIZE ? 0 : log2_ceil(bytes) - PAGE_LG2;
}

int smmuv3_queue_init(struct smmuv3 *s, struct smmuv3_queue *q, unsigned max_lg2,
                      unsigned entry_words)
{
    for (unsigned lg2 = max_lg2;; lg2--) {
        unsigned order = bytes_order(queue_bytes(lg2, entry_words));
        paddr_t pa = page_alloc_zeroed(order);

        if (paddr_valid(pa)) {
            *q = (struct smmuv3_queue){
                .pa = pa,
                .base = paddr_to_ptr(pa),
                .order = (uint8_t)order,
                .lg2 = (uint8_t)lg2,
                .entry_words = (uint8_t)entry_words,
            };
            break;
        }
        if (order == 0)
            return trace(-RF_ENOMEM);
    }
    if (!s->unit.caps.coherent)
        dma_clean(q->base, queue_bytes(q->lg2, entry_words));
    return 0;
}

void smmuv3_queue_fini(struct smmuv3_queue *q, bool hardware_is_off)
{
    if (!q->base)
        return;
    if (hardware_is_off)
        page_free(q->pa, q->order);
    else
        page_quarantine(q->pa, q->order);
    q->base = NULL;
}

uint64_t smmuv3_queue_base(const struct smmuv3 *s, const struct smmuv3_queue *q)
{
    return (q->pa.v & QUEUE_BASE_ADDR) | FIELD_PREP(QUEUE_BASE_LOG2SIZE, q->lg2) |
           (s->unit.caps.coherent ? QUEUE_BASE_HINT : 0);
}

uint64_t *smmuv3_queue_entry(const struct smmuv3_queue *q, uint32_t index)
{
    uint32_t slot = index & ((1u << q->lg2) - 1);

    return q->base + (size_t)slot * q->entry_words;
}

static uint32_t index_mask(const struct smmuv3_queue *q)
{
    return (2u << q->lg2) - 1;
}

uint32_t smmuv3_queue_advance(const struct smmuv3_queue *q, uint32_t index, uint32_t n)
{
    return (index + n) & index_mask(q);
}

uint32_t smmuv3_queue_used(const struct smmuv3_queue *q, uint32_t prod, uint32_t cons)
{
    return (prod - cons) & index_mask(q);
}

/* ---- command errors (7.1) -------------------------------------------------------------------- */

enum recovery { RECOVER_RETRY, RECOVER_REPLACE, RECOVER_NEVER };

static const struct cerror {
    const char *name;
    const char *advice;
    enum recovery recovery;
} cerrors[] = {
    [0] = {"CERROR_NONE", "no reason given", RECOVER_NEVER},
    [1] = {"CERROR_ILL", "the SMMU does not know this command; replaced by CMD_SYNC",
           RECOVER_REPLACE},
    [2] = {"CERROR_ABT", "the SMMU cannot read its command queue; read again", RECOVER_RETRY},
    [3] = {"CERROR_ATC_INV_SYNC", "a device did not answer an invalidation; waited for again",
           RECOVER_RETRY},
};
static const struct cerror cerror_unknown = {"unknown code", "the SMMU is broken", RECOVER_NEVER};

/* How often one wait may be resumed before the queue counts as lost. */
#define RECOVERIES 4u

static void store_cmd(const struct smmuv3 *s, uint32_t index, const struct smmuv3_cmd *cmd)
{
    uint64_t *slot = smmuv3_queue_entry(&s->cmdq, index);

    for (unsigned i = 0; i < CMD_WORDS; i++)
        dma_store64(&slot[i], cmd->w[i]);
    if (!s->unit.caps.coherent)
        dma_clean(slot, sizeof(cmd->w));
}

/* Makes what was stored visible before the SMMU is told of it. Cache maintenance is over only after
 * dma_sync. */
static void publish_barrier(const struct smmuv3 *s)
{
    if (s->unit.caps.coherent)
        dma_wmb();
    else
        dma_sync();
}

static struct smmuv3_cmd cmd_sync(void)
{
    return (struct smmuv3_cmd){
        {FIELD_PREP(CMD0_OP, CMD_SYNC) | FIELD_PREP(SYNC0_CS, SYNC_CS_NONE), 0},
    };
}

static void report_cerror(struct smmuv3 *s, uint32_t cons, const struct cerror *e)
{
    const uint64_t *bad = smmuv3_queue_entry(&s->cmdq, cons);

    s->stats.command_errors++;
    log_err("%s: %s (%u) at command %u, %016lx %016lx: %s", s->cfg.name, e->name,
            (unsigned)FIELD_GET(CMDQ_CONS_ERR, cons), cons & ((1u << s->cmdq.lg2) - 1),
            (unsigned long)dma_load64(&bad[0]), (unsigned long)dma_load64(&bad[1]), e->advice);
}

/* The queue stands still at the bad command, and reads it again after the acknowledgement. */
static enum recovery recover(struct smmuv3 *s)
{
    uint32_t cons = mmio_read32(&s->page0, SMMU_CMDQ_CONS);
    uint32_t code = (uint32_t)FIELD_GET(CMDQ_CONS_ERR, cons);
    const struct cerror *e = code < ARRAY_SIZE(cerrors) ? &cerrors[code] : &cerror_unknown;

    report_cerror(s, cons, e);
    if (e->recovery == RECOVER_NEVER)
        return RECOVER_NEVER;
    if (e->recovery == RECOVER_REPLACE) {
        struct smmuv3_cmd sync = cmd_sync();

        store_cmd(s, cons, &sync);
        publish_barrier(s);
    }
    mmio_write32(&s->page0, SMMU_GERRORN,
                 mmio_read32(&s->page0, SMMU_GERRORN) ^ (uint32_t)GERROR_CMDQ_ERR);
    return e->recovery;
}

static bool cmdq_error(const struct smmuv3 *s)
{
    return (mmio_read32(&s->page0, SMMU_GERROR) ^ mmio_read32(&s->page0, SMMU_GERRORN)) &
           GERROR_CMDQ_ERR;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* Entries that the SMMU has not consumed. More than the ring has: what was read is no index. */
static uint32_t pending(struct smmuv3 *s)
{
    s->cmdq.cons = mmio_read32(&s->page0, SMMU_CMDQ_CONS) & (uint32_t)QUEUE_INDEX;
    return smmuv3_queue_used(&s->cmdq, s->cmdq.prod, s->cmdq.cons);
}

static int give_up(struct smmuv3 *s, int err)
{
    s->commands_on = false;
    return trace(err);
}

static int timed_out(struct smmuv3 *s, uint32_t most)
{
    log_err(
        "%s: SMMU_CMDQ_CONS stands at %08x with SMMU_CMDQ_PROD %08x; wanted at most %u commands "
        "pending within %u ms",
        s->cfg.name, mmio_read32(&s->page0, SMMU_CMDQ_CONS), s->cmdq.prod, most,
        SMMUV3_WAIT_US / 1000);
    return give_up(s, -RF_ETIMEDOUT);
}

/* Command errors are recovered on the way; a command that was replaced did not do what it was for,
 * so the result tells of it. */
static int wait_long(struct smmuv3 *s, uint32_t most)
{
    deadline_t deadline = deadline_in_us(SMMUV3_WAIT_US);
    unsigned errors = 0;
    int result = 0;

    for (;;) {
        bool late = deadline_passed(deadline);

        if (pending(s) <= most)
            return result ? trace(result) : 0;
        if (cmdq_error(s)) {
            enum recovery r = ++errors > RECOVERIES ? RECOVER_NEVER : recover(s);

            if (r == RECOVER_NEVER)
                return give_up(s, -RF_EIO);
            if (r == RECOVER_REPLACE)
                result = -RF_EIO;
        } else if (late) {
            return timed_out(s, most);
        }
        clock_relax();
    }
}

/* Waits until at most `most` commands are pending. No clock is read when they are already. */
static int wait_pending(struct smmuv3 *s, uint32_t most)
{
    return pending(s) <= most ? 0 : wait_long(s, most);
}

/* ---- submitting ------------------------------------------------------------------------------ */

/* Tells the SMMU of what was stored. */
static void submit(struct smmuv3 *s)
{
    publish_barrier(s);
    mmio_write32(&s->page0, SMMU_CMDQ_PROD, s->cmdq.prod);
}

/* Half of the queue, so that a slow SMMU is not told of every command by itself. */
static int make_room(struct smmuv3 *s)
{
    submit(s);
    return wait_pending(s, 1u << s->cmdq.lg2 >> 1);
}

static bool is_full(const struct smmuv3_queue *q)
{
    return smmuv3_queue_used(q, q->prod, q->cons) >> q->lg2 != 0;
}

/* Stores a command in its place. CMDQ_CONS is read only when the last look does not suffice. */
static int put(struct smmuv3 *s, struct smmuv3_cmd cmd)
{
    struct smmuv3_queue *q = &s->cmdq;
    int err = s->commands_on ? 0 : trace(-RF_EIO);

    if (!err && is_full(q))
        err = make_room(s);
    if (err)
        return err;
    store_cmd(s, q->prod, &cmd);
    q->prod = smmuv3_queue_advance(q, q->prod, 1);
    s->stats.commands++;
    return 0;
}

/* The CMD_SYNC is the last command in the queue: it has been consumed when nothing is pending. */
int smmuv3_batch_sync(struct smmuv3 *s, struct smmuv3_batch *b)
{
    int err = put(s, cmd_sync());

    b->count = 0;
    if (err)
        return err;
    submit(s);
    s->stats.syncs++;
    err = wait_pending(s, 0);
    /* What the completion guarantees holds for memory that is read or written from here on. */
    dma_mb();
    return err;
}

int smmuv3_batch_add(struct smmuv3 *s, struct smmuv3_batch *b, struct smmuv3_cmd cmd)
{
    int err = b->count == s->feat.batch_max ? smmuv3_batch_sync(s, b) : 0;

    if (!err)
        err = put(s, cmd);
    b->count++;
    return err;
}

int smmuv3_command_sync(struct smmuv3 *s, struct smmuv3_cmd cmd)
{
    struct smmuv3_batch b;
    int err;

    smmuv3_batch_init(&b);
    err = smmuv3_batch_add(s, &b, cmd);
    return err ? err : smmuv3_batch_sync(s, &b);
}
