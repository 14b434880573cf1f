/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#define CONFIG     "ringfence.cfg"
#define CONFIG_MAX KIB(16) /* with comments */

static EFI_GUID shell_parameters_guid = EFI_SHELL_PARAMETERS_PROTOCOL_GUID;

/* The shell puts the program's name before the options, as its own protocol on the image shows. */
static bool comes_from_shell(const struct loader *l)
{
    void *parameters;

    return !EFI_ERROR(l->bs->HandleProtocol(l->image, &shell_parameters_guid, &parameters));
}

static EFI_STATUS convert_config(struct loader *l, const uint8_t *bytes, UINT64 size)
{
    char why[100];

    if (!config_text(bytes, size, l->handover->bootargs, CMDLINE_MAX, why, sizeof(why)))
        return refuse(l, EFI_INVALID_PARAMETER, CONFIG ": %s", why);
    return EFI_SUCCESS;
}

static EFI_STATUS read_open_config(struct loader *l, EFI_FILE_HANDLE file)
{
    UINT64 size;
    void *bytes;
    EFI_STATUS status = file_size(file, &size);

    if (EFI_ERROR(status))
        return refuse(l, status, CONFIG " is no file that can be read");
    if (size > CONFIG_MAX)
        return refuse(l, EFI_BAD_BUFFER_SIZE, CONFIG " has %lu bytes; at most %lu are read",
                      (unsigned long)size, (unsigned long)CONFIG_MAX);
    status = l->bs->AllocatePool(EfiLoaderData, size + 1, &bytes);
    if (EFI_ERROR(status))
        return refuse(l, status, "no memory for " CONFIG);
    status = file_read(file, bytes, size);
    status = EFI_ERROR(status) ? refuse(l, status, CONFIG " cannot be read")
                               : convert_config(l, bytes, size);
    l->bs->FreePool(bytes);
    return status;
}

static EFI_STATUS read_config(struct loader *l)
{
    EFI_FILE_HANDLE file;
    EFI_STATUS status = file_open(l, CONFIG, &file);

    if (EFI_ERROR(status))
        return refuse(l, status,
                      CONFIG
                      " is not beside ringfence.efi: put it there (it may be empty), or give "
                      "load options");
    status = read_open_config(l, file);
    file->Close(file);
    return status;
}

/* The kernel would refuse it too, but on a console that may be elsewhere. */
static EFI_STATUS check(struct loader *l, const char *origin)
{
    static struct cmdline parsed;
    char why[200];

    if (cmdline_parse(l->handover->bootargs, &parsed, why, sizeof(why)))
        return refuse(l, EFI_INVALID_PARAMETER, "%s: %s", origin, why);
    return EFI_SUCCESS;
}

EFI_STATUS options_read(struct loader *l)
{
    const EFI_LOADED_IMAGE_PROTOCOL *i = l->loaded;
    EFI_STATUS status;

    if (options_text(i->LoadOptions, i->LoadOptionsSize, comes_from_shell(l), l->handover->bootargs,
                     CMDLINE_MAX))
        return check(l, "load options");
    status = read_config(l);
    return EFI_ERROR(status) ? status : check(l, CONFIG);
}
