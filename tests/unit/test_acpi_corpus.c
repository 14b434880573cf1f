/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

#include <dirent.h>

/* Tables of real machines, which are no part of the project: tests are skipped, and say so, where
 * they are not at hand. What is read of them is compared with what the ACPICA project's
 * disassembler says of them, where it is installed. */

#define SCRATCH "build/host/data/corpus"

#define FILES_MAX 200

static struct {
    unsigned count;
    char path[FILES_MAX][500];
} files;

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find_files(const char *kind)
{
    const char *corpus = getenv("RF_CORPUS");
    char folder[200];

    snprintf(folder, sizeof(folder), "%s/%s", corpus ? corpus : "../shared/corpus", kind);
    DIR *d = opendir(folder);
    if (!d) {
        print_message("skipped: no tables in %s\n", folder);
        skip();
    }
    files.count = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL && files.count < FILES_MAX;) {
        if (strstr(e->d_name, ".bin"))
            snprintf(files.path[files.count++], sizeof(files.path[0]), "%s/%s", folder, e->d_name);
    }
    closedir(d);
    qsort(files.path, files.count, sizeof(files.path[0]), compare);
    assert_int_not_equal(files.count, 0);
}

static void load(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;

    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    rewind(f);
    void *p = malloc((size_t)size);
    assert_int_equal(fread(p, 1, (size_t)size, f), size);
    fclose(f);
    blob[blob_count++] = (struct acpi_blob){p, (size_t)size};
}

/* --- the disassembler's reading -------------------------------------------------------------- */

static bool have_iasl(void)
{
    return system("command -v iasl >/dev/null 2>&1") == 0;
}

static FILE *disassemble(void)
{
    FILE *f = fopen(SCRATCH ".dat", "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(blob[0].data, 1, blob[0].size, f), blob[0].size);
    fclose(f);
    assert_int_equal(system("iasl -p " SCRATCH " -d " SCRATCH ".dat >/dev/null 2>&1"), 0);
    f = fopen(SCRATCH ".dsl", "r");
    assert_non_null(f);
    return f;
}

/* The value of the next line "[...]  KEY : VALUE". False: there is none. */
static bool next_value(FILE *f, const char *key, uint64_t *out)
{
    char line[300];

    while (fgets(line, sizeof(line), f)) {
        const char *at = strchr(line, ']');
        size_t n = strlen(key);

        if (!at)
            continue;
        at += 1 + strspn(at + 1, " ");
        if (strncmp(at, key, n) == 0 && strncmp(at + n, " : ", 3) == 0) {
            *out = strtoull(at + n + 3, NULL, 16);
            return true;
        }
    }
    return false;
}

static void iasl_says(FILE *f, const char *key, uint64_t value)
{
    uint64_t said = 0;

    assert_true(next_value(f, key, &said));
    assert_int_equal(said, value);
}

static void iasl_says_no_more(FILE *f, const char *key)
{
    uint64_t said;

    assert_false(next_value(f, key, &said));
    rewind(f);
}

/* The first flags are those of the table, then those of each unit: they come first in all tables.
 */
static void compare_dmar(FILE *f)
{
    uint64_t flags = 0;

    iasl_says(f, "Host Address Width", hw.dmar.address_bits - 1);
    assert_true(next_value(f, "Flags", &flags));
    assert_int_equal(flags & 1, hw.dmar.intr_remap);
    for (unsigned i = 0; i < hw.iommu_count; i++) {
        iasl_says(f, "Flags", hw.iommu[i].include_all);
        iasl_says(f, "PCI Segment Number", hw.iommu[i].segment);
        iasl_says(f, "Register Base Address", hw.iommu[i].regs.start);
    }
    iasl_says_no_more(f, "Register Base Address");
    for (unsigned i = 0; i < hw.iova_count; i++) {
        iasl_says(f, "Base Address", hw.iova[i].iova.start);
        iasl_says(f, "End Address (limit)", hw.iova[i].iova.last);
    }
    iasl_says_no_more(f, "End Address (limit)");
}

static void compare_madt(FILE *f)
{
    iasl_says(f, "Local Apic Address", hw.lapic.start);
    for (unsigned i = 0; i < hw.ioapic_count; i++) {
        iasl_says(f, "I/O Apic ID", hw.ioapic[i].id);
        iasl_says(f, "Address", hw.ioapic[i].regs.start);
        iasl_says(f, "Interrupt", hw.ioapic[i].gsi_base);
    }
    iasl_says_no_more(f, "I/O Apic ID");
    for (unsigned i = 0; i < hw.override_count; i++) {
        iasl_says(f, "Source", hw.override[i].irq);
        iasl_says(f, "Interrupt", hw.override[i].gsi);
    }
    iasl_says_no_more(f, "Source");
}

static void compare_mcfg(FILE *f)
{
    for (unsigned i = 0; i < hw.host_count; i++) {
        iasl_says(f, "Base Address", hw.host[i].ecam.start);
        iasl_says(f, "Segment Group Number", hw.host[i].segment);
        iasl_says(f, "Start Bus Number", hw.host[i].bus_first);
        iasl_says(f, "End Bus Number", hw.host[i].bus_last);
    }
    iasl_says_no_more(f, "Base Address");
}

/* --- every table ----------------------------------------------------------------------------- */

static bool no_bridges(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first, uint8_t *last)
{
    (void)ctx;
    (void)segment;
    (void)rid;
    (void)first;
    (void)last;
    return false;
}

static void read_all(const char *kind, void (*compare_with)(FILE *f))
{
    const bool iasl = have_iasl();

    find_files(kind);
    if (!iasl)
        print_message("iasl is not installed: what it says of %s is not compared\n", kind);
    for (unsigned i = 0; i < files.count; i++) {
        load(files.path[i]);
        if (acpi_parse())
            fail_msg("%s: %s", files.path[i], why);
        if (iasl) {
            FILE *f = disassemble();

            compare_with(f);
            fclose(f);
        }
        hwdesc_resolve_scopes(&hw, no_bridges, NULL);
        acpi_free();
    }
    print_message("%u tables\n", files.count);
}

static void dmar(void **state)
{
    (void)state;
    read_all("dmar", compare_dmar);
}

static void madt(void **state)
{
    (void)state;
    read_all("madt", compare_madt);
}

static void mcfg(void **state)
{
    (void)state;
    read_all("mcfg", compare_mcfg);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, acpi_setup, acpi_teardown)
    const struct CMUnitTest tests[] = {TEST(dmar), TEST(madt), TEST(mcfg)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
