/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/driver.h"

static bool is_there(const struct bootinfo *boot)
{
    return boot->dtb != NULL;
}

static struct hw_uart console(struct machine *m)
{
    struct hw_uart none = {.kind = HW_UART_NONE};

    return m->boot->dtb ? hwdesc_dtb_console(m->boot->dtb, m->boot->dtb_size) : none;
}

/* A boot loader that keeps a memory map knows better than the tree what is free. */
static void take_from_loader(struct machine *m)
{
    const struct bootinfo *b = m->boot;

    m->hw.ram = b->ram;
    m->hw.bootargs = b->bootargs;
    m->hw.initrd = b->initrd;
    m->hw.has_initrd = b->has_initrd;
}

static void describe(struct machine *m, char *why, size_t why_size)
{
    if (!m->boot->dtb)
        stop("no device tree (%s): boot with one, its address in x0", m->boot->boot_error);
    if (hwdesc_from_dtb(m->boot->dtb, m->boot->dtb_size, &m->hw, why, why_size))
        stop("device tree refused: %s", why);
    if (m->boot->ram.count)
        take_from_loader(m);
    if (m->hw.ram.count == 0)
        stop("device tree refused: no memory node tells of any RAM");
}

const struct firmware firmware_dtb = {"device tree", is_there, console, describe};
