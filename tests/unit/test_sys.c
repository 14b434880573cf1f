/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/sys/eventfd.h"
#include "lib/sys/file.h"
#include "lib/sys/wait.h"

/* A program's life: how it starts, every way in which it traps, waits and ends, and that its end
 * gives everything back. */

/* ---- start */

static uint64_t find_aux(uint64_t auxv, uint64_t type)
{
    for (; fx_load64(auxv) != LX_AT_NULL; auxv += 16) {
        if (fx_load64(auxv) == type)
            return fx_load64(auxv + 8);
    }
    fail_msg("no auxiliary vector entry %lu", (unsigned long)type);
    return 0;
}

static void expect_text(uint64_t uaddr, const char *text)
{
    char s[64];
    assert_int_equal(copy_string(s, uaddr, sizeof(s)), strlen(text));
    assert_string_equal(s, text);
}

static void the_stack_is_linux_s(void **state)
{
    (void)state;
    uint64_t sp = user_sp(proc_regs());
    assert_true(is_aligned(sp, 16));
    assert_int_equal(fx_load64(sp), 3);
    expect_text(fx_load64(sp + 8), "prog");
    expect_text(fx_load64(sp + 16), "one");
    expect_text(fx_load64(sp + 24), "two");
    assert_int_equal(fx_load64(sp + 32), 0);
    expect_text(fx_load64(sp + 40), "HOME=/");
    assert_int_equal(fx_load64(sp + 48), 0);
    uint64_t auxv = sp + 56;
    assert_int_equal(find_aux(auxv, LX_AT_PHDR), FX_CODE + sizeof(struct fx_ehdr));
    assert_int_equal(find_aux(auxv, LX_AT_PHENT), 56);
    assert_int_equal(find_aux(auxv, LX_AT_PHNUM), 2);
    assert_int_equal(find_aux(auxv, LX_AT_PAGESZ), 4096);
    assert_int_equal(find_aux(auxv, LX_AT_ENTRY), fx_program.ehdr.entry);
    assert_int_equal(find_aux(auxv, LX_AT_SECURE), 0);
    expect_text(find_aux(auxv, LX_AT_PLATFORM), "aarch64");
    expect_text(find_aux(auxv, LX_AT_EXECFN), "prog");
    assert_true(fx_load64(find_aux(auxv, LX_AT_RANDOM)) != 0);
}

static void the_image_is_the_file_s(void **state)
{
    (void)state;
    assert_int_equal(user_pc(proc_regs()), fx_program.ehdr.entry);
    assert_int_equal((uint8_t)fx_load64(fx_program.ehdr.entry), 0xc0);
    assert_int_equal((uint8_t)fx_load64(FX_DATA), 0xda);
    assert_int_equal(fx_load64(FX_DATA + 4096), 0);
    assert_int_equal(copy_out(FX_CODE, "x", 1), -RF_EFAULT);
    assert_int_equal(copy_out(FX_DATA, "x", 1), 0);
    assert_int_equal(vm_fault(FX_CODE, PT_EXEC), 0);
    assert_int_equal(vm_fault(FX_DATA, PT_EXEC), -RF_EFAULT);
}

static void a_pie_is_moved(void **state)
{
    const char *why;
    fx_boot(state);
    fx_program.ehdr.type = 3;
    fx_program.phdr[0].vaddr = 0;
    fx_program.phdr[1].vaddr = 0x11000;
    fx_program.ehdr.entry = 0x200;
    assert_int_equal(fx_load(&why), 0);
    uint64_t pc = user_pc(proc_regs());
    assert_int_equal(pc & 0xfff, 0x200);
    assert_true(pc > USER_START);
    assert_int_equal((uint8_t)fx_load64(pc), 0xc0);
    uint64_t auxv = user_sp(proc_regs()) + 56;
    assert_int_equal(find_aux(auxv, LX_AT_PHDR), pc - 0x200 + sizeof(struct fx_ehdr));
    fx_end(state);
}

/* Each allocation in turn fails. */
static void a_load_that_fails_loses_nothing(void **state)
{
    for (unsigned k = 1;; k++) {
        const char *why = NULL;
        fx_boot(state);
        inject_after(k);
        int rc = fx_load(&why);
        inject_after(0);
        if (rc == 0)
            break;
        assert_int_equal(rc, -RF_ENOMEM);
        assert_non_null(strstr(why, "too little memory"));
        assert_int_equal(fx_free_pages(), fx_free_at_start);
        assert_true(k < 200);
    }
    fx_end(state);
}

