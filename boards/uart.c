/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/driver.h"
#include "drivers/serial/ns16550.h"
#include "drivers/serial/pl011.h"

const struct uart_driver uart_pl011 = {HW_UART_PL011, pl011_is_there, pl011_init, pl011_sink};
const struct uart_driver uart_sbsa = {HW_UART_SBSA, NULL, pl011_init, pl011_sink};
const struct uart_driver uart_ns16550 = {HW_UART_16550, NULL, ns16550_init, ns16550_sink};
