/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/serial/pl011.h"

#include "arch/clock.h"
#include "lib/base/mask.h"
#include "lib/base/wait.h"

/* DDI 0183 3.2. 32-bit accesses, which every implementation takes. */
#define UARTDR    REG32(0x00)
#define UARTFR    REG32(0x18)
#define UARTLCR_H REG32(0x2c)
#define UARTCR    REG32(0x30)
#define UARTIMSC  REG32(0x38)
#define UARTICR   REG32(0x44)

#define UARTPERIPHID(n) REG32(0xfe0 + 4 * (n))
#define UARTPCELLID(n)  REG32(0xff0 + 4 * (n))

#define UARTDR_DATA    MASK(7, 0)
#define UARTFR_BUSY    BIT(3)
#define UARTFR_RXFE    BIT(4)
#define UARTFR_TXFF    BIT(5)
#define UARTLCR_H_FEN  BIT(4)
#define UARTLCR_H_WLEN MASK(6, 5)
#define WLEN_8_BITS    3
#define PART_PL011     0x011u
#define UART_SIZE      0x1000u
#define UARTCR_UARTEN  BIT(0)
#define UARTCR_TXE     BIT(8)
#define UARTCR_RXE     BIT(9)
#define UARTCR_DTR     BIT(10)
#define UARTCR_RTS     BIT(11)
#define UARTICR_ALL    MASK(10, 0)

#define TIMEOUT_US 10000

static struct mmio uart;
static bool stuck; /* the last character found no room in time */
static uint64_t dropped;

bool pl011_is_there(const struct mmio *regs)
{
    static const uint32_t cell[] = {0x0d, 0xf0, 0x05, 0xb1};
    uint32_t part;

    if (regs->size < UART_SIZE)
        return false;
    part = (mmio_read32(regs, UARTPERIPHID(0)) & MASK(7, 0)) |
           (mmio_read32(regs, UARTPERIPHID(1)) & MASK(3, 0)) << 8;

    for (unsigned n = 0; n < ARRAY_SIZE(cell); n++)
        if ((mmio_read32(regs, UARTPCELLID(n)) & MASK(7, 0)) != cell[n])
            return false;
    return part == PART_PL011;
}

void pl011_init(const struct mmio *regs)
{
    static const struct wait_reg idle = {"UARTFR.BUSY", UARTFR_BUSY, 0, TIMEOUT_US};

    uart = *regs;
    stuck = false;
    dropped = 0;
    mmio_write32(&uart, UARTIMSC, 0);
    /* 3.3.8: what firmware sends is let out, then off, FIFOs flushed, and set up. When it never
     * becomes idle the line of wait_mmio32() is all that can be done. */
    wait_mmio32(&uart, UARTFR, &idle);
    mmio_write32(&uart, UARTCR, 0);
    mmio_write32(&uart, UARTLCR_H, 0);
    mmio_write32(&uart, UARTLCR_H, UARTLCR_H_FEN | FIELD_PREP(UARTLCR_H_WLEN, WLEN_8_BITS));
    mmio_write32(&uart, UARTICR, UARTICR_ALL);
    mmio_write32(&uart, UARTCR, UARTCR_UARTEN | UARTCR_TXE | UARTCR_RXE | UARTCR_DTR | UARTCR_RTS);
}

static bool has_room(const void *ctx)
{
    (void)ctx;
    return (mmio_read32(&uart, UARTFR) & UARTFR_TXFF) == 0;
}

/* A port that was stuck is not waited for again. */
static bool wait_for_room(void)
{
    return has_room(NULL) || (!stuck && wait_for_condition(has_room, NULL, TIMEOUT_US));
}

static void put(char c)
{
    stuck = !wait_for_room();
    if (stuck)
        dropped++;
    else
        mmio_write32(&uart, UARTDR, (uint8_t)c);
}

void pl011_write(const char *text, size_t n)
{
    if (uart.size == 0)
        return;
    for (size_t i = 0; i < n; i++)
        put(text[i]);
}

void pl011_sink(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    pl011_write(text, n);
}

int pl011_getc(void)
{
    if (uart.size == 0 || mmio_read32(&uart, UARTFR) & UARTFR_RXFE)
        return -1;
    return (int)(mmio_read32(&uart, UARTDR) & UARTDR_DATA);
}

uint64_t pl011_dropped(void)
{
    return dropped;
}
