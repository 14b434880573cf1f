/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem/upage.h"

/* One page of a workload that calls have used, at AT of its space. */

#define AT UINT64_C(0x12345000)

struct words {
    uint64_t a, b, c;
};

struct halves {
    uint32_t a, b, c;
};

static _Alignas(PAGE_SIZE) uint8_t page[PAGE_SIZE];

static int setup(void **state)
{
    (void)state;
    upage_forget();
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        page[i] = (uint8_t)(i * 7);
    return 0;
}

static void nothing_is_known_at_first(void **state)
{
    uint64_t v = 5;

    (void)state;
    for (uint64_t at = 0; at < 64 * PAGE_SIZE; at += 8) {
        assert_false(upage_in(&v, at, sizeof(v)));
        assert_false(upage_out(at, &v, sizeof(v)));
    }
    assert_int_equal(v, 5);
}

/* Wherever in the page the byte is by which it became known. */
static void a_known_page_is_copied(void **state)
{
    struct words w, back = {1, 2, 3};
    struct halves h;

    (void)state;
    for (unsigned byte = 0; byte < PAGE_SIZE; byte += 1365) {
        upage_forget();
        upage_remember(AT + byte, UPAGE_READ, page + byte);
        upage_remember(AT + byte, UPAGE_WRITE, page + byte);
        assert_true(upage_in(&w, AT + 0x40, sizeof(w)));
        assert_memory_equal(&w, page + 0x40, sizeof(w));
        assert_true(upage_in(&h, AT + 0x44, sizeof(h)));
        assert_memory_equal(&h, page + 0x44, sizeof(h));
        assert_true(upage_out(AT + 0x80, &back, sizeof(back)));
        assert_memory_equal(&back, page + 0x80, sizeof(back));
        assert_int_equal(page[0x7f], (uint8_t)(0x7f * 7));
        assert_int_equal(page[0x98], (uint8_t)(0x98 * 7));
    }
}

static void reading_is_not_writing(void **state)
{
    uint64_t v = 0;

    (void)state;
    upage_remember(AT, UPAGE_READ, page);
    assert_false(upage_out(AT, &v, sizeof(v)));
    upage_forget();
    upage_remember(AT, UPAGE_WRITE, page);
    assert_false(upage_in(&v, AT, sizeof(v)));
    assert_int_equal(page[1], 7);
}

/* All that lies in the page whole and is aligned, and nothing else. */
static void only_what_is_aligned_and_inside(void **state)
{
    struct words w;
    struct halves h;
    uint64_t v;

    (void)state;
    upage_remember(AT, UPAGE_READ, page);
    for (uint64_t off = 0; off < 2 * PAGE_SIZE; off++) {
        assert_int_equal(upage_in(&v, AT + off, 8), off % 8 == 0 && off < PAGE_SIZE);
        assert_int_equal(upage_in(&w, AT + off, sizeof(w)),
                         off % 8 == 0 && off + sizeof(w) <= PAGE_SIZE);
        assert_int_equal(upage_in(&h, AT + off, sizeof(h)),
                         off % 4 == 0 && off + sizeof(h) <= PAGE_SIZE);
    }
}

/* Sixteen pages further is the same place, another page, and then the only one there. */
static void a_place_has_one_page(void **state)
{
    uint64_t other = AT + UPAGE_PLACES * PAGE_SIZE, v;

    (void)state;
    upage_remember(AT, UPAGE_READ, page);
    assert_false(upage_in(&v, other, 8));
    upage_remember(other, UPAGE_READ, page);
    assert_true(upage_in(&v, other, 8));
    assert_false(upage_in(&v, AT, 8));
}

static void what_is_forgotten_is_gone(void **state)
{
    uint64_t v = 0;

    (void)state;
    for (unsigned i = 0; i < UPAGE_PLACES; i++) {
        upage_remember(AT + i * PAGE_SIZE, UPAGE_READ, page);
        upage_remember(AT + i * PAGE_SIZE, UPAGE_WRITE, page);
    }
    upage_forget();
    for (unsigned i = 0; i < UPAGE_PLACES; i++) {
        assert_false(upage_in(&v, AT + i * PAGE_SIZE, 8));
        assert_false(upage_out(AT + i * PAGE_SIZE, &v, 8));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_at_first), /* without setup: as the kernel starts */
        cmocka_unit_test_setup(a_known_page_is_copied, setup),
        cmocka_unit_test_setup(reading_is_not_writing, setup),
        cmocka_unit_test_setup(only_what_is_aligned_and_inside, setup),
        cmocka_unit_test_setup(a_place_has_one_page, setup),
        cmocka_unit_test_setup(what_is_forgotten_is_gone, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
