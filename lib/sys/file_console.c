/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/sys/file.h"
#include "lib/sys/uaccess.h"

/* Standard input, output and error. Input is at its end from the start; output goes to the kernel's
 * console as it is. They say that they are a terminal, so that C libraries write line by line. */

#define CHUNK 256u

static int64_t console_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)uaddr, (void)n, (void)pos;
    return 0;
}

static int64_t console_write(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)pos;
    char text[CHUNK];
    uint64_t done = 0;
    while (done < n) {
        size_t part = MIN(n - done, CHUNK);
        if (copy_in(text, uaddr + done, part) != 0)
            return done != 0 ? (int64_t)done : -RF_EFAULT;
        log_raw(text, part);
        done += part;
    }
    return (int64_t)done;
}

/* What a program sees that asks for the terminal's settings: cooked, echoing, 8 bits. */
static int64_t console_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
    static const struct lx_termios settings = {
        .iflag = 0x500, .oflag = 0x5, .cflag = 0xbf, .lflag = 0x8a3b};
    static const struct lx_winsize size = {.rows = 24, .columns = 80};
    (void)f;
    switch (cmd) {
    case LX_TCGETS:
        return copy_out(arg, &settings, sizeof(settings));
    case LX_TIOCGWINSZ:
        return copy_out(arg, &size, sizeof(size));
    }
    return -RF_ENOTTY;
}

static unsigned console_poll(struct file *f)
{
    (void)f;
    return LX_POLLIN | LX_POLLRDNORM | LX_POLLOUT | LX_POLLWRNORM;
}

static void console_stat(struct file *f, struct file_stat *st)
{
    (void)f;
    st->mode = LX_S_IFCHR | 0620;
    st->rdev = 5 << 8 | 1; /* /dev/console */
}

static void console_release(struct file *f)
{
    heap_free(f);
}

static const struct file_ops console_ops = {
    .name = "console",
    .read = console_read,
    .write = console_write,
    .ioctl = console_ioctl,
    .poll = console_poll,
    .stat = console_stat,
    .release = console_release,
};

int console_open(void)
{
    struct file *f = heap_alloc(sizeof(*f));
    if (f == NULL)
        return -RF_ENOMEM;
    file_init(f, &console_ops, LX_O_RDWR);
    for (int fd = 0; fd < 3; fd++) {
        file_get(f);
        fd_install(f, false, fd);
    }
    file_put(f);
    return 0;
}
