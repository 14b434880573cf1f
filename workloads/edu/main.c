/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include <linux/vfio.h>

#include "workloads/edu/edu.h"

/* One trial a command: what the device may do works, what it may not do changes no byte. The kernel
 * prints the refusal itself. */

#define CANARY        0x5a
#define FIRMWARE      0x60000000ul /* what the tree of tests/qemu/rows reserves for the device ... */
#define FIRMWARE_SIZE 0x10000ul    /* ... and maps to itself */
#define SW_MSI        0x08000000ul /* where Ringfence, as Linux on ARM, keeps the doorbells */

static volatile int *volatile nowhere = NULL;

struct trial {
    struct edu edu;
    size_t size;   /* of every mapping here: two quanta */
    uint64_t iova; /* mapped, at `memory` */
    uint8_t *memory;
};

static int say(int good, const char *what)
{
    printf("edu: %s: %s\n", what, good ? "ok" : "ESCAPED or broken");
    return good ? 0 : 1;
}

/* Memory that can be mapped, n times t->size. */
static uint8_t *fresh(const struct trial *t, size_t n)
{
    return aligned_alloc(t->size, n * t->size);
}

static int is_all(const uint8_t *p, uint8_t value, size_t n)
{
    while (n > 0 && *p == value)
        p++, n--;
    return n == 0;
}

/* Puts n bytes of `value` into the device's buffer. */
static void load(struct trial *t, uint8_t value, uint32_t n)
{
    memset(t->memory, value, n);
    edu_read_memory(&t->edu, t->iova, n);
    memset(t->memory, CANARY, t->size);
}

static int copy(struct trial *t)
{
    for (unsigned i = 0; i < 256; i++)
        t->memory[i] = (uint8_t)(i * 3);
    edu_read_memory(&t->edu, t->iova, 256);
    edu_write_memory(&t->edu, t->iova + 4096, 256);
    return say(memcmp(t->memory, t->memory + 4096, 256) == 0, "copy there and back");
}

static int wait_event(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    eventfd_t n = 0;

    return poll(&p, 1, ms) == 1 && eventfd_read(fd, &n) == 0 ? (int)n : 0;
}

static int interrupt(struct trial *t)
{
    int fd = eventfd(0, 0);
    int first, second;

    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1))
        return say(0, "MSI set-up");
    edu_raise(&t->edu);
    first = wait_event(fd, 1000);
    edu_acknowledge(&t->edu);
    second = wait_event(fd, 50);
    rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, NULL, 0);
    return say(first == 1 && second == 0, "MSI through the remapped doorbell");
}

static int outside_write(struct trial *t)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, t->iova + t->size, 64);
    edu_write_memory(&t->edu, t->iova - 4096, 64);
    return say(is_all(t->memory, CANARY, t->size), "write outside every mapping");
}

/* The device's buffer still holds what it had: nothing came in. */
static int outside_read(struct trial *t)
{
    load(t, 0xee, 64);
    edu_read_memory(&t->edu, t->iova + t->size, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    return say(!is_all(t->memory, CANARY, 64) &&
                   (is_all(t->memory, 0xee, 64) || is_all(t->memory, 0, 64)),
               "read outside every mapping");
}

static int read_only(struct trial *t)
{
    uint8_t *page = fresh(t, 1);
    uint64_t iova = t->iova + 0x100000;

    memset(page, CANARY, t->size);
    load(t, 0xee, 64);
    if (rf_dma_map(&t->edu.dev, page, iova, t->size, RF_DMA_READ))
        return say(0, "read-only map");
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(page, CANARY, t->size), "write to a read-only mapping");
}

static int after_unmap(struct trial *t)
{
    uint8_t *page = fresh(t, 1);
    uint64_t iova = t->iova + 0x100000;
    int before;

    load(t, 0xee, 64);
    if (rf_dma_map(&t->edu.dev, page, iova, t->size, RF_DMA_READ | RF_DMA_WRITE))
        return say(0, "map");
    edu_write_memory(&t->edu, iova, 64); /* the translation is cached from here on */
    before = is_all(page, 0xee, 64);
    rf_dma_unmap(&t->edu.dev, iova, t->size);
    memset(page, CANARY, t->size);
    edu_write_memory(&t->edu, iova, 64);
    return say(before && is_all(page, CANARY, t->size), "write after unmap");
}

