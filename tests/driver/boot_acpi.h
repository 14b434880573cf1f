/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_BOOT_ACPI_H
#define RF_TESTS_DRIVER_BOOT_ACPI_H

#include <stdio.h>
#include <string.h>

#include "arch/mem.h"

/* ACPI's tables in the memory of a simulated machine: files as tests/data/acpi/assemble makes them,
 * and around them the tables that lead there (ACPI 6.5 5.2.5 to 5.2.8), and GTDT (5.2.24). */

#define ACPI_TABLES 8u
#define ACPI_STEP   KIB(16) /* from one to the next */

struct acpi_area {
    uint64_t base;
    uint64_t table[ACPI_TABLES];
    unsigned count;
};

static inline uint8_t *acpi_at(uint64_t pa)
{
    return paddr_to_ptr(PADDR(pa));
}

static inline void acpi_seal(uint8_t *p, size_t n, size_t at)
{
    uint8_t sum = 0;

    p[at] = 0;
    for (size_t i = 0; i < n; i++)
        sum = (uint8_t)(sum + p[i]);
    p[at] = (uint8_t)-sum;
}

static inline uint8_t *acpi_next(struct acpi_area *a)
{
    uint64_t pa = a->base + a->count * ACPI_STEP;

    a->table[a->count++] = pa;
    return acpi_at(pa);
}

/* A table of n bytes: header and checksum around what is there. */
static inline void acpi_head(uint8_t *p, const char *signature, uint8_t revision, uint32_t n)
{
    memcpy(p, signature, 4);
    memcpy(p + 4, &n, 4);
    p[8] = revision;
    memcpy(p + 10, "RINGFNTESTS   ", 14);
    acpi_seal(p, n, 9);
}

static inline bool acpi_add_file(struct acpi_area *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0;

    if (f) {
        n = fread(acpi_next(a), 1, ACPI_STEP, f);
        fclose(f);
    }
    return n > 0;
}

/* The virtual timer's interrupt, level. */
static inline void acpi_add_gtdt(struct acpi_area *a, uint32_t interrupt)
{
    uint8_t *p = acpi_next(a);

    memcpy(p + 64, &interrupt, 4);
    acpi_head(p, "GTDT", 2, 96);
}

/* The root pointer, which leads to all of them. */
static inline uint64_t acpi_finish(struct acpi_area *a)
{
    uint64_t xsdt = a->base + ACPI_TABLES * ACPI_STEP, rsdp = xsdt + ACPI_STEP;
    uint32_t rsdp_size = 36;
    uint8_t *p = acpi_at(rsdp);

    memcpy(acpi_at(xsdt) + 36, a->table, a->count * 8);
    acpi_head(acpi_at(xsdt), "XSDT", 1, 36 + a->count * 8);
    memcpy(p, "RSD PTR RINGFN", 14);
    p[15] = 2;
    memcpy(p + 20, &rsdp_size, 4);
    memcpy(p + 24, &xsdt, 8);
    acpi_seal(p, 20, 8);
    acpi_seal(p, rsdp_size, 32);
    return rsdp;
}

#endif
