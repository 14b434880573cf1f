/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/sys/file.h"

/* Memory that devices hold, and registers of devices in the address space. */

#define FIXED (LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED)

static int touch(uint64_t uaddr)
{
    return copy_out(uaddr, "x", 1);
}

static paddr_t page_of(uint64_t uaddr)
{
    struct pt_leaf leaf;
    assert_true(pt_lookup(vm_pt(), uaddr, &leaf));
    return leaf.pa;
}

/* ---- memory that devices hold */

struct pieces {
    unsigned count;
    struct {
        paddr_t pa;
        uint64_t size;
    } piece[64];
    unsigned fail_at; /* the n-th piece is refused; 0: none */
};

static int take_piece(void *ctx, paddr_t pa, uint64_t size)
{
    struct pieces *p = ctx;
    assert_true(p->count < ARRAY_SIZE(p->piece));
    if (p->count + 1 == p->fail_at)
        return -RF_ENOSPC;
    p->piece[p->count].pa = pa;
    p->piece[p->count++].size = size;
    return 0;
}

static void unpin_all(const struct pieces *p, bool ok)
{
    for (unsigned i = 0; i < p->count; i++)
        vm_unpin(p->piece[i].pa, p->piece[i].size, ok);
}

static void pinned_memory_outlives_its_mapping(void **state)
{
    struct pieces p = {0};
    (void)state;
    uint64_t before = fx_free_pages();
    uint64_t at = fx_map(MIB(2), FX_RW);
    fx_store64(at, 0x1234);
    assert_int_equal(vm_pin(at, MIB(2), true, take_piece, &p), 0);
    assert_int_equal(p.count, 1);
    assert_int_equal(p.piece[0].size, MIB(2));
    assert_int_equal(fx_call(NR_munmap, at, MIB(2)), 0);
    assert_int_equal(*(uint64_t *)paddr_to_ptr(p.piece[0].pa), 0x1234);
    assert_true(before - fx_free_pages() >= 512);
    uint64_t other = fx_map(MIB(2), FX_RW);
    assert_int_equal(fx_load64(other), 0);
    assert_int_not_equal(page_of(other).v, p.piece[0].pa.v);
    assert_int_equal(fx_call(NR_munmap, other, MIB(2)), 0);
    unpin_all(&p, true);
    assert_int_equal(fx_free_pages(), before);
}

static void memory_of_a_dead_device_is_never_used_again(void **state)
{
    struct pieces p = {0}, q = {0};
    struct page_stats s;
    (void)state;
    uint64_t before = fx_free_pages();
    uint64_t at = fx_map(4 * PAGE_SIZE, FX_RW);
    assert_int_equal(vm_pin(at, 4 * PAGE_SIZE, true, take_piece, &p), 0);
    assert_int_equal(vm_pin(at, 4 * PAGE_SIZE, true, take_piece, &q), 0);
    unpin_all(&p, false);
    unpin_all(&q, false);
    page_get_stats(&s);
    assert_int_equal(s.quarantined_pages, 4);
    assert_int_equal(touch(at), 0); /* the program may go on with it */
    assert_int_equal(fx_call(NR_munmap, at, 4 * PAGE_SIZE), 0);
    assert_int_equal(fx_free_pages(), before - 4);
    fx_free_at_start -= 4;
}

static void pins_of_bad_memory_hold_nothing(void **state)
{
    struct pieces p = {0};
    (void)state;
    uint64_t at = fx_map(8 * PAGE_SIZE, FX_RW);
    fx_call(NR_mprotect, at + 4 * PAGE_SIZE, PAGE_SIZE, LX_PROT_READ);
    fx_call(NR_munmap, at + 6 * PAGE_SIZE, PAGE_SIZE);
    static const struct {
        uint64_t off, pages;
        bool write;
        int rc;
    } rows[] = {
        {0, 4, true, 0},           {0, 5, true, -RF_EFAULT}, {0, 6, false, 0},
        {4, 1, true, -RF_EFAULT},  {4, 1, false, 0},         {5, 2, false, -RF_EFAULT},
        {6, 1, false, -RF_EFAULT},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        p.count = 0;
        int rc = vm_pin(at + rows[i].off * PAGE_SIZE, rows[i].pages * PAGE_SIZE, rows[i].write,
                        take_piece, &p);
        assert_int_equal(rc, rows[i].rc);
        if (rc == 0)
            unpin_all(&p, true);
    }
    static const uint64_t foreign[] = {0, 0x1000, 0xffff000040200000, UINT64_MAX - 4095,
                                       UINT64_C(1) << 47};
    for (unsigned i = 0; i < ARRAY_SIZE(foreign); i++)
        assert_int_equal(vm_pin(foreign[i], PAGE_SIZE, false, take_piece, &p), -RF_EFAULT);
    assert_int_equal(vm_pin(at + 1, PAGE_SIZE, false, take_piece, &p), -RF_EFAULT);
    assert_int_equal(vm_pin(at, UINT64_MAX - 4095, false, take_piece, &p), -RF_EFAULT);
    fx_expect_log("not writable for the program itself");
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(page_refs(page_of(at + i * PAGE_SIZE)), 1);
}

