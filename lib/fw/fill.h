/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_FILL_H
#define RF_FW_FILL_H

#include "lib/fw/hwdesc.h"

/* Private to lib/fw: how a struct hwdesc is filled, whatever describes the machine. */

/* Empties it. */
void hw_init(struct hwdesc *hw);

/* Copies a string into hw->text. NULL: no room. */
const char *hw_keep(struct hwdesc *hw, const char *s);

/* Notes, and logs, something that is odd but usable; once, however often it is met. */
void hw_odd(struct hwdesc *hw, const char *table, uint32_t offset, const char *what);

/* What already claims a part of r: RAM, registers, a PCI window. NULL: nothing; else its range is
 * in *other. */
const char *hw_claimed(const struct hwdesc *hw, struct range r, struct range *other);

#endif
