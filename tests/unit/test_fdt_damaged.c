/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/dtb_fixture.h"

/* Damaged device trees: whatever the bytes, no read outside them. */

static void no_blob(void **state)
{
    char zeroes[64] = {0};

    (void)state;
    assert_int_equal(dtb_parse(zeroes, 0), -RF_EINVAL);
    assert_int_equal(dtb_parse(zeroes, sizeof(zeroes)), -RF_EINVAL);
    assert_non_null(strstr(why, "the blob is damaged"));
    assert_int_equal(hwdesc_dtb_console(zeroes, sizeof(zeroes)).kind, HW_UART_NONE);
}

/* With names that are whole paths, as before version 16, libfdt follows what fdt_check_full passed.
 */
static void an_old_version(void **state)
{
    (void)state;
    fdt_set_version(tree, 15);
    fdt_set_last_comp_version(tree, 2);
    assert_int_equal(dtb_parse(tree, size), -RF_EINVAL);
    assert_non_null(strstr(why, "FDT_ERR_BADVERSION"));
    assert_int_equal(hwdesc_dtb_console(tree, size).kind, HW_UART_NONE);
}

/* Parsed from an allocation of exactly its length: a read beyond it is found by the sanitizer. */
static void parse_exactly(const void *blob, size_t n)
{
    void *copy = malloc(n ? n : 1);

    memcpy(copy, blob, n);
    hwdesc_from_dtb(copy, n, &hw, why, sizeof(why));
    hwdesc_dtb_console(copy, n);
    free(copy);
}

static void cut_anywhere(void **state)
{
    (void)state;
    assert_int_equal(fdt_pack(tree), 0);
    size_t n = fdt_totalsize(tree);
    parse_exactly(tree, n);
    assert_int_equal(hw.iommu_count, 1);
    for (size_t cut = 0; cut < n; cut += 7)
        parse_exactly(tree, cut);
}

static uint64_t random_state = 1;

static uint32_t next_random(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

static void damage(uint8_t *bytes, size_t n)
{
    static const uint8_t special[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    unsigned count = 1 + next_random() % 4;

    while (count-- > 0) {
        uint32_t r = next_random();

        bytes[next_random() % n] = (r & 1) ? (uint8_t)(r >> 8) : special[(r >> 8) % 5];
    }
}

static void damage_often(void)
{
    unsigned refused = 0;

    log_set_level(LOG_ERR);
    assert_int_equal(fdt_pack(tree), 0);
    size_t n = fdt_totalsize(tree);
    uint8_t *copy = malloc(n);
    for (unsigned i = 0; i < 4000; i++) {
        memcpy(copy, tree, n);
        damage(copy, n);
        refused += hwdesc_from_dtb(copy, n, &hw, why, sizeof(why)) != 0;
        hwdesc_dtb_console(copy, n);
    }
    free(copy);
    log_set_level(LOG_INFO);
    assert_in_range(refused, 100, 3900);
}

static void damaged_anywhere(void **state)
{
    (void)state;
    damage_often();
}

/* With all that SMMUs of version 1 and 2, and hosts that are masters themselves, add. */
static void damaged_smmus(void **state)
{
    (void)state;
    dtb_load("smmus");
    damage_often();
}

#define TEST(f) DTB_TEST(f, "virt")

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_blob),          TEST(an_old_version), TEST(cut_anywhere),
        TEST(damaged_anywhere), TEST(damaged_smmus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
