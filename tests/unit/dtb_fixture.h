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

static inline void *dtb_need(const char *name, size_t *size)
{
    char path[200];
    void *tree;

    snprintf(path, sizeof(path), DTB_DATA "%s.dtb", name);
    tree = dtb_read(path, size);
    if (!tree)
        fail_msg("%s is not there: make test builds it, and runs in the checkout", path);
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

#endif
