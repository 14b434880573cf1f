/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_CASES_H
#define RF_TESTS_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/types.h"

/* Cases of other projects' self-tests, by the names that this project gave them: each is a test of
 * its own, or is covered by a row of tests/qemu or by another test, or has a sentence why it does
 * not apply, which is printed. */
struct foreign_case {
    const char *id;
    void (*run)(void **state);
    int (*up)(void **state); /* NULL: what cases_run() is given */
    const char *row;
    const char *file, *test; /* a function of that file */
    const char *why;
};

#define CASES_MAX 64

/* Tests run in the checkout. */
static inline bool cases_has_line(const char *path, const char *start)
{
    FILE *f = fopen(path, "r");
    char line[512];
    bool found = false;

    while (f && !found && fgets(line, sizeof(line), f))
        found = strncmp(line, start, strlen(start)) == 0;
    if (f)
        fclose(f);
    return found;
}

static inline bool cases_has_row(const char *row)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "[%s]\n", row);
    return cases_has_line("tests/qemu/rows", wanted) ||
           cases_has_line("tests/qemu/rows-q35", wanted);
}

static inline bool cases_has_test(const char *file, const char *test)
{
    char wanted[96];

    snprintf(wanted, sizeof(wanted), "static void %s(", test);
    return cases_has_line(file, wanted);
}

static const struct foreign_case *cases_listed;
static size_t cases_count;

/* Every case is accounted for, in exactly one way, and what is named is there. */
static inline void every_case_is_accounted_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < cases_count; i++) {
        const struct foreign_case *c = &cases_listed[i];

        assert_int_equal(!!c->run + !!c->row + !!c->test + !!c->why, 1);
        if (c->row) {
            printf("%s: row %s of tests/qemu\n", c->id, c->row);
            assert_true(cases_has_row(c->row));
        }
        if (c->test) {
            printf("%s: %s of %s\n", c->id, c->test, c->file);
            assert_true(cases_has_test(c->file, c->test));
        }
        if (c->why)
            printf("%s does not apply: %s\n", c->id, c->why);
    }
}

static inline int cases_run(const char *group_name, const struct foreign_case *cases, size_t count,
                            int (*up)(void **state), int (*down)(void **state))
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
                .setup_func = cases[i].up ? cases[i].up : up,
                .teardown_func = down,
            };
    }
    return _cmocka_run_group_tests(group_name, tests, n, NULL, NULL);
}

#endif
