/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/serial/ns16550.h"

#include "lib/base/mask.h"
#include "lib/base/wait.h"

#define RBR REG8(0) /* read */
#define THR REG8(0) /* write */
#define IER REG8(1)
#define FCR REG8(2)
#define LCR REG8(3)
#define MCR REG8(4)
#define LSR REG8(5)

#define FCR_ENABLE    BIT(0)
#define FCR_CLEAR     MASK(2, 1) /* both FIFOs */
#define LCR_8_BITS    3
#define MCR_DTR_RTS   3
#define LSR_DR        BIT(0)
#define LSR_THRE      BIT(5)
#define FIFO_SIZE     16u
#define NOTHING_THERE 0xffu

#define TIMEOUT_US 10000

static struct mmio uart;
static bool stuck;    /* the last character found no room in time */
static unsigned room; /* characters that the FIFO takes without another look */

/* The divisor latch is closed by writing LCR. */
void ns16550_init(const struct mmio *regs)
{
    uart = *regs;
    stuck = false;
    room = 0;
    mmio_write8(&uart, LCR, LCR_8_BITS);
    mmio_write8(&uart, IER, 0);
    mmio_write8(&uart, FCR, FCR_ENABLE | FCR_CLEAR);
    mmio_write8(&uart, MCR, MCR_DTR_RTS);
}

/* THRE tells that the whole FIFO is empty. Where no UART is, it reads as if it were. */
static bool has_room(const void *ctx)
{
    (void)ctx;
    if (room == 0 && mmio_read8(&uart, LSR) & LSR_THRE)
        room = FIFO_SIZE;
    return room != 0;
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
        return;
    mmio_write8(&uart, THR, (uint8_t)c);
    room--;
}

void ns16550_sink(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    for (size_t i = 0; uart.size != 0 && i < n; i++)
        put(text[i]);
}

int ns16550_getc(void)
{
    uint8_t status = uart.size == 0 ? 0 : mmio_read8(&uart, LSR);

    return status == NOTHING_THERE || !(status & LSR_DR) ? -1 : mmio_read8(&uart, RBR);
}
