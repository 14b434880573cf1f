/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/base/mask.h"
#include "lib/sys/abi.h"
#include "lib/sys/nr_x86_64.h"

/* Linux's ABI of x86-64: its own calls, structures and signal frames. The program was loaded as the
 * other tests' is; only its calls are of this ABI. */

#define EM_AARCH64 183
#define EM_X86_64  62

/* fx_map and the like make calls of the other ABI. */
static void use(uint16_t machine)
{
    syscall_init(abi_find(machine));
}

static int64_t call(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    use(EM_X86_64);
    int64_t result = syscall_do(nr, (const uint64_t[6]){a, b, c, d, 0, 0});
    use(EM_AARCH64);
    return result;
}

static void the_older_calls_do_what_the_newer_do(void **state)
{
    (void)state;
    uint64_t path = fx_string("/dev/zero");
    uint64_t none = fx_string("/dev/none");
    uint64_t link = fx_string("/proc/self/exe");
    uint64_t buf = fx_map(PAGE_SIZE, FX_RW);
    int64_t fd = call(X86_open, path, LX_O_RDWR, 0, 0);
    assert_true(fd >= 3);
    assert_int_equal(call(X86_open, none, 0, 0, 0), -RF_ENOENT);
    assert_int_equal(call(X86_open, 0, 0, 0, 0), -RF_EFAULT);
    assert_int_equal(call(X86_access, path, LX_W_OK, 0, 0), 0);
    assert_int_equal(call(X86_access, none, 0, 0, 0), -RF_ENOENT);
    assert_int_equal(call(X86_readlink, path, buf, 100, 0), -RF_EINVAL);
    assert_true(call(X86_readlink, link, buf, 100, 0) > 0);
    assert_int_equal(call(X86_dup2, (uint64_t)fd, (uint64_t)fd, 0, 0), fd);
    assert_int_equal(call(X86_dup2, (uint64_t)fd, 50, 0, 0), 50);
    assert_int_equal(call(X86_dup2, 51, 51, 0, 0), -RF_EBADF);
    assert_true(call(X86_epoll_create, 1, 0, 0, 0) >= 3);
    assert_int_equal(call(X86_epoll_create, 0, 0, 0, 0), -RF_EINVAL);
    assert_true(call(X86_eventfd, 0, 0, 0, 0) >= 3);
}

/* O_DIRECTORY has another bit than on arm64. */
static void open_takes_its_own_flags(void **state)
{
    (void)state;
    uint64_t path = fx_string("/dev/zero");
    assert_int_equal(call(X86_open, path, 0200000, 0, 0), -RF_ENOTDIR);
    assert_true(call(X86_open, path, 040000, 0, 0) >= 3);
}

static void stat_has_its_own_layout(void **state)
{
    (void)state;
    uint64_t path = fx_string("/dev/zero");
    uint64_t buf = fx_map(PAGE_SIZE, FX_RW);
    uint32_t mode;
    fx_store64(buf + 144, 0x5555);
    assert_int_equal(call(X86_stat, path, buf, 0, 0), 0);
    assert_int_equal(fx_load64(buf + 16), 1); /* st_nlink */
    assert_int_equal(copy_in(&mode, buf + 24, sizeof(mode)), 0);
    assert_int_equal(mode & LX_S_IFMT, LX_S_IFCHR);
    assert_int_equal(fx_load64(buf + 56), PAGE_SIZE); /* st_blksize */
    assert_int_equal(fx_load64(buf + 144), 0x5555);
    assert_int_equal(call(X86_lstat, path, buf, 0, 0), 0);
    assert_int_equal(call(X86_fstat, 1, buf, 0, 0), 0);
    assert_int_equal(call(X86_stat, path, 0, 0, 0), -RF_EFAULT);
}

static void epoll_events_are_packed(void **state)
{
    (void)state;
    uint64_t buf = fx_map(PAGE_SIZE, FX_RW);
    uint32_t events = LX_POLLOUT;
    uint64_t data = 0x1122334455667788;
    int64_t set = call(X86_epoll_create1, 0, 0, 0, 0);
    int64_t fd = call(X86_eventfd2, 0, 0, 0, 0);
    assert_int_equal(copy_out(buf, &events, sizeof(events)), 0);
    assert_int_equal(copy_out(buf + 4, &data, sizeof(data)), 0);
    assert_int_equal(call(X86_epoll_ctl, (uint64_t)set, LX_EPOLL_CTL_ADD, (uint64_t)fd, buf), 0);
    fx_store64(buf + 100 + 12, 0x5555);
    assert_int_equal(call(X86_epoll_wait, (uint64_t)set, buf + 100, 4, 0), 1);
    assert_int_equal(copy_in(&data, buf + 104, sizeof(data)), 0);
    assert_int_equal(data, 0x1122334455667788);
    assert_int_equal(fx_load64(buf + 112), 0x5555);
}

