/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/eventfd.h>
#include <unistd.h>

#include "workloads/bench/bench.h"
#include "workloads/nvme/nvme.h"
#include "workloads/nvme/queue.h"

/* Reads of 4 KiB from an NVMe disk, one at a time. How long the disk takes is the emulator's host's
 * business, so what waits for it is left out: looks at the completion queue, which are counted, and
 * time in which the CPU is halted, which does not go on there. */

#define BATCHES     15u /* the median is taken: of a batch, a read may have been answered early */
#define READS       64u
#define CALIBRATION 4096u

/* Looks until a command is done, at most `most` times; how often in vain. Not inlined: a look costs
 * the same wherever it is called from. */
static __attribute__((noinline)) unsigned look(const struct nvme_queue *q, unsigned most)
{
    unsigned looks = 0;
    int done;

    do {
        done = queue_is_done(q);
        looks++;
    } while (!done && looks < most);
    return looks - (unsigned)done;
}

/* Instructions of a look in vain. */
static uint64_t look_cost(const struct nvme_queue *q)
{
    uint64_t begin = bench_now();

    look(q, CALIBRATION);
    return (bench_now() - begin + CALIBRATION / 2) / CALIBRATION;
}

static uint32_t blocks(const struct nvme *n)
{
    return BENCH_PAGE / n->block_size;
}

static int read_polled(const struct bench *b, struct nvme *n, uint64_t *looks)
{
    (void)b;
    nvme_read_start(n, 0, blocks(n));
    *looks += look(&n->io, UINT32_MAX);
    return queue_reap(&n->io);
}

/* The memory is the disk's for the time of one command. */
static int read_mapped(const struct bench *b, struct nvme *n, uint64_t *looks)
{
    return rf_dma_map(&n->dev, b->memory, n->data_iova, BENCH_PAGE, RF_DMA_READ | RF_DMA_WRITE) ||
           read_polled(b, n, looks) || rf_dma_unmap(&n->dev, n->data_iova, BENCH_PAGE);
}

static int read_by_interrupt(const struct bench *b, struct nvme *n, uint64_t *looks)
{
    eventfd_t count;

    (void)b, (void)looks;
    nvme_read_start(n, 0, blocks(n));
    if (read(n->io.event, &count, sizeof(count)) != sizeof(count))
        return -1;
    return queue_reap(&n->io);
}

typedef int read_fn(const struct bench *b, struct nvme *n, uint64_t *looks);

static int batches(const struct bench *b, struct nvme *n, const char *row, read_fn *read_one)
{
    uint64_t cost = look_cost(&n->io);

    for (unsigned batch = 0; batch < BATCHES; batch++) {
        uint64_t looks = 0, begin = bench_now();

        for (unsigned i = 0; i < READS; i++)
            if (read_one(b, n, &looks))
                return -1;
        bench_result(row, READS, bench_now() - begin - looks * cost);
    }
    return 0;
}

static int measure(const struct bench *b, struct nvme *n)
{
    if (!n->polled)
        return batches(b, n, "read_interrupt", read_by_interrupt);
    if (batches(b, n, "read_polled", read_polled) ||
        rf_dma_unmap(&n->dev, n->iova, n->memory_size) ||
        rf_dma_map(&n->dev, n->memory, n->iova, (size_t)(n->data - n->memory),
                   RF_DMA_READ | RF_DMA_WRITE))
        return -1;
    return batches(b, n, "read_mapped", read_mapped);
}

int bench_disk(const struct bench *b)
{
    static struct nvme disk;
    int failed = 0;

    for (int polled = 0; polled < 2 && !failed; polled++) {
        if (nvme_open(&disk, b->bdf, polled))
            return -1;
        failed = measure(b, &disk);
        nvme_close(&disk);
    }
    return failed;
}
