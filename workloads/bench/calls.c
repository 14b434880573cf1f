/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/bench/bench.h"

/* Calls that map nothing. */

#define ROUNDS 4096u

#if defined(__aarch64__)
static long null_call(void)
{
    register long number __asm__("x8") = 173; /* getppid */
    register long result __asm__("x0");

    __asm__ volatile("svc #0" : "=r"(result) : "r"(number) : "memory");
    return result;
}
#else
static long null_call(void)
{
    long result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(110L) : "rcx", "r11", "memory"); /* getppid */
    return result;
}
#endif

int bench_null_call(const struct bench *b)
{
    uint64_t begin = bench_now();

    (void)b;
    for (unsigned i = 0; i < ROUNDS; i++)
        null_call();
    bench_result("null_call", ROUNDS, bench_now() - begin);
    return 0;
}

int bench_check_extension(const struct bench *b)
{
    uint64_t begin = bench_now();

    for (unsigned i = 0; i < ROUNDS; i++)
        if (ioctl(b->disk->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1)
            return -1;
    bench_result("check_extension", ROUNDS, bench_now() - begin);
    return 0;
}

int bench_config_read(const struct bench *b)
{
    struct vfio_region_info info = {.argsz = sizeof(info), .index = VFIO_PCI_CONFIG_REGION_INDEX};
    uint32_t ids;
    uint64_t begin;

    if (ioctl(b->disk->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
        return -1;
    begin = bench_now();
    for (unsigned i = 0; i < ROUNDS; i++)
        if (pread(b->disk->fd, &ids, sizeof(ids), (off_t)info.offset) != sizeof(ids))
            return -1;
    bench_result("config_read", ROUNDS, bench_now() - begin);
    return 0;
}

static int trigger_and_read(const struct bench *b, int event)
{
    struct vfio_irq_set set = {
        .argsz = sizeof(set),
        .flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_NONE,
        .index = VFIO_PCI_MSIX_IRQ_INDEX,
        .count = 1,
    };
    eventfd_t count;
    uint64_t begin = bench_now();

    for (unsigned i = 0; i < ROUNDS; i++)
        if (ioctl(b->disk->fd, VFIO_DEVICE_SET_IRQS, &set) ||
            read(event, &count, sizeof(count)) != sizeof(count) || count != 1)
            return -1;
    bench_result("loopback", ROUNDS, bench_now() - begin);
    return 0;
}

int bench_loopback(const struct bench *b)
{
    int event = eventfd(0, 0);
    int failed = rf_irqs(b->disk, VFIO_PCI_MSIX_IRQ_INDEX, &event, 1) || trigger_and_read(b, event);

    rf_irqs(b->disk, VFIO_PCI_MSIX_IRQ_INDEX, NULL, 0);
    close(event);
    return failed ? -1 : 0;
}

int bench_msix(const struct bench *b)
{
    int event = eventfd(0, 0);
    uint64_t begin = bench_now();

    for (unsigned i = 0; i < ROUNDS / 16; i++)
        if (rf_irqs(b->disk, VFIO_PCI_MSIX_IRQ_INDEX, &event, 1) ||
            rf_irqs(b->disk, VFIO_PCI_MSIX_IRQ_INDEX, NULL, 0))
            return -1;
    bench_result("msix", ROUNDS / 16, bench_now() - begin);
    close(event);
    return 0;
}
