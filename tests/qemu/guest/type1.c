/* SPDX-License-Identifier: BSD-2-Clause */
/* VFIO as most user-space drivers use it: the group's number from sysfs, version 1 of type 1, and
 * its unmap, which tells by the size alone what it did. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#define PAGE 4096u

static int open_group(const char *bdf)
{
    char path[96], target[96];
    ssize_t n;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
    n = readlink(path, target, sizeof(target) - 1);
    if (n < 0)
        return -1;
    target[n] = '\0';
    snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(target, '/') + 1);
    return open(path, O_RDWR);
}

static int set_up(const char *bdf)
{
    int container = open("/dev/vfio/vfio", O_RDWR), group = open_group(bdf);

    if (!ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU) ||
        ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
        ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU) ||
        ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf) < 0)
        return -1;
    return container;
}

static int map(int container, void *memory, uint64_t iova, uint64_t size)
{
    struct vfio_iommu_type1_dma_map m = {
        .argsz = sizeof(m),
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = (uintptr_t)memory,
        .iova = iova,
        .size = size,
    };

    return ioctl(container, VFIO_IOMMU_MAP_DMA, &m);
}

/* Pages that went; -1: an error. */
static long unmap(int container, uint64_t iova, uint64_t size)
{
    struct vfio_iommu_type1_dma_unmap u = {.argsz = sizeof(u), .iova = iova, .size = size};

    return ioctl(container, VFIO_IOMMU_UNMAP_DMA, &u) ? -1 : (long)(u.size / PAGE);
}

/* Where pagemap says that memory which was touched is; 0: nowhere. */
static uint64_t frame_of(const void *memory)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t word = 0;
    ssize_t n = pread(fd, &word, sizeof(word), (off_t)((uintptr_t)memory / PAGE * sizeof(word)));

    close(fd);
    return n == sizeof(word) && word >> 63 ? (word & ((UINT64_C(1) << 55) - 1)) * PAGE : 0;
}

int main(int argc, char **argv)
{
    void *memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int container = argc > 1 ? set_up(argv[1]) : -1;

    if (container < 0 || memory == MAP_FAILED || map(container, memory, 0, 4 * PAGE)) {
        perror("type1");
        return 1;
    }
    printf("type1: the second page: %ld pages\n", unmap(container, PAGE, PAGE));
    printf("type1: the first page: %ld pages\n", unmap(container, 0, PAGE));
    printf("type1: once more: %ld pages\n", unmap(container, 0, 4 * PAGE));
    memset(memory, 1, 4 * PAGE);
    printf("type1: mapped at its frame: %s\n",
           frame_of(memory) && map(container, memory, frame_of(memory), PAGE) == 0 ? "ok" : "no");
    return map(container, memory, 0, 4 * PAGE);
}
