/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/sys/eventfd.h"
#include "lib/sys/file.h"

/* Descriptors, and the files that are made by calls: eventfd, timerfd, epoll; poll and select. */

static uint64_t buf; /* a page of the program */

static int start(void **state)
{
    int rc = fx_start(state);
    buf = fx_map(PAGE_SIZE, FX_RW);
    return rc;
}

static uint64_t eventfd(unsigned value, unsigned flags)
{
    int64_t fd = fx_call(NR_eventfd2, value, flags);
    assert_true(fd >= 0);
    return (uint64_t)fd;
}

static int64_t read8(uint64_t fd, uint64_t *v)
{
    int64_t rc = fx_call(NR_read, fd, buf, 8);
    *v = fx_load64(buf);
    return rc;
}

static int64_t write8(uint64_t fd, uint64_t v)
{
    fx_store64(buf, v);
    return fx_call(NR_write, fd, buf, 8);
}

/* ---- descriptors */

static void the_first_three_are_the_console(void **state)
{
    (void)state;
    fx_log_clear();
    assert_int_equal(copy_out(buf, "hello", 5), 0);
    assert_int_equal(fx_call(NR_write, 1, buf, 5), 5);
    assert_string_equal(fx_log, "hello");
    assert_int_equal(fx_call(NR_read, 0, buf, 5), 0);
    assert_int_equal(fx_call(NR_ioctl, 1, LX_TCGETS, buf), 0);
    assert_int_equal(fx_call(NR_ioctl, 1, 1, buf), -RF_ENOTTY);
    assert_int_equal(fx_call(NR_lseek, 1, 0, 0), -RF_ESPIPE);
    assert_int_equal(fx_call(NR_fstat, 1, buf), 0);
    assert_int_equal(fx_load64(buf + 16) & LX_S_IFMT, LX_S_IFCHR);
}

static void bad_descriptors_are_told(void **state)
{
    static const uint16_t calls[] = {NR_read,     NR_write, NR_readv, NR_writev,     NR_pread64,
                                     NR_pwrite64, NR_lseek, NR_ioctl, NR_getdents64, NR_fstat,
                                     NR_close,    NR_dup,   NR_fcntl, NR_epoll_pwait};
    static const uint64_t bad[] = {3, 255, 256, 1000000, UINT32_MAX, UINT64_MAX, 1u << 31};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
        for (unsigned k = 0; k < ARRAY_SIZE(bad); k++)
            assert_int_equal(fx_call(calls[i], bad[k], buf, 1, 0), -RF_EBADF);
    }
}

static void copies_share_the_file(void **state)
{
    (void)state;
    uint64_t fd = eventfd(1, 0), v;
    assert_int_equal(fx_call(NR_dup, fd), 4);
    assert_int_equal(fx_call(NR_dup3, fd, 9, LX_O_CLOEXEC), 9);
    assert_int_equal(fx_call(NR_fcntl, fd, LX_F_DUPFD, 20), 20);
    assert_int_equal(fx_call(NR_fcntl, fd, LX_F_DUPFD_CLOEXEC, 20), 21);
    assert_int_equal(fx_call(NR_fcntl, 9, LX_F_GETFD), LX_FD_CLOEXEC);
    assert_int_equal(fx_call(NR_fcntl, 20, LX_F_GETFD), 0);
    assert_int_equal(fx_call(NR_fcntl, 21, LX_F_GETFD), LX_FD_CLOEXEC);
    assert_int_equal(fx_call(NR_fcntl, 4, LX_F_SETFL, LX_O_NONBLOCK), 0);
    assert_int_equal(fx_call(NR_fcntl, 9, LX_F_GETFL), LX_O_RDWR | LX_O_NONBLOCK);
    assert_int_equal(fx_call(NR_close, fd), 0);
    assert_int_equal(read8(21, &v), 8);
    assert_int_equal(v, 1);
    assert_int_equal(read8(20, &v), -RF_EAGAIN);
    assert_int_equal(fx_call(NR_dup3, 9, 9, 0), -RF_EINVAL);
    assert_int_equal(fx_call(NR_dup3, 9, 256, 0), -RF_EBADF);
    assert_int_equal(fx_call(NR_dup3, 9, 10, 1), -RF_EINVAL);
    assert_int_equal(fx_call(NR_fcntl, 9, LX_F_DUPFD, 256), -RF_EINVAL);
    assert_int_equal(fx_call(NR_fcntl, 9, 99), -RF_EINVAL);
    assert_int_equal(fx_call(NR_close_range, 9, 20, 0), 0);
    assert_int_equal(fx_call(NR_close, 20), -RF_EBADF);
    assert_int_equal(fx_call(NR_close_range, 5, 4, 0), -RF_EINVAL);
}

