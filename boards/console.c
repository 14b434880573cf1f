/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "boards/board.h"
#include "boards/machine.h"
#include "drivers/serial/pl011.h"
#include "lib/base/log.h"

/* The console comes before the rest of the device tree is believed, so that a refusal of the tree
 * can be read. */
static struct hw_uart find_uart(const struct bootinfo *boot)
{
    struct hw_uart uart = {.kind = HW_UART_NONE};

    if (boot->dtb)
        uart = hwdesc_dtb_console(boot->dtb, boot->dtb_size);
    return uart.kind == HW_UART_PL011 ? uart : board.fallback_console;
}

void console_start(const struct machine *m)
{
    struct hw_uart uart = find_uart(m->boot);
    struct mmio regs;

    power_set_method(board.fallback_power);
    if (uart.kind != HW_UART_PL011 ||
        mmu_map_device(PADDR(uart.regs.start), range_size(uart.regs), &regs))
        return; /* lines are kept, and the machine runs without a console */
    pl011_init(&regs);
    log_set_sink(pl011_sink, NULL);
    if (cpu_check())
        stop("this CPU cannot run the kernel, see above");
}
