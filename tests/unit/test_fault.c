/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/log.h"
#include "tests/unit/fake_space.h"

static char text[65536];
static size_t text_used;
static struct iommu_fault queue[FAKE_FAULTS];

static void sink(void *ctx, const char *s, size_t n)
{
    (void)ctx;
    assert_true(text_used + n < sizeof(text));
    memcpy(text + text_used, s, n);
    text_used += n;
    text[text_used] = '\0';
}

static void forget_text(void)
{
    text_used = 0;
    text[0] = '\0';
}

static unsigned lines(const char *begin)
{
    unsigned n = 0;

    for (const char *s = text; (s = strstr(s, begin)); s++)
        n++;
    return n;
}

static void expect(const char *words)
{
    if (!strstr(text, words))
        print_error("wanted: %s\ngot:\n%s", words, text);
    assert_non_null(strstr(text, words));
}

static int up(void **state)
{
    if (space_up(state))
        return -1;
    log_set_sink(sink, NULL);
    space_attach(group1);
    forget_text();
    fake_a.faults = queue;
    host_clock_advance(UINT64_C(10000000000));
    return 0;
}

static int down(void **state)
{
    iommu_fault_flush();
    return space_down(state);
}

/* ---- records */

static const struct iommu_fault write_fault = {
    .event = "F_TRANSLATION",
    .meaning = "no mapping",
    .advice = "is the address one that was mapped, and is the mapping still there?",
    .sid = 1,
    .iova = 0x7f000000,
    .has_iova = true,
    .write = true,
};

static void push(struct iommu_fault f)
{
    assert_true(fake_a.fault_count < FAKE_FAULTS);
    queue[fake_a.fault_count++] = f;
}

static void push_at(uint64_t iova)
{
    struct iommu_fault f = write_fault;

    f.iova = iova;
    push(f);
}

static void push_run(uint64_t iova, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        push_at(iova + 4 * i);
}

static void poll(unsigned expected)
{
    assert_int_equal(iommu_fault_poll(), expected);
    fake_a.fault_count = 0;
    fake_a.fault_next = 0;
}

/* ---- counting */

static void burst_is_one_report(void **state)
{
    (void)state;
    space_map(0x10000000, USER_RAM, 0x10000);
    push_run(0x7f000000, 1024);
    poll(1024);
    assert_string_equal(
        text,
        "ringfence: DMA refused: dev 0000:01:00.0 (stream 0x1) write to IOVA 0x7f000000: "
        "F_TRANSLATION, no mapping\n"
        "ringfence:   nearest mapping: [0x10000000, 0x1000ffff] read-write, ends 0x6eff0000 below; "
        "1024 records of this refusal, addresses 0x7f000000..0x7f000ffc\n"
        "ringfence:   check: is the address one that was mapped, and is the mapping still "
        "there?\n");
    assert_int_equal(fake_a.unit.fault_count, 1024);
}

static void nothing_is_no_text(void **state)
{
    (void)state;
    poll(0);
    iommu_fault_flush();
    assert_string_equal(text, "");
}

static void again_is_only_counted(void **state)
{
    (void)state;
    push_run(0x7f000000, 100);
    poll(100);
    push_run(0x7f000000 + 400, 60); /* goes on where the last poll ended */
    poll(60);
    push_run(0x7f000000, 10); /* and once more from the start */
    poll(10);
    assert_int_equal(lines("DMA refused"), 1);
    forget_text();
    iommu_fault_flush();
    assert_string_equal(
        text, "ringfence: DMA refused again: dev 0000:01:00.0 (stream 0x1) write to IOVA "
              "0x7f000000: F_TRANSLATION: 70 more since it was reported; 170 records of this "
              "refusal, addresses 0x7f000000..0x7f00027c\n");
    forget_text();
    iommu_fault_flush();
    assert_string_equal(text, "");
}

static void out_of_order_is_one_report(void **state)
{
    (void)state;
    push_at(0x7f001000);
    push_at(0x7f000000);
    push_at(0x7f002000);
    push_at(0x7f001800);
    poll(4);
    assert_int_equal(lines("DMA refused"), 1);
    expect("4 records of this refusal, addresses 0x7f000000..0x7f002000");
}

static void mixed_bursts_are_two_reports(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        push_at(0x7f000000 + 4 * i);
        push_at(0x50000000 + 4 * i);
    }
    poll(64);
    assert_int_equal(lines("DMA refused"), 2);
    assert_int_equal(lines("32 records"), 2);
}

static void other_accesses_are_other_refusals(void **state)
{
    struct iommu_fault f = write_fault;

    (void)state;
    push(f);
    f.write = false;
    push(f);
    f.execute = true;
    push(f);
    f = write_fault;
    f.event = "F_PERMISSION";
    push(f);
    f = write_fault;
    f.sid = 3;
    push(f);
    poll(5);
    assert_int_equal(lines("DMA refused"), 5);
    expect("read from IOVA");
    expect("instruction fetch from IOVA");
    expect("(stream 0x3)");
    expect("1 record of this refusal\n");
}

static void ends_of_the_space(void **state)
{
    (void)state;
    push_at(UINT64_MAX);
    push_at(UINT64_MAX - 3);
    push_at(0);
    push_at(4);
    poll(4);
    assert_int_equal(lines("DMA refused"), 2);
}

/* ---- the rate */