static void a_load_is_refused_in_words(void **state)
{
    const char *why = NULL;
    fx_boot(state);
    fx_program.phdr[1].memsz = GIB(64);
    assert_int_equal(fx_load(&why), -RF_ENOMEM);
    assert_non_null(strstr(why, "too little memory"));
    assert_int_equal(fx_free_pages(), fx_free_at_start);

    static char long_text[200 * 1024];
    memset(long_text, 'a', sizeof(long_text) - 1);
    const char *argv[] = {"prog", long_text};
    struct sys_config cfg = {
        .elf = &fx_program, .elf_size = sizeof(fx_program), .argv = argv, .argc = 2};
    cfg.elf_machine = 62;
    assert_int_equal(sys_load(&cfg, &why), -RF_ENOEXEC);
    assert_non_null(why);
    fx_make_program();
    cfg.elf_machine = 183;
    assert_int_equal(sys_load(&cfg, &why), -RF_E2BIG);
    assert_non_null(strstr(why, "128 KiB"));
    assert_int_equal(fx_free_pages(), fx_free_at_start);
    assert_int_equal(sys_run(), -RF_EINVAL);
}

static void there_is_one_program(void **state)
{
    const char *why;
    (void)state;
    assert_int_equal(fx_load(&why), -RF_EBUSY);
}

/* ---- traps */

static void it_exits_with_its_status(void **state)
{
    (void)state;
    for (unsigned status = 0; status <= 256; status += 64) {
        struct fx_script s = {.count = 1, .step = {FX_CALL(NR_exit, status)}};
        assert_int_equal(fx_run(&s), status & 255);
    }
}

static void a_bad_access_ends_it_with_a_report(void **state)
{
    static const uint64_t bad[] = {0, 8, FX_CODE - 1, 0xffff000040200000, UINT64_MAX};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        struct fx_script s = {.count = 2,
                              .step = {FX_CALL(NR_getpid), FX_FAULT(bad[i], .write = true)}};
        assert_int_equal(fx_run(&s), 139);
        fx_expect_log("prog died: page fault, write to");
        fx_expect_log("nearest mapping: 0x");
        fx_expect_log("last system call: getpid() = 0x1");
    }
    struct fx_script text = {.count = 1, .step = {FX_FAULT(FX_CODE, .write = true)}};
    assert_int_equal(fx_run(&text), 139);
    fx_expect_log("its mapping: 0x400000..0x400fff r-x program");
    struct fx_script data = {.count = 1, .step = {FX_FAULT(FX_DATA, .execute = true)}};
    assert_int_equal(fx_run(&data), 139);
    fx_expect_log("jump to");
}

static void a_first_touch_goes_on(void **state)
{
    (void)state;
    struct fx_script s = {.count = 3,
                          .step = {FX_FAULT(FX_DATA + 4096, .write = true),
                                   FX_FAULT(VM_STACK_LAST - MIB(7), .write = true),
                                   {.trap = {.kind = USER_IRQ}}}};
    assert_int_equal(fx_run(&s), 0);
}

static void an_error_is_its_signal(void **state)
{
    static const struct user_trap error = {
        .kind = USER_ERROR, .what = "undefined instruction", .signal = LX_SIGILL};
    (void)state;
    struct fx_script s = {.count = 1};
    s.step[0].trap = error;
    assert_int_equal(fx_run(&s), 128 + LX_SIGILL);
    fx_expect_log("undefined instruction");
}

static void touch_until_it_dies(void *ctx, struct user_regs *r, struct user_trap *out)
{
    uint64_t *next = ctx;
    (void)r;
    *out = (struct user_trap){.kind = USER_FAULT, .address = *next, .write = true, .what = "fault"};
    *next += PAGE_SIZE;
}

static void out_of_memory_ends_it(void **state)
{
    const char *why;
    fx_boot(state);
    assert_int_equal(fx_load(&why), 0);
    uint64_t next = (uint64_t)fx_call(NR_mmap, 0, FX_ARENA_SIZE * 2, FX_RW,
                                      LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_NORESERVE, 0, 0);
    host_user_hook(touch_until_it_dies, &next);
    assert_int_equal(sys_run(), 137);
    fx_expect_log("out of memory");
    assert_int_equal(fx_free_pages(), fx_free_at_start);
}

