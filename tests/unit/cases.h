/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_CASES_H
#define RF_TESTS_CASES_H

#include <stdio.h>

#include "tests/unit/fake_vfio.h"

/* Cases of other projects' self-tests, by the names that this project gave them: each is a test, or
 * a row of tests/qemu/rows, or has a sentence why it does not apply, which is printed. */
struct foreign_case {
    const char *id;
    void (*run)(void **state);
    int (*up)(void **state); /* NULL: an attached container without a device */
    const char *row;
    const char *why;
};

/* ---- calls that have to succeed, or to be refused, with what they report ------------------- */

static inline uint64_t unmapped(uint64_t iova, uint64_t size)
{
    uint64_t bytes;

    assert_int_equal(unmap_dma(0, iova, size, &bytes), 0);
    return bytes;
}

static inline void unmap_is_refused(uint64_t iova, uint64_t size)
{
    uint64_t bytes;

    assert_int_equal(unmap_dma(0, iova, size, &bytes), -RF_EINVAL);
}

static inline uint64_t unmapped_all(void)
{
    uint64_t bytes;

    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
    return bytes;
}

/* ---- the table ------------------------------------------------------------------------------ */

#define CASES_MAX 64

/* Tests run in the checkout. */
static inline bool cases_has_row(const char *row)
{
    FILE *f = fopen("tests/qemu/rows", "r");
    char line[512], wanted[64];
    bool found = false;

    snprintf(wanted, sizeof(wanted), "[%s]\n", row);
    while (f && !found && fgets(line, sizeof(line), f))
        found = strcmp(line, wanted) == 0;
    if (f)
        fclose(f);
    return found;
}

static const struct foreign_case *cases_listed;
static size_t cases_count;

/* Every case is accounted for, in exactly one way, and the rows that are named are there. */
static inline void every_case_is_accounted_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < cases_count; i++) {
        const struct foreign_case *c = &cases_listed[i];

        assert_int_equal(!!c->run + !!c->row + !!c->why, 1);
        if (c->row) {
            printf("%s: row %s of tests/qemu/rows\n", c->id, c->row);
            assert_true(cases_has_row(c->row));
        }
        if (c->why)
            printf("%s does not apply: %s\n", c->id, c->why);
    }
}

static inline int cases_run(const char *group_name, const struct foreign_case *cases, size_t count)
{
    struct CMUnitTest tests[CASES_MAX + 1] = {
        {.name = "every_case_is_accounted_for", .test_func = every_case_is_accounted_for}};
    size_t n = 1;

    if (count > CASES_MAX)
        return 1;
    cases_listed = cases;
    cases_count = count;
    for (size_t i = 0; i < count; i++) {
        if (cases[i].run)
            tests[n++] = (struct CMUnitTest){
                .name = cases[i].id,
                .test_func = cases[i].run,
                .setup_func = cases[i].up ? cases[i].up : vfio_up_attached,
                .teardown_func = vfio_down,
            };
    }
    return _cmocka_run_group_tests(group_name, tests, n, NULL, NULL);
}

#endif
