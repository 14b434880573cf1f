/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/sys/abi.h"
#include "lib/sys/wait.h"
#include "tests/fuzz/input.h"

/* A program that makes any system calls with any arguments, with memory that changes between two
 * reads. It ends as programs do, and its end gives every page back. */

#define STEPS 100u

static struct input in;
static bool fickle;
static uint64_t scratch;

/* ---- what the linker puts in the place of the kernel's own (-Wl,--wrap) -------------------- */

int __real_copy_in(void *dst, uint64_t uaddr, size_t n);
int __wrap_copy_in(void *dst, uint64_t uaddr, size_t n);
int __real_wait_until(bool (*ready)(void *ctx), void *ctx, uint64_t deadline_ns);
int __wrap_wait_until(bool (*ready)(void *ctx), void *ctx, uint64_t deadline_ns);

/* After each read the program's memory is another, and no page is known to the quick ways past
 * here. */
int __wrap_copy_in(void *dst, uint64_t uaddr, size_t n)
{
    int err = __real_copy_in(dst, uaddr, n);

    if (!err && n && fickle) {
        uint8_t v = input_u8(&in);
        (void)copy_out(uaddr + input_u8(&in) % n, &v, 1);
        upage_forget();
    }
    return err;
}

/* No wait is for ever: nobody else is there who would end it. */
int __wrap_wait_until(bool (*ready)(void *ctx), void *ctx, uint64_t deadline_ns)
{
    uint64_t soon = clock_now_ns() + 1000000;

    return __real_wait_until(ready, ctx, MIN(deadline_ns, soon));
}

/* ---- the program -------------------------------------------------------------------------- */

/* An argument is small, an address in its memory, or anything. */
static uint64_t argument(void)
{
    uint8_t kind = input_u8(&in);

    switch (kind % 8) {
    case 0:
        return (uint64_t)(int64_t)(int8_t)input_u8(&in);
    case 1:
        return input_u64(&in);
    case 2:
        return FX_DATA + input_u16(&in);
    case 3:
        return (uint64_t)LX_AT_FDCWD;
    case 4:
        return input_u32(&in);
    case 5:
        return PAGE_SIZE * input_u8(&in);
    default:
        return scratch + input_u16(&in) % (4 * PAGE_SIZE);
    }
}

static const char *const paths[] = {
    "/dev/vfio/vfio",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/sys/bus/pci/devices",
    "/proc/self/exe",
    "../../dev/",
    "/",
    "",
    "/sys/kernel/iommu_groups/0",
};

/* The next call; some memory is new before it. */
static void next_call(void *ctx, struct user_regs *r, struct user_trap *out)
{
    const struct sys_abi *abi = ctx;
    uint8_t bytes[32], what = input_u8(&in);

    if (in.left == 0) {
        fx_exit_at_once(NULL, r, out);
        return;
    }
    if (what & 1) {
        input_bytes(&in, bytes, sizeof(bytes));
        (void)copy_out(scratch + input_u16(&in) % PAGE_SIZE, bytes, sizeof(bytes));
    } else if (what & 2) {
        const char *path = paths[input_u8(&in) % ARRAY_SIZE(paths)];
        (void)copy_out(scratch, path, strlen(path) + 1);
    }
    r->nr = what & 0x80 ? input_u16(&in) : abi->calls[input_u8(&in) % abi->call_count].nr;
    for (unsigned i = 0; i < 6; i++)
        r->arg[i] = argument();
    *out = (struct user_trap){.kind = USER_SYSCALL};
    if ((what & 0x7c) == 0x7c)
        *out = (struct user_trap){
            .kind = USER_FAULT, .address = argument(), .write = what & 1, .what = "", .signal = 11};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why;

    fickle = false;
    in = (struct input){data, size};
    fx_boot(NULL);
    assert_int_equal(fx_load(&why), 0);
    scratch = fx_map(4 * PAGE_SIZE, FX_RW);
    fickle = input_u8(&in) & 1;
    inject_after(input_u8(&in));
    host_user_hook(next_call, (void *)(uintptr_t)abi_find(183));
    (void)sys_run();
    inject_after(0);
    assert_int_equal(fx_free_pages(), fx_free_at_start);
    return 0;
}