static void descriptors_run_out(void **state)
{
    (void)state;
    int64_t fd;
    while ((fd = fx_call(NR_eventfd2, 0, 0)) >= 0)
        ;
    assert_int_equal(fd, -RF_EMFILE);
    assert_int_equal(fx_call(NR_epoll_create1, 0), -RF_EMFILE);
    assert_int_equal(fx_call(NR_timerfd_create, 1, 0), -RF_EMFILE);
    assert_int_equal(fx_open("/dev/null", 0), -RF_EMFILE);
    assert_int_equal(fx_call(NR_dup, 1), -RF_EMFILE);
    fx_call(NR_close, 100);
    assert_int_equal(fx_call(NR_eventfd2, 0, 0), 100);
}

/* ---- eventfd */

static void an_eventfd_counts(void **state)
{
    (void)state;
    uint64_t fd = eventfd(3, LX_O_NONBLOCK), v;
    assert_int_equal(write8(fd, 4), 8);
    assert_int_equal(read8(fd, &v), 8);
    assert_int_equal(v, 7);
    assert_int_equal(read8(fd, &v), -RF_EAGAIN);
    assert_int_equal(write8(fd, UINT64_MAX), -RF_EINVAL);
    assert_int_equal(write8(fd, UINT64_MAX - 1), 8);
    assert_int_equal(write8(fd, 1), -RF_EAGAIN);
    assert_int_equal(write8(fd, 0), 8);
    eventfd_signal(fd_get((int)fd));
    assert_int_equal(read8(fd, &v), 8);
    assert_int_equal(v, UINT64_MAX - 1);
    assert_int_equal(fx_call(NR_read, fd, buf, 7), -RF_EINVAL);
    assert_int_equal(fx_call(NR_write, fd, buf, 7), -RF_EINVAL);
    assert_int_equal(fx_call(NR_pread64, fd, buf, 8, 0), -RF_ESPIPE);
    assert_int_equal(fx_call(NR_eventfd2, 0, 2), -RF_EINVAL);
}

static void a_semaphore_gives_one(void **state)
{
    (void)state;
    uint64_t fd = eventfd(2, LX_O_NONBLOCK | LX_EFD_SEMAPHORE), v;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(read8(fd, &v), 8);
        assert_int_equal(v, 1);
    }
    assert_int_equal(read8(fd, &v), -RF_EAGAIN);
}

/* ---- timerfd */

static void set_timer(uint64_t fd, unsigned flags, uint64_t value, uint64_t interval)
{
    fx_store64(buf, interval / 1000000000);
    fx_store64(buf + 8, interval % 1000000000);
    fx_store64(buf + 16, value / 1000000000);
    fx_store64(buf + 24, value % 1000000000);
    assert_int_equal(fx_call(NR_timerfd_settime, fd, flags, buf, 0), 0);
}

static void a_timer_counts_what_passed(void **state)
{
    (void)state;
    uint64_t fd = (uint64_t)fx_call(NR_timerfd_create, LX_CLOCK_MONOTONIC, LX_O_NONBLOCK), v;
    assert_int_equal(read8(fd, &v), -RF_EAGAIN);
    set_timer(fd, 0, 1000, 100);
    host_clock_advance(999);
    assert_int_equal(read8(fd, &v), -RF_EAGAIN);
    host_clock_advance(251);
    assert_int_equal(read8(fd, &v), 8);
    assert_int_equal(v, 3);
    assert_int_equal(fx_call(NR_timerfd_gettime, fd, buf), 0);
    assert_int_equal(fx_load64(buf + 8), 100);
    assert_int_equal(fx_load64(buf + 24), 50);
    set_timer(fd, LX_TIMER_ABSTIME, clock_now_ns() + 10, 0);
    host_clock_advance(1000);
    assert_int_equal(read8(fd, &v), 8);
    assert_int_equal(v, 1);
    host_clock_advance(1000);
    assert_int_equal(read8(fd, &v), -RF_EAGAIN);
    set_timer(fd, 0, 10, 0);
    set_timer(fd, 0, 0, 0);
    host_clock_advance(1000);
    assert_int_equal(read8(fd, &v), -RF_EAGAIN);
    assert_int_equal(fx_call(NR_timerfd_create, 99, 0), -RF_EINVAL);
    assert_int_equal(fx_call(NR_timerfd_settime, 1, 0, buf, 0), -RF_EINVAL);
}

static void a_timer_ends_a_wait(void **state)
{
    (void)state;
    uint64_t fd = (uint64_t)fx_call(NR_timerfd_create, LX_CLOCK_MONOTONIC, 0), v;
    uint64_t begin = clock_now_ns();
    set_timer(fd, 0, 5000, 0);
    assert_int_equal(read8(fd, &v), 8);
    assert_int_equal(clock_now_ns() - begin, 5000);
}

