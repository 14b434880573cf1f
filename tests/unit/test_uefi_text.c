/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/uefi_parts.h"

/* What ringfence.efi reads of files, load options and paths. */

/* ---- ringfence.cfg ------------------------------------------------------------------------- */

static void config_files(void **state)
{
    static const struct {
        const char *bytes, *text; /* text NULL: refused because of ... */
        const char *why;
    } rows[] = {
        {"", "", NULL},
        {"stats", "stats ", NULL},
        {"stats\r\nreport=json\r\n", "stats  report=json  ", NULL},
        {"a\tb\n", "a b ", NULL},
        {"# all\n  # of it\n", "", NULL},
        {"-- # no comment\n", "-- # no comment ", NULL},
        {"\xef\xbb\xbfstats", "stats ", NULL},
        {"\n\n\x01", NULL, "line 3 holds a byte that is no ASCII text"},
        {"\xff\xfes", NULL, "line 1 holds a byte that is no ASCII text"},
        {"01234567890123456789012345678901", NULL,
         "line 1 goes beyond what a command line may have"},
        {"0123456789012345678901234567890", "0123456789012345678901234567890", NULL},
        {"0123456789012345678901234567890\nx", NULL,
         "line 2 goes beyond what a command line may have"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[32], why[100];
        size_t n = strlen(rows[i].bytes);
        uint8_t *exact = malloc(n + 1);

        memcpy(exact, rows[i].bytes, n);
        bool good = config_text(exact, n, text, sizeof(text), why, sizeof(why));
        free(exact);
        assert_int_equal(good, rows[i].text != NULL);
        assert_string_equal(good ? text : why, good ? rows[i].text : rows[i].why);
    }
}

static void a_zero_in_a_config_file(void **state)
{
    char text[32], why[100];

    (void)state;
    assert_false(config_text((const uint8_t *)"a\0b", 3, text, sizeof(text), why, sizeof(why)));
}

/* ---- load options -------------------------------------------------------------------------- */

static void load_options(void **state)
{
    static const struct {
        bool has_name;
        const char *options, *text; /* NULL: there are none */
    } rows[] = {
        {false, "", NULL},
        {false, "  ", NULL},
        {false, "stats -- x", "stats -- x"},
        {true, "ringfence.efi", NULL},
        {true, "fs0:\\ringfence.efi stats", " stats"},
        {true, "\"a name.efi\" stats", " stats"},
        {false, "caf\xe9", NULL},
        {false, "0123456789012345", NULL},
        {false, "012345678901234", "012345678901234"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t n = strlen(rows[i].options);
        char text[16];
        CHAR16 *wide = malloc((n + 1) * sizeof(*wide));

        for (size_t c = 0; c < n; c++)
            wide[c] = (unsigned char)rows[i].options[c];
        bool good = options_text(wide, n * sizeof(*wide), rows[i].has_name, text, sizeof(text));
        free(wide);
        assert_int_equal(good, rows[i].text != NULL);
        if (good)
            assert_string_equal(text, rows[i].text);
    }
}

static void load_options_of_odd_size(void **state)
{
    static const CHAR16 wide[] = {'a', 'b', 0};
    char text[16];

    (void)state;
    assert_false(options_text(wide, 3, false, text, sizeof(text)));
    assert_false(options_text(NULL, 0, false, text, sizeof(text)));
    assert_true(options_text(wide, sizeof(wide), false, text, sizeof(text)));
}

/* ---- the image's folder -------------------------------------------------------------------- */

static unsigned node(uint8_t *to, uint8_t type, uint8_t subtype, const char *text)
{
    unsigned size = 4;

    for (; *text; text++) {
        to[size++] = (uint8_t)*text;
        to[size++] = 0;
    }
    memcpy(to, (const uint8_t[]){type, subtype, (uint8_t)size, 0}, 4);
    return size;
}

static void folders(void **state)
{
    static const struct {
        const char *nodes[3];
        const char *folder; /* NULL: too long */
    } rows[] = {
        {{NULL}, "\\"},
        {{"x.efi"}, "\\"},
        {{"\\x.efi"}, "\\"},
        {{"\\EFI\\BOOT\\X.EFI"}, "\\EFI\\BOOT\\"},
        {{"\\EFI", "BOOT", "X.EFI"}, "\\EFI\\BOOT\\"},
        {{"\\EFI\\", "X.EFI"}, "\\EFI\\"},
        {{"\\a-path-that-is-longer-than-the-room"}, NULL},
        {{"\\a-path-that-fills-it"}, NULL},
        {{"\\a-path-that-fills-", "x"}, NULL},
        {{"\\a-path-that-fills-", ""}, NULL},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        uint8_t path[200];
        CHAR16 folder[20];
        char text[20];
        unsigned n = 0;

        for (unsigned k = 0; k < 3 && rows[i].nodes[k]; k++)
            n += node(path + n, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, rows[i].nodes[k]);
        node(path + n, 0x7f, 0xff, "");
        bool good = path_folder((void *)path, folder, ARRAY_SIZE(folder));
        assert_int_equal(good, rows[i].folder != NULL);
        for (n = 0; good && (text[n] = (char)folder[n]); n++)
            ;
        if (good)
            assert_string_equal(text, rows[i].folder);
    }
}

static void damaged_paths(void **state)
{
    uint8_t path[8] = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 3, 0};
    CHAR16 folder[20];

    (void)state;
    assert_false(path_folder((void *)path, folder, ARRAY_SIZE(folder)));
    assert_true(path_folder(NULL, folder, ARRAY_SIZE(folder)));
    assert_int_equal(folder[0], '\\');
}

/* ---- the workload -------------------------------------------------------------------------- */

static void elf_headers(void **state)
{
    uint8_t elf[64] = {0x7f, 'E', 'L', 'F', 2, 1, [18] = 183};

    (void)state;
    assert_null(elf_refusal(elf, sizeof(elf), 183));
    assert_non_null(elf_refusal(elf, sizeof(elf) - 1, 183));
    assert_non_null(strstr(elf_refusal(elf, sizeof(elf), 62), "another CPU"));
    elf[4] = 1; /* 32 bits */
    assert_non_null(elf_refusal(elf, sizeof(elf), 183));
    elf[4] = 2;
    elf[5] = 2; /* big-endian */
    assert_non_null(elf_refusal(elf, sizeof(elf), 183));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_files), cmocka_unit_test(a_zero_in_a_config_file),
        cmocka_unit_test(load_options), cmocka_unit_test(load_options_of_odd_size),
        cmocka_unit_test(folders),      cmocka_unit_test(damaged_paths),
        cmocka_unit_test(elf_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
