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
};

static void unpin_all(const struct pieces *p, bool ok)
{
    for (unsigned i = 0; i < p->count; i++)
        vm_unpin(p->piece[i].pa, p->piece[i].size, ok);
}

/* All of it, or nothing. */
static int pin(uint64_t uaddr, uint64_t size, bool write, struct pieces *p)
{
    p->count = 0;
    for (uint64_t done = 0; done < size;) {
        unsigned n = p->count;
        assert_true(n < ARRAY_SIZE(p->piece));
        int rc = vm_pin(uaddr + done, size - done, write, &p->piece[n].pa, &p->piece[n].size);
        if (rc != 0) {
            unpin_all(p, true);
            return rc;
        }
        assert_in_range(p->piece[n].size, PAGE_SIZE, size - done);
        done += p->piece[n].size;
        p->count++;
    }
    return 0;
}

static void pinned_memory_outlives_its_mapping(void **state)
{
    struct pieces p = {0};
    (void)state;
    uint64_t before = fx_free_pages();
    uint64_t at = fx_map(MIB(2), FX_RW);
    fx_store64(at, 0x1234);
    assert_int_equal(pin(at, MIB(2), true, &p), 0);
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
    assert_int_equal(pin(at, 4 * PAGE_SIZE, true, &p), 0);
    assert_int_equal(pin(at, 4 * PAGE_SIZE, true, &q), 0);
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
        int rc = pin(at + rows[i].off * PAGE_SIZE, rows[i].pages * PAGE_SIZE, rows[i].write, &p);
        assert_int_equal(rc, rows[i].rc);
        if (rc == 0)
            unpin_all(&p, true);
    }
    static const uint64_t foreign[] = {0, 0x1000, 0xffff000040200000, UINT64_MAX - 4095,
                                       UINT64_C(1) << 47};
    for (unsigned i = 0; i < ARRAY_SIZE(foreign); i++)
        assert_int_equal(pin(foreign[i], PAGE_SIZE, false, &p), -RF_EFAULT);
    assert_int_equal(pin(at + 1, PAGE_SIZE, false, &p), -RF_EFAULT);
    assert_int_equal(pin(at, UINT64_MAX - 4095, false, &p), -RF_EFAULT);
    fx_expect_log("not writable for the program itself");
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(page_refs(page_of(at + i * PAGE_SIZE)), 1);
}

/* Every second page comes from elsewhere: pieces never touch, so what a map joins was one pin. */
static void a_piece_goes_as_far_as_memory_does(void **state)
{
    struct pieces p = {0};
    (void)state;
    uint64_t at = fx_map(32 * PAGE_SIZE, FX_RW);
    for (unsigned i = 0; i < 32; i++) /* areas of one page, so that each page comes alone */
        fx_call(NR_mmap, at + i * PAGE_SIZE, PAGE_SIZE, i % 2 != 0 ? FX_RW : LX_PROT_READ, FIXED, 0,
                0);
    for (unsigned i = 32; i-- > 0;)
        vm_populate((struct range){at + i * PAGE_SIZE, at + i * PAGE_SIZE});
    assert_int_equal(pin(at, 32 * PAGE_SIZE, false, &p), 0);
    assert_true(p.count > 1);
    for (unsigned i = 0; i + 1 < p.count; i++)
        assert_int_not_equal(paddr_add(p.piece[i].pa, p.piece[i].size).v, p.piece[i + 1].pa.v);
    unpin_all(&p, true);
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(page_refs(page_of(at + i * PAGE_SIZE)), 1);
}

/* Rights and tables change in the middle of memory that is one piece. */
static void a_piece_goes_on_across_rights_and_tables(void **state)
{
    struct pieces p = {0};
    (void)state;
    uint64_t at = fx_map(MIB(8), FX_RW);
    vm_populate((struct range){at, at + MIB(8) - 1});
    assert_int_equal(pin(at, MIB(8), false, &p), 0);
    unsigned before = p.count;
    unpin_all(&p, true);
    fx_call(NR_mprotect, at + MIB(3), MIB(1), LX_PROT_READ);
    assert_int_equal(pin(at, MIB(8), false, &p), 0);
    assert_int_equal(p.count, before);
    unpin_all(&p, true);
}

static paddr_t pin_page(uint64_t uaddr, bool write)
{
    struct pieces p = {0};
    int rc = pin(uaddr, PAGE_SIZE, write, &p);
    unpin_all(&p, true);
    return rc == 0 ? p.piece[0].pa : PADDR_INVALID;
}

/* A page is pinned, so that its place is remembered, and then there is something else. */
static void what_is_remembered_is_never_older_than_the_table(void **state)
{
    (void)state;
    uint64_t at = fx_map(MIB(4), FX_RW), spare = fx_map(MIB(2), FX_RW);
    fx_store64(at + PAGE_SIZE, 7);
    fx_store64(spare, 8);
    const paddr_t first = pin_page(at + PAGE_SIZE, true);
    assert_int_equal(first.v, page_of(at + PAGE_SIZE).v);
    assert_int_equal(pin_page(at + 2 * PAGE_SIZE, true).v, page_of(at + 2 * PAGE_SIZE).v);

    fx_call(NR_mprotect, at, MIB(2), LX_PROT_READ);
    assert_false(paddr_valid(pin_page(at + PAGE_SIZE, true)));
    assert_int_equal(pin_page(at + PAGE_SIZE, false).v, first.v);
    fx_call(NR_mprotect, at, MIB(2), FX_RW);
    assert_int_equal(pin_page(at + PAGE_SIZE, true).v, first.v);

    fx_call(NR_madvise, at, MIB(2), LX_MADV_DONTNEED);
    fx_store64(fx_map(MIB(2), FX_RW), 9); /* takes the memory */
    paddr_t now = pin_page(at + PAGE_SIZE, true);
    assert_int_equal(now.v, page_of(at + PAGE_SIZE).v);
    assert_int_equal(*(uint64_t *)paddr_to_ptr(now), 0);

    fx_call(NR_munmap, at, MIB(2));
    assert_false(paddr_valid(pin_page(at + PAGE_SIZE, true)));
    assert_false(paddr_valid(pin_page(at + 2 * PAGE_SIZE, false)));
    fx_expect_log("nothing is mapped there");
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
    assert_int_equal(pin(at, PAGE_SIZE, true, &p), -RF_ENXIO);
    device.rc = -RF_EIO;
    vm_drop_pages((struct range){at, at + PAGE_SIZE - 1});
    assert_int_equal(pin(at, PAGE_SIZE, true, &p), -RF_ENXIO);
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
        TEST(a_piece_goes_as_far_as_memory_does),
        TEST(a_piece_goes_on_across_rights_and_tables),
        TEST(what_is_remembered_is_never_older_than_the_table),
        TEST(registers_are_mapped_when_they_are_used),
        TEST(the_kernel_and_devices_keep_off_registers),
        TEST(a_map_keeps_its_file_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
