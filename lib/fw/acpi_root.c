/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include <string.h>

#include "lib/base/err.h"

/* From the root pointer (5.2.5) to the tables that it names. */

#define RSDP_SIGNATURE "RSD PTR "
#define RSDP_V1        20u
#define RSDP_V2        36u
#define RSDP_REVISION  15u
#define RSDP_RSDT      16u
#define RSDP_LENGTH    20u
#define RSDP_XSDT      24u

#define LENGTH_AT   4u
#define FADT_DSDT   40u
#define FADT_X_DSDT 140u
#define TABLE_MAX   MIB(16)

struct root {
    struct acpi_walk *w;
    const struct acpi_memory *memory;
    unsigned count;
    struct acpi_blob blob[ACPI_TABLES];
};

/* Bytes of memory under the name that refusals give them. */
static int map(const struct root *r, uint64_t pa, uint32_t size, const char *name,
               struct acpi_table *t)
{
    const bool fits = pa != 0 && size <= TABLE_MAX && pa <= UINT64_MAX - size;

    *t = (struct acpi_table){fits ? r->memory->map(r->memory->ctx, pa, size) : NULL, size, ""};
    strlcpy(t->name, name, sizeof(t->name));
    if (t->data)
        return 0;
    t->len = 0;
    acpi_refuse(r->w, acpi_whole(t), -RF_EINVAL, "no %u bytes of memory at %#lx", size, pa);
    return -RF_EINVAL;
}

/* A whole table: the header is mapped first, because only it says how long the table is. */
static int map_table(const struct root *r, uint64_t pa, const char *name, struct acpi_table *t)
{
    int err = map(r, pa, ACPI_HEADER, name, t);

    return err ? err : map(r, pa, MAX(acpi_u32(acpi_whole(t), LENGTH_AT), ACPI_HEADER), name, t);
}

static int add_table(struct root *r, uint64_t pa);

/* The fixed table alone names the one that holds AML (5.2.9). */
static int add_dsdt(struct root *r, struct acpi_span fadt)
{
    uint64_t dsdt = acpi_u64(fadt, FADT_X_DSDT);

    if (dsdt == 0)
        dsdt = acpi_u32(fadt, FADT_DSDT);
    return dsdt ? add_table(r, dsdt) : 0;
}

/* The table at pa, when it is of a kind that is read. */
static int add_table(struct root *r, uint64_t pa)
{
    char name[ACPI_SIGNATURE + 1] = {0};
    struct acpi_table t;
    int err = map(r, pa, ACPI_HEADER, "XSDT", &t);

    if (err || !acpi_is_read(t.data))
        return err;
    memcpy(name, t.data, ACPI_SIGNATURE);
    if ((err = map_table(r, pa, name, &t)))
        return err;
    if (r->count == ACPI_TABLES)
        return acpi_refuse(r->w, acpi_whole(&t), -RF_ENOSPC, "more than %u tables", ACPI_TABLES);
    r->blob[r->count++] = (struct acpi_blob){t.data, t.len};
    return memcmp(t.data, "FACP", ACPI_SIGNATURE) == 0 ? add_dsdt(r, acpi_whole(&t)) : 0;
}

/* The XSDT (5.2.8) has addresses of 64 bits, the RSDT (5.2.7) of 32. */
static int add_tables(struct root *r, uint64_t pa, const char *name, uint32_t width)
{
    struct acpi_table t;
    int err = map_table(r, pa, name, &t);

    if (err || (err = acpi_check_table(r->w, t.data, t.len, &t)))
        return err;
    struct acpi_span list = acpi_rest(acpi_whole(&t), ACPI_HEADER);
    if (strcmp(t.name, name) != 0 || list.len % width != 0)
        return acpi_refuse(r->w, list, -RF_EINVAL, "%u bytes are no list of tables", list.len);
    for (; list.len != 0 && !err; list = acpi_rest(list, width)) {
        uint64_t at = width == 4 ? acpi_u32(list, 0) : acpi_u64(list, 0);

        err = at ? add_table(r, at) : 0;
    }
    return err;
}

static int check_sum(struct root *r, struct acpi_span s)
{
    return acpi_sum(s) == 0
               ? 0
               : acpi_refuse(r->w, s, -RF_EINVAL, "the checksum of its %u bytes is wrong", s.len);
}

static int read_root(struct root *r, uint64_t rsdp)
{
    struct acpi_table t;
    int err = map(r, rsdp, RSDP_V1, "RSDP", &t);

    if (err)
        return err;
    struct acpi_span s = acpi_whole(&t);
    if (memcmp(t.data, RSDP_SIGNATURE, sizeof(RSDP_SIGNATURE) - 1) != 0)
        return acpi_refuse(r->w, s, -RF_EINVAL, "no \"" RSDP_SIGNATURE "\" at %#lx", rsdp);
    if ((err = check_sum(r, s)))
        return err;
    const uint32_t rsdt = acpi_u32(s, RSDP_RSDT);
    if (acpi_u8(s, RSDP_REVISION) < 2)
        return add_tables(r, rsdt, "RSDT", 4);

    if ((err = map(r, rsdp, RSDP_V2, "RSDP", &t)) ||
        (err = map(r, rsdp, MAX(acpi_u32(acpi_whole(&t), RSDP_LENGTH), RSDP_V2), "RSDP", &t)) ||
        (err = check_sum(r, acpi_whole(&t))))
        return err;
    const uint64_t xsdt = acpi_u64(acpi_whole(&t), RSDP_XSDT);
    return xsdt ? add_tables(r, xsdt, "XSDT", 8) : add_tables(r, rsdt, "RSDT", 4);
}

int hwdesc_from_acpi(const struct acpi_memory *memory, uint64_t rsdp, struct hwdesc *out, char *why,
                     size_t why_size)
{
    struct acpi_walk w = {.hw = out};
    struct root r = {.w = &w, .memory = memory};
    int err;

    hw_init(out);
    strbuf_init(&w.why, why, why_size);
    err = read_root(&r, rsdp);
    return err ? err : hwdesc_from_acpi_tables(r.blob, r.count, out, why, why_size);
}

/* Of tables that cannot be read, those that were found before count. */
struct hw_uart hwdesc_acpi_console(const struct acpi_memory *memory, uint64_t rsdp,
                                   struct hwdesc *scratch)
{
    struct acpi_walk w = {.hw = scratch};
    struct root r = {.w = &w, .memory = memory};

    hw_init(scratch);
    strbuf_init(&w.why, NULL, 0);
    (void)read_root(&r, rsdp);
    for (unsigned i = 0; i < r.count; i++)
        if (memcmp(r.blob[i].data, "SPCR", ACPI_SIGNATURE) == 0)
            (void)hwdesc_from_acpi_tables(&r.blob[i], 1, scratch, NULL, 0);
    return scratch->uart;
}
