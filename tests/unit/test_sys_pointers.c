/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

/* Every system call that takes a pointer, with every kind of bad one: it answers -EFAULT (or what
 * the row says), and the program goes on. */

static uint64_t scratch; /* two writable pages, then a hole */
static uint64_t read_only, reserved;
static uint64_t efd, ready_efd, epfd, zero, tfd, dir, random_fd;

enum access { IN, OUT };

struct row {
    const char *name;
    uint16_t nr;
    enum access access; /* OUT also refuses read-only memory */
    uint64_t a[6];
    int error; /* 0: RF_EFAULT */
};

/* The rows. Descriptors and good pointers are known only when the program runs: these stand for
 * them. */
#define MARK    UINT64_C(0xabcd0000)
#define OK(off) (MARK + 0x1000 + (off)) /* scratch + off */
enum {
    ANY_MARK,
    ZERO_MARK,
    READY_MARK,
    EVENT_MARK,
    TIMER_MARK,
    RANDOM_MARK,
    EPOLL_MARK,
    DIR_MARK,
    MARKS
};
#define ANY    (MARK + ANY_MARK) /* the pointer that is tried */
#define ZERO   (MARK + ZERO_MARK)
#define READY  (MARK + READY_MARK)
#define EVENT  (MARK + EVENT_MARK)
#define TIMER  (MARK + TIMER_MARK)
#define RANDOM (MARK + RANDOM_MARK)
#define EPOLL  (MARK + EPOLL_MARK)
#define DIR    (MARK + DIR_MARK)
#define CWD    ((uint64_t)LX_AT_FDCWD)

