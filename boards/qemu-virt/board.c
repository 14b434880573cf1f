/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"

const struct board board = {
    .name = "qemu-virt",
    .fallback_console = {HW_UART_PL011, {0x09000000, 0x09000fff}},
    .fallback_power = POWER_PSCI_HVC,
};