/* The memory moves to another page at the same IOVA: the old page is out of reach. */
static int after_remap(struct trial *t)
{
    uint8_t *pages = fresh(t, 2);
    uint64_t iova = t->iova + 0x100000;

    load(t, 0xee, 64);
    memset(pages, CANARY, 2 * t->size);
    rf_dma_map(&t->edu.dev, pages, iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
    edu_write_memory(&t->edu, iova, 64);
    rf_dma_unmap(&t->edu.dev, iova, t->size);
    memset(pages, CANARY, 2 * t->size);
    rf_dma_map(&t->edu.dev, pages + t->size, iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(pages, CANARY, t->size) && is_all(pages + t->size, 0xee, 64),
               "write after the IOVA moved to another page");
}

static int aperture(struct trial *t)
{
    static const uint64_t far[] = {1ul << 39, (1ul << 47) + 4096, 1ul << 48, 1ul << 52, ~0ul << 12};

    load(t, 0xee, 64);
    for (unsigned i = 0; i < sizeof(far) / sizeof(far[0]); i++)
        edu_write_memory(&t->edu, far[i], 64);
    return say(is_all(t->memory, CANARY, t->size), "write above the aperture");
}

/* No interrupt is enabled, so no doorbell is mapped: ringing by DMA does not reach the frame. */
static int doorbell_idle(struct trial *t)
{
    load(t, 0x50, 4);
    for (unsigned page = 0; page < 3; page++)
        edu_write_memory(&t->edu, SW_MSI + page * 4096 + 0x40, 4);
    return say(is_all(t->memory, CANARY, t->size), "ringing a doorbell without interrupts");
}

/* With interrupts on, only the doorbell's own page is there. */
static int doorbell_neighbour(struct trial *t)
{
    int fd = eventfd(0, 0);

    load(t, 0xee, 64);
    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1))
        return say(0, "MSI set-up");
    edu_write_memory(&t->edu, SW_MSI + 64 * 4096, 64);
    edu_write_memory(&t->edu, SW_MSI + 128 * 4096, 64);
    return say(wait_event(fd, 50) == 0, "write beside the doorbell page");
}

/* What firmware had mapped for the device stays mapped, to itself, and nothing can be put there. */
static int firmware(struct trial *t)
{
    uint8_t *page = fresh(t, 1);

    load(t, 0xee, 64);
    edu_write_memory(&t->edu, FIRMWARE, 64);
    load(t, 0x11, 64);
    edu_read_memory(&t->edu, FIRMWARE + FIRMWARE_SIZE - 64, 64);
    edu_read_memory(&t->edu, FIRMWARE, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    return say(is_all(t->memory, 0xee, 64) &&
                   rf_dma_map(&t->edu.dev, page, FIRMWARE, t->size, RF_DMA_READ),
               "memory that firmware mapped for the device");
}

static int firmware_end(struct trial *t)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, FIRMWARE + FIRMWARE_SIZE, 64);
    edu_write_memory(&t->edu, FIRMWARE - 64, 64);
    return say(is_all(t->memory, CANARY, t->size), "write around the firmware's memory");
}

/* Memory mapped for the disk is not the edu's: each device has its own table. */
static int foreign_map(struct trial *t)
{
    struct rf_device disk;
    uint64_t iova = t->iova + 0x100000;
    uint8_t *memory;
    char bdf[16];

    load(t, 0xee, 64);
    if (rf_find_class(0x010802, 0xffffff, 0, bdf) || rf_open(&disk, bdf))
        return say(0, "opening the disk");
    memory = rf_dma_alloc(&disk, iova, t->size);
    memset(memory, CANARY, t->size);
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(memory, CANARY, t->size), "write to what is mapped for another device");
}

/* The memory of another device's BAR (QEMU's ivshmem-plain), in the edu's container. */
struct peer {
    struct rf_device dev;
    volatile uint8_t *bar;
    uint64_t iova;
};

#define PEER_VENDOR 0x1af4
#define PEER_DEVICE 0x1110
#define PEER_BAR    2
#define PCI_COMMAND 4u
#define PCI_MEMORY  2u

static int peer_map(struct trial *t, const struct peer *p, uint64_t iova)
{
    return rf_dma_map(&t->edu.dev, (void *)p->bar, iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
}

static int peer_open(struct trial *t, struct peer *p)
{
    char bdf[16];

    p->iova = t->iova + 0x100000;
    if (rf_find_id(PEER_VENDOR, PEER_DEVICE, 0, bdf) || rf_open_with(&p->dev, bdf, &t->edu.dev))
        return say(0, "opening the peer");
    p->bar = rf_bar(&p->dev, PEER_BAR, NULL);
    if (!p->bar || peer_map(t, p, p->iova))
        return say(0, "mapping the peer's BAR");
    p->bar[0] = CANARY;
    p->bar[63] = CANARY;
    return 0;
}

/* Does the edu reach the BAR? What it writes there is seen by the CPU, and can be read back. */
static int peer_reached(struct trial *t, const struct peer *p)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, p->iova, 64);
    return p->bar[0] == 0xee && p->bar[63] == 0xee;
}

