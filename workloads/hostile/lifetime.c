/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/edu/edu.h"
#include "workloads/hostile/attempt.h"

/* Things that are used after what they stand on has gone. */

#define SIZE        4096u
#define SECRET      0x5a
#define PCI_COMMAND 0x04
#define MASTER      0x04

/* IRQ sets that count past the end, past 2^32, or past their own size. */
static const struct {
    const char *name;
    struct vfio_irq_set set;
} irq_sets[] = {
    {"4294967295 interrupts", {.argsz = 24, .flags = 0x24, .index = 1, .count = UINT32_MAX}},
    {"interrupts that wrap",
     {.argsz = 24, .flags = 0x24, .index = 1, .start = UINT32_MAX, .count = 2}},
    {"two interrupts of one", {.argsz = 28, .flags = 0x24, .index = 1, .count = 2}},
    {"an index that does not exist", {.argsz = 24, .flags = 0x24, .index = UINT32_MAX, .count = 1}},
    {"data that is not there", {.argsz = 20, .flags = 0x24, .index = 1, .count = 1}},
    {"two kinds of data", {.argsz = 24, .flags = 0x26, .index = 1, .count = 1}},
    {"a size of 0", {.argsz = 0, .flags = 0x24, .index = 1, .count = 1}},
};

static void attack_irq_sets(const struct edu *e)
{
    for (size_t i = 0; i < sizeof(irq_sets) / sizeof(irq_sets[0]); i++) {
        uint32_t request[8] = {0};

        memcpy(request, &irq_sets[i].set, sizeof(irq_sets[i].set));
        attempt(ioctl(e->dev.fd, VFIO_DEVICE_SET_IRQS, request) < 0, "SET_IRQS with %s",
                irq_sets[i].name);
    }
}

/* The event outlives its descriptor while the device may signal it; nobody else gets its place. */
static void attack_closed_event(struct edu *e)
{
    int event = eventfd(0, EFD_NONBLOCK), other;
    uint64_t n;

    if (rf_irqs(&e->dev, VFIO_PCI_MSI_IRQ_INDEX, &event, 1))
        return;
    close(event);
    other = eventfd(0, EFD_NONBLOCK);
    edu_raise(e);
    usleep(1000);
    attempt(read(other, &n, 8) < 0, "an interrupt for an event that was closed");
    edu_acknowledge(e);
    rf_irqs(&e->dev, VFIO_PCI_MSI_IRQ_INDEX, NULL, 0);
    close(other);
}

static void attack_epoll(const struct edu *e)
{
    int a = epoll_create1(0), b = epoll_create1(0), event = eventfd(1, 0);
    struct epoll_event want = {.events = EPOLLIN}, got;

    attempt(epoll_ctl(a, EPOLL_CTL_ADD, a, &want) < 0, "an epoll set in itself");
    attempt(epoll_ctl(a, EPOLL_CTL_ADD, b, &want) < 0, "an epoll set in another");
    attempt(epoll_ctl(a, EPOLL_CTL_ADD, e->dev.fd, &want) < 0, "a device in an epoll set");
    epoll_ctl(a, EPOLL_CTL_ADD, event, &want);
    close(event);
    attempt(epoll_wait(a, &got, 1, 0) == 0, "an epoll set that reports a closed event");
    close(a);
    close(b);
}

/* The device keeps the page that was mapped; what the program put in its place is another page. */
static void attack_replaced_page(struct edu *e, uint64_t iova)
{
    uint64_t other = iova + (1 << 20);
    uint8_t *page = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memset(page, SECRET, SIZE);
    if (rf_dma_map(&e->dev, page, other, SIZE, RF_DMA_READ | RF_DMA_WRITE))
        return;
    edu_read_memory(e, other, 64);
    mmap(page, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memset(page, 0, SIZE);
    edu_write_memory(e, other, 64);
    attempt(page[0] == 0 && page[63] == 0, "reaching a page that replaced the mapped one");
    attempt(rf_dma_unmap(&e->dev, other, SIZE) == 0 && page[0] == 0,
            "unmapping a page that is the program's no more");
    munmap(page, SIZE);
}

static int is_master(const struct edu *e)
{
    uint8_t command = MASTER;
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", e->dev.bdf);
    fd = open(path, O_RDONLY);
    (void)pread(fd, &command, 1, PCI_COMMAND);
    close(fd);
    return command & MASTER;
}

/* With its container gone, a device that is still open, its registers still mapped, has no DMA. */
static void attack_without_container(struct edu *e, uint8_t *memory, uint64_t iova)
{
    memset(memory, SECRET, SIZE);
    edu_read_memory(e, iova, 64);
    memset(memory, 0, SIZE);
    close(e->dev.container);
    attempt(edu_is_alive(e) && !is_master(e), "bus mastering without a container");
    rf_bus_master(&e->dev, 0);
    rf_bus_master(&e->dev, 1);
    attempt(!is_master(e), "switching bus mastering on without a container");
    edu_write_memory(e, iova, 64);
    attempt(memory[0] == 0, "DMA without a container");
    attempt(ioctl(e->dev.fd, VFIO_DEVICE_RESET) < 0 || !is_master(e),
            "bus mastering after a reset without a container");
}

/* Registers stay mapped when the descriptor is closed: the device is open as long as they are. */
static void attack_closed_device(struct edu *e)
{
    char path[40];
    int group;

    close(e->dev.fd);
    close(e->dev.group);
    snprintf(path, sizeof(path), "/dev/vfio/%u", e->dev.group_id);
    attempt(open(path, O_RDWR) < 0, "a second owner while the registers are mapped");
    munmap((void *)e->dev.bar[0].address, e->dev.bar[0].size);
    group = open(path, O_RDWR);
    attempt(group >= 0, "keeping the device from its next owner");
    attempt(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, e->dev.bdf) < 0,
            "opening a device whose group has no container");
    close(group);
}

void attack_lifetimes(void)
{
    uint64_t iova;
    uint8_t *memory;
    struct edu e;

    if (edu_open(&e))
        return;
    if (rf_iova_find(&e.dev, 4ul << 20, &iova) || !(memory = rf_dma_alloc(&e.dev, iova, SIZE)))
        return;
    attack_irq_sets(&e);
    attack_closed_event(&e);
    attack_epoll(&e);
    attack_replaced_page(&e, iova);
    attack_without_container(&e, memory, iova);
    attack_closed_device(&e);
}
