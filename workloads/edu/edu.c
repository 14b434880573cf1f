/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/edu/edu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ID          0x00
#define ID_MASK     0xffffu
#define ID_VALUE    0x00edu
#define RAISE       0x60
#define ACKNOWLEDGE 0x64
#define DMA_SOURCE  0x80
#define DMA_TARGET  0x88
#define DMA_COUNT   0x90
#define DMA_COMMAND 0x98
#define DMA_START   0x1u
#define DMA_TO_RAM  0x2u
#define DMA_RING    0x4u
#define IRQ_RAISED  0x001u
#define IRQ_DMA     0x100u
#define BUFFER      0x40000u

static volatile uint32_t *reg32(const struct edu *e, unsigned r)
{
    return (volatile uint32_t *)(e->regs + r);
}

static volatile uint64_t *reg64(const struct edu *e, unsigned r)
{
    return (volatile uint64_t *)(e->regs + r);
}

int edu_is_alive(const struct edu *e)
{
    return (*reg32(e, ID) & ID_MASK) == ID_VALUE;
}

int edu_open(struct edu *e)
{
    char bdf[16];

    memset(e, 0, sizeof(*e));
    if (rf_find_id(EDU_VENDOR, EDU_DEVICE, 0, bdf) || rf_open(&e->dev, bdf)) {
        printf("edu: no edu device was given to this workload (%s)\n", strerror(errno));
        return -1;
    }
    e->regs = rf_bar(&e->dev, 0, NULL);
    if (!e->regs || !edu_is_alive(e) || rf_bus_master(&e->dev, 1)) {
        printf("edu: the device does not answer as an edu\n");
        edu_close(e);
        return -1;
    }
    return 0;
}

void edu_close(struct edu *e)
{
    rf_close(&e->dev);
}

static void start(struct edu *e, uint64_t source, uint64_t target, uint32_t n, uint32_t command)
{
    *reg64(e, DMA_SOURCE) = source;
    *reg64(e, DMA_TARGET) = target;
    *reg64(e, DMA_COUNT) = n;
#if defined(__aarch64__)
    __asm__ volatile("dmb osh" ::: "memory");
#endif
    *reg64(e, DMA_COMMAND) = command;
}

static int wait(struct edu *e)
{
    struct timespec nap = {0, 20000000};

    for (unsigned i = 0; i < 50; i++) {
        nanosleep(&nap, NULL);
        if (!(*reg64(e, DMA_COMMAND) & DMA_START))
            return 0;
    }
    return -1;
}

int edu_read_memory(struct edu *e, uint64_t iova, uint32_t n)
{
    start(e, iova, BUFFER, n, DMA_START);
    return wait(e);
}

void edu_start_write(struct edu *e, uint64_t iova, uint32_t n)
{
    start(e, BUFFER, iova, n, DMA_START | DMA_TO_RAM);
}

void edu_start_ringing(struct edu *e, uint64_t iova, uint32_t n)
{
    start(e, BUFFER, iova, n, DMA_START | DMA_TO_RAM | DMA_RING);
}

int edu_write_memory(struct edu *e, uint64_t iova, uint32_t n)
{
    edu_start_write(e, iova, n);
    return wait(e);
}

void edu_raise(struct edu *e)
{
    *reg32(e, RAISE) = IRQ_RAISED;
}

void edu_acknowledge(struct edu *e)
{
    *reg32(e, ACKNOWLEDGE) = IRQ_RAISED | IRQ_DMA;
}
