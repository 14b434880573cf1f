/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

#include <dirent.h>

/* Tables of real machines, which are no part of the project: tests are skipped, and say so, where
 * they are not at hand. What is read of them is compared with a count of their structures that
 * knows nothing of lib/fw. */

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

/* Structures of a type in a list whose heads are made of numbers of `width` bytes. */
static unsigned count_type(unsigned type, unsigned first, unsigned width)
{
    const uint8_t *p = blob[0].data;
    unsigned n = 0;

    for (size_t at = first; at < blob[0].size;) {
        n += p[at] == type && (width == 1 || p[at + 1] == 0);
        at += width == 1 ? p[at + 1] : (unsigned)(p[at + 2] | p[at + 3] << 8);
    }
    return n;
}

static bool no_bridges(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first, uint8_t *last)
{
    (void)ctx;
    (void)segment;
    (void)rid;
    (void)first;
    (void)last;
    return false;
}

static void dmar(void **state)
{
    unsigned units = 0, regions = 0;

    (void)state;
    find_files("dmar");
    for (unsigned i = 0; i < files.count; i++) {
        load(files.path[i]);
        if (acpi_parse())
            fail_msg("%s: %s", files.path[i], why);
        assert_int_equal(hw.iommu_count, count_type(0, 48, 2));
        assert_int_equal(hw.iova_count, count_type(1, 48, 2));
        hwdesc_resolve_scopes(&hw, no_bridges, NULL);
        units += hw.iommu_count;
        regions += hw.iova_count;
        acpi_free();
    }
    print_message("%u tables: %u units, %u reserved regions\n", files.count, units, regions);
}

static void madt(void **state)
{
    unsigned ioapics = 0;

    (void)state;
    find_files("madt");
    for (unsigned i = 0; i < files.count; i++) {
        load(files.path[i]);
        if (acpi_parse())
            fail_msg("%s: %s", files.path[i], why);
        assert_int_equal(hw.ioapic_count, count_type(1, 44, 1));
        assert_int_equal(hw.override_count, count_type(2, 44, 1));
        assert_int_equal(hw.lapic.start, 0xfee00000);
        ioapics += hw.ioapic_count;
        acpi_free();
    }
    print_message("%u tables: %u I/O APICs\n", files.count, ioapics);
}

static void mcfg(void **state)
{
    (void)state;
    find_files("mcfg");
    for (unsigned i = 0; i < files.count; i++) {
        load(files.path[i]);
        if (acpi_parse())
            fail_msg("%s: %s", files.path[i], why);
        assert_int_equal(hw.host_count, (blob[0].size - 44) / 16);
        acpi_free();
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, acpi_setup, acpi_teardown)
    const struct CMUnitTest tests[] = {TEST(dmar), TEST(madt), TEST(mcfg)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
