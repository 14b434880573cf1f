/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/board/board.h"

#include <string.h>

#include "arch/host/host.h"

enum { DR = 0x00, FR = 0x18, PERIPHID0 = 0xfe0, PCELLID0 = 0xff0 };

static char text[64 * 1024];
static size_t used;

static uint64_t read(void *ctx, uint64_t off, unsigned width)
{
    static const uint8_t id[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)ctx;
    (void)width;
    if (off >= PERIPHID0)
        return id[(off - PERIPHID0) / 4];
    return off == FR ? 1u << 4 : 0; /* nothing was received */
}

static void write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    (void)width;
    if (off == DR && used < sizeof(text) - 1)
        text[used++] = (char)v;
}

void board_pl011_map(uint64_t base)
{
    static const struct host_mmio_ops ops = {read, write};

    used = 0;
    memset(text, 0, sizeof(text));
    host_mmio_register(base, 0x1000, &ops, NULL);
}

const char *board_pl011_text(void)
{
    return text;
}