/* Pages from here and there: every piece is refused once. */
static void a_refused_piece_undoes_the_pin(void **state)
{
    (void)state;
    uint64_t at = fx_map(32 * PAGE_SIZE, FX_RW);
    for (unsigned i = 0; i < 32; i++) /* one by one, from the end: pieces of one page */
        fx_call(NR_mmap, at + i * PAGE_SIZE, PAGE_SIZE, i % 2 != 0 ? FX_RW : LX_PROT_READ, FIXED, 0,
                0);
    for (unsigned i = 32; i-- > 0;)
        vm_populate((struct range){at + i * PAGE_SIZE, at + i * PAGE_SIZE});
    struct pieces p = {0};
    assert_int_equal(vm_pin(at, 32 * PAGE_SIZE, false, take_piece, &p), 0);
    unsigned count = p.count;
    unpin_all(&p, true);
    for (unsigned k = 1; k <= count; k++) {
        p = (struct pieces){.fail_at = k};
        assert_int_equal(vm_pin(at, 32 * PAGE_SIZE, false, take_piece, &p), -RF_ENOSPC);
        for (unsigned i = 0; i < 32; i++)
            assert_int_equal(page_refs(page_of(at + i * PAGE_SIZE)), 1);
    }
}

/* ---- registers */

static struct {
    struct file file;
    unsigned asked, released;
    int rc;
} device;

static int device_map(struct file *f, uint64_t offset, uint64_t size)
{
    (void)f, (void)offset;
    return size > MIB(1) ? -RF_EINVAL : 0;
}

static int device_page(struct file *f, uint64_t offset, paddr_t *pa)
{
    (void)f;
    device.asked++;
    *pa = PADDR(GIB(64) + offset);
    return device.rc;
}

static void device_release(struct file *f)
{
    (void)f;
    device.released++;
}

static const struct file_ops device_ops = {
    .name = "registers", .mmap = device_map, .page = device_page, .release = device_release};

static int64_t map_device(int fd, uint64_t size, unsigned prot)
{
    return fx_call(NR_mmap, 0, size, prot, LX_MAP_SHARED, (uint64_t)fd, MIB(16));
}

static int open_device(void)
{
    memset(&device, 0, sizeof(device));
    file_init(&device.file, &device_ops, LX_O_RDWR);
    return fd_install(&device.file, false, 0);
}

static void registers_are_mapped_when_they_are_used(void **state)
{
    (void)state;
    struct pt_leaf leaf;
    int fd = open_device();
    assert_int_equal(map_device(fd, MIB(2), FX_RW), -RF_EINVAL);
    assert_int_equal(map_device(fd, PAGE_SIZE, 5), -RF_EACCES);
    uint64_t at = (uint64_t)map_device(fd, 4 * PAGE_SIZE, FX_RW);
    assert_int_equal(device.asked, 0);
    assert_int_equal(vm_fault(at + 2 * PAGE_SIZE + 8, PT_WRITE), 0);
    assert_true(pt_lookup(vm_pt(), at + 2 * PAGE_SIZE, &leaf));
    assert_int_equal(leaf.pa.v, GIB(64) + MIB(16) + 2 * PAGE_SIZE);
    assert_int_equal(leaf.prot, PT_READ | PT_WRITE | PT_USER | PT_DEVICE);
    vm_drop_pages((struct range){at, at + 4 * PAGE_SIZE - 1});
    assert_int_equal(vm_fault(at + 2 * PAGE_SIZE, PT_READ), 0);
    assert_int_equal(device.asked, 2);
    device.rc = -RF_EIO;
    assert_int_equal(vm_fault(at, PT_READ), -RF_EIO);
    device.rc = -RF_EFAULT;
    assert_int_equal(vm_fault(at, PT_READ), -RF_EFAULT);
    assert_int_equal(vm_fault(at, PT_EXEC), -RF_EFAULT);
}

static void the_kernel_and_devices_keep_off_registers(void **state)
{
    (void)state;
    struct pieces p = {0};
    int fd = open_device();
    uint64_t at = (uint64_t)map_device(fd, PAGE_SIZE, FX_RW), v;
    assert_int_equal(copy_in(&v, at, sizeof(v)), -RF_EFAULT);
    assert_int_equal(copy_out(at, &v, sizeof(v)), -RF_EFAULT);
    assert_int_equal(vm_pin(at, PAGE_SIZE, true, take_piece, &p), -RF_EFAULT);
    fx_expect_log("device registers are there");
    device.rc = -RF_EIO;
    vm_drop_pages((struct range){at, at + PAGE_SIZE - 1});
    assert_int_equal(vm_pin(at, PAGE_SIZE, true, take_piece, &p), -RF_EFAULT);
    assert_int_equal(p.count, 0);
}

static void a_map_keeps_its_file_open(void **state)
{
    (void)state;
    int fd = open_device();
    uint64_t at = (uint64_t)map_device(fd, 4 * PAGE_SIZE, FX_RW);
    assert_int_equal(fx_call(NR_close, (uint64_t)fd), 0);
    assert_int_equal(fx_call(NR_munmap, at + PAGE_SIZE, PAGE_SIZE), 0);
    assert_int_equal(vm_fault(at + 2 * PAGE_SIZE, PT_READ), 0);
    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, 0), 0);
    assert_int_equal(vm_fault(at, PT_READ), -RF_EFAULT);
    assert_int_equal(device.released, 0);
    assert_int_equal(fx_call(NR_munmap, at, 4 * PAGE_SIZE), 0);
    assert_int_equal(device.released, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pinned_memory_outlives_its_mapping),
        TEST(memory_of_a_dead_device_is_never_used_again),
        TEST(pins_of_bad_memory_hold_nothing),
        TEST(a_refused_piece_undoes_the_pin),
        TEST(registers_are_mapped_when_they_are_used),
        TEST(the_kernel_and_devices_keep_off_registers),
        TEST(a_map_keeps_its_file_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
