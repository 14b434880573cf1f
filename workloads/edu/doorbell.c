/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/edu/trial.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include <linux/vfio.h>

/* Interrupts, and the doorbell that the device may ring. */

/* A message of a remapped interrupt (VT-d 5.1.5.1): where it goes for entry n of the table. */
#define REMAPPED(n)   (0xfee00010ul | (unsigned long)(n) << 5)
#define UNUSED_VECTOR 200u

#define SW_MSI 0x08000000ul /* where Ringfence, as Linux on ARM, keeps the doorbells */

static int wait_event(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    eventfd_t n = 0;

    return poll(&p, 1, ms) == 1 && eventfd_read(fd, &n) == 0 ? (int)n : 0;
}

int trial_interrupt(struct trial *t)
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

/* No interrupt is enabled, so no doorbell is mapped: ringing by DMA does not reach the frame. */
int trial_doorbell_idle(struct trial *t)
{
    load(t, 0x50, 4);
    for (unsigned page = 0; page < 3; page++)
        edu_write_memory(&t->edu, SW_MSI + page * 4096 + 0x40, 4);
    return say(is_all(t->memory, CANARY, t->size), "ringing a doorbell without interrupts");
}

/* With interrupts on, only the doorbell's own page is there. */
int trial_doorbell_neighbour(struct trial *t)
{
    int fd = eventfd(0, 0);

    load(t, 0xee, 64);
    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1))
        return say(0, "MSI set-up");
    edu_write_memory(&t->edu, SW_MSI + 64 * 4096, 64);
    edu_write_memory(&t->edu, SW_MSI + 128 * 4096, 64);
    return say(wait_event(fd, 50) == 0, "write beside the doorbell page");
}

/* Where the controller tells devices apart, whoever it is told to be: what edu writes by DMA
 * carries requester id 0 in QEMU, so that these are another device's events, and that one has none.
 */
int trial_foreign_event(struct trial *t)
{
    static const uint32_t events[] = {0, 1, 31, 8192, UINT32_MAX};
    int fd = eventfd(0, 0);
    int silent, rung;

    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1))
        return say(0, "MSI set-up");
    for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        memcpy(t->memory, &events[i], sizeof(events[i]));
        edu_read_memory(&t->edu, t->iova, 4);
        edu_write_memory(&t->edu, SW_MSI + 0x40, 4);
    }
    silent = wait_event(fd, 50) == 0;
    edu_raise(&t->edu);
    rung = wait_event(fd, 1000) == 1;
    edu_acknowledge(&t->edu);
    return say(silent && rung, "ringing for events in another device's name");
}

/* Messages of entries that belong to nobody. (The check of who sends one is not to be seen in QEMU:
 * what edu writes by DMA carries no requester id there.) */
int trial_unused_interrupt(struct trial *t)
{
    int fd = eventfd(0, 0);

    if (rf_irqs(&t->edu.dev, VFIO_PCI_MSI_IRQ_INDEX, &fd, 1))
        return say(0, "MSI set-up");
    load(t, 0, 4);
    for (unsigned n = UNUSED_VECTOR; n < UNUSED_VECTOR + 4; n++)
        edu_write_memory(&t->edu, REMAPPED(n), 4);
    return say(wait_event(fd, 50) == 0, "messages of entries that are not in use");
}
