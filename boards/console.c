/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "boards/board.h"
#include "lib/base/log.h"

static const struct uart_driver *driver_of(const struct hw_uart *uart)
{
    for (const struct uart_driver *const *d = board.uarts; *d; d++)
        if ((*d)->kind == uart->kind)
            return *d;
    return NULL;
}

/* The console comes before the rest of the description is believed, so that a refusal of it can be
 * read. */
static struct hw_uart find_uart(const struct bootinfo *boot)
{
    struct hw_uart uart = board.firmware->console(boot);

    return driver_of(&uart) ? uart : board.fallback_console;
}

static int map(const struct hw_uart *uart, struct mmio *regs)
{
    if (uart->ports)
        return mmu_map_ports((uint16_t)uart->regs.start, (uint16_t)range_size(uart->regs), regs);
    return mmu_map_device(PADDR(uart->regs.start), range_size(uart->regs), regs);
}

void console_start(const struct machine *m)
{
    struct hw_uart uart = find_uart(m->boot);
    const struct uart_driver *driver = driver_of(&uart);
    struct mmio regs;

    power_set_method(board.fallback_power);
    if (!driver || map(&uart, &regs))
        return; /* lines are kept, and the machine runs without a console */
    driver->init(&regs);
    log_set_sink(driver->sink, NULL);
    if (cpu_check())
        stop("this CPU cannot run the kernel, see above");
}
