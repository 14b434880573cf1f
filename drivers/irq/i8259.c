/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/i8259.h"

/* 8259A data sheet: ICW1 to the first port, ICW2 to ICW4 and then the mask to the second. */
#define COMMAND REG8(0)
#define DATA    REG8(1)

#define ICW1           0x11 /* edge, cascade, ICW4 follows */
#define ICW3_PRIMARY   0x04 /* the secondary is at line 2 ... */
#define ICW3_SECONDARY 0x02
#define ICW4           0x01 /* 8086 mode */
#define ALL_LINES      0xff
#define LINES          8

static void set_up(const struct mmio *regs, uint8_t vector, uint8_t cascade)
{
    mmio_write8(regs, COMMAND, ICW1);
    mmio_write8(regs, DATA, vector);
    mmio_write8(regs, DATA, cascade);
    mmio_write8(regs, DATA, ICW4);
    mmio_write8(regs, DATA, ALL_LINES);
}

void i8259_mask(const struct mmio *primary, const struct mmio *secondary, uint8_t vector)
{
    set_up(primary, vector, ICW3_PRIMARY);
    set_up(secondary, (uint8_t)(vector + LINES), ICW3_SECONDARY);
}
