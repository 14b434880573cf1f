/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include <string.h>

#include "lib/base/err.h"

/* FADT (5.2.9), as far as switching off and resetting need it, and the one object of the DSDT that
 * belongs to it. */

#define SMI_CMD       48u
#define ACPI_ENABLE   52u
#define PM1A_CNT      64u
#define PM1B_CNT      68u
#define FLAGS         112u
#define RESET_REG     116u
#define RESET_VALUE   128u
#define ARM_BOOT_ARCH 129u
#define X_PM1A_CNT    172u
#define X_PM1B_CNT    184u

#define RESET_REG_SUP (1u << 10)

#define PSCI_COMPLIANT 1u
#define PSCI_USE_HVC   2u

#define GAS_MEMORY 0u
#define GAS_PORT   1u

struct hw_register acpi_gas(struct acpi_span s, uint32_t off)
{
    const uint8_t space = acpi_u8(s, off);
    struct hw_register r = {HW_REG_NONE, acpi_u64(s, off + 4)};

    if (r.address != 0 && space == GAS_MEMORY)
        r.space = HW_REG_MEMORY;
    if (r.address != 0 && space == GAS_PORT)
        r.space = HW_REG_PORT;
    return r;
}

/* The extended block, where a table has it, else the port of old. */
static struct hw_register control(struct acpi_span s, uint32_t extended, uint32_t port)
{
    struct hw_register r = acpi_gas(s, extended);

    if (r.space == HW_REG_NONE && acpi_u32(s, port) != 0)
        r = (struct hw_register){HW_REG_PORT, acpi_u32(s, port)};
    return r;
}

int acpi_fadt(struct acpi_walk *w, const struct acpi_table *t)
{
    const struct acpi_span s = acpi_whole(t);
    const uint16_t arm = acpi_u16(s, ARM_BOOT_ARCH);
    struct hw_acpi_power *p = &w->hw->power;

    p->pm1a = control(s, X_PM1A_CNT, PM1A_CNT);
    p->pm1b = control(s, X_PM1B_CNT, PM1B_CNT);
    p->smi_port = acpi_u32(s, SMI_CMD);
    p->acpi_enable = acpi_u8(s, ACPI_ENABLE);
    if (acpi_u32(s, FLAGS) & RESET_REG_SUP) {
        p->reset = acpi_gas(s, RESET_REG);
        p->reset_value = acpi_u8(s, RESET_VALUE);
    }
    if (arm & PSCI_COMPLIANT)
        w->hw->psci = arm & PSCI_USE_HVC ? HW_PSCI_HVC : HW_PSCI_SMC;
    return 0;
}

/* --- \_S5 (7.4.2): Name (_S5_, Package () {SLP_TYPa, SLP_TYPb, ...}) ------------------------- */

#define NAME_OP     0x08
#define PACKAGE_OP  0x12
#define ONE_OP      0x01
#define BYTE_PREFIX 0x0a
#define SLP_TYP_MAX 7u

/* An integer of one byte at *at (20.2.3), which is moved behind it. */
static bool read_integer(struct acpi_span s, uint32_t *at, uint8_t *out)
{
    uint8_t op = acpi_u8(s, (*at)++);

    *out = op == BYTE_PREFIX ? acpi_u8(s, (*at)++) : op;
    return (op == BYTE_PREFIX || op <= ONE_OP) && *out <= SLP_TYP_MAX && *at <= s.len;
}

/* `s` begins with the package. Its length (20.2.4) has as many bytes more as bits 7:6 say. */
static bool read_sleep_types(struct acpi_span s, struct hw_acpi_power *p)
{
    uint32_t at = 2u + (acpi_u8(s, 1) >> 6);
    uint8_t elements = acpi_u8(s, at++);

    return acpi_u8(s, 0) == PACKAGE_OP && elements >= 2 && read_integer(s, &at, &p->slp_typ_a) &&
           read_integer(s, &at, &p->slp_typ_b);
}

/* The name may be written with the root's backslash. */
static bool is_s5(struct acpi_span s)
{
    uint32_t at = acpi_u8(s, 1) == '\\' ? 2 : 1;

    return acpi_u8(s, 0) == NAME_OP && acpi_u8(s, at) == '_' && acpi_u8(s, at + 1) == 'S' &&
           acpi_u8(s, at + 2) == '5' && acpi_u8(s, at + 3) == '_';
}

/* The object is found by its bytes: it is static data in every table, and nothing else of AML is
 * read. A machine that hides it cannot be switched off, and can be reset. */
int acpi_dsdt(struct acpi_walk *w, const struct acpi_table *t)
{
    struct acpi_span s = acpi_rest(acpi_whole(t), ACPI_HEADER);

    for (; s.len != 0 && !w->hw->power.has_s5; s = acpi_rest(s, 1)) {
        if (is_s5(s))
            w->hw->power.has_s5 =
                read_sleep_types(acpi_rest(s, acpi_u8(s, 1) == '\\' ? 6 : 5), &w->hw->power);
    }
    return 0;
}
