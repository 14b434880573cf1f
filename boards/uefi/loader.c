/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* Whoever looks at a screen learns that nothing more comes. */
static EFI_STATUS announce(struct loader *l)
{
    say(l, "starting the kernel, which speaks on the serial port");
    return EFI_SUCCESS;
}

/* All that may fail and be undone. What is read from the disk is read before PCI falls silent. */
static EFI_STATUS prepare(struct loader *l)
{
    EFI_STATUS (*const stage[])(struct loader *) = {
        handover_make, tables_find,  volume_open,  options_read, workload_read,
        kernel_place,  windows_read, memory_check, announce,     masters_silence,
    };
    EFI_STATUS status = EFI_SUCCESS;

    for (unsigned i = 0; i < ARRAY_SIZE(stage) && !EFI_ERROR(status); i++)
        status = stage[i](l);
    return status;
}

static void undo(struct loader *l)
{
    if (l->root)
        l->root->Close(l->root);
    if (l->map)
        l->bs->FreePool(l->map);
    kernel_remove(l);
    pages_give(l, &l->workload);
    pages_give(l, &l->handover_pages);
}

EFI_STATUS loader_run(struct loader *l)
{
    EFI_STATUS status = prepare(l);

    if (!EFI_ERROR(status))
        status = firmware_leave(l);
    if (!EFI_ERROR(status))
        kernel_start(l);
    undo(l);
    return status;
}
