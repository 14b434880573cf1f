/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_ACPI_FIXTURE_H
#define RF_TESTS_ACPI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/types.h"
#include "lib/fw/hwdesc.h"

/* ACPI tables written down as bytes. Each is copied to a block of exactly its size, so that a read
 * beyond its end is found by ASan. */

#define U8(x)  (uint8_t)(x)
#define U16(x) U8(x), U8((x) >> 8)
#define U32(x) U16(x), U16((uint32_t)(x) >> 16)
#define U64(x) U32(x), U32((uint64_t)(x) >> 32)

#define ACPI_HEADER_SIZE 36u
#define ACPI_BLOBS       8u

static struct hwdesc hw;
static char why[200];
static struct acpi_blob blob[ACPI_BLOBS];
static unsigned blob_count;

/* From here on the bytes of a table add up to 0. */
static inline void acpi_seal(struct acpi_blob b)
{
    uint8_t *p = (uint8_t *)b.data, sum = 0;

    p[9] = 0;
    for (size_t i = 0; i < b.size; i++)
        sum = (uint8_t)(sum + p[i]);
    p[9] = (uint8_t)-sum;
}

/* A table made of a header and `body`, after those that were added before. */
static inline struct acpi_blob acpi_add(const char *signature, const uint8_t *body, size_t size)
{
    uint8_t *p = calloc(1, ACPI_HEADER_SIZE + size);
    const uint32_t len = (uint32_t)(ACPI_HEADER_SIZE + size);
    const uint8_t length[] = {U32(len)};

    memcpy(p, signature, 4);
    memcpy(p + 4, length, sizeof(length));
    p[8] = 1;
    memcpy(p + 10, "TEST  MACHINE", 13);
    memcpy(p + ACPI_HEADER_SIZE, body, size);
    assert_true(blob_count < ACPI_BLOBS);
    blob[blob_count] = (struct acpi_blob){p, len};
    acpi_seal(blob[blob_count]);
    return blob[blob_count++];
}

static inline void acpi_free(void)
{
    while (blob_count > 0)
        free((void *)blob[--blob_count].data);
}

static inline int acpi_parse(void)
{
    strcpy(why, "untouched");
    return hwdesc_from_acpi_tables(blob, blob_count, &hw, why, sizeof(why));
}

static inline void acpi_accept(void)
{
    int err = acpi_parse();

    if (err)
        fail_msg("refused with %s: %s", err_name(err), why);
    assert_string_equal(why, "");
}

static inline void acpi_drop(void *ctx, const char *s, size_t n)
{
    (void)ctx;
    (void)s;
    (void)n;
}

static inline int acpi_setup(void **state)
{
    (void)state;
    log_set_sink(acpi_drop, NULL);
    return 0;
}

static inline int acpi_teardown(void **state)
{
    (void)state;
    acpi_free();
    return 0;
}

/* One byte string in place of another at `offset` of a table: a lie about the machine. */
struct acpi_lie {
    uint32_t offset, count;
    uint8_t bytes[16];
    const char *why;
};

/* Each lie alone is refused with its reason, and the tables are good without it. */
static inline void acpi_expect_lies(struct acpi_blob b, const struct acpi_lie *lies, unsigned count)
{
    uint8_t *p = (uint8_t *)b.data;
    uint8_t truth[sizeof(lies->bytes)];

    for (const struct acpi_lie *l = lies; l < lies + count; l++) {
        assert_true(l->offset + l->count <= b.size);
        memcpy(truth, p + l->offset, l->count);
        memcpy(p + l->offset, l->bytes, l->count);
        acpi_seal(b);
        int err = acpi_parse();
        if ((err != -RF_EINVAL && err != -RF_ENOSPC) || !strstr(why, l->why))
            fail_msg("%.4s+%#x: got %s \"%s\", wanted \"%s\"", (const char *)b.data, l->offset,
                     err_name(err), why, l->why);
        memcpy(p + l->offset, truth, l->count);
        acpi_seal(b);
        acpi_accept();
    }
}

#endif
