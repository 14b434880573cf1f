/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include "lib/base/err.h"

/* SPCR (Serial Port Console Redirection Table, revision 4) and GTDT (5.2.25): the console and the
 * timer. */

#define SPCR_TYPE  36u
#define SPCR_BASE  40u
#define SPCR_MIN   52u
#define GAS_BITS   1u
#define GAS_ACCESS 3u

#define PL011_SIZE   0x1000u
#define NS16550_SIZE 8u

#define GTDT_MIN     80u
#define GTDT_VIRTUAL 64u
#define PPI_FIRST    16u
#define PPI_LAST     31u

static const struct {
    uint8_t type;
    enum hw_uart_kind kind;
    uint32_t size;
} uarts[] = {
    {0x00, HW_UART_16550, NS16550_SIZE}, {0x01, HW_UART_16550, NS16550_SIZE},
    {0x03, HW_UART_PL011, PL011_SIZE},   {0x0d, HW_UART_PL011, PL011_SIZE}, /* SBSA, 32 bits only */
    {0x0e, HW_UART_PL011, PL011_SIZE},   {0x12, HW_UART_16550, NS16550_SIZE},
};

/* One byte after the other: registers of 32 bits, or further apart, are another UART to a driver.
 */
static bool is_plain(struct acpi_span gas)
{
    return acpi_u8(gas, GAS_BITS) <= 8 && acpi_u8(gas, GAS_ACCESS) <= 1;
}

int acpi_spcr(struct acpi_walk *w, const struct acpi_table *t)
{
    const struct acpi_span all = acpi_whole(t), gas = acpi_rest(all, SPCR_BASE);
    const struct hw_register base = acpi_gas(all, SPCR_BASE);

    if (all.len < SPCR_MIN)
        return acpi_refuse(w, all, -RF_EINVAL, "%u bytes; it has at least %u", all.len, SPCR_MIN);
    if (base.space == HW_REG_NONE) /* no console */
        return 0;
    for (unsigned i = 0; i < ARRAY_SIZE(uarts); i++) {
        if (uarts[i].type != acpi_u8(all, SPCR_TYPE))
            continue;
        if (uarts[i].kind == HW_UART_16550 && !is_plain(gas))
            break;
        w->hw->uart.kind = uarts[i].kind;
        w->hw->uart.ports = base.space == HW_REG_PORT;
        if (!range_make(base.address, uarts[i].size, &w->hw->uart.regs))
            return acpi_refuse(w, gas, -RF_EINVAL, "a console at %#lx", base.address);
        return 0;
    }
    acpi_odd(w, all, "a console of type %#x, which is not known: it stays silent",
             acpi_u8(all, SPCR_TYPE));
    return 0;
}

int acpi_gtdt(struct acpi_walk *w, const struct acpi_table *t)
{
    const struct acpi_span all = acpi_whole(t);
    const uint32_t irq = acpi_u32(all, GTDT_VIRTUAL);

    if (all.len < GTDT_MIN)
        return acpi_refuse(w, all, -RF_EINVAL, "%u bytes; it has at least %u", all.len, GTDT_MIN);
    if (irq != 0 && (irq < PPI_FIRST || irq > PPI_LAST))
        return acpi_refuse(w, acpi_rest(all, GTDT_VIRTUAL), -RF_EINVAL,
                           "the virtual timer has interrupt %u, which is no PPI", irq);
    w->hw->timer_irq = irq;
    return 0;
}
