/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

/* From the root pointer (ACPI 5.2.5) to the tables. */

static const uint8_t madt[] = {
    U32(0xfee00000), U32(1), 0, 8, 0, 0, U32(1), /* one processor */
};

/* A memory of one page, in which tables are at round addresses. */
#define BASE 0x40000000u
#define RSDP 0x10u
#define XSDT 0x100u
#define RSDT 0x200u
#define MADT 0x300u
#define SSDT 0x400u
#define SPCR 0x500u

static uint8_t memory[0x1000];

static const void *map(void *ctx, uint64_t pa, size_t size)
{
    (void)ctx;
    return pa >= BASE && pa - BASE <= sizeof(memory) && size <= sizeof(memory) - (pa - BASE)
               ? memory + (pa - BASE)
               : NULL;
}

static void place(uint32_t at, const char *signature, const uint8_t *body, size_t size)
{
    struct acpi_blob b = acpi_add(signature, body, size);

    memcpy(memory + at, b.data, b.size);
}

static void seal_bytes(uint8_t *p, unsigned n, unsigned at)
{
    uint8_t sum = 0;

    p[at] = 0;
    for (unsigned i = 0; i < n; i++)
        sum = (uint8_t)(sum + p[i]);
    p[at] = (uint8_t)-sum;
}

static void seal_root(void)
{
    seal_bytes(memory + RSDP, 20, 8);
    seal_bytes(memory + RSDP, 36, 32);
}

static int setup_root(void **state)
{
    static const uint8_t root[] = {'R',
                                   'S',
                                   'D',
                                   ' ',
                                   'P',
                                   'T',
                                   'R',
                                   ' ',
                                   0,
                                   'T',
                                   'E',
                                   'S',
                                   'T',
                                   'S',
                                   ' ',
                                   2,
                                   U32(BASE + RSDT),
                                   U32(36),
                                   U64(BASE + XSDT),
                                   U32(0)};
    static const uint8_t xsdt[] = {U64(BASE + SSDT), U64(BASE + MADT)};
    static const uint8_t rsdt[] = {U32(BASE + SSDT)};
    static const uint8_t aml[] = {1, 2, 3};

    acpi_setup(state);
    memset(memory, 0, sizeof(memory));
    memcpy(memory + RSDP, root, sizeof(root));
    place(XSDT, "XSDT", xsdt, sizeof(xsdt));
    place(RSDT, "RSDT", rsdt, sizeof(rsdt));
    place(MADT, "APIC", madt, sizeof(madt));
    place(SSDT, "SSDT", aml, sizeof(aml));
    memory[SSDT + 9]++; /* nobody reads it, nobody minds */
    seal_root();
    return 0;
}

static int parse_root(void)
{
    const struct acpi_memory source = {map, NULL};

    strcpy(why, "untouched");
    return hwdesc_from_acpi(&source, BASE + RSDP, &hw, why, sizeof(why));
}

static void from_the_root_on(void **state)
{
    (void)state;
    assert_int_equal(parse_root(), 0);
    assert_string_equal(why, "");
    assert_int_equal(hw.cpu_count, 1);
}

static void the_rsdt_of_old_firmware(void **state)
{
    (void)state;
    memory[RSDP + 15] = 0;
    memset(memory + RSDP + 20, 0xee, 16); /* not there in version 1 */
    seal_bytes(memory + RSDP, 20, 8);
    assert_int_equal(parse_root(), 0);
    assert_int_equal(hw.cpu_count, 0); /* the RSDT has no MADT here */
}

/* A PL011 of the generic kind; the table that follows it is damaged. */
static void the_console_before_the_rest_is_believed(void **state)
{
    static const uint8_t spcr[16 + 8] = {3, [4] = 0, 32, 0, 0, U64(0x9000000)};
    static const uint8_t xsdt[] = {U64(BASE + SPCR), U64(BASE + MADT)};
    const struct acpi_memory source = {map, NULL};

    (void)state;
    place(SPCR, "SPCR", spcr, sizeof(spcr));
    place(XSDT, "XSDT", xsdt, sizeof(xsdt));
    memory[MADT + 40]++;
    struct hw_uart uart = hwdesc_acpi_console(&source, BASE + RSDP, &hw);
    assert_int_equal(uart.kind, HW_UART_PL011);
    assert_int_equal(uart.regs.start, 0x9000000);
    assert_false(uart.ports);

    memory[RSDP]++;
    uart = hwdesc_acpi_console(&source, BASE + RSDP, &hw);
    assert_int_equal(uart.kind, HW_UART_NONE);
}

static void no_xsdt(void **state)
{
    (void)state;
    memset(memory + RSDP + 24, 0, 8);
    seal_root();
    assert_int_equal(parse_root(), 0);
    assert_int_equal(hw.cpu_count, 0);
}

static void lies_of_the_root(void **state)
{
    static const struct {
        uint32_t at;
        uint8_t value;
        bool seal;
        const char *why;
    } lies[] = {
        {RSDP, 'X', true, "RSDP+0: no \"RSD PTR \" at 0x40000010"},
        {RSDP + 12, 'X', false, "RSDP+0: the checksum of its 20 bytes is wrong"},
        {RSDP + 33, 1, false, "RSDP+0: the checksum of its 36 bytes is wrong"},
        {RSDP + 23, 0x7f, true, "RSDP+0: no 2130706468 bytes of memory"},
        {RSDP + 27, 0xff, true, "XSDT+0: no 36 bytes of memory at 0xff000100"},
        {XSDT + 36 + 11, 0xff, false, "XSDT+0x9: the checksum is wrong"},
        {XSDT, 'Y', false, "checksum"},
        {XSDT + 5, 0xff, false, "XSDT+0: no 65332 bytes of memory"},
        {MADT + 5, 0xff, false, "APIC+0: no 65332 bytes of memory"},
        {MADT + 4, 3, false, "APIC+0x4: the header says 3 bytes"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
        acpi_free();
        setup_root(state);
        memory[lies[i].at] = lies[i].value;
        if (lies[i].seal)
            seal_root();
        int err = parse_root();
        if (err != -RF_EINVAL || !strstr(why, lies[i].why))
            fail_msg("lie %u: got %s \"%s\", wanted \"%s\"", i, err_name(err), why, lies[i].why);
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup_root, acpi_teardown)
    const struct CMUnitTest tests[] = {
        TEST(from_the_root_on),
        TEST(the_rsdt_of_old_firmware),
        TEST(the_console_before_the_rest_is_believed),
        TEST(no_xsdt),
        TEST(lies_of_the_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
