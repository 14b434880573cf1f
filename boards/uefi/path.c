/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#define NODES_MAX 16

static UINTN node_size(const EFI_DEVICE_PATH_PROTOCOL *node)
{
    return node->Length[0] | (UINTN)node->Length[1] << 8;
}

static bool is_file(const EFI_DEVICE_PATH_PROTOCOL *node)
{
    return node->Type == MEDIA_DEVICE_PATH && node->SubType == MEDIA_FILEPATH_DP;
}

/* Appends a node's text, without its end; a backslash stands between nodes. */
static bool append(const FILEPATH_DEVICE_PATH *file, CHAR16 *out, UINTN *n, UINTN room)
{
    UINTN chars = (node_size(&file->Header) - sizeof(file->Header)) / sizeof(CHAR16);

    if (*n > 0 && out[*n - 1] != '\\')
        out[(*n)++] = '\\';
    for (UINTN i = 0; i < chars; i++) {
        /* The text need not be aligned in the path. */
        const uint8_t *c = (const uint8_t *)file + sizeof(file->Header) + i * sizeof(CHAR16);

        if (!(c[0] | c[1]))
            break;
        if (*n + 2 > room)
            return false;
        out[(*n)++] = (CHAR16)(c[0] | c[1] << 8);
    }
    return *n + 2 <= room;
}

/* The path of an image is one or more nodes of text (UEFI 10.3.5.4). */
bool path_folder(const EFI_DEVICE_PATH_PROTOCOL *node, CHAR16 *out, UINTN room)
{
    UINTN n = 0;

    for (unsigned i = 0; node && i < NODES_MAX && is_file(node); i++) {
        if (node_size(node) < sizeof(*node) ||
            !append((const FILEPATH_DEVICE_PATH *)node, out, &n, room))
            return false;
        node = (const void *)((const uint8_t *)node + node_size(node));
    }
    while (n > 0 && out[n - 1] != '\\')
        n--;
    if (n == 0)
        out[n++] = '\\';
    out[n] = 0;
    return true;
}
