/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "lib/fw/hwdesc.h"
#include "tests/fuzz/input.h"

/* A device tree that may say anything: it is read or refused, and what it gives can be asked. */

static struct hwdesc hw;

static void ask(const struct hw_pci_host *host)
{
    static const uint16_t rids[] = {0x0000, 0x0008, 0x0100, 0x7fff, 0xff00, 0xffff};

    for (unsigned i = 0; i < sizeof(rids) / sizeof(rids[0]); i++) {
        unsigned unit = HW_IOMMUS, frame = HW_MSI_FRAMES;
        uint32_t stream, id;

        if (hwdesc_stream_of(&hw, host, rids[i], &unit, &stream) == 0 && unit >= hw.iommu_count)
            abort();
        if (hwdesc_msi_of(&hw, host, rids[i], &frame, &id) == 0 && frame >= hw.msi_count)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[160];
    void *tree = malloc(size + 1); /* of its own, so that a read beyond it is found */

    memcpy(tree, data, size);
    (void)hwdesc_dtb_console(tree, size);
    why[0] = '\0';
    if (hwdesc_from_dtb(tree, size, &hw, why, sizeof(why)) == 0) {
        for (unsigned i = 0; i < hw.host_count; i++)
            ask(&hw.host[i]);
    } else if (why[0] == '\0') {
        abort(); /* a refusal says why */
    }
    free(tree);
    return 0;
}
