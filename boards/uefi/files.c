/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* Files beside the image, by the Simple File System protocol (UEFI 13.4, 13.5). */

static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

#define CHUNK MIB(1) /* some firmware fails at a large read */

EFI_STATUS volume_open(struct loader *l)
{
    EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *fs;
    EFI_STATUS status = l->bs->HandleProtocol(l->image, &loaded_image_guid, (void **)&l->loaded);

    if (EFI_ERROR(status))
        return refuse(l, status, "the firmware does not tell where it was loaded from");
    status = l->bs->HandleProtocol(l->loaded->DeviceHandle, &file_system_guid, (void **)&fs);
    if (EFI_ERROR(status))
        return refuse(l, status, "what it was loaded from has no files: put it on a FAT volume");
    status = fs->OpenVolume(fs, &l->root);
    if (EFI_ERROR(status)) {
        l->root = NULL;
        return refuse(l, status, "the volume that it was loaded from cannot be opened");
    }
    return EFI_SUCCESS;
}

EFI_STATUS file_open(struct loader *l, const char *name, EFI_FILE_HANDLE *out)
{
    CHAR16 path[PATH_MAX];
    UINTN n = 0;

    if (!path_folder(l->loaded->FilePath, path, PATH_MAX))
        return EFI_BAD_BUFFER_SIZE;
    while (path[n])
        n++;
    for (; *name; name++) {
        if (n == PATH_MAX - 1)
            return EFI_BAD_BUFFER_SIZE;
        path[n++] = (CHAR16)*name;
    }
    path[n] = 0;
    return l->root->Open(l->root, out, path, EFI_FILE_MODE_READ, 0);
}

/* The position beyond all bytes stands for the end (UEFI 13.5, SetPosition). */
EFI_STATUS file_size(EFI_FILE_HANDLE file, UINT64 *out)
{
    EFI_STATUS status = file->SetPosition(file, UINT64_MAX);

    if (!EFI_ERROR(status))
        status = file->GetPosition(file, out);
    if (!EFI_ERROR(status))
        status = file->SetPosition(file, 0);
    return status;
}

EFI_STATUS file_read(EFI_FILE_HANDLE file, void *to, UINT64 size)
{
    while (size > 0) {
        UINTN n = MIN(size, CHUNK);
        EFI_STATUS status = file->Read(file, &n, to);

        if (EFI_ERROR(status))
            return status;
        if (n == 0)
            return EFI_END_OF_FILE;
        to = (uint8_t *)to + n;
        size -= n;
    }
    return EFI_SUCCESS;
}