static int peer_copy(struct trial *t)
{
    struct peer p;

    if (peer_open(t, &p))
        return 1;
    if (!peer_reached(t, &p))
        return say(0, "write into another device's BAR");
    p.bar[0] = p.bar[63] = 0x11;
    edu_read_memory(&t->edu, p.iova, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    return say(t->memory[0] == 0x11 && t->memory[63] == 0x11 && t->memory[1] == 0xee,
               "write into another device's BAR, and read it back");
}

/* The map goes when decode does, and does not come back with it. */
static int peer_off(struct trial *t)
{
    struct peer p;
    int refused, reached;

    if (peer_open(t, &p))
        return 1;
    rf_config_write(&p.dev, PCI_COMMAND, 2, 0);
    refused = peer_map(t, &p, p.iova + t->size) && errno == ENODEV;
    rf_config_write(&p.dev, PCI_COMMAND, 2, PCI_MEMORY);
    reached = peer_reached(t, &p);
    rf_dma_unmap(&t->edu.dev, p.iova, t->size);
    return say(refused && !reached && !peer_map(t, &p, p.iova) && peer_reached(t, &p),
               "a BAR that went off is out of reach until it is mapped again");
}

static int peer_close(struct trial *t)
{
    struct peer p;

    if (peer_open(t, &p))
        return 1;
    rf_close(&p.dev);
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, p.iova, 64);
    return say(1, "write into the BAR of a device that was closed");
}

/* The device is closed while it is about to write. */
static int after_close(struct trial *t)
{
    struct timespec nap = {0, 300000000};

    load(t, 0xee, 64);
    edu_start_write(&t->edu, t->iova, 64);
    edu_close(&t->edu);
    nanosleep(&nap, NULL);
    return say(is_all(t->memory, CANARY, t->size), "write after the container was closed");
}

/* The disks too are this program's: the kernel resets each when the program ends, and a reset takes
 * longer than the device's write. */
static void open_disks(void)
{
    static struct rf_device disk[2];
    char bdf[16];

    for (unsigned i = 0; i < 2 && !rf_find_class(0x010802, 0xffffff, i, bdf); i++)
        if (rf_open(&disk[i], bdf))
            printf("edu: disk %s cannot be opened\n", bdf);
}

/* The program dies while the device is about to write: the kernel takes the device away first. */
static int die(struct trial *t)
{
    load(t, 0xee, 64);
    open_disks();
    edu_start_write(&t->edu, t->iova, 64);
    *nowhere = 0;
    return 1;
}

/* The program dies when the device has written: what the trial above looks for is there. */
static int die_late(struct trial *t)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    *nowhere = 0;
    return 1;
}

/* Many refusals in a row, then the device still works. */
static int storm(struct trial *t)
{
    load(t, 0xee, 64);
    for (unsigned i = 0; i < 12; i++)
        edu_write_memory(&t->edu, t->iova + t->size + i * 4096, 4096);
    return copy(t);
}

static const struct {
    const char *name;
    int (*run)(struct trial *t);
} trials[] = {
    {"copy", copy},
    {"interrupt", interrupt},
    {"outside-write", outside_write},
    {"outside-read", outside_read},
    {"read-only", read_only},
    {"after-unmap", after_unmap},
    {"after-remap", after_remap},
    {"aperture", aperture},
    {"doorbell-idle", doorbell_idle},
    {"doorbell-neighbour", doorbell_neighbour},
    {"firmware", firmware},
    {"firmware-end", firmware_end},
    {"foreign-map", foreign_map},
    {"peer-copy", peer_copy},
    {"peer-off", peer_off},
    {"peer-close", peer_close},
    {"after-close", after_close},
    {"storm", storm},
    {"die", die},
    {"die-late", die_late},
};
#define TRIALS (sizeof(trials) / sizeof(trials[0]))

static int run(const char *name)
{
    struct trial t;

    for (unsigned i = 0; i < TRIALS; i++) {
        int failed;

        if (strcmp(name, trials[i].name) != 0)
            continue;
        if (edu_open(&t.edu) || rf_iova_find(&t.edu.dev, 4ul << 20, &t.iova))
            return 1;
        t.size = 2 * rf_quantum(&t.edu.dev);
        t.iova += 1ul << 20;
        t.memory = rf_dma_alloc(&t.edu.dev, t.iova, t.size);
        if (!t.memory)
            return say(0, "DMA memory");
        memset(t.memory, CANARY, t.size);
        failed = trials[i].run(&t);
        edu_close(&t.edu);
        return failed;
    }
    return -1;
}

static int usage(const char *name)
{
    printf("usage: %s TRIAL...\n", name);
    for (unsigned i = 0; i < TRIALS; i++)
        printf("  %s\n", trials[i].name);
    return 2;
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc < 2)
        return usage(argv[0]);
    for (int i = 1; i < argc; i++) {
        int r = run(argv[i]);

        if (r < 0)
            return usage(argv[0]);
        failed |= r;
    }
    return failed;
}