static void rate_is_held(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++)
        push_at(MIB(1024 + i));
    poll(12);
    assert_int_equal(lines("DMA refused"), FAULT_REPORTS);
    assert_int_equal(lines("kept back"), 0);
    push_at(MIB(1035)); /* kept back once, however often it comes */
    poll(1);
    host_clock_advance(UINT64_C(1000000001));
    push_at(GIB(7));
    poll(1);
    assert_int_equal(lines("DMA refused"), FAULT_REPORTS + 1);
    assert_int_equal(lines("4 more refusals kept back: at most 8 a second are printed\n"), 1);
    forget_text();
    iommu_fault_flush(); /* the last word is on all of them */
    assert_int_equal(lines("DMA refused"), 4);
    assert_int_equal(lines("kept back"), 0);
}

static void storm_of_strides(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        push_at(GIB(1) + i * 0x4000ul);
    poll(1000);
    assert_int_equal(lines("DMA refused"), FAULT_REPORTS);
    iommu_fault_flush(); /* the latest 16 are known, the others counted */
    assert_int_equal(lines("DMA refused"), FAULT_REPORTS + 16);
    expect("976 more refusals kept back");
}

static void forgotten_records_are_counted(void **state)
{
    (void)state;
    push_at(0x1000);
    poll(1);
    push_run(0x1000, 5);
    poll(5);
    for (unsigned i = 0; i < 16; i++)
        push_at(GIB(1) + i * 0x4000ul);
    poll(16);
    iommu_fault_flush();
    expect("5 more records of earlier refusals\n");
}

static void storm_does_not_hold_the_kernel(void **state)
{
    (void)state;
    push_run(0x7f000000, FAKE_FAULTS);
    assert_int_equal(iommu_fault_poll(), 4096);
    assert_int_equal(iommu_fault_poll(), 4096);
    assert_int_equal(iommu_fault_poll(), 0);
    assert_int_equal(lines("DMA refused"), 1);
}

static void dead_unit_is_not_read(void **state)
{
    (void)state;
    push_at(0x7f000000);
    iommu_unit_kill(&fake_a.unit, "test");
    poll(0);
}

/* ---- the text */

static void place(uint64_t iova, const char *words)
{
    iommu_fault_flush();
    forget_text();
    host_clock_advance(UINT64_C(2000000000));
    push_at(iova);
    poll(1);
    expect(words);
}

static void where_it_lies(void **state)
{
    (void)state;
    place(0x7f000000, "  nothing is mapped for this device; 1 record of this refusal\n");
    space_map(0x10000000, USER_RAM, 0x10000);
    assert_int_equal(space_try_map(0x20000000, USER_RAM, 0x1000, PT_READ), 0);
    place(0x10010000, "[0x10000000, 0x1000ffff] read-write, ends right before;");
    place(0x10010004, "[0x10000000, 0x1000ffff] read-write, ends 0x4 below;");
    place(0x1ffffffc, "[0x20000000, 0x20000fff] read-only, begins 0x4 above;");
    place(0x20000010, "  mapping there: [0x20000000, 0x20000fff] read-only;");
    place(UINT64_C(1) << 48, "  above 0xffffffffffff, the last address that can be mapped;");
}

static void among_doorbells(void **state)
{
    const struct msi_controller frame = {.name = "v2m", .alone_lg2 = 12};
    const struct msi_message m = {PADDR(0x09020040), 80};
    uint64_t iova;

    (void)state;
    place(SW_MSI_BASE + 0x40,
          "  in the sw-msi window [0x8000000, 0x80fffff] (sw-msi), where nothing "
          "can be mapped; no doorbell is mapped, as no MSI is enabled;");
    assert_int_equal(aspace_doorbell_get(&space, &frame, m, &iova), 0);
    place(SW_MSI_BASE + 0x1040, "; doorbell pages: [0x8000000, 0x8000fff];");
}

static void unowned_and_unknown(void **state)
{
    (void)state;
    aspace_detach(&space, group1);
    place(0x1000, "  the device is given to nobody, so nothing is mapped for it;");
    fake_a.fault_count = 0;
    push((struct iommu_fault){.event = "C_BAD_STREAMID",
                              .meaning = "no such stream",
                              .advice = "the stream table",
                              .sid = 0x99});
    poll(1);
    expect("DMA refused: a device that firmware does not name (stream 0x99): C_BAD_STREAMID, no "
           "such stream\nringfence:   1 record of this refusal\n");
}

static void own_tables(void **state)
{
    struct iommu_fault f = write_fault;

    (void)state;
    f.event = "F_WALK_EABT";
    f.has_fetch = true;
    f.fetch = 0x40001000;
    push(f);
    poll(1);
    expect("  fake@a could not read its own table at physical 0x40001000\n");
}

/* An interrupt has no address; two entries are two refusals. */
static void interrupts(void **state)
{
    struct iommu_fault f = {.event = "IR.7",
                            .meaning = "not its own",
                            .advice = "who wrote it?",
                            .sid = 1,
                            .has_index = true,
                            .index = 33};

    (void)state;
    push(f);
    push(f);
    f.index = 34;
    push(f);
    poll(3);
    expect("interrupt refused: dev 0000:01:00.0 (stream 0x1) interrupt of entry 33: IR.7, not its "
           "own\nringfence:   2 records of this refusal\n");
    expect("interrupt of entry 34: IR.7");
    assert_int_equal(lines("DMA refused"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(burst_is_one_report),
        TEST(nothing_is_no_text),
        TEST(again_is_only_counted),
        TEST(out_of_order_is_one_report),
        TEST(mixed_bursts_are_two_reports),
        TEST(other_accesses_are_other_refusals),
        TEST(ends_of_the_space),
        TEST(rate_is_held),
        TEST(storm_of_strides),
        TEST(forgotten_records_are_counted),
        TEST(storm_does_not_hold_the_kernel),
        TEST(dead_unit_is_not_read),
        TEST(where_it_lies),
        TEST(among_doorbells),
        TEST(unowned_and_unknown),
        TEST(own_tables),
        TEST(interrupts),
    };

    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
