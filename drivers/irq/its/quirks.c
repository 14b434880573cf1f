/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/its/regs.h"
#include "drivers/irq/its/state.h"

/* Errata, by GITS_IIDR. They edit the features once, when the ITS is taken over; no other code
 * knows of them.
 *
 * Known errata that need no row: Cavium ThunderX 23144 (an ITS of one socket and a redistributor of
 * the other: the wait for SYNC ends, and the ITS is refused), HiSilicon 161600802 and 162100801
 * (virtual LPIs, which are not used), Rockchip 3588001 and 3568002 (tables are not snooped though
 * the ITS says so: firmware says dma-noncoherent). */
struct quirk {
    uint32_t mask;
    uint32_t value;
    const char *name;
    void (*edit)(struct its_features *f);
};

/* The table of devices may have at most 8 MiB, and no memory attributes. */
static void small_device_table(struct its_features *f)
{
    f->device_bits = MIN(f->device_bits, 20);
    f->uncached = true;
}

/* GITS_TYPER.ITT_entry_size says 8 bytes. */
static void large_itt_entries(struct its_features *f)
{
    f->itt_entry = 16;
}

static const struct quirk quirks[] = {
    {0xffff0fff, 0xa100034c, "Cavium 22375 24313", small_device_table},
    {0xffffffff, 0x00001070, "QDF2400 E0065", large_itt_entries},
};

void its_apply_quirks(struct its_features *f)
{
    for (size_t i = 0; i < ARRAY_SIZE(quirks); i++) {
        if ((f->iidr & quirks[i].mask) != quirks[i].value)
            continue;
        quirks[i].edit(f);
        f->errata = quirks[i].name;
    }
}