static const struct row rows[] = {
    {"read", NR_read, OUT, {ZERO, ANY, 16}, 0},
    {"read of an eventfd", NR_read, OUT, {READY, ANY, 8}, 0},
    {"read of a timerfd", NR_read, OUT, {TIMER, ANY, 8}, 0},
    {"read of random bytes", NR_read, OUT, {RANDOM, ANY, 8}, 0},
    {"write", NR_write, IN, {1, ANY, 16}, 0},
    {"write to an eventfd", NR_write, IN, {EVENT, ANY, 8}, 0},
    {"readv", NR_readv, IN, {ZERO, ANY, 1}, 0},
    {"writev", NR_writev, IN, {1, ANY, 1}, 0},
    {"pread64", NR_pread64, OUT, {ZERO, ANY, 16, 0}, 0},
    {"ioctl TCGETS", NR_ioctl, OUT, {1, LX_TCGETS, ANY}, 0},
    {"ioctl TIOCGWINSZ", NR_ioctl, OUT, {1, LX_TIOCGWINSZ, ANY}, 0},
    {"openat", NR_openat, IN, {CWD, ANY, 0}, 0},
    {"getdents64", NR_getdents64, OUT, {DIR, ANY, 256}, 0},
    {"readlinkat path", NR_readlinkat, IN, {CWD, ANY, OK(0), 16}, 0},
    {"readlinkat buffer", NR_readlinkat, OUT, {CWD, OK(0), ANY, 16}, 0},
    {"faccessat", NR_faccessat, IN, {CWD, ANY, 0}, 0},
    {"faccessat2", NR_faccessat2, IN, {CWD, ANY, 0, 0}, 0},
    {"newfstatat path", NR_newfstatat, IN, {CWD, ANY, OK(0), 0}, 0},
    {"newfstatat empty path", NR_newfstatat, IN, {1, ANY, OK(0), LX_AT_EMPTY_PATH}, 0},
    {"newfstatat buffer", NR_newfstatat, OUT, {CWD, OK(0), ANY, LX_AT_SYMLINK_NOFOLLOW}, 0},
    {"fstat", NR_fstat, OUT, {1, ANY}, 0},
    {"getcwd", NR_getcwd, OUT, {ANY, 16}, 0},
    {"ppoll", NR_ppoll, OUT, {ANY, 1, OK(512), 0, 8}, 0},
    {"ppoll timeout", NR_ppoll, IN, {OK(1024), 1, ANY, 0, 8}, 0},
    {"pselect6 set", NR_pselect6, OUT, {8, ANY, 0, 0, OK(512), 0}, 0},
    {"pselect6 timeout", NR_pselect6, IN, {0, 0, 0, 0, ANY, 0}, 0},
    {"epoll_ctl", NR_epoll_ctl, IN, {EPOLL, LX_EPOLL_CTL_ADD, EVENT, ANY}, 0},
    {"epoll_pwait", NR_epoll_pwait, OUT, {EPOLL, ANY, 1, 0, 0, 8}, 0},
    {"epoll_pwait2 timeout", NR_epoll_pwait2, IN, {EPOLL, OK(0), 1, ANY, 0, 8}, 0},
    {"timerfd_settime", NR_timerfd_settime, IN, {TIMER, 0, ANY, 0}, 0},
    {"timerfd_settime old", NR_timerfd_settime, OUT, {TIMER, 0, OK(512), ANY}, 0},
    {"timerfd_gettime", NR_timerfd_gettime, OUT, {TIMER, ANY}, 0},
    {"clock_gettime", NR_clock_gettime, OUT, {1, ANY}, 0},
    {"clock_getres", NR_clock_getres, OUT, {1, ANY}, 0},
    {"gettimeofday", NR_gettimeofday, OUT, {ANY, 0}, 0},
    {"gettimeofday zone", NR_gettimeofday, OUT, {0, ANY}, 0},
    {"nanosleep", NR_nanosleep, IN, {ANY, 0}, 0},
    {"clock_nanosleep", NR_clock_nanosleep, IN, {1, 0, ANY, 0}, 0},
    {"futex", NR_futex, IN, {ANY, LX_FUTEX_WAIT, 0, 0}, 0},
    {"futex timeout", NR_futex, IN, {OK(256), LX_FUTEX_WAIT, 0, ANY}, 0},
    {"rt_sigaction new", NR_rt_sigaction, IN, {10, ANY, 0, 8}, 0},
    {"rt_sigaction old", NR_rt_sigaction, OUT, {10, 0, ANY, 8}, 0},
    {"rt_sigprocmask new", NR_rt_sigprocmask, IN, {0, ANY, 0, 8}, 0},
    {"rt_sigprocmask old", NR_rt_sigprocmask, OUT, {0, 0, ANY, 8}, 0},
    {"sigaltstack new", NR_sigaltstack, IN, {ANY, 0}, 0},
    {"sigaltstack old", NR_sigaltstack, OUT, {0, ANY}, 0},
    {"uname", NR_uname, OUT, {ANY}, 0},
    {"sysinfo", NR_sysinfo, OUT, {ANY}, 0},
    {"getrlimit", NR_getrlimit, OUT, {7, ANY}, 0},
    {"setrlimit", NR_setrlimit, IN, {7, ANY}, 0},
    {"prlimit64 new", NR_prlimit64, IN, {0, 7, ANY, 0}, 0},
    {"prlimit64 old", NR_prlimit64, OUT, {0, 7, 0, ANY}, 0},
    {"getrandom", NR_getrandom, OUT, {ANY, 16, 0}, 0},
    {"getcpu", NR_getcpu, OUT, {ANY, 0, 0}, 0},
    {"getcpu node", NR_getcpu, OUT, {0, ANY, 0}, 0},
    {"sched_getaffinity", NR_sched_getaffinity, OUT, {0, 8, ANY}, 0},
    {"sched_setaffinity", NR_sched_setaffinity, IN, {0, 8, ANY}, 0},
    {"mprotect", NR_mprotect, IN, {ANY, PAGE_SIZE, LX_PROT_READ}, RF_ENOMEM},
    {"madvise", NR_madvise, IN, {ANY, PAGE_SIZE, LX_MADV_DONTNEED}, RF_ENOMEM},
    {"mlock", NR_mlock, IN, {ANY, PAGE_SIZE}, RF_ENOMEM},
    {"mremap", NR_mremap, IN, {ANY, PAGE_SIZE, 2 * PAGE_SIZE, 1}, 0},
};

/* What a mark stands for; other values are themselves. */
static uint64_t resolve(uint64_t v, uint64_t tried)
{
    const uint64_t marks[MARKS] = {tried, zero, ready_efd, efd, tfd, random_fd, epfd, dir};
    if (v >= MARK && v < MARK + MARKS)
        return marks[v - MARK];
    return v >= OK(0) && v < OK(2 * PAGE_SIZE) ? scratch + (v - OK(0)) : v;
}

static uint64_t open_node(const char *path)
{
    int fd = fx_open(path, 0);
    assert_true(fd >= 0);
    return (uint64_t)fd;
}

