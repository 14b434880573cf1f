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

static int map(const struct hw_uart *uart, struct mmio *regs)
{
    if (uart->ports)
        return mmu_map_ports((uint16_t)uart->regs.start, (uint16_t)range_size(uart->regs), regs);
    return mmu_map_device(PADDR(uart->regs.start), range_size(uart->regs), regs);
}

static bool is_started;

static bool use(const struct hw_uart *uart)
{
    const struct uart_driver *driver = driver_of(uart);
    struct mmio regs;

    if (!driver || map(uart, &regs) || (driver->is_there && !driver->is_there(&regs)))
        return false;
    driver->init(&regs);
    log_set_sink(driver->sink, NULL);
    is_started = true;
    return true;
}

void console_fall_back(void)
{
    if (!is_started)
        (void)use(&board.fallback_console); /* else lines are kept, and nobody reads them */
}

/* The console comes before the rest of the description is believed, so that a refusal of it can be
 * read. */
void console_start(struct machine *m)
{
    struct hw_uart uart = m->firmware->console(m);

    power_set_method(board.fallback_power);
    if (!use(&uart)) {
        console_fall_back();
        if (uart.kind != HW_UART_NONE)
            log_warn("the console that firmware names, at 0x%lx, is none that this version drives: "
                     "the board's own is used",
                     uart.regs.start);
    }
    if (cpu_check())
        stop("this CPU cannot run the kernel, see above");
}
