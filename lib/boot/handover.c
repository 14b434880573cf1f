/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/boot/handover.h"

const char *handover_read(const struct handover *h, struct bootinfo *info)
{
    if (h->magic != HANDOVER_MAGIC || h->size != sizeof(*h))
        return "what ringfence.efi hands over is damaged";
    info->bootargs = h->bootargs;
    info->ram = h->ram;
    info->taken = h->taken;
    info->rsdp = h->rsdp;
    info->windows = &h->windows;
    info->initrd = h->workload;
    info->has_initrd = true;
    return NULL;
}
