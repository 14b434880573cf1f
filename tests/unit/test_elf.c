/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/sys/elf.h"

/* The loader's reader of files: what it takes from a good one, and that no bad one gets through. */

static struct elf_image image;
static const char *why;

static int parse(size_t size)
{
    /* Of exactly that size, so that a read beyond it is found. */
    uint8_t *copy = malloc(size + 1);
    memcpy(copy + 1, &fx_program, size);
    int rc = elf_parse(copy + 1, size, 183, &image, &why);
    free(copy);
    return rc;
}

static void takes_a_static_program(void **state)
{
    (void)state;
    assert_int_equal(parse(sizeof(fx_program)), 0);
    assert_null(why);
    assert_false(image.pie);
    assert_int_equal(image.entry, fx_program.ehdr.entry);
    assert_int_equal(image.count, 2);
    assert_int_equal(image.phnum, 2);
    assert_int_equal(image.phdr, FX_CODE + sizeof(struct fx_ehdr));
    assert_int_equal(image.segment[0].memory.start, FX_CODE);
    assert_int_equal(image.segment[0].prot, PT_READ | PT_EXEC);
    assert_int_equal(image.segment[1].memory.last, FX_DATA + 8191);
    assert_int_equal(image.segment[1].file_size, 4096);
    assert_int_equal(image.segment[1].prot, PT_READ | PT_WRITE);
}

static void takes_a_static_pie(void **state)
{
    (void)state;
    fx_program.ehdr.type = 3;
    fx_program.phdr[0].vaddr = 0;
    fx_program.phdr[1].vaddr = 0x11000;
    fx_program.ehdr.entry = 0x200;
    assert_int_equal(parse(sizeof(fx_program)), 0);
    assert_true(image.pie);
    assert_int_equal(image.phdr, sizeof(struct fx_ehdr));
}

static void passes_over_other_headers(void **state)
{
    static const uint32_t types[] = {0, 2, 4, 6, 7, 0x6474e551, 0x6474e552, 0x70000001};
    (void)state;
    fx_program.ehdr.phnum = 3;
    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        memset(&fx_program.phdr[2], 0xff, sizeof(fx_program.phdr[2]));
        fx_program.phdr[2].type = types[i];
        assert_int_equal(parse(sizeof(fx_program)), 0);
    }
}

/* Every cut of the file is refused: the last segment's bytes are the last of the file. */
static void refuses_every_cut(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(fx_program); size += size < 600 ? 1 : 97) {
        assert_int_equal(parse(size), -RF_ENOEXEC);
        assert_non_null(why);
    }
}

static struct fx_ehdr *const e = &fx_program.ehdr;
static struct fx_phdr *const text = &fx_program.phdr[0];
static struct fx_phdr *const data = &fx_program.phdr[1];

static const struct lie {
    const char *name;
    void *field;
    size_t size;
    uint64_t value;
    const char *says;
} lies[] = {
#define LIE(field, value, says) {#field " = " #value, &(field), sizeof(field), value, says}
    LIE(e->ident[0], 0x7e, "not an ELF"),
    LIE(e->ident[4], 1, "64-bit"),
    LIE(e->ident[5], 2, "64-bit"),
    LIE(e->machine, 62, "another CPU"),
    LIE(e->machine, 40, "another CPU"),
    LIE(e->type, 1, "not a program"),
    LIE(e->type, 4, "not a program"),
    LIE(e->phentsize, 32, "program headers"),
    LIE(e->phentsize, 57, "program headers"),
    LIE(e->phnum, 0, "program headers"),
    LIE(e->phnum, 65, "program headers"),
    LIE(e->phnum, 0xffff, "program headers"),
    LIE(e->phoff, sizeof(fx_program) - 1, "cut off"),
    LIE(e->phoff, UINT64_MAX, "cut off"),
    LIE(e->phoff, UINT64_MAX - 63, "cut off"),
    LIE(e->entry, 0, "entry point"),
    LIE(e->entry, FX_CODE - 1, "entry point"),
    LIE(e->entry, FX_CODE + 4096, "entry point"),
    LIE(e->entry, FX_DATA, "entry point"),
    LIE(e->entry, 0xffff000040200000, "entry point"),
    LIE(text->type, 3, "link it with -static"),
    LIE(data->type, 3, "link it with -static"),
    LIE(text->flags, 7, "writable and executable"),
    LIE(data->flags, 3, "writable and executable"),
    LIE(data->offset, sizeof(fx_program), "cut off"),
    LIE(data->offset, UINT64_MAX, "cut off"),
    LIE(data->offset, 4097, "cut off"),
    LIE(data->offset, 4095, "not aligned"),
    LIE(data->filesz, 4097, "cut off"),
    LIE(data->filesz, UINT64_MAX, "cut off"),
    LIE(text->filesz, 4097, "more bytes"),
    LIE(data->memsz, 4095, "more bytes"),
    LIE(data->memsz, UINT64_MAX, "outside the addresses"),
    LIE(data->memsz, (UINT64_C(1) << 47), "outside the addresses"),
    LIE(data->vaddr, FX_CODE, "overlaps"),
    LIE(data->vaddr, FX_CODE + 4096 - 1, "not aligned"),
    LIE(data->vaddr, FX_CODE - 4096, "overlaps"),
    LIE(data->vaddr, UINT64_MAX - 4095, "outside the addresses"),
    LIE(data->vaddr, 0xffff000040200000, "outside the addresses"),
    LIE(data->vaddr, VM_STACK_LAST + 1 - PAGE_SIZE, "outside the addresses"),
    LIE(text->vaddr, 0, "outside the addresses"),
    LIE(text->vaddr, 0xf000, "outside the addresses"),
    LIE(data->align, 3, "not aligned"),
    LIE(data->align, UINT64_MAX, "not aligned"),
#undef LIE
};

