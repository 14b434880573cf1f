/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* No PCI function may master the bus between the firmware's end and the moment at which the kernel
 * has made every IOMMU deny. All files are in memory by now, so no device is needed for the boot
 * any more, the disk that they came from included; bridges are silenced too, and with them what is
 * behind them and has no handle. Nothing is printed from here on: a console may need a device. */

static EFI_GUID pci_io_guid = EFI_PCI_IO_PROTOCOL_GUID;

#define PCI_COMMAND        4
#define PCI_COMMAND_MASTER 4

static EFI_STATUS read_command(EFI_PCI_IO_PROTOCOL *io, UINT16 *out)
{
    return io->Pci.Read(io, EfiPciIoWidthUint16, PCI_COMMAND, 1, out);
}

static EFI_STATUS write_command(EFI_PCI_IO_PROTOCOL *io, UINT16 value)
{
    return io->Pci.Write(io, EfiPciIoWidthUint16, PCI_COMMAND, 1, &value);
}

static EFI_STATUS silence(struct loader *l, EFI_HANDLE function)
{
    struct master *m = &l->master[l->master_count];
    EFI_STATUS status = l->bs->HandleProtocol(function, &pci_io_guid, (void **)&m->io);

    if (!EFI_ERROR(status))
        status = read_command(m->io, &m->command);
    if (EFI_ERROR(status) || !(m->command & PCI_COMMAND_MASTER))
        return status;
    l->master_count++;
    return write_command(m->io, m->command & (UINT16)~PCI_COMMAND_MASTER);
}

static EFI_STATUS silence_all(struct loader *l, const EFI_HANDLE *functions, UINTN count)
{
    EFI_STATUS status =
        l->bs->AllocatePool(EfiLoaderData, count * sizeof(*l->master), (void **)&l->master);

    if (EFI_ERROR(status)) {
        l->master = NULL;
        return status;
    }
    for (UINTN i = 0; i < count && !EFI_ERROR(status); i++)
        status = silence(l, functions[i]);
    return status;
}

EFI_STATUS masters_silence(struct loader *l)
{
    EFI_HANDLE *functions;
    UINTN count;
    EFI_STATUS status =
        l->bs->LocateHandleBuffer(ByProtocol, &pci_io_guid, NULL, &count, &functions);

    if (status == EFI_NOT_FOUND) /* there is no PCI, or firmware had no use for it */
        return EFI_SUCCESS;
    if (!EFI_ERROR(status)) {
        status = silence_all(l, functions, count);
        l->bs->FreePool(functions);
    }
    if (EFI_ERROR(status)) {
        masters_restore(l);
        return refuse(l, status, "a PCI function cannot be kept from mastering the bus");
    }
    return EFI_SUCCESS;
}

void masters_restore(struct loader *l)
{
    while (l->master_count > 0) {
        const struct master *m = &l->master[--l->master_count];

        (void)write_command(m->io, m->command);
    }
    if (l->master)
        l->bs->FreePool(l->master);
    l->master = NULL;
}