/* At scratch: a path, 256 on zeros, at 512 a millisecond as timespec, at 1024 a pollfd. */
static void prepare(void)
{
    scratch = fx_map(16 * PAGE_SIZE, FX_RW);
    assert_int_equal(fx_call(NR_munmap, scratch + 2 * PAGE_SIZE, 14 * PAGE_SIZE), 0);
    read_only = fx_map(PAGE_SIZE, LX_PROT_READ);
    reserved = fx_map(PAGE_SIZE, 0);
    assert_int_equal(copy_out(scratch, "/proc/self/exe", 15), 0);
    efd = (uint64_t)fx_call(NR_eventfd2, 0, LX_O_NONBLOCK);
    ready_efd = (uint64_t)fx_call(NR_eventfd2, 5, LX_O_NONBLOCK);
    epfd = (uint64_t)fx_call(NR_epoll_create1, 0);
    tfd = (uint64_t)fx_call(NR_timerfd_create, 1, LX_O_NONBLOCK);
    zero = open_node("/dev/zero");
    dir = open_node("/dev");
    random_fd = open_node("/dev/urandom");

    fx_store64(scratch + 256, 0);
    fx_store64(scratch + 512, 0);
    fx_store64(scratch + 520, 1000000);
    fx_store64(scratch + 528, 0);
    fx_store64(scratch + 536, 1);
    assert_int_equal(fx_call(NR_timerfd_settime, tfd, 0, scratch + 512, 0), 0);
    host_clock_advance(5000000); /* the timer has expired */
    fx_store64(scratch + 512, 0);
    fx_store64(scratch + 528, 0);
    fx_store64(scratch + 1024, efd | (uint64_t)LX_POLLIN << 32);
    fx_store64(scratch + 768, LX_POLLIN);
    assert_int_equal(fx_call(NR_epoll_ctl, epfd, LX_EPOLL_CTL_ADD, ready_efd, scratch + 768), 0);
}

static void try_row(const struct row *row, const char *kind, uint64_t bad)
{
    uint64_t a[6];
    for (unsigned i = 0; i < 6; i++)
        a[i] = resolve(row->a[i], bad);
    int64_t rc = syscall_do(row->nr, a);
    int error = row->error != 0 ? row->error : RF_EFAULT;
    if (rc != -error)
        fail_msg("%s with %s (0x%lx): %ld, not -%s", row->name, kind, (unsigned long)bad, (long)rc,
                 err_name(error));
}

/* Addresses that are nothing at all, for every row; all page aligned. */
static const struct {
    const char *kind;
    uint64_t uaddr;
} foreign[] = {
    {"the lowest pages", 0x1000},
    {"the page before the first", USER_START - PAGE_SIZE},
    {"a hole", GIB(300)},
    {"the last page of the half", (UINT64_C(1) << 47) - PAGE_SIZE},
    {"the other half", UINT64_C(1) << 47},
    {"48 bits", UINT64_C(1) << 48},
    {"a tag", UINT64_C(0x5500000000400000)},
    {"the kernel's linear map", 0xffff000040200000},
    {"the kernel's heap", 0xffff800000000000},
    {"the kernel's image", 0xffffc00000000000},
    {"the last page", UINT64_MAX - PAGE_SIZE + 1},
};

static void foreign_addresses(void **state)
{
    (void)state;
    prepare();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned k = 0; k < ARRAY_SIZE(foreign); k++)
            try_row(&rows[i], foreign[k].kind, foreign[k].uaddr);
    }
}

static void memory_without_rights(void **state)
{
    (void)state;
    prepare();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].error != 0 || rows[i].nr == NR_mremap)
            continue;
        try_row(&rows[i], "reserved memory", reserved);
        if (rows[i].access == OUT)
            try_row(&rows[i], "read-only memory", read_only);
    }
}

/* The first bytes are there, the last are not. Not for calls whose object may end in time: strings,
 * and data of which a part counts. */
static void objects_that_end_in_a_hole(void **state)
{
    static const uint16_t partial[] = {NR_openat,  NR_readlinkat, NR_faccessat, NR_faccessat2,
                                       NR_getcwd,  NR_newfstatat, NR_write,     NR_read,
                                       NR_pread64, NR_getdents64, NR_pselect6,  NR_futex,
                                       NR_getcpu,  NR_mremap};
    (void)state;
    prepare();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        bool skip = rows[i].error != 0;
        for (unsigned k = 0; k < ARRAY_SIZE(partial); k++)
            skip = skip || rows[i].nr == partial[k];
        if (!skip)
            try_row(&rows[i], "an object across the end", scratch + 2 * PAGE_SIZE - 4);
    }
}

