/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include <string.h>

#include "lib/base/panic.h"

int vfio_args_in(void *args, uint64_t uarg, size_t size)
{
    uint32_t argsz;
    int err = vfio_env->copy_in(args, uarg, size);

    if (err)
        return err;
    memcpy(&argsz, args, sizeof(argsz));
    return argsz < size ? trace(-RF_EINVAL) : 0;
}

void vfio_caps_init(struct vfio_caps *caps, uint32_t base)
{
    caps->base = base;
    caps->size = 0;
    caps->last = NULL;
}

/* Capabilities start at multiples of 8, so that their 64-bit members are aligned for the user. The
 * buffer holds the longest chain that there is: RESV_MAX windows leave RESV_MAX + 1 ranges. */
void *vfio_caps_add(struct vfio_caps *caps, uint16_t id, uint16_t version, size_t size)
{
    struct vfio_info_cap_header *header = (void *)(caps->bytes + caps->size);
    uint32_t room = (uint32_t)align_up(size, 8);

    ASSERT(room <= sizeof(caps->bytes) - caps->size);
    memset(header, 0, room);
    header->id = id;
    header->version = version;
    if (caps->last)
        caps->last->next = caps->base + caps->size;
    caps->last = header;
    caps->size += room;
    return header;
}

int vfio_caps_out(const struct vfio_caps *caps, uint64_t uarg, uint32_t *argsz,
                  uint32_t *cap_offset)
{
    *cap_offset = 0;
    if (*argsz < caps->base + caps->size) {
        *argsz = caps->base + caps->size;
        return 0;
    }
    *cap_offset = caps->base;
    return vfio_env->copy_out(uarg + caps->base, caps->bytes, caps->size);
}
