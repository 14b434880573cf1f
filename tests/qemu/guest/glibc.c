/* SPDX-License-Identifier: BSD-2-Clause */
/* A Linux program with glibc, linked statically by the distribution's own compiler: it starts, and
 * the calls that such programs make first work. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

static int memory_works(void)
{
    char *small = malloc(100), *large = malloc(8 << 20);
    char *page = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int good = small && large && page != MAP_FAILED;

    if (good) {
        memset(large, 1, 8 << 20);
        memset(page, 2, 1 << 16);
        good = large[(8 << 20) - 1] == 1 && page[65535] == 2;
    }
    free(small);
    free(large);
    return good && munmap(page, 1 << 16) == 0;
}

static int clock_runs(void)
{
    struct timespec a, b, nap = {0, 2000000};

    clock_gettime(CLOCK_MONOTONIC, &a);
    nanosleep(&nap, NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    return (b.tv_sec - a.tv_sec) * 1000000000L + (b.tv_nsec - a.tv_nsec) >= 2000000;
}

int main(int argc, char **argv)
{
    int container = open("/dev/vfio/vfio", O_RDWR);
    double third = 1.0 / 3;

    printf("argc %d, argv[2] %s\n", argc, argc > 2 ? argv[2] : "-");
    printf("GREETING is %s\n", getenv("GREETING") ? getenv("GREETING") : "not set");
    printf("floating point %.6f, pid %d\n", third, (int)getpid());
    printf("malloc, printf, mmap, clock: %s\n", memory_works() && clock_runs() ? "ok" : "broken");
    printf("vfio version %d, type1v2 %d\n", ioctl(container, VFIO_GET_API_VERSION),
           ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU));
    close(container);
    return 3;
}
