/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* The map may change between reading and leaving, then the key is stale (UEFI 7.4.6): it is read
 * again, with no allocation in between. */
#define ATTEMPTS 4

EFI_STATUS firmware_leave(struct loader *l)
{
    EFI_STATUS status = EFI_SUCCESS;
    UINTN key;

    for (unsigned i = 0; i < ATTEMPTS; i++) {
        status = map_read(l, &key, i == 0);
        if (EFI_ERROR(status))
            break;
        status = l->bs->ExitBootServices(l->image, key);
        if (status != EFI_INVALID_PARAMETER)
            break;
    }
    if (EFI_ERROR(status)) {
        masters_restore(l);
        return refuse(l, status, "the firmware cannot be left");
    }
    map_convert(l, &l->handover->ram, &l->handover->taken);
    return EFI_SUCCESS;
}