static void poll_counts_milliseconds(void **state)
{
    (void)state;
    uint64_t buf = fx_map(PAGE_SIZE, FX_RW);
    int64_t fd = call(X86_eventfd, 0, 0, 0, 0);
    struct lx_pollfd p = {.fd = (int32_t)fd, .events = LX_POLLIN};
    assert_int_equal(copy_out(buf, &p, sizeof(p)), 0);
    uint64_t begun = clock_now_ns();
    assert_int_equal(call(X86_poll, buf, 1, 30, 0), 0);
    assert_true(clock_now_ns() - begun >= 30000000);
    p.events = LX_POLLOUT;
    assert_int_equal(copy_out(buf, &p, sizeof(p)), 0);
    assert_int_equal(call(X86_poll, buf, 1, (uint64_t)-1, 0), 1);
    assert_int_equal(call(X86_poll, 8, 1, 0, 0), -RF_EFAULT);
}

static void fs_is_set_to_an_address_of_the_program_only(void **state)
{
    (void)state;
    uint64_t buf = fx_map(PAGE_SIZE, FX_RW);
    assert_int_equal(call(X86_arch_prctl, 0x1002, 0x7000, 0, 0), 0);
    assert_int_equal(user_tls(), 0x7000);
    assert_int_equal(call(X86_arch_prctl, 0x1002, BIT(47), 0, 0), -RF_EPERM);
    assert_int_equal(call(X86_arch_prctl, 0x1002, ~UINT64_C(0), 0, 0), -RF_EPERM);
    assert_int_equal(user_tls(), 0x7000);
    assert_int_equal(call(X86_arch_prctl, 0x1003, buf, 0, 0), 0);
    assert_int_equal(fx_load64(buf), 0x7000);
    assert_int_equal(call(X86_arch_prctl, 0x1003, 8, 0, 0), -RF_EFAULT);
    assert_int_equal(call(X86_arch_prctl, 0x1001, 0, 0, 0), -RF_EINVAL);
}

/* ---- signals */

#define HANDLER  0x400800u
#define RESTORER 0x400900u

struct handled {
    unsigned step;
    struct user_regs before;
};

/* The handler begins as a function that was called: the return address on top of a stack that was
 * aligned before it, below the red zone. The return takes it off, and then the call is made. */
static void fault_and_return(void *ctx, struct user_regs *r, struct user_trap *out)
{
    struct handled *h = ctx;
    int32_t signo;
    *out = (struct user_trap){.kind = USER_SYSCALL};
    switch (h->step++) {
    case 0:
        r->arg[5] = 0x5555;
        h->before = *r;
        *out = (struct user_trap){
            .kind = USER_FAULT, .address = 0x10, .signal = LX_SIGSEGV, .what = "fault"};
        return;
    case 1:
        assert_int_equal(r->pc, HANDLER);
        assert_int_equal(r->arg[0], LX_SIGSEGV);
        assert_int_equal(r->sp % 16, 8);
        assert_true(r->sp + 128 < h->before.sp);
        assert_int_equal(fx_load64(r->sp), RESTORER);
        assert_int_equal(copy_in(&signo, r->arg[1], sizeof(signo)), 0);
        assert_int_equal(signo, LX_SIGSEGV);
        assert_int_equal(fx_load64(r->arg[1] + 16), 0x10);
        assert_int_equal(r->arg[2], r->sp + 8); /* struct ucontext, as unwinders expect it */
        assert_true(r->arg[1] + 128 <= h->before.sp - 128);
        r->sp += 8;
        r->nr = X86_rt_sigreturn;
        return;
    case 2:
        h->before.result = r->result;
        assert_memory_equal(r, &h->before, sizeof(*r));
        r->nr = X86_exit_group;
        r->arg[0] = 7;
        return;
    default:
        fail_msg("it did not end");
    }
}

static void a_handler_sees_the_fault_and_returns(void **state)
{
    (void)state;
    struct handled h = {0};
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    struct lx_sigaction action = {
        .handler = HANDLER, .flags = LX_SA_RESTORER, .restorer = RESTORER};
    assert_int_equal(copy_out(at, &action, sizeof(action)), 0);
    assert_int_equal(call(X86_rt_sigaction, LX_SIGSEGV, at, 0, 8), 0);
    use(EM_X86_64);
    host_user_hook(fault_and_return, &h);
    assert_int_equal(sys_run(), 7);
    assert_int_equal(h.step, 3);
    assert_int_equal(fx_free_pages(), fx_free_at_start);
    use(EM_AARCH64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_older_calls_do_what_the_newer_do, fx_start, fx_end),
        cmocka_unit_test_setup_teardown(open_takes_its_own_flags, fx_start, fx_end),
        cmocka_unit_test_setup_teardown(stat_has_its_own_layout, fx_start, fx_end),
        cmocka_unit_test_setup_teardown(epoll_events_are_packed, fx_start, fx_end),
        cmocka_unit_test_setup_teardown(poll_counts_milliseconds, fx_start, fx_end),
        cmocka_unit_test_setup_teardown(fs_is_set_to_an_address_of_the_program_only, fx_start,
                                        fx_end),
        cmocka_unit_test_setup(a_handler_sees_the_fault_and_returns, fx_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