static void refuses_lies(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
        fx_make_program();
        memcpy(lies[i].field, &lies[i].value, lies[i].size);
        if (parse(sizeof(fx_program)) != -RF_ENOEXEC || strstr(why, lies[i].says) == NULL)
            fail_msg("%s: %s", lies[i].name, why != NULL ? why : "taken");
    }
}

static void refuses_a_shared_page(void **state)
{
    (void)state;
    data->vaddr = FX_CODE + 4096 - 256;
    data->offset = 4096 - 256;
    data->filesz = 256;
    data->memsz = 512;
    text->memsz = text->filesz = 4096 - 512;
    assert_int_equal(parse(sizeof(fx_program)), -RF_ENOEXEC);
    assert_non_null(strstr(why, "shares a page"));
}

static void refuses_nothing_to_load(void **state)
{
    (void)state;
    text->type = data->type = 4;
    assert_int_equal(parse(sizeof(fx_program)), -RF_ENOEXEC);
    assert_non_null(strstr(why, "nothing to load"));
}

static void refuses_too_many_segments(void **state)
{
    static uint8_t file[64 + 40 * 56];
    (void)state;
    struct fx_ehdr head = fx_program.ehdr;
    head.phnum = 17;
    head.entry = FX_CODE;
    memcpy(file, &head, sizeof(head));
    for (unsigned i = 0; i < 17; i++) {
        struct fx_phdr p = {1, FX_R | FX_X, 0, FX_CODE + i * 4096, 0, 0, 4096, 4096};
        memcpy(file + 64 + i * 56, &p, sizeof(p));
    }
    assert_int_equal(elf_parse(file, sizeof(file), 183, &image, &why), -RF_ENOEXEC);
    assert_non_null(strstr(why, "too many"));
}

/* Any one byte of the headers, any value: never a crash, never a segment outside the user's half.
 */
static void survives_every_byte(void **state)
{
    (void)state;
    size_t headers = sizeof(struct fx_ehdr) + 2 * sizeof(struct fx_phdr);
    for (size_t i = 0; i < headers * 8; i++) {
        fx_make_program();
        ((uint8_t *)&fx_program)[i / 8] ^= (uint8_t)(1u << (i % 8));
        if (elf_parse(&fx_program, sizeof(fx_program), 183, &image, &why) != 0)
            continue;
        for (unsigned s = 0; s < image.count; s++) {
            struct range m = image.segment[s].memory;
            assert_true(m.start <= m.last && m.last < VM_MMAP_LAST);
            assert_true(image.segment[s].prot != (PT_READ | PT_WRITE | PT_EXEC));
        }
    }
}

/* The same, all the way: loaded and ended again, without a page lost. */
static void loading_loses_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
        fx_make_program();
        memcpy(lies[i].field, &lies[i].value, lies[i].size);
        assert_int_equal(fx_load(&why), -RF_ENOEXEC);
        assert_int_equal(fx_free_pages(), fx_free_at_start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(takes_a_static_program, fx_boot),
        cmocka_unit_test_setup(takes_a_static_pie, fx_boot),
        cmocka_unit_test_setup(passes_over_other_headers, fx_boot),
        cmocka_unit_test_setup(refuses_every_cut, fx_boot),
        cmocka_unit_test_setup(refuses_lies, fx_boot),
        cmocka_unit_test_setup(refuses_a_shared_page, fx_boot),
        cmocka_unit_test_setup(refuses_nothing_to_load, fx_boot),
        cmocka_unit_test_setup(refuses_too_many_segments, fx_boot),
        cmocka_unit_test_setup(survives_every_byte, fx_boot),
        cmocka_unit_test_setup(loading_loses_nothing, fx_boot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
