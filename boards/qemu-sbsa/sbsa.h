/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_QEMU_SBSA_SBSA_H
#define RF_BOARDS_QEMU_SBSA_SBSA_H

#include "boards/driver.h"

/* QEMU's device tree of the board, which has RAM and the command line, and what it leaves out. */
extern const struct firmware firmware_sbsa;

#endif
