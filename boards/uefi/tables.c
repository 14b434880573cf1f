/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#include <string.h>

static const EFI_GUID acpi2_guid = ACPI_20_TABLE_GUID;
static const EFI_GUID acpi1_guid = ACPI_TABLE_GUID;
static const EFI_GUID dtb_guid = EFI_DTB_TABLE_GUID;

/* Address of a table of the configuration table (UEFI 4.6); 0: it is not there. */
static UINT64 find(const EFI_SYSTEM_TABLE *st, const EFI_GUID *guid)
{
    for (UINTN i = 0; i < st->NumberOfTableEntries; i++)
        if (memcmp(&st->ConfigurationTable[i].VendorGuid, guid, sizeof(*guid)) == 0)
            return (UINTN)st->ConfigurationTable[i].VendorTable;
    return 0;
}

EFI_STATUS tables_find(struct loader *l)
{
    struct handover *h = l->handover;

    h->dtb = find(l->st, &dtb_guid);
    h->rsdp = find(l->st, &acpi2_guid);
    if (!h->rsdp)
        h->rsdp = find(l->st, &acpi1_guid);
    if (!h->dtb && !h->rsdp)
        return refuse(
            l, EFI_UNSUPPORTED,
            "the firmware has neither ACPI tables nor a device tree: switch one on in its "
            "settings");
    return EFI_SUCCESS;
}
