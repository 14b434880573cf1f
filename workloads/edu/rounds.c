/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <sys/eventfd.h>

#include <linux/vfio.h>

#include "workloads/edu/trial.h"

/* The same again and again: what is good works to the end. */

#define ROUNDS 10

static int copy_is_good(struct trial *t, uint8_t value)
{
    load(t, value, 64);
    edu_write_memory(&t->edu, t->iova + 64, 64);
    return is_all(t->memory + 64, value, 64);
}

static int fires(struct trial *t, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    eventfd_t n = 0;

    edu_raise(&t->edu);
    poll(&p, 1, 1000);
    edu_acknowledge(&t->edu);
    return p.revents == POLLIN && eventfd_read(fd, &n) == 0 && n == 1;
}

/* Copies, refused writes and interrupts in turn. */
int trial_mix(struct trial *t)
{
    int fd = eventfd(0, 0), good = 0;

    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1))
        return say(0, "MSI set-up");
    for (unsigned i = 0; i < ROUNDS; i++) {
        int copied = copy_is_good(t, (uint8_t)i);

        edu_write_memory(&t->edu, t->iova + t->size + i * 4096, 64);
        good += copied && fires(t, fd);
    }
    return say(good == ROUNDS, "copies and interrupts between refused writes");
}

/* Copies at an IOVA that is new each time, and no interrupt. */
int trial_many(struct trial *t)
{
    const uint64_t first = t->iova;
    int good = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        good += copy_is_good(t, (uint8_t)(i + 1));
        rf_dma_unmap(&t->edu.dev, t->iova, t->size);
        t->iova = first + (i + 1) % 4 * t->size;
        rf_dma_map(&t->edu.dev, t->memory, t->iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
    }
    return say(good == ROUNDS, "copies, each after a new map");
}
