/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_BOARD_H
#define RF_BOARDS_BOARD_H

#include "arch/power.h"
#include "lib/fw/hwdesc.h"

/* What discovery cannot tell: one such record a board, in boards/<board>/board.c. Used only when
 * firmware is silent, so that the refusal of a machine without a usable description can be read. */
struct board {
    const char *name;
    struct hw_uart fallback_console;
    enum power_method fallback_power;
};

extern const struct board board;

#endif