/* What was written before the hole counts. */
static void parts_count(void **state)
{
    (void)state;
    prepare();
    uint64_t end = scratch + 2 * PAGE_SIZE;
    assert_int_equal(fx_call(NR_write, 1, end - 300, 600), 256);
    assert_int_equal(fx_call(NR_getrandom, end - 64, 128, 0), 64);
    fx_store64(scratch + 2048, scratch);
    fx_store64(scratch + 2056, 8);
    fx_store64(scratch + 2064, GIB(300));
    fx_store64(scratch + 2072, 8);
    assert_int_equal(fx_call(NR_writev, 1, scratch + 2048, 2), 8);
    assert_int_equal(fx_call(NR_writev, 1, scratch + 2064, 1), -RF_EFAULT);
    assert_int_equal(fx_call(NR_writev, 1, scratch + 2048, 1025), -RF_EINVAL);
}

/* A call that could not give its answer has not taken anything either. */
static void an_event_that_cannot_be_told_is_kept(void **state)
{
    (void)state;
    prepare();
    assert_int_equal(fx_call(NR_read, ready_efd, GIB(300), 8), -RF_EFAULT);
    assert_int_equal(fx_call(NR_read, ready_efd, scratch, 8), 8);
    assert_int_equal(fx_load64(scratch), 5);
}

/* Random numbers as arguments of every call there is: any answer but the end of the kernel. */
static void random_arguments(void **state)
{
    static const uint64_t corners[] = {0,          1,         7,        8,
                                       4096,       GIB(1),    1u << 31, UINT32_MAX,
                                       UINT64_MAX, INT64_MAX, GIB(300), 0xffff000040200000};
    uint64_t random = 88172645463325252u;
    (void)state;
    prepare();
    for (unsigned i = 0; i < 60000; i++) {
        uint64_t a[6];
        for (unsigned k = 0; k < 6; k++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            uint64_t pick = random % (ARRAY_SIZE(corners) + 4);
            a[k] = pick < ARRAY_SIZE(corners)        ? corners[pick]
                   : pick == ARRAY_SIZE(corners)     ? scratch + random / 64 % (2 * PAGE_SIZE)
                   : pick == ARRAY_SIZE(corners) + 1 ? random / 64 % 16
                                                     : random;
        }
        unsigned nr = (unsigned)(random >> 40) % 460;
        bool ends_or_waits = nr == NR_nanosleep || nr == NR_clock_nanosleep || nr == NR_ppoll ||
                             nr == NR_pselect6 || nr == NR_epoll_pwait || nr == NR_epoll_pwait2 ||
                             nr == NR_read || nr == NR_write || nr == NR_readv || nr == NR_writev ||
                             nr == NR_pread64 || nr == NR_pwrite64;
        if (!ends_or_waits)
            syscall_do(nr, a);
    }
}

/* The kernel keeps places of pages that calls have used; none is older than the table. */
static void what_a_call_used_before_is_not_believed(void **state)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW), word = 7;
    (void)state;
    assert_int_equal(copy_out(at, &word, sizeof(word)), 0);
    assert_int_equal(copy_in(&word, at, sizeof(word)), 0);

    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, LX_PROT_READ), 0);
    assert_int_equal(copy_out(at, &word, sizeof(word)), -RF_EFAULT);
    assert_int_equal(copy_in(&word, at, sizeof(word)), 0);
    assert_int_equal(word, 7);

    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, 0), 0);
    assert_int_equal(copy_in(&word, at, sizeof(word)), -RF_EFAULT);

    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, FX_RW), 0);
    assert_int_equal(copy_out(at, &word, sizeof(word)), 0);
    assert_int_equal(fx_call(NR_madvise, at, PAGE_SIZE, LX_MADV_DONTNEED), 0);
    assert_int_equal(copy_in(&word, at, sizeof(word)), 0);
    assert_int_equal(word, 0);

    assert_int_equal(fx_call(NR_munmap, at, PAGE_SIZE), 0);
    assert_int_equal(copy_in(&word, at, sizeof(word)), -RF_EFAULT);
    assert_int_equal(copy_out(at, &word, sizeof(word)), -RF_EFAULT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(foreign_addresses),
        TEST(memory_without_rights),
        TEST(objects_that_end_in_a_hole),
        TEST(parts_count),
        TEST(an_event_that_cannot_be_told_is_kept),
        TEST(what_a_call_used_before_is_not_believed),
        TEST(random_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
