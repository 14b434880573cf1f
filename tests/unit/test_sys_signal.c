/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

/* Signals: of faults, and that the program sends to itself. */

#define HANDLER  0x400800u
#define RESTORER 0x400900u

static void set_handler(uint64_t sig, uint64_t handler, uint64_t flags)
{
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    struct lx_sigaction action = {
        .handler = handler, .flags = flags | LX_SA_RESTORER, .restorer = RESTORER};
    assert_int_equal(copy_out(at, &action, sizeof(action)), 0);
    assert_int_equal(fx_call(NR_rt_sigaction, sig, at, 0, 8), 0);
}

struct handled {
    unsigned step;
    uint64_t sp;
    uint64_t fault_address;
    struct user_regs before;
};

/* Faults, finds itself in the handler, returns from it, and is back where it faulted. */
static void fault_and_return(void *ctx, struct user_regs *r, struct user_trap *out)
{
    struct handled *h = ctx;
    struct {
        int32_t signo, error, code, pad;
        uint64_t address;
    } info;
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
        assert_true(r->sp < h->before.sp && is_aligned(r->sp, 16));
        assert_int_equal(copy_in(&info, r->arg[1], sizeof(info)), 0);
        assert_int_equal(info.signo, LX_SIGSEGV);
        assert_int_equal(info.address, 0x10);
        r->nr = NR_rt_sigreturn;
        return;
    default:
        h->before.result = r->result;
        assert_memory_equal(r, &h->before, sizeof(*r));
        fx_exit_at_once(NULL, r, out);
    }
}

static void a_handler_sees_the_fault_and_returns(void **state)
{
    struct handled h = {0};
    fx_start(state);
    set_handler(LX_SIGSEGV, HANDLER, 0);
    host_user_hook(fault_and_return, &h);
    assert_int_equal(sys_run(), 0);
    assert_int_equal(h.step, 3);
    assert_int_equal(fx_free_pages(), fx_free_at_start);
}

static void a_handler_without_a_stack_does_not_run(void **state)
{
    struct fx_script s = {.count = 1, .step = {FX_FAULT(0x10)}};
    fx_start(state);
    set_handler(LX_SIGSEGV, HANDLER, 0);
    proc_regs()->sp = USER_START;
    host_user_hook(fx_play, &s);
    assert_int_equal(sys_run(), 139);
    assert_int_equal(fx_free_pages(), fx_free_at_start);
}

static void a_fault_inside_its_own_handler_ends_it(void **state)
{
    struct fx_script s = {.count = 2, .step = {FX_FAULT(0x10), FX_FAULT(0x20)}};
    fx_start(state);
    set_handler(LX_SIGSEGV, HANDLER, 0);
    host_user_hook(fx_play, &s);
    assert_int_equal(sys_run(), 139);
    assert_int_equal(s.at, 2);
}

static void a_signal_to_itself(void **state)
{
    (void)state;
    struct fx_script abort_self = {.count = 1, .step = {FX_CALL(NR_tgkill, 1, 1, LX_SIGABRT)}};
    assert_int_equal(fx_run(&abort_self), 134);
    fx_expect_log("it aborted itself");
    struct fx_script ignored = {.count = 3,
                                .step = {FX_CALL(NR_kill, 1, LX_SIGCHLD), FX_CALL(NR_kill, 1, 0),
                                         FX_CALL(NR_tkill, 1, LX_SIGURG)}};
    assert_int_equal(fx_run(&ignored), 0);
    struct fx_script wrong = {
        .count = 3,
        .step = {FX_CALL(NR_kill, 1, 65), FX_CALL(NR_kill, 2, 9), FX_CALL(NR_tgkill, 2, 1, 9)}};
    assert_int_equal(fx_run(&wrong), 0);
    assert_int_equal(wrong.result[0], -RF_EINVAL);
    assert_int_equal(wrong.result[1], -RF_ESRCH);
    assert_int_equal(wrong.result[2], -RF_ESRCH);
}

static void a_blocked_signal_waits(void **state)
{
    fx_start(state);
    uint64_t set = fx_map(PAGE_SIZE, FX_RW);
    fx_store64(set, UINT64_C(1) << (LX_SIGABRT - 1));
    struct fx_script s = {.count = 3,
                          .step = {FX_CALL(NR_rt_sigprocmask, LX_SIG_BLOCK, set, 0, 8),
                                   FX_CALL(NR_kill, 1, LX_SIGABRT),
                                   FX_CALL(NR_rt_sigprocmask, LX_SIG_UNBLOCK, set, 0, 8)}};
    host_user_hook(fx_play, &s);
    assert_int_equal(sys_run(), 134);
    assert_int_equal(s.at, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handler_sees_the_fault_and_returns),
        cmocka_unit_test(a_handler_without_a_stack_does_not_run),
        cmocka_unit_test(a_fault_inside_its_own_handler_ends_it),
        cmocka_unit_test(a_signal_to_itself),
        cmocka_unit_test(a_blocked_signal_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
