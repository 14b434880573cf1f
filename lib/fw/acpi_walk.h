/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_ACPI_WALK_H
#define RF_FW_ACPI_WALK_H

#include "lib/base/strbuf.h"
#include "lib/fw/fill.h"

/* Private to lib/fw: ACPI tables, read byte by byte through spans that know their ends. Section
 * numbers are of the ACPI Specification 6.5, those of DMAR of the VT-d Specification 4.1, those of
 * IORT of DEN 0049E. */

#define ACPI_SIGNATURE 4u
#define ACPI_HEADER    36u /* of a description table (5.2.6) */
#define ACPI_TABLES    32u

/* A table whose header was checked. */
struct acpi_table {
    const uint8_t *data;
    uint32_t len;
    char name[ACPI_SIGNATURE + 1];
};

/* Bytes [at, at + len) of a table; never beyond its end. */
struct acpi_span {
    const struct acpi_table *table;
    uint32_t at, len;
};

struct acpi_walk {
    struct hwdesc *hw;
    struct strbuf why;
};

/* One kind of structure in a list: at least `min` bytes, or it is refused. */
struct acpi_kind {
    uint32_t type, min;
    const char *name;
    int (*visit)(struct acpi_walk *w, struct acpi_span s, void *ctx);
};

/* How the structures of a list begin: an unsigned type of some bytes at 0, then their length. */
struct acpi_list {
    uint8_t type_size, len_at, len_size;
    unsigned kind_count;
    const struct acpi_kind *kinds;
};

/* --- acpi_read.c --------------------------------------------------------------------------- */
/* Little-endian numbers at `off` of a span. Bytes outside the span read as 0: callers have checked
 * the length where that would matter. */
uint8_t acpi_u8(struct acpi_span s, uint32_t off);
uint16_t acpi_u16(struct acpi_span s, uint32_t off);
uint32_t acpi_u32(struct acpi_span s, uint32_t off);
uint64_t acpi_u64(struct acpi_span s, uint32_t off);

struct acpi_span acpi_whole(const struct acpi_table *t);
/* From `off` on: `len` bytes, or what there is of them. */
struct acpi_span acpi_part(struct acpi_span s, uint32_t off, uint32_t len);
struct acpi_span acpi_rest(struct acpi_span s, uint32_t off);

/* All bytes added up modulo 256: 0 where a checksum is right. */
uint8_t acpi_sum(struct acpi_span s);

/* Calls the kind's visit for each structure; kinds that are not listed are passed over. A structure
 * that is shorter than its kind or reaches beyond the span is refused. */
int acpi_each(struct acpi_walk *w, struct acpi_span s, const struct acpi_list *list, void *ctx);

/* Checks the header of a table of `size` bytes (5.2.6): length and checksum. */
int acpi_check_table(struct acpi_walk *w, const void *data, size_t size, struct acpi_table *out);

/* Writes "TABLE+0xOFFSET: reason" to w->why; returns err. */
int acpi_refuse(struct acpi_walk *w, struct acpi_span s, int err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Notes something that is odd but usable. */
void acpi_odd(struct acpi_walk *w, struct acpi_span s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A name made by printf, kept in hw->text. NULL: no room, noted in w->why (then -RF_ENOSPC). */
const char *acpi_name(struct acpi_walk *w, struct acpi_span s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Refuses r when it overlaps what was claimed before. */
int acpi_claim(struct acpi_walk *w, struct acpi_span s, struct range r, const char *what);
/* A register block of `size` bytes at `base`, aligned to `align`, that nobody has claimed. */
int acpi_registers(struct acpi_walk *w, struct acpi_span s, uint64_t base, uint64_t size,
                   uint64_t align, const char *what, struct range *out);

/* Whether a table with this signature is read at all. */
bool acpi_is_read(const uint8_t *signature);

/* Where all requesters ring, index of hw->msi; -1: nowhere. ITSs are named by the IORT, function by
 * function. */
int acpi_common_msi(const struct hwdesc *hw);

/* --- one a table --------------------------------------------------------------------------- */
int acpi_madt(struct acpi_walk *w, const struct acpi_table *t);
int acpi_mcfg(struct acpi_walk *w, const struct acpi_table *t);
int acpi_dmar(struct acpi_walk *w, const struct acpi_table *t);

/* A Generic Address Structure (5.2.3.2); NONE: address 0, or a space that is not read. */
struct hw_register acpi_gas(struct acpi_span s, uint32_t off);

int acpi_iort(struct acpi_walk *w, const struct acpi_table *t);
int acpi_fadt(struct acpi_walk *w, const struct acpi_table *t);
int acpi_dsdt(struct acpi_walk *w, const struct acpi_table *t);
int acpi_spcr(struct acpi_walk *w, const struct acpi_table *t);
int acpi_gtdt(struct acpi_walk *w, const struct acpi_table *t);

/* --- acpi_madt_gic.c: visits of acpi_madt, ctx is a struct acpi_madt ----------------------- */
struct acpi_gic {
    struct acpi_span dist; /* table NULL: no GIC */
    bool has_gicr;
    uint64_t cpu; /* the first */
};
struct acpi_madt {
    uint64_t lapic;
    bool has_lapic;
    struct acpi_gic gic;
};
int acpi_gicc(struct acpi_walk *w, struct acpi_span s, void *ctx);
int acpi_gicd(struct acpi_walk *w, struct acpi_span s, void *ctx);
int acpi_gicr(struct acpi_walk *w, struct acpi_span s, void *ctx);
int acpi_gic_msi(struct acpi_walk *w, struct acpi_span s, void *ctx);
int acpi_gic_its(struct acpi_walk *w, struct acpi_span s, void *ctx);
int acpi_gic_finish(struct acpi_walk *w, const struct acpi_gic *gic);

/* Reads scopes (VT-d 8.3.1) of functions of `segment` into hw->scope. */
int acpi_scopes(struct acpi_walk *w, struct acpi_span list, uint16_t segment,
                struct hw_scopes *out);

#endif
