/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_EPOLL_H
#define RF_SYS_EPOLL_H

struct file;

/* Takes a file that is about to go out of every epoll set. */
void epoll_forget(struct file *f);

#endif
