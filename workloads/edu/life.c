/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/edu/trial.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Ends: of the device file, of the program, and of patience. */

static volatile int *volatile nowhere = NULL;

/* The device is closed while it is about to write. */
int trial_after_close(struct trial *t)
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
int trial_die(struct trial *t)
{
    load(t, 0xee, 64);
    open_disks();
    edu_start_write(&t->edu, t->iova, 64);
    *nowhere = 0;
    return 1;
}

/* The program dies when the device has written: what the trial above looks for is there. */
int trial_die_late(struct trial *t)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    *nowhere = 0;
    return 1;
}

/* Many refusals in a row, then the device still works. */
int trial_storm(struct trial *t)
{
    load(t, 0xee, 64);
    for (unsigned i = 0; i < 12; i++)
        edu_write_memory(&t->edu, t->iova + t->size + i * 4096, 4096);
    return trial_copy(t);
}
