/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/ioapic.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"

/* Registers are read and written through a window, after their index (82093AA 3.1). */
#define IOREGSEL REG32(0x00)
#define IOWIN    REG32(0x10)

#define IOAPICVER   0x01u
#define VER_VERSION MASK(7, 0)
#define VER_MAX     MASK(23, 16) /* the last pin */

/* Redirection entries (82093AA 3.2.4; in remappable format VT-d 5.1.5.1): two registers a pin. */
#define IOREDTBL_LOW(pin)  (0x10u + 2 * (pin))
#define IOREDTBL_HIGH(pin) (0x11u + 2 * (pin))
#define LOW_MASKED         BIT(16)
#define PINS_MAX           120u /* the index has 8 bits */

static uint32_t read_register(const struct mmio *regs, uint32_t index)
{
    mmio_write32(regs, IOREGSEL, index);
    return mmio_read32(regs, IOWIN);
}

static void write_register(const struct mmio *regs, uint32_t index, uint32_t value)
{
    mmio_write32(regs, IOREGSEL, index);
    mmio_write32(regs, IOWIN, value);
}

/* Where nothing answers, all bits are read as 1 or as 0. */
static unsigned count_pins(const struct mmio *regs)
{
    uint32_t version = read_register(regs, IOAPICVER);
    unsigned pins = (unsigned)FIELD_GET(VER_MAX, version) + 1;

    return FIELD_GET(VER_VERSION, version) == 0 || pins > PINS_MAX ? 0 : pins;
}

static bool is_masked(const struct mmio *regs, unsigned pin)
{
    return (read_register(regs, IOREDTBL_LOW(pin)) & LOW_MASKED) != 0;
}

/* The half with the mask goes first: an open pin never has another's destination. As an edge, the
 * entry also forgets a level that waits for its end (Remote IRR). */
static void clear_entry(const struct mmio *regs, unsigned pin)
{
    write_register(regs, IOREDTBL_LOW(pin), LOW_MASKED);
    write_register(regs, IOREDTBL_HIGH(pin), 0);
}

int ioapic_mask(const struct mmio *regs, struct ioapic_pins *pins)
{
    unsigned count = count_pins(regs);
    int err = 0;

    if (count == 0) {
        log_err("no I/O APIC answers: IOAPICVER is 0x%x", read_register(regs, IOAPICVER));
        return -RF_ENODEV;
    }
    *pins = (struct ioapic_pins){.count = count};
    for (unsigned pin = 0; pin < count; pin++) {
        pins->were_open += !is_masked(regs, pin);
        clear_entry(regs, pin);
        if (!is_masked(regs, pin)) {
            log_err("pin %u of an I/O APIC cannot be masked", pin);
            err = -RF_EIO;
        }
    }
    return err;
}
