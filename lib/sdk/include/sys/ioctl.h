/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

/* Request numbers: direction 31:30 (1 write, 2 read), size 29:16, type 15:8, number 7:0. */
#define _IOC(dir, type, nr, size) (((dir) << 30) | ((size) << 16) | ((type) << 8) | (nr))
#define _IO(type, nr)             _IOC(0u, (type), (nr), 0u)
#define _IOW(type, nr, t)         _IOC(1u, (type), (nr), (unsigned)sizeof(t))
#define _IOR(type, nr, t)         _IOC(2u, (type), (nr), (unsigned)sizeof(t))
#define _IOWR(type, nr, t)        _IOC(3u, (type), (nr), (unsigned)sizeof(t))

int ioctl(int fd, unsigned long request, ...);

#endif
