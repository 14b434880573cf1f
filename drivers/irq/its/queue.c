/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/its/regs.h"
#include "drivers/irq/its/state.h"

#include "arch/barrier.h"
#include "arch/clock.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"

/* The command queue (IHI 0069 5.3): a ring of 128 commands. GITS_CREADR passes a SYNC only when
 * what stands before it is in effect, so that is what is waited for. */

#define QUEUE_BYTES ((uint32_t)PAGE_SIZE)

int its_queue_init(struct its *s)
{
    struct its_queue *q = &s->queue;
    paddr_t pa = page_alloc_zeroed(0);
    uint64_t value = pa.v | GITS_VALID | FIELD_PREP(GITS_PAGES, QUEUE_BYTES / PAGE_SIZE - 1);
    uint64_t shared =
        FIELD_PREP(GITS_INNER_CACHE, CACHE_RAWAWB) | FIELD_PREP(GITS_SHARE, SHARE_INNER);
    uint64_t alone = FIELD_PREP(GITS_INNER_CACHE, CACHE_NONE);

    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    *q = (struct its_queue){.base = paddr_to_ptr(pa), .bytes = QUEUE_BYTES};
    q->clean = s->cfg.noncoherent;
    mmio_write64(&s->cfg.regs, GITS_CBASER, value | (q->clean ? alone : shared));
    uint64_t kept = mmio_read64(&s->cfg.regs, GITS_CBASER);
    if (FIELD_GET(GITS_SHARE, kept) == SHARE_NONE) {
        mmio_write64(&s->cfg.regs, GITS_CBASER, value | alone);
        q->clean = true;
    }
    mmio_write64(&s->cfg.regs, GITS_CWRITER, 0);
    if ((kept ^ value) & CBASER_ADDR) {
        log_err("%s: GITS_CBASER does not keep the address 0x%lx", s->cfg.name, pa.v);
        return -RF_ERANGE;
    }
    return 0;
}

void its_queue_fini(struct its *s)
{
    if (!s->queue.base)
        return;
    mmio_write64(&s->cfg.regs, GITS_CBASER, 0);
    page_free(ptr_to_paddr(s->queue.base), 0);
    s->queue.base = NULL;
}

static void store(struct its *s, uint32_t offset, struct its_command c)
{
    uint64_t *slot = s->queue.base + offset / sizeof(*slot);

    for (unsigned i = 0; i < CMD_WORDS; i++)
        dma_store64(&slot[i], c.word[i]);
    its_clean(s->queue.clean, slot, CMD_SIZE);
}

/* What the commands name, and they themselves, are in memory before the ITS is told. */
static void kick(const struct its *s, uint64_t retry)
{
    dma_sync();
    mmio_write64(&s->cfg.regs, GITS_CWRITER, s->queue.write | retry);
}

/* The ITS stands before a command that it cannot carry out (12.19.6). It is overwritten by one that
 * does nothing, and the ITS told to look again. */
static void skip(struct its *s, uint32_t offset)
{
    const uint64_t *slot = s->queue.base + offset / sizeof(*slot);

    log_limited(LOG_ERR, "%s: command 0x%lx 0x%lx 0x%lx is refused", s->cfg.name,
                dma_load64(&slot[0]), dma_load64(&slot[1]), dma_load64(&slot[2]));
    store(s, offset, its_sync_of(s));
    kick(s, CWRITER_RETRY);
}

/* Until the ITS has taken all commands. More of them than there are cannot be skipped. */
static int drain(struct its *s)
{
    deadline_t end = deadline_in_us(ITS_WAIT_US);
    unsigned skipped = 0;

    for (;;) {
        bool last_look = deadline_passed(end);
        uint64_t at = mmio_read64(&s->cfg.regs, GITS_CREADR);

        if ((at & CREADR_STALLED) && skipped <= s->queue.pending) {
            skip(s, at & QUEUE_OFF & (s->queue.bytes - 1));
            skipped++;
        } else if ((at & QUEUE_OFF) == s->queue.write) {
            return skipped ? -RF_EIO : 0;
        } else if (last_look) {
            log_err("%s: waited %u us for GITS_CREADR to be 0x%x, got 0x%lx", s->cfg.name,
                    ITS_WAIT_US, s->queue.write, at);
            return -RF_ETIMEDOUT;
        }
        clock_relax();
    }
}

static void flush(struct its *s)
{
    kick(s, 0);
    int err = drain(s);

    s->queue.pending = 0;
    if (err)
        s->queue.error = err;
    if (err == -RF_ETIMEDOUT)
        its_kill(s, "it does not take commands");
}

/* One slot stays free, as a full ring would look empty, and one for the SYNC. */
void its_push(struct its *s, struct its_command c)
{
    struct its_queue *q = &s->queue;

    if (!s->dead && q->pending == q->bytes / CMD_SIZE - 2)
        flush(s);
    if (s->dead)
        return;
    store(s, q->write, c);
    q->write = (q->write + CMD_SIZE) % q->bytes;
    q->pending++;
}

int its_sync(struct its *s)
{
    its_push(s, its_sync_of(s));
    if (!s->dead)
        flush(s);
    int err = s->dead ? -RF_ETIMEDOUT : s->queue.error;
    s->queue.error = 0;
    return err;
}
