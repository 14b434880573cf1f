/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DTB_FIXTURE_H
#define RF_TESTS_DTB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fw/hwdesc.h"

/* Device trees in memory, with room for changes. */

#define DTB_DATA "build/host/data/" /* tests run in the checkout */
#define DTB_ROOM 0x10000

static struct hwdesc hw;
static char why[200];
static char logged[8192];

static inline void dtb_sink(void *ctx, const char *s, size_t n)
{
    (void)ctx;
    if (strlen(logged) + n < sizeof(logged))
        strncat(logged, s, n);
}

static inline void dtb_listen(void)
{
    logged[0] = '\0';
    log_set_sink(dtb_sink, NULL);
}

/* The file with DTB_ROOM bytes to grow; NULL: there is none. The caller frees it. */
static inline void *dtb_read(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    void *raw, *tree;

    if (!f)
        return NULL;
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *size = (size_t)ftell(f);
    rewind(f);
    raw = malloc(*size);
    assert_int_equal(fread(raw, 1, *size, f), *size);
    fclose(f);
    tree = malloc(*size + DTB_ROOM);
    assert_int_equal(fdt_open_into(raw, tree, (int)(*size + DTB_ROOM)), 0);
    *size += DTB_ROOM;
    free(raw);
    return tree;
}

static inline void dtb_set_cells(void *tree, const char *node, const char *prop,
                                 const uint32_t *cells, unsigned count)
{
    uint32_t be[40];
    int at = fdt_path_offset(tree, node);

    assert_true(at >= 0 && count <= 40);
    for (unsigned i = 0; i < count; i++)
        be[i] = cpu_to_fdt32(cells[i]);
    assert_int_equal(fdt_setprop(tree, at, prop, be, (int)(4 * count)), 0);
}

static inline int dtb_parse(const void *tree, size_t size)
{
    strcpy(why, "untouched");
    return hwdesc_from_dtb(tree, size, &hw, why, sizeof(why));
}

/* Parses, and fails the test with the reason when the tree is refused. */
static inline void dtb_accept(const void *tree, size_t size)
{
    int err = dtb_parse(tree, size);

    if (err)
        fail_msg("refused with %s: %s", err_name(err), why);
    assert_string_equal(why, "");
}

/* ---- the tree of the test that runs ---------------------------------------------------------- */

static void *tree; /* freed at its end */
static size_t size;

/* In the place of what was there: tests/data/NAME.dts. */
static inline void dtb_load(const char *name)
{
    char path[200];

    free(tree);
    snprintf(path, sizeof(path), DTB_DATA "%s.dtb", name);
    tree = dtb_read(path, &size);
    if (!tree)
        fail_msg("%s is not there: make test builds it, and runs in the checkout", path);
}

static inline int dtb_setup(void **state)
{
    const char *name = *state;

    tree = NULL;
    dtb_listen();
    if (name)
        dtb_load(name);
    return 0;
}

static inline int dtb_teardown(void **state)
{
    (void)state;
    free(tree);
    return 0;
}

/* A test that begins with that tree; NULL: with none. */
#define DTB_TEST(f, name) cmocka_unit_test_prestate_setup_teardown(f, dtb_setup, dtb_teardown, name)

static inline void expect_range(struct range r, uint64_t start, uint64_t last)
{
    assert_int_equal(r.start, start);
    assert_int_equal(r.last, last);
}

/* One change of a tree, for which it is refused. */
struct dtb_lie {
    const char *node, *prop;
    unsigned count;
    uint32_t cells[18];
    const char *why;
};

static inline void dtb_refuse_all(const char *name, const struct dtb_lie *lies, size_t n)
{
    unsigned wrong = 0;

    for (const struct dtb_lie *l = lies; l < lies + n; l++) {
        dtb_load(name);
        dtb_set_cells(tree, l->node, l->prop, l->cells, l->count);
        int err = dtb_parse(tree, size);
        if (err == -RF_EINVAL && strstr(why, l->why))
            continue;
        print_error("%s %s: %d \"%s\", wanted \"%s\"\n", l->node, l->prop, err, why, l->why);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

#endif