static void an_unknown_call_is_told_once(void **state)
{
    (void)state;
    struct fx_script s = {.count = 4,
                          .step = {FX_CALL(1), FX_CALL(1), FX_CALL(UINT64_MAX), FX_CALL(NR_rseq)}};
    assert_int_equal(fx_run(&s), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(s.result[i], -RF_ENOSYS);
    const char *first = strstr(fx_log, "system call 1,");
    assert_non_null(first);
    assert_null(strstr(first + 1, "system call 1,"));
    assert_null(strstr(fx_log, "293"));
}

static unsigned count_in_log(const char *words)
{
    unsigned n = 0;
    for (const char *at = fx_log; (at = strstr(at, words)) != NULL; at++)
        n++;
    return n;
}

static void many_unknown_calls_are_told_at_a_rate(void **state)
{
    (void)state;
    fx_log_clear();
    for (unsigned i = 0; i < 4 * LOG_LIMITED_LINES; i++)
        assert_int_equal(fx_call(450 + i, 0), -RF_ENOSYS);
    assert_int_equal(count_in_log("which is not supported"), LOG_LIMITED_LINES);
}

/* ---- waiting */

static void sleeping_takes_its_time(void **state)
{
    (void)state;
    uint64_t at = fx_map(PAGE_SIZE, FX_RW), start = clock_now_ns();
    fx_store64(at, 2);
    fx_store64(at + 8, 5);
    assert_int_equal(fx_call(NR_nanosleep, at, 0), 0);
    assert_true(clock_now_ns() - start >= 2000000005);
    assert_int_equal(host_clock_wakeup(), UINT64_MAX);
    start = clock_now_ns();
    assert_int_equal(fx_call(NR_clock_nanosleep, LX_CLOCK_MONOTONIC, LX_TIMER_ABSTIME, at, 0), 0);
    assert_int_equal(clock_now_ns(), start); /* that moment is over */
    fx_store64(at + 8, 1000000000);
    assert_int_equal(fx_call(NR_nanosleep, at, 0), -RF_EINVAL);
    fx_store64(at, UINT64_MAX);
    assert_int_equal(fx_call(NR_nanosleep, at, 0), -RF_EINVAL);
}

static void signal_event(void *ctx)
{
    eventfd_signal(ctx);
}

static void an_interrupt_ends_a_wait(void **state)
{
    (void)state;
    int fd = (int)fx_call(NR_eventfd2, 0, 0);
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    host_idle_hook(signal_event, fd_get(fd));
    assert_int_equal(fx_call(NR_read, (uint64_t)fd, at, 8), 8);
    assert_int_equal(fx_load64(at), 1);
    host_idle_hook(NULL, NULL);
}

static struct file *polled;

static void poll_device(void)
{
    eventfd_signal(polled);
}

/* A device without interrupts: the kernel looks at it before it sleeps. */
static void polling_ends_a_wait(void **state)
{
    (void)state;
    int fd = (int)fx_call(NR_eventfd2, 0, 0);
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    polled = fd_get(fd);
    wait_set_poll(poll_device);
    assert_int_equal(fx_call(NR_read, (uint64_t)fd, at, 8), 8);
    wait_set_poll(NULL);
}

static void a_futex_wait_that_nobody_can_end(void **state)
{
    fx_start(state);
    uint64_t at = fx_map(PAGE_SIZE, FX_RW);
    fx_store64(at, 7);
    fx_store64(at + 16, 1);
    assert_int_equal(fx_call(NR_futex, at, LX_FUTEX_WAIT, 8, 0), -RF_EAGAIN);
    assert_int_equal(fx_call(NR_futex, at, LX_FUTEX_WAIT, 7, at + 16), -RF_ETIMEDOUT);
    assert_int_equal(fx_call(NR_futex, at, LX_FUTEX_WAKE | LX_FUTEX_PRIVATE_FLAG, 1), 0);
    assert_int_equal(fx_call(NR_futex, at + 1, LX_FUTEX_WAKE, 1), -RF_EINVAL);
    assert_int_equal(fx_call(NR_futex, at, 99, 1), -RF_ENOSYS);
    struct fx_script s = {.count = 1, .step = {FX_CALL(NR_futex, at, LX_FUTEX_WAIT, 7, 0)}};
    host_user_hook(fx_play, &s);
    assert_int_equal(sys_run(), 134);
    fx_expect_log("deadlock");
    assert_int_equal(fx_free_pages(), fx_free_at_start);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_stack_is_linux_s),
        TEST(the_image_is_the_file_s),
        cmocka_unit_test(a_pie_is_moved),
        cmocka_unit_test(a_load_that_fails_loses_nothing),
        cmocka_unit_test(a_load_is_refused_in_words),
        TEST(there_is_one_program),
        cmocka_unit_test(it_exits_with_its_status),
        cmocka_unit_test(a_bad_access_ends_it_with_a_report),
        cmocka_unit_test(a_first_touch_goes_on),
        cmocka_unit_test(an_error_is_its_signal),
        cmocka_unit_test(out_of_memory_ends_it),
        cmocka_unit_test(an_unknown_call_is_told_once),
        TEST(many_unknown_calls_are_told_at_a_rate),
        TEST(sleeping_takes_its_time),
        TEST(an_interrupt_ends_a_wait),
        TEST(polling_ends_a_wait),
        cmocka_unit_test(a_futex_wait_that_nobody_can_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
