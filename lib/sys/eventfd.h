/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_EVENTFD_H
#define RF_SYS_EVENTFD_H

#include "lib/sys/file.h"

/* The file if it is an eventfd, else NULL. */
struct file *eventfd_of(struct file *f);

/* Adds 1 from the kernel's side: never blocks, saturates. */
void eventfd_signal(struct file *f);

#endif
