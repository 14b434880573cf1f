/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/nvme/queue.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

/* The entry is in memory before the doorbell rings; the phase tag is read before the rest. relax()
 * is the CPU's hint that a loop waits. */
#if defined(__aarch64__)
#define barrier() __asm__ volatile("dmb osh" ::: "memory")
#define relax()   __asm__ volatile("yield" ::: "memory")
#else
#define barrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define relax()   __asm__ volatile("pause" ::: "memory")
#endif

#define LOOKS_A_CLOCK 1024 /* the clock is a system call */

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int wait_for_interrupt(struct nvme_queue *q, uint32_t timeout_ms)
{
    struct pollfd p = {.fd = q->event, .events = POLLIN};
    eventfd_t count;

    if (poll(&p, 1, (int)timeout_ms) != 1)
        return -1;
    return eventfd_read(q->event, &count);
}

/* The first time that it is asked, the time begins. */
static int is_late(uint64_t *end, uint32_t timeout_ms)
{
    uint64_t now = now_ms();

    if (*end == 0)
        *end = now + timeout_ms;
    return now >= *end;
}

static int wait_done(struct nvme_queue *q, uint32_t timeout_ms)
{
    uint64_t end = 0;

    for (unsigned looks = 1; !queue_is_done(q); looks++) {
        if (q->event >= 0 && wait_for_interrupt(q, timeout_ms))
            return -1;
        if (looks % LOOKS_A_CLOCK == 0 && is_late(&end, timeout_ms))
            return -1;
        relax();
    }
    return 0;
}

void queue_submit(struct nvme_queue *q, const struct nvme_command *c)
{
    q->sq[q->tail] = *c;
    q->tail = (uint16_t)((q->tail + 1) % NVME_DEPTH);
    barrier();
    *q->sq_doorbell = q->tail;
}

int queue_reap(struct nvme_queue *q)
{
    uint16_t status;

    barrier();
    status = q->cq[q->head].status;
    q->head = (uint16_t)((q->head + 1) % NVME_DEPTH);
    if (q->head == 0)
        q->phase ^= 1;
    *q->cq_doorbell = q->head;
    return (status >> 1) & 0x7ff;
}

int queue_run(struct nvme_queue *q, const struct nvme_command *c, uint32_t timeout_ms)
{
    queue_submit(q, c);
    return wait_done(q, timeout_ms) ? -1 : queue_reap(q);
}
