/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/base/mask.h"

/* /proc/self/pagemap: which pages are there, by numbers that tell nothing of physical memory. */

#define WORD    8u
#define PRESENT BIT(63)

static uint64_t map; /* the descriptor */

static int open_it(void **state)
{
    int rc = fx_start(state);
    map = (uint64_t)fx_open("/proc/self/pagemap", LX_O_RDONLY);
    return rc;
}

/* Reads n bytes into memory at `to` from the word of the page that holds uaddr. */
static int64_t read_words(uint64_t uaddr, uint64_t to, uint64_t n)
{
    return fx_call(NR_pread64, map, to, n, uaddr / PAGE_SIZE * WORD);
}

static void a_page_that_is_there_has_its_virtual_number(void **state)
{
    (void)state;
    uint64_t at = fx_map(2 * PAGE_SIZE, FX_RW), to = fx_map(PAGE_SIZE, FX_RW);
    uint64_t reserved = fx_map(PAGE_SIZE, 0);
    fx_store64(at, 1);
    fx_store64(at + PAGE_SIZE, 1);
    assert_int_equal(read_words(at, to, 2 * WORD), 2 * WORD);
    assert_int_equal(fx_load64(to), PRESENT | at / PAGE_SIZE);
    assert_int_equal(fx_load64(to + WORD), PRESENT | (at / PAGE_SIZE + 1));
    assert_int_equal(read_words(reserved, to, WORD), WORD);
    assert_int_equal(fx_load64(to), 0);
    assert_int_equal(fx_call(NR_munmap, at, 2 * PAGE_SIZE), 0);
    assert_int_equal(read_words(at, to, WORD), WORD);
    assert_int_equal(fx_load64(to), 0);
}

static void it_is_read_by_words(void **state)
{
    (void)state;
    uint64_t to = fx_map(PAGE_SIZE, FX_RW);
    assert_int_equal(fx_call(NR_lseek, map, to / PAGE_SIZE * WORD, 0), to / PAGE_SIZE * WORD);
    fx_store64(to, 0);
    assert_int_equal(fx_call(NR_read, map, to, WORD), WORD);
    assert_int_equal(fx_load64(to), PRESENT | to / PAGE_SIZE);
    assert_int_equal(fx_call(NR_pread64, map, to, WORD, 1), -RF_EINVAL);
    assert_int_equal(fx_call(NR_pread64, map, to, WORD - 1, 0), -RF_EINVAL);
    assert_int_equal(fx_call(NR_pread64, map, to, 0, 0), 0);
    assert_int_equal(fx_call(NR_pread64, map, 0, WORD, 0), -RF_EFAULT);
    assert_int_equal(fx_call(NR_pwrite64, map, to, WORD, 0), -RF_EBADF);
}

static void it_ends_with_the_address_space(void **state)
{
    (void)state;
    uint64_t to = fx_map(PAGE_SIZE, FX_RW);
    uint64_t beyond = (UINT64_C(1) << 47) - PAGE_SIZE; /* the first page that can never be mapped */
    assert_int_equal(read_words(beyond, to, WORD), 0);
    assert_int_equal(read_words(beyond - PAGE_SIZE, to, 4 * WORD), WORD);
    assert_int_equal(fx_load64(to), 0);
    assert_int_equal(fx_call(NR_pread64, map, to, WORD, INT64_MAX & ~7), 0);
}

static void a_long_read_is_short(void **state)
{
    (void)state;
    uint64_t to = fx_map(MIB(1), FX_RW);
    assert_int_equal(fx_call(NR_pread64, map, to, MIB(1), 0), KIB(64));
    assert_int_equal(fx_call(NR_pread64, map, to + MIB(1) - 2 * WORD, 4 * WORD, 0), 2 * WORD);
}

static void it_cannot_be_written(void **state)
{
    (void)state;
    assert_int_equal(fx_open("/proc/self/pagemap", LX_O_RDWR), -RF_EACCES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_that_is_there_has_its_virtual_number),
        TEST(it_is_read_by_words),
        TEST(it_ends_with_the_address_space),
        TEST(a_long_read_is_short),
        TEST(it_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
