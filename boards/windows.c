/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/windows.h"

int windows_of_host(struct resv_list *l, const struct hw_pci_host *hw)
{
    int err = 0;
    uint64_t next = 0;

    for (unsigned i = 0; i < hw->window_count && !err; i++) {
        const struct hw_pci_window *w = &hw->window[i];
        struct range bus = {w->bus, w->bus + (w->cpu.last - w->cpu.start)};

        if (w->kind != HW_WIN_IO)
            err = resv_add(l, bus, RESV_RESERVED, "pci-window");
    }
    for (unsigned i = 0; i < hw->dma_count && !err; i++) {
        if (hw->dma[i].bus.start > next)
            err = resv_add(l, (struct range){next, hw->dma[i].bus.start - 1}, RESV_RESERVED,
                           "dma-ranges");
        next = hw->dma[i].bus.last + 1;
        if (next == 0)
            return err;
    }
    if (hw->dma_count && !err)
        err = resv_add(l, (struct range){next, UINT64_MAX}, RESV_RESERVED, "dma-ranges");
    return err;
}

enum resv_type windows_type_of(const struct hw_iova *v)
{
    if (!v->direct)
        return RESV_RESERVED;
    return v->relaxable ? RESV_DIRECT_RELAXABLE : RESV_DIRECT;
}
