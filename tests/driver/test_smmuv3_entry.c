/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/live_entry.h"

/* The writer of live entries: how many steps it takes, and what is seen in between. */

static void from_deny_and_back(void **state)
{
    uint64_t deny[WORDS], s1[WORDS], zero[WORDS] = {0};

    (void)state;
    smmuv3_ste_abort(deny);
    ste(s1, 0x123440, true);
    assert_int_equal(change(deny, s1, false, 0), 0);
    assert_int_equal(w.commits, 2);
    assert_int_equal(change(s1, deny, false, 0), 0);
    assert_int_equal(w.commits, 2);
    assert_int_equal(change(zero, s1, false, 0), 0);
    assert_int_equal(w.commits, 2);
    assert_int_equal(change(zero, deny, false, 0), 0);
    assert_int_equal(w.commits, 1);
}

static void nothing_to_do_costs_nothing(void **state)
{
    uint64_t s1[WORDS];

    (void)state;
    ste(s1, 0x123440, true);
    assert_int_equal(change(s1, s1, false, 0), 0);
    assert_int_equal(w.commits, 0);
}

/* One word: the stream never stops. */
static void one_word_is_hitless(void **state)
{
    uint64_t a[WORDS], b[WORDS];

    (void)state;
    ste(a, 0x123440, true);
    ste(b, 0xabcdefc0, true);
    assert_int_equal(change(a, b, false, 0), 0);
    assert_int_equal(w.commits, 1);
    assert_int_equal(w.denying, 0);
}

static void several_words_deny_in_between(void **state)
{
    uint64_t a[WORDS], b[WORDS];

    (void)state;
    ste(a, 0x123440, true);
    ste(b, 0xabcdefc0, false);
    assert_int_equal(change(a, b, false, 0), 0);
    assert_int_equal(w.commits, 3);
    assert_true(w.denying > 0);
}

/* Not one of an STE's used words is taken for one that does not count (5.2). */
static void every_used_word_counts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned k = i + 1; k < 3; k++) {
            uint64_t a[WORDS], b[WORDS];

            ste(a, 0x123440, true);
            memcpy(b, a, sizeof(b));
            b[i] ^= BIT(6); /* S1ContextPtr, S1CSH, S2VMID */
            b[k] ^= BIT(6);
            assert_int_equal(change(a, b, false, 0), 0);
            assert_int_equal(w.commits, 3);
        }
    }
}

static void context_descriptors(void **state)
{
    struct iommu_domain d = {
        .asid = 7,
        .pt = {.cfg = {.granule_lg2 = 12, .ias = 48, .oas = 44, .coherent = true},
               .root = {0x4560000}},
    };
    uint64_t a[WORDS], b[WORDS], zero[WORDS] = {0};

    (void)state;
    smmuv3_cd_s1(&d, a);
    assert_int_equal(change(zero, a, true, 0), 0);
    d.asid = 8; /* the id alone is one word, with the root it is two */
    smmuv3_cd_s1(&d, b);
    assert_int_equal(change(a, b, true, 0), 0);
    assert_int_equal(w.denying, 0);
    d.pt.root = PADDR(0x9870000);
    d.asid = 9;
    smmuv3_cd_s1(&d, b);
    assert_int_equal(change(a, b, true, 0), 0);
    assert_true(w.denying > 0);
}

/* Stopped at any commit, the entry is one of the three. */
static void failing_commits(void **state)
{
    uint64_t a[WORDS], b[WORDS];

    (void)state;
    ste(a, 0x123440, true);
    ste(b, 0xabcdefc0, false);
    for (unsigned k = 1; k <= 3; k++) {
        assert_int_equal(change(a, b, false, k), -RF_ETIMEDOUT);
        assert_int_equal(w.commits, k);
    }
}

static void random_changes(void **state)
{
    uint64_t x = 1;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        uint64_t e[2][WORDS];

        for (unsigned k = 0; k < 2; k++) {
            x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
            if (x >> 62 == 0)
                smmuv3_ste_abort(e[k]);
            else
                ste(e[k], (x >> 20) & 0xffc0, x >> 63);
        }
        assert_int_equal(change(e[0], e[1], false, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_deny_and_back),     cmocka_unit_test(nothing_to_do_costs_nothing),
        cmocka_unit_test(one_word_is_hitless),    cmocka_unit_test(several_words_deny_in_between),
        cmocka_unit_test(every_used_word_counts), cmocka_unit_test(context_descriptors),
        cmocka_unit_test(failing_commits),        cmocka_unit_test(random_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
