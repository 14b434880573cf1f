/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include <string.h>

#include <libfdt.h>

#include "lib/base/err.h"

/* /chosen (3.6) and the console that it names. */

static struct dt_prop get(const void *dtb, int node, const char *name, int name_len)
{
    int len = 0;
    const void *data = node < 0 ? NULL : fdt_getprop_namelen(dtb, node, name, name_len, &len);

    return (struct dt_prop){data, data ? (uint32_t)len : 0};
}

/* "/soc/serial@9000000:115200n8" or "serial0:115200": what follows the colon is for the driver that
 * sets the line up; firmware has done that. An alias is looked up here, because libfdt trusts its
 * value to be terminated. */
int dt_find_console(const void *dtb, int chosen)
{
    struct dt_prop p = get(dtb, chosen, "stdout-path", sizeof("stdout-path") - 1);

    if (!p.data)
        p = get(dtb, chosen, "linux,stdout-path", sizeof("linux,stdout-path") - 1);
    const char *path = dt_string(&p, 0);
    if (!path)
        return -FDT_ERR_NOTFOUND;
    int len = (int)strcspn(path, ":");
    if (path[0] == '/')
        return fdt_path_offset_namelen(dtb, path, len);
    p = get(dtb, fdt_subnode_offset(dtb, 0, "aliases"), path, len);
    path = dt_string(&p, 0);
    return path && path[0] == '/' ? fdt_path_offset(dtb, path) : -FDT_ERR_NOTFOUND;
}

static const struct uart_kind {
    const char *compatible;
    enum hw_uart_kind kind;
} uart_kinds[] = {
    {"arm,pl011", HW_UART_PL011},
    {"arm,sbsa-uart", HW_UART_SBSA},
    {"ns16550a", HW_UART_16550},
    {"ns16550", HW_UART_16550},
};

/* A 16550 whose registers are spread out would need a driver that knows: none is better than one
 * that writes elsewhere. */
static bool is_plain(const struct dt_walk *w)
{
    return dt_u32(w, DT_REG_SHIFT, 0) == 0 && dt_u32(w, DT_REG_IO_WIDTH, 1) == 1;
}

struct hw_uart dt_uart(struct dt_walk *w)
{
    struct hw_uart uart = {.kind = HW_UART_NONE};

    for (const struct uart_kind *k = uart_kinds; k < uart_kinds + ARRAY_SIZE(uart_kinds); k++) {
        if (!dt_lists(&w->prop[DT_COMPATIBLE], k->compatible))
            continue;
        if (!w->level[w->depth].disabled && (k->kind != HW_UART_16550 || is_plain(w)) &&
            dt_reg(w, 0, &uart.regs) == 0)
            uart.kind = k->kind;
        break;
    }
    return uart;
}

static int read_bootargs(struct dt_walk *w)
{
    const struct dt_prop *p = &w->prop[DT_BOOTARGS];
    const char *s = dt_string(p, 0);

    if (p->data && !s)
        return dt_refuse(w, -RF_EINVAL, "bootargs is not terminated");
    if (s && !(w->hw->bootargs = dt_keep(w, s)))
        return -RF_ENOSPC;
    return 0;
}

/* Written by boot loaders with 32 or with 64 bits, whatever #address-cells says. */
static bool read_address(const struct dt_prop *p, uint64_t *out)
{
    if (!p->data || (p->len != DT_CELL && p->len != 2 * DT_CELL))
        return false;
    *out = dt_cells(p->data, 0, p->len / DT_CELL);
    return true;
}

int dt_chosen(struct dt_walk *w)
{
    const struct dt_prop *start = &w->prop[DT_INITRD_START], *end = &w->prop[DT_INITRD_END];
    uint64_t first, past;
    int err = read_bootargs(w);

    w->chosen = w->offset;
    if (err || (!start->data && !end->data))
        return err;
    if (!read_address(start, &first) || !read_address(end, &past))
        return dt_refuse(w, -RF_EINVAL, "linux,initrd-start and -end must both have 4 or 8 bytes");
    if (past <= first)
        return dt_refuse(w, -RF_EINVAL, "the initrd ends (%#lx) before it starts (%#lx)", past,
                         first);
    w->hw->initrd = (struct range){first, past - 1};
    w->hw->has_initrd = true;
    return 0;
}

int dt_finish_initrd(struct dt_walk *w)
{
    const struct hwdesc *hw = w->hw;
    const struct range r = hw->initrd;

    if (!hw->has_initrd)
        return 0;
    if (!rammap_contains(&hw->ram, r))
        return dt_refuse(w, -RF_EINVAL, "/chosen: the initrd %#lx..%#lx is not in RAM", r.start,
                         r.last);
    for (unsigned i = 0; i < hw->reserved_count; i++) {
        if (hw->reserved[i].no_map && range_overlaps(hw->reserved[i].r, r))
            return dt_refuse(w, -RF_EINVAL,
                             "/chosen: the initrd %#lx..%#lx is in %s, which is "
                             "no-map: it may not be read",
                             r.start, r.last, hw->reserved[i].name);
    }
    return 0;
}
