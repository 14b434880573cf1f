/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "arch/mmu.h"
#include "drivers/power/acpi_pm.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"

/* PM1 control as ACPI 4.8.3.2.1 has it. */
#define SCI_EN     1u
#define BM_RLD     2u
#define SLP_TYP(t) ((unsigned)(t) << 10)
#define SLP_EN     (1u << 13)

#define CONTROL_A 0x604
#define CONTROL_B 0x644
#define COMMAND   0xb2
#define ENABLE    0xa1
#define SLOW_NS   2000000000

/* A machine whose firmware takes a while to hand over, and which notes all that is written. */
static struct {
    uint16_t control[2];
    uint16_t written[2][4];
    unsigned writes[2];
    bool deaf;            /* the firmware does nothing */
    uint64_t asked_at_ns; /* 0: not yet */
} pc;

static uint64_t control_read(void *ctx, uint64_t off, unsigned width)
{
    unsigned i = ctx != &pc.control[0];

    assert_int_equal(off, 0);
    assert_int_equal(width, 2);
    if (i == 0 && pc.asked_at_ns != 0 && clock_now_ns() - pc.asked_at_ns > SLOW_NS && !pc.deaf)
        pc.control[0] |= SCI_EN;
    return pc.control[i];
}

static void control_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    unsigned i = ctx != &pc.control[0];

    assert_int_equal(off, 0);
    assert_int_equal(width, 2);
    assert_in_range(pc.writes[i], 0, 3);
    pc.written[i][pc.writes[i]++] = (uint16_t)v;
    pc.control[i] = (uint16_t)v;
}

static uint64_t command_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    fail_msg("SMI_CMD is read, %u bytes at %lu", width, (unsigned long)off);
    return 0;
}

static void command_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    assert_int_equal(off, 0);
    assert_int_equal(width, 1);
    assert_int_equal(v, ENABLE);
    assert_int_equal(pc.asked_at_ns, 0);
    pc.asked_at_ns = clock_now_ns();
}

static struct acpi_pm pm;

static int setup(void **state)
{
    static const struct host_mmio_ops control = {control_read, control_write};
    static const struct host_mmio_ops command = {command_read, command_write};

    (void)state;
    host_reset();
    memset(&pc, 0, sizeof(pc));
    host_mmio_register(CONTROL_A, 2, &control, &pc.control[0]);
    host_mmio_register(CONTROL_B, 2, &control, &pc.control[1]);
    host_mmio_register(COMMAND, 1, &command, NULL);
    pm = (struct acpi_pm){.slp_typ_a = 5, .slp_typ_b = 3, .acpi_enable = ENABLE};
    assert_int_equal(mmu_map_ports(CONTROL_A, 2, &pm.control_a), 0);
    return 0;
}

static void add_command(void)
{
    assert_int_equal(mmu_map_ports(COMMAND, 1, &pm.smi_command), 0);
}

/* The type first, then the same with the bit that does it; the rest stays as it was. */
static void assert_told(unsigned i, unsigned slp_typ, unsigned rest)
{
    assert_int_equal(pc.writes[i], 2);
    assert_int_equal(pc.written[i][0], rest | SLP_TYP(slp_typ));
    assert_int_equal(pc.written[i][1], rest | SLP_TYP(slp_typ) | SLP_EN);
}

static void both_registers_get_their_type(void **state)
{
    (void)state;
    assert_int_equal(mmu_map_ports(CONTROL_B, 2, &pm.control_b), 0);
    pc.control[0] = SCI_EN | BM_RLD | SLP_TYP(7);
    assert_int_equal(acpi_pm_off(&pm), -RF_ETIMEDOUT);
    assert_told(0, 5, SCI_EN | BM_RLD);
    assert_told(1, 3, 0);
}

static void one_register_is_enough(void **state)
{
    (void)state;
    assert_int_equal(acpi_pm_off(&pm), -RF_ETIMEDOUT);
    assert_told(0, 5, 0);
    assert_int_equal(pc.writes[1], 0);
}

static void firmware_hands_over_first(void **state)
{
    (void)state;
    add_command();
    assert_int_equal(acpi_pm_off(&pm), -RF_ETIMEDOUT);
    assert_int_not_equal(pc.asked_at_ns, 0);
    assert_told(0, 5, SCI_EN);
}

static void firmware_that_has_handed_over_is_not_asked(void **state)
{
    (void)state;
    add_command();
    pc.control[0] = SCI_EN;
    assert_int_equal(acpi_pm_off(&pm), -RF_ETIMEDOUT);
    assert_int_equal(pc.asked_at_ns, 0);
    assert_told(0, 5, SCI_EN);
}

static void deaf_firmware_is_not_waited_for_long(void **state)
{
    uint64_t begun = clock_now_ns();

    (void)state;
    add_command();
    pc.deaf = true;
    assert_int_equal(acpi_pm_off(&pm), -RF_ETIMEDOUT);
    assert_int_equal(pc.writes[0], 0);
    assert_in_range(clock_now_ns() - begun, SLOW_NS, 2 * (uint64_t)SLOW_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(both_registers_get_their_type, setup),
        cmocka_unit_test_setup(one_register_is_enough, setup),
        cmocka_unit_test_setup(firmware_hands_over_first, setup),
        cmocka_unit_test_setup(firmware_that_has_handed_over_is_not_asked, setup),
        cmocka_unit_test_setup(deaf_firmware_is_not_waited_for_long, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
