/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/its/regs.h"
#include "drivers/irq/its/state.h"

/* The commands as they stand in the queue (IHI 0069 5.3). */

static struct its_command of_event(uint64_t code, const struct its_device *d, uint32_t event)
{
    return (struct its_command){{
        FIELD_PREP(CMD0_CODE, code) | FIELD_PREP(CMD0_DEVICE, d->id),
        FIELD_PREP(CMD1_EVENT, event),
    }};
}

struct its_command its_mapd(const struct its_device *d, bool valid)
{
    struct its_command c = of_event(CMD_MAPD, d, 0);

    if (valid) {
        c.word[1] = FIELD_PREP(CMD1_SIZE, log2_ceil(MAX(d->lpis.count, 2)) - 1);
        c.word[2] = CMD2_VALID | (d->itt.v & CMD2_ITT);
    }
    return c;
}

struct its_command its_mapc(const struct its *s)
{
    return (struct its_command){{
        FIELD_PREP(CMD0_CODE, CMD_MAPC),
        0,
        CMD2_VALID | s->target | FIELD_PREP(CMD2_ICID, ITS_COLLECTION),
    }};
}

struct its_command its_mapti(const struct its_device *d, uint32_t event)
{
    struct its_command c = of_event(CMD_MAPTI, d, event);

    c.word[1] |= FIELD_PREP(CMD1_PINTID, d->lpis.first + event);
    c.word[2] = FIELD_PREP(CMD2_ICID, ITS_COLLECTION);
    return c;
}

struct its_command its_inv(const struct its_device *d, uint32_t event)
{
    return of_event(CMD_INV, d, event);
}

struct its_command its_invall(void)
{
    return (struct its_command){
        {FIELD_PREP(CMD0_CODE, CMD_INVALL), 0, FIELD_PREP(CMD2_ICID, ITS_COLLECTION)}};
}

struct its_command its_clear(const struct its_device *d, uint32_t event)
{
    return of_event(CMD_CLEAR, d, event);
}

struct its_command its_discard(const struct its_device *d, uint32_t event)
{
    return of_event(CMD_DISCARD, d, event);
}

struct its_command its_sync_of(const struct its *s)
{
    return (struct its_command){{FIELD_PREP(CMD0_CODE, CMD_SYNC), 0, s->target}};
}
