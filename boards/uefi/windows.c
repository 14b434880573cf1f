/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* What host bridges pass on to PCI is told by AML, which the kernel does not read; the firmware,
 * which gave devices their places, knows it too. */

static EFI_GUID root_bridge_guid = EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_GUID;

/* QWORD Address Space Descriptor (ACPI 6.4.3.5.1), the only one that is used here (UEFI 14.2). */
#define QWORD_DESCRIPTOR 0x8a
#define QWORD_SIZE       46
#define TYPE_AT          3
#define SPECIFIC_AT      5
#define MINIMUM_AT       14
#define OFFSET_AT        30
#define LENGTH_AT        38

enum { TYPE_MEMORY, TYPE_IO, TYPE_BUS };

#define MEMORY_KIND(flags) ((flags) >> 1 & 3)
#define KIND_PREFETCHABLE  3

#define DESCRIPTORS_MAX (BOOT_WINDOWS + 1) /* the buses of the bridge */

static uint64_t qword(const uint8_t *d, unsigned at)
{
    uint64_t v = 0;

    for (unsigned i = 8; i-- > 0;)
        v = v << 8 | d[at + i];
    return v;
}

static bool add(const uint8_t *d, struct boot_window w, struct boot_windows *out)
{
    if (!range_make(qword(d, MINIMUM_AT), qword(d, LENGTH_AT), &w.cpu))
        return true; /* nothing of this kind */
    if (out->count == BOOT_WINDOWS)
        return false;
    w.bus = w.cpu.start + qword(d, OFFSET_AT);
    w.io = d[TYPE_AT] == TYPE_IO;
    w.prefetchable = !w.io && MEMORY_KIND(d[SPECIFIC_AT]) == KIND_PREFETCHABLE;
    out->w[out->count++] = w;
    return true;
}

bool windows_add(const uint8_t *resources, UINT32 segment, struct boot_windows *out)
{
    struct boot_window w = {.segment = (uint16_t)segment};
    const uint8_t *d = resources;
    unsigned count = 0;

    for (; count < DESCRIPTORS_MAX && d[0] == QWORD_DESCRIPTOR; d += QWORD_SIZE, count++)
        if (d[TYPE_AT] == TYPE_BUS)
            w.bus_first = (uint8_t)qword(d, MINIMUM_AT);
    if (d[0] == QWORD_DESCRIPTOR)
        return false;
    for (d = resources; count-- > 0; d += QWORD_SIZE)
        if (d[TYPE_AT] != TYPE_BUS && !add(d, w, out))
            return false;
    return true;
}

static EFI_STATUS read_bridge(struct loader *l, EFI_HANDLE bridge)
{
    EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *io;
    void *resources;
    EFI_STATUS status = l->bs->HandleProtocol(bridge, &root_bridge_guid, (void **)&io);

    if (EFI_ERROR(status) || EFI_ERROR(io->Configuration(io, &resources)))
        return EFI_SUCCESS; /* it has given nothing to anyone */
    if (!windows_add(resources, io->SegmentNumber, &l->handover->windows))
        return refuse(l, EFI_OUT_OF_RESOURCES, "PCI host bridges have more than %u windows",
                      BOOT_WINDOWS);
    return EFI_SUCCESS;
}

EFI_STATUS windows_read(struct loader *l)
{
    EFI_HANDLE *bridges;
    UINTN count;
    EFI_STATUS status =
        l->bs->LocateHandleBuffer(ByProtocol, &root_bridge_guid, NULL, &count, &bridges);

    if (status == EFI_NOT_FOUND)
        return EFI_SUCCESS;
    if (EFI_ERROR(status))
        return refuse(l, status, "PCI host bridges cannot be listed");
    for (UINTN i = 0; i < count && !EFI_ERROR(status); i++)
        status = read_bridge(l, bridges[i]);
    l->bs->FreePool(bridges);
    return status;
}
