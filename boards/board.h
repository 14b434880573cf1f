/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_BOARD_H
#define RF_BOARDS_BOARD_H

#include "arch/power.h"
#include "boards/driver.h"

/* One such record a board, in boards/NAME/board.c: what it may be made of, and what discovery
 * cannot tell. The fallbacks are used only when firmware is silent, so that the refusal of a
 * machine without a usable description can be read. Lists end with NULL. */
struct board {
    const char *name;
    struct hw_uart fallback_console;
    enum power_method fallback_power;
    const struct firmware *const *firmware; /* the first that is there, else the last */
    const struct uart_driver *const *uarts;
    const struct iommu_driver *const *iommus;
    const struct irq_driver *irq;
    const char *no_iommu; /* what to say, and to do, when none of its IOMMUs is there */
};

extern const struct board board;

#endif
