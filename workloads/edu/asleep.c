/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/edu/trial.h"

#ifndef CLOCK_PROCESS_CPUTIME_ID /* newlib leaves it out */
#define CLOCK_PROCESS_CPUTIME_ID 2
#endif

/* What the kernel does while a function needs a tenth of a second for its reset. */

#define RESETS 4

static long us(clockid_t clock)
{
    struct timespec t = {0, 0};

    clock_gettime(clock, &t);
    return (long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The disk is reset again and again, and meanwhile an interrupt of the other device comes, which
 * nobody takes before the call is over. */
int trial_reset_asleep(struct trial *t)
{
    struct rf_device disk;
    char bdf[16];
    int fd = eventfd(0, EFD_NONBLOCK), failed = 0;
    eventfd_t n = 0;

    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1) ||
        rf_find_class(0x010802, 0xffffff, 0, bdf) || rf_open_with(&disk, bdf, &t->edu.dev))
        return say(0, "MSI set-up, and a disk");
    edu_start_ringing(&t->edu, t->iova, 64);
    long began = us(CLOCK_MONOTONIC), worked = us(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned i = 0; i < RESETS; i++)
        failed |= ioctl(disk.fd, VFIO_DEVICE_RESET);
    worked = us(CLOCK_PROCESS_CPUTIME_ID) - worked;
    long took = us(CLOCK_MONOTONIC) - began;
    rf_close(&disk);
    eventfd_read(fd, &n);
    edu_acknowledge(&t->edu);
    printf("edu: %d resets took %ld us, of which %ld at work\n", RESETS, took, worked);
    return say(!failed && n == 1 && took >= RESETS * 100000l && worked < took / 2,
               "resets, mostly asleep, and an interrupt between them");
}
