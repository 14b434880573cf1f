/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_LIBC_HOOKS_H
#define RF_LIBC_HOOKS_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What newlib calls for the operating system that it expects below (newlib manual, "Syscalls").
 * In the kernel there is one: memory, the log, and nothing else. */
void *_sbrk(ptrdiff_t increment);
_ssize_t _write(int fd, const void *buffer, size_t n);
_ssize_t _read(int fd, void *buffer, size_t n);
int _close(int fd);
_off_t _lseek(int fd, _off_t offset, int whence);
int _fstat(int fd, struct stat *st);
int _isatty(int fd);
int _kill(int pid, int signal);
int _getpid(void);
_Noreturn void _exit(int status);

/* What objects that were compiled with stack protection refer to (Debian's libfdt.a). */
extern const unsigned long __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

#endif
