/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include <linux/vfio.h>

#include "workloads/edu/edu.h"
#include "workloads/hostile/attempt.h"

/* Takes all that there is. Run by name, as the second one ends the program. */

#define PAGE      4096u
#define FIRST     0x100000000u
#define STEP      0x200000u /* a table for each map */
#define REFUSALS  20000u
#define MAPS      100000u
#define TOO_LARGE ((size_t)1 << 46)

/* Each refused request is worth a line; all of them together are not worth the console. */
void exhaust_console(void)
{
    unsigned refused = 0;
    struct edu e;

    if (edu_open(&e))
        return;
    for (unsigned i = 0; i < REFUSALS; i++)
        refused += rf_dma_map(&e.dev, NULL, 1, PAGE, RF_DMA_READ) < 0;
    attempt(refused == REFUSALS, "%u maps of an odd IOVA", REFUSALS);
    edu_close(&e);
}

/* The kernel's memory first, by maps that need a table each, then all that is left, until the
 * kernel ends the program: it still has to take the device back. */
void exhaust_memory(void)
{
    int event = eventfd(0, EFD_NONBLOCK);
    struct edu e;
    unsigned n = 0;
    char *page, *all;

    if (edu_open(&e) || rf_irqs(&e.dev, VFIO_PCI_MSI_IRQ_INDEX, &event, 1))
        return;
    rf_bus_master(&e.dev, 1);
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (n < MAPS && rf_dma_map(&e.dev, page, FIRST + (uint64_t)n * STEP, PAGE, RF_DMA_READ) == 0)
        n++;
    attempt(n < MAPS, "%u maps", MAPS);
    all = mmap(NULL, TOO_LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
               -1, 0);
    for (size_t at = 0; all != MAP_FAILED && at < TOO_LARGE; at += PAGE)
        all[at] = 1;
    attempt(0, "touching more memory than there is");
}