/* ---- epoll */

static int64_t control(uint64_t ep, int op, uint64_t fd, unsigned events)
{
    fx_store64(buf + 1024, events);
    fx_store64(buf + 1032, fd);
    return fx_call(NR_epoll_ctl, ep, (uint64_t)op, fd, buf + 1024);
}

/* The descriptor of the only event; 0: none. */
static uint64_t wait_one(uint64_t ep)
{
    int64_t n = fx_call(NR_epoll_pwait, ep, buf + 2048, 1, 0, 0, 8);
    assert_true(n == 0 || n == 1);
    return n == 0 ? 0 : fx_load64(buf + 2056);
}

static void epoll_reports_levels(void **state)
{
    (void)state;
    uint64_t ep = (uint64_t)fx_call(NR_epoll_create1, 0), a = eventfd(0, 0), b = eventfd(0, 0), v;
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, a, LX_POLLIN), 0);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, b, LX_POLLIN), 0);
    assert_int_equal(wait_one(ep), 0);
    write8(a, 1);
    write8(b, 1);
    uint64_t first = wait_one(ep), second = wait_one(ep);
    assert_int_not_equal(first, second); /* each gets its turn */
    assert_int_equal(fx_call(NR_epoll_pwait, ep, buf + 2048, 8, 0, 0, 8), 2);
    read8(a, &v);
    assert_int_equal(wait_one(ep), b);
    assert_int_equal(control(ep, LX_EPOLL_CTL_DEL, b, 0), 0);
    assert_int_equal(wait_one(ep), 0);
    uint64_t begin = clock_now_ns();
    assert_int_equal(fx_call(NR_epoll_pwait, ep, buf + 2048, 1, 3, 0, 8), 0);
    assert_true(clock_now_ns() - begin >= 3000000);
}

static void epoll_reports_edges(void **state)
{
    (void)state;
    uint64_t ep = (uint64_t)fx_call(NR_epoll_create1, 0), a = eventfd(1, 0);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, a, LX_POLLIN | LX_EPOLLET), 0);
    assert_int_equal(wait_one(ep), a);
    assert_int_equal(wait_one(ep), 0);
    write8(a, 1);
    assert_int_equal(wait_one(ep), a);
    assert_int_equal(wait_one(ep), 0);
    assert_int_equal(control(ep, LX_EPOLL_CTL_MOD, a, LX_POLLIN | LX_EPOLLONESHOT), 0);
    assert_int_equal(wait_one(ep), a);
    write8(a, 1);
    assert_int_equal(wait_one(ep), 0);
    assert_int_equal(control(ep, LX_EPOLL_CTL_MOD, a, LX_POLLIN), 0);
    assert_int_equal(wait_one(ep), a);
}

static void epoll_refuses(void **state)
{
    (void)state;
    uint64_t ep = (uint64_t)fx_call(NR_epoll_create1, 0), a = eventfd(0, 0);
    uint64_t other = (uint64_t)fx_call(NR_epoll_create1, LX_O_CLOEXEC);
    uint64_t null = (uint64_t)fx_open("/dev/null", 0);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, a, LX_POLLIN), 0);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, a, LX_POLLIN), -RF_EEXIST);
    assert_int_equal(control(ep, LX_EPOLL_CTL_MOD, 1, LX_POLLIN), -RF_ENOENT);
    assert_int_equal(control(ep, LX_EPOLL_CTL_DEL, 1, LX_POLLIN), -RF_ENOENT);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, ep, LX_POLLIN), -RF_EINVAL);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, other, LX_POLLIN), -RF_ELOOP);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, null, LX_POLLIN), -RF_EPERM);
    assert_int_equal(control(ep, LX_EPOLL_CTL_ADD, 77, LX_POLLIN), -RF_EBADF);
    assert_int_equal(control(a, LX_EPOLL_CTL_ADD, 1, LX_POLLIN), -RF_EINVAL);
    assert_int_equal(control(ep, 9, a, LX_POLLIN), -RF_EINVAL);
    assert_int_equal(fx_call(NR_epoll_pwait, ep, buf, 0, 0, 0, 8), -RF_EINVAL);
    assert_int_equal(fx_call(NR_epoll_pwait, a, buf, 1, 0, 0, 8), -RF_EINVAL);
    assert_int_equal(fx_call(NR_epoll_create1, 1), -RF_EINVAL);
}

static void a_closed_file_leaves_every_set(void **state)
{
    (void)state;
    uint64_t ep = (uint64_t)fx_call(NR_epoll_create1, 0), a = eventfd(1, 0);
    uint64_t copy = (uint64_t)fx_call(NR_dup, a);
    control(ep, LX_EPOLL_CTL_ADD, a, LX_POLLIN);
    fx_call(NR_close, a);
    assert_int_equal(wait_one(ep), a); /* the file lives on, as on Linux */
    fx_call(NR_close, copy);
    assert_int_equal(wait_one(ep), 0);
    assert_int_equal(eventfd(1, 0), a);
    assert_int_equal(wait_one(ep), 0);
}

