/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/edu/edu.h"
#include "workloads/hostile/attempt.h"

#define SIZE   4096u
#define SECRET 0xee

static struct edu edu;
static uint8_t *memory;
static uint64_t iova;

/* What a refused read leaves in the device's buffer is its old content or zeros; anything else came
 * from where the device may not read. */
static int came_from_elsewhere(void)
{
    memset(memory, 0x11, SIZE);
    edu_write_memory(&edu, iova, 64);
    for (unsigned i = 0; i < 64; i++)
        if (memory[i] != SECRET && memory[i] != 0)
            return 1;
    return 0;
}

static void attack_reads(void)
{
    for (size_t i = 0; i < target_count; i++) {
        memset(memory, SECRET, SIZE);
        edu_read_memory(&edu, iova, 64);
        edu_read_memory(&edu, targets[i].at, 64);
        attempt(!came_from_elsewhere(), "reading %s by DMA", targets[i].name);
    }
}

/* Writing over the kernel or the IOMMU would end the run: that the next lines come is the proof. */
static void attack_writes(void)
{
    for (size_t i = 0; i < target_count; i++) {
        memset(memory, SECRET, SIZE);
        edu_read_memory(&edu, iova, 64);
        edu_write_memory(&edu, targets[i].at, 64);
        attempt(edu_is_alive(&edu), "writing over %s by DMA", targets[i].name);
    }
}

static int has_rung(int event)
{
    struct pollfd p = {.fd = event, .events = POLLIN};

    return poll(&p, 1, 50) == 1;
}

/* A doorbell can be reached while interrupts are on, and the controller may not tell who rings.
 * What is left to refuse: an interrupt that is not this device's reaches nobody. */
static void attack_doorbell(void)
{
    int event = eventfd(0, EFD_NONBLOCK);
    uint64_t n;

    if (rf_irqs(&edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &event, 1)) {
        attempt(0, "setting up the interrupt");
        return;
    }
    for (size_t i = 0; i < foreign_interrupt_count; i++) {
        memcpy(memory, &foreign_interrupts[i], 4);
        edu_read_memory(&edu, iova, 4);
        edu_write_memory(&edu, doorbells[0], 4);
        edu_write_memory(&edu, doorbells[1], 4);
        attempt(!has_rung(event), "ringing for interrupt %u", (unsigned)foreign_interrupts[i]);
    }
    edu_raise(&edu);
    attempt(has_rung(event) && read(event, &n, 8) == 8,
            "silencing its own interrupt by all that (it still works)");
    edu_acknowledge(&edu);
}

/* Memory that was given back to the kernel is out of the device's reach. */
static void attack_freed_memory(void)
{
    uint64_t other = iova + 0x100000;
    uint8_t *page = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *again;
    int clean = 1;

    rf_dma_map(&edu.dev, page, other, SIZE, RF_DMA_READ | RF_DMA_WRITE);
    memset(memory, SECRET, SIZE);
    edu_read_memory(&edu, iova, 64);
    munmap(page, SIZE);
    again = mmap(NULL, 64 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(again, 0, 64 * SIZE);
    edu_write_memory(&edu, other, 64);
    for (unsigned i = 0; i < 64 * SIZE; i++)
        clean &= again[i] == 0;
    attempt(clean, "reaching memory through the mapping of a page that was unmapped and reused");
}

void attack_dma(void)
{
    if (edu_open(&edu))
        return;
    if (rf_iova_find(&edu.dev, 4ul << 20, &iova) == 0)
        memory = rf_dma_alloc(&edu.dev, iova, SIZE);
    if (memory) {
        attack_reads();
        attack_writes();
        attack_freed_memory();
        attack_doorbell();
    }
    edu_close(&edu);
}
