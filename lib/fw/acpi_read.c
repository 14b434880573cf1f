/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include <string.h>

#include "lib/base/err.h"

/* The only file that touches the bytes of a table. */

#define LENGTH_AT   4u
#define CHECKSUM_AT 9u

uint8_t acpi_u8(struct acpi_span s, uint32_t off)
{
    return off < s.len ? s.table->data[s.at + off] : 0;
}

uint16_t acpi_u16(struct acpi_span s, uint32_t off)
{
    return (uint16_t)(acpi_u8(s, off) | acpi_u8(s, off + 1) << 8);
}

uint32_t acpi_u32(struct acpi_span s, uint32_t off)
{
    return acpi_u16(s, off) | (uint32_t)acpi_u16(s, off + 2) << 16;
}

uint64_t acpi_u64(struct acpi_span s, uint32_t off)
{
    return acpi_u32(s, off) | (uint64_t)acpi_u32(s, off + 4) << 32;
}

struct acpi_span acpi_whole(const struct acpi_table *t)
{
    return (struct acpi_span){t, 0, t->len};
}

struct acpi_span acpi_part(struct acpi_span s, uint32_t off, uint32_t len)
{
    if (off > s.len)
        off = s.len;
    return (struct acpi_span){s.table, s.at + off, MIN(len, s.len - off)};
}

struct acpi_span acpi_rest(struct acpi_span s, uint32_t off)
{
    return acpi_part(s, off, UINT32_MAX);
}

static uint32_t number(struct acpi_span s, uint32_t off, unsigned size)
{
    return size == 1 ? acpi_u8(s, off) : acpi_u16(s, off);
}

static const struct acpi_kind *find_kind(const struct acpi_list *list, uint32_t type)
{
    for (unsigned i = 0; i < list->kind_count; i++) {
        if (list->kinds[i].type == type)
            return &list->kinds[i];
    }
    return NULL;
}

static int visit(struct acpi_walk *w, struct acpi_span s, const struct acpi_list *list, void *ctx)
{
    const struct acpi_kind *k = find_kind(list, number(s, 0, list->type_size));

    if (!k)
        return 0;
    if (s.len < k->min)
        return acpi_refuse(w, s, -RF_EINVAL, "%s of %u bytes; it has at least %u", k->name, s.len,
                           k->min);
    return k->visit(w, s, ctx);
}

int acpi_each(struct acpi_walk *w, struct acpi_span s, const struct acpi_list *list, void *ctx)
{
    const uint32_t head = (uint32_t)list->len_at + list->len_size;

    while (s.len != 0) {
        uint32_t len = number(s, list->len_at, list->len_size);

        if (s.len < head || len < head || len > s.len)
            return acpi_refuse(w, s, -RF_EINVAL,
                               "a structure of type %u has length %u, and %u bytes are left",
                               number(s, 0, list->type_size), len, s.len);
        int err = visit(w, acpi_part(s, 0, len), list, ctx);
        if (err)
            return err;
        s = acpi_rest(s, len);
    }
    return 0;
}

static void copy_signature(struct acpi_table *t)
{
    for (unsigned i = 0; i < ACPI_SIGNATURE; i++) {
        uint8_t c = t->data[i];

        t->name[i] = (char)(c > ' ' && c < 0x7f ? c : '?');
    }
    t->name[ACPI_SIGNATURE] = '\0';
}

uint8_t acpi_sum(struct acpi_span s)
{
    uint8_t sum = 0;

    for (uint32_t i = 0; i < s.len; i++)
        sum = (uint8_t)(sum + acpi_u8(s, i));
    return sum;
}

int acpi_check_table(struct acpi_walk *w, const void *data, size_t size, struct acpi_table *out)
{
    *out = (struct acpi_table){.data = data, .len = (uint32_t)MIN(size, UINT32_MAX)};
    struct acpi_span all = acpi_whole(out);

    if (size < ACPI_HEADER) {
        strcpy(out->name, "?");
        return acpi_refuse(w, all, -RF_EINVAL, "a table of %u bytes, the header alone has %u",
                           out->len, ACPI_HEADER);
    }
    copy_signature(out);
    uint32_t len = acpi_u32(all, LENGTH_AT);
    if (len < ACPI_HEADER || len > size)
        return acpi_refuse(w, acpi_rest(all, LENGTH_AT), -RF_EINVAL,
                           "the header says %u bytes, there are %lu", len, (unsigned long)size);
    out->len = len;
    uint8_t sum = acpi_sum(acpi_whole(out));
    return sum == 0 ? 0
                    : acpi_refuse(w, acpi_rest(all, CHECKSUM_AT), -RF_EINVAL,
                                  "the checksum is wrong: the bytes add up to %#x, not 0", sum);
}