/* ---- poll, select */

static void poll_looks_at_all(void **state)
{
    (void)state;
    uint64_t a = eventfd(0, 0), b = eventfd(1, 0);
    const struct lx_pollfd fds[] = {{(int)a, LX_POLLIN, 99},
                                    {(int)b, LX_POLLIN | LX_POLLOUT, 99},
                                    {-1, LX_POLLIN, 99},
                                    {200, LX_POLLIN, 99}};
    struct lx_pollfd got[4];
    assert_int_equal(copy_out(buf, fds, sizeof(fds)), 0);
    assert_int_equal(fx_call(NR_ppoll, buf, 4, 0, 0, 8), 2);
    assert_int_equal(copy_in(got, buf, sizeof(got)), 0);
    assert_int_equal(got[0].revents, 0);
    assert_int_equal(got[1].revents, LX_POLLIN | LX_POLLOUT);
    assert_int_equal(got[2].revents, 0);
    assert_int_equal(got[3].revents, LX_POLLNVAL);
    fx_store64(buf + 64, 0);
    fx_store64(buf + 72, 1000);
    uint64_t begin = clock_now_ns();
    assert_int_equal(fx_call(NR_ppoll, buf, 1, buf + 64, 0, 8), 0);
    assert_true(clock_now_ns() - begin >= 1000);
    assert_int_equal(fx_call(NR_ppoll, buf, 257, 0, 0, 8), -RF_EINVAL);
}

static void select_looks_at_all(void **state)
{
    (void)state;
    uint64_t a = eventfd(0, 0), b = eventfd(1, 0);
    fx_store64(buf, 1u << a | 1u << b);
    fx_store64(buf + 8, 1u << a | 1u << b);
    assert_int_equal(fx_call(NR_pselect6, 64, buf, buf + 8, 0, 0, 0), 3);
    assert_int_equal(fx_load64(buf), 1u << b);
    assert_int_equal(fx_load64(buf + 8), 1u << a | 1u << b);
    fx_store64(buf, 1u << 30);
    assert_int_equal(fx_call(NR_pselect6, 64, buf, 0, 0, 0, 0), -RF_EBADF);
    assert_int_equal(fx_call(NR_pselect6, UINT64_MAX, buf, 0, 0, 0, 0), -RF_EINVAL);
}

/* ---- devices of memory */

static void memory_devices(void **state)
{
    (void)state;
    uint64_t null = (uint64_t)fx_open("/dev/null", LX_O_RDWR);
    uint64_t zero = (uint64_t)fx_open("/dev/zero", LX_O_RDWR);
    uint64_t random = (uint64_t)fx_open("/dev/urandom", LX_O_RDONLY), v;
    assert_int_equal(fx_call(NR_read, null, buf, 8), 0);
    assert_int_equal(fx_call(NR_write, null, buf, 8), 8);
    assert_int_equal(fx_call(NR_write, null, GIB(300), 8), 8); /* as Linux: not looked at */
    fx_store64(buf, 7);
    assert_int_equal(read8(zero, &v), 8);
    assert_int_equal(v, 0);
    assert_int_equal(read8(random, &v), 8);
    assert_int_not_equal(v, 0);
    assert_int_equal(fx_call(NR_write, random, buf, 8), -RF_EBADF);
    int64_t at = fx_call(NR_mmap, 0, PAGE_SIZE, FX_RW, LX_MAP_PRIVATE, zero, 0);
    assert_true(at > 0);
    fx_store64((uint64_t)at, 5);
    assert_int_equal(fx_call(NR_mmap, 0, PAGE_SIZE, FX_RW, LX_MAP_PRIVATE, null, 0), -RF_ENODEV);
    assert_int_equal(fx_call(NR_mmap, 0, PAGE_SIZE, FX_RW, LX_MAP_PRIVATE, 77, 0), -RF_EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_three_are_the_console),
        TEST(bad_descriptors_are_told),
        TEST(copies_share_the_file),
        TEST(descriptors_run_out),
        TEST(an_eventfd_counts),
        TEST(a_semaphore_gives_one),
        TEST(a_timer_counts_what_passed),
        TEST(a_timer_ends_a_wait),
        TEST(epoll_reports_levels),
        TEST(epoll_reports_edges),
        TEST(epoll_refuses),
        TEST(a_closed_file_leaves_every_set),
        TEST(poll_looks_at_all),
        TEST(select_looks_at_all),
        TEST(memory_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
