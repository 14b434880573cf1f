/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* The command queue (IHI 0069 5.3). Commands change what comes next; a SYNC makes that what is. */

#define WORDS 4u
#define BYTES 32u
#define VALID (1ull << 63)

struct command {
    uint64_t w[WORDS];
};

static uint32_t device_id(const struct command *c)
{
    return (uint32_t)(c->w[0] >> 32);
}

static uint32_t event_id(const struct command *c)
{
    return (uint32_t)c->w[1];
}

/* The device and the event that a command is about. NULL: there is no such event. */
static struct device *mapped(struct gicv3_model *m, const struct command *c)
{
    struct device *d = find_device(&m->next, device_id(c));

    if (!d || event_id(c) >> d->bits || event_id(c) >= EVENTS || !d->event[event_id(c)].valid)
        return NULL;
    check_entries(m, d, event_id(c));
    return d;
}

static bool is_target(const struct gicv3_model *m, const struct command *c)
{
    uint64_t number = m->cfg.own + 5, address = (GICV3_MODEL_REDIST + own_redist(m)) >> 16;

    return bits(c->w[2], 50, 16) == (m->cfg.pta ? address : number);
}

/* ---- devices --------------------------------------------------------------------------------- */

static bool unmap_device(struct gicv3_model *m, struct device *d)
{
    for (unsigned i = 0; d && i < EVENTS; i++) {
        if (d->event[i].valid)
            model_broken(&m->watch, "device %#x is unmapped with event %u mapped", d->id, i);
    }
    if (d) {
        d->valid = false;
        put_device(m, d);
    }
    return true;
}

static bool check_new_device(struct gicv3_model *m, const struct device *d)
{
    if (d->id >> m->cfg.dev_bits || d->bits > m->cfg.event_bits ||
        (!m->cfg.no_device_table && device_entry(m, d->id) == 0))
        return false;
    if (!m->cfg.no_device_table)
        check_zero(m, device_entry(m, d->id), 8, "the entry of a device");
    check_zero(m, d->itt, (uint64_t)m->cfg.itt_entry << d->bits & ~7ull, "a new ITT");
    return true;
}

static bool mapd(struct gicv3_model *m, const struct command *c)
{
    struct device *d = find_device(&m->next, device_id(c));
    const struct device fresh = {
        .valid = true,
        .id = device_id(c),
        .itt = keep(c->w[2], 51, 8),
        .bits = (unsigned)bits(c->w[1], 4, 0) + 1,
    };

    if (!(c->w[2] & VALID))
        return unmap_device(m, d);
    if (d)
        model_broken(&m->watch, "device %#x is mapped twice", d->id);
    for (d = m->next.device; d->valid; d++)
        ;
    if (!check_new_device(m, &fresh))
        return false;
    *d = fresh;
    put_device(m, d);
    return true;
}

static bool mapc(struct gicv3_model *m, const struct command *c)
{
    const uint64_t id = bits(c->w[2], 15, 0);

    if (id >= COLLECTS || !is_target(m, c))
        return false;
    m->next.collection[id] = c->w[2] & VALID;
    return true;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void check_new_event(struct gicv3_model *m, const struct device *d, uint32_t event,
                            uint32_t lpi)
{
    if (d->event[event].valid)
        model_broken(&m->watch, "event %u of device %#x is mapped twice", event, d->id);
    for (unsigned i = 0; i < DEVICES; i++) {
        for (unsigned e = 0; m->next.device[i].valid && e < EVENTS; e++) {
            if (m->next.device[i].event[e].valid && m->next.device[i].event[e].lpi == lpi)
                model_broken(&m->watch, "LPI %u is that of two events", lpi);
        }
    }
}

static bool mapti(struct gicv3_model *m, const struct command *c)
{
    struct device *d = find_device(&m->next, device_id(c));
    const uint32_t event = event_id(c), lpi = (uint32_t)(c->w[1] >> 32);
    const uint16_t collection = (uint16_t)c->w[2];

    if (!d || event >> d->bits || event >= EVENTS || lpi - LPI_FIRST >= LPIS ||
        collection >= COLLECTS || !m->next.collection[collection])
        return false;
    check_new_event(m, d, event, lpi);
    check_entries(m, d, event);
    d->event[event] = (struct event){true, lpi, collection};
    put_event(m, d, event);
    return true;
}

static bool discard(struct gicv3_model *m, const struct command *c)
{
    struct device *d = mapped(m, c);

    if (!d)
        return false;
    m->clear[d->event[event_id(c)].lpi - LPI_FIRST] = true;
    d->event[event_id(c)].valid = false;
    put_event(m, d, event_id(c));
    return true;
}

static bool inv(struct gicv3_model *m, const struct command *c)
{
    const struct device *d = mapped(m, c);
    const uint32_t at = d ? (d->event[event_id(c)].lpi - LPI_FIRST) & ~(LINE - 1) : 0;

    for (uint32_t i = 0; d && i < LINE; i++)
        m->reload[at + i] = true;
    return d;
}

static bool clear(struct gicv3_model *m, const struct command *c)
{
    const struct device *d = mapped(m, c);

    if (d)
        m->clear[d->event[event_id(c)].lpi - LPI_FIRST] = true;
    return d;
}

static bool invall(struct gicv3_model *m, const struct command *c)
{
    const uint64_t id = bits(c->w[2], 15, 0);

    if (id >= COLLECTS || !m->next.collection[id])
        return false;
    for (unsigned i = 0; i < LPIS; i++)
        m->reload[i] = true;
    return true;
}

static bool sync(struct gicv3_model *m, const struct command *c)
{
    if (!is_target(m, c))
        return false;
    m->live = m->next;
    for (uint32_t i = 0; i < LPIS; i++) {
        if (m->reload[i])
            m->config[i] = lpi_read_config(m, LPI_FIRST + i);
        if (m->clear[i])
            m->lpi_pending[i] = false;
        m->reload[i] = m->clear[i] = false;
    }
    return true;
}

/* ---- the queue ------------------------------------------------------------------------------- */

static bool carry_out(struct gicv3_model *m, const struct command *c)
{
    static bool (*const commands[])(struct gicv3_model *m, const struct command *c) = {
        [ITS_CLEAR] = clear, [ITS_SYNC] = sync, [ITS_MAPD] = mapd,     [ITS_MAPC] = mapc,
        [ITS_MAPTI] = mapti, [ITS_INV] = inv,   [ITS_INVALL] = invall, [ITS_DISCARD] = discard,
    };
    const uint8_t code = (uint8_t)c->w[0];

    m->count[code]++;
    if (m->refuse[code]) {
        m->refuse[code]--;
        m->was_refused = true;
        return false;
    }
    return code < sizeof(commands) / sizeof(commands[0]) && commands[code] && commands[code](m, c);
}

/* False: it stands before a command that it cannot carry out. After one that a test had refused,
 * others may fail for it. */
static bool take_one(struct gicv3_model *m)
{
    struct command c;

    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t at = keep(m->cbaser, 51, 12) + m->creadr + 8ull * i;

        if (!model_read64(m->shadow, at, &c.w[i]))
            model_broken(&m->watch, "no memory for the queue at %#lx", at);
    }
    if (!carry_out(m, &c)) {
        if (!m->was_refused)
            model_broken(&m->watch, "command %#lx %#lx %#lx is in error", c.w[0], c.w[1], c.w[2]);
        m->stalled = m->cfg.stalls;
    }
    if (!m->stalled)
        m->creadr = (m->creadr + BYTES) % (4096 * (uint32_t)(bits(m->cbaser, 7, 0) + 1));
    return !m->stalled;
}

static bool can_take(const struct gicv3_model *m)
{
    return m->on && !m->stalled && !m->cfg.stuck && m->creadr != m->cwriter;
}

void take_commands(struct gicv3_model *m)
{
    while (can_take(m) && take_one(m))
        ;
}

void take_lazily(struct gicv3_model *m)
{
    if (m->cfg.lazy && can_take(m))
        (void)take_one(m);
}

void gicv3_model_refuse(struct gicv3_model *m, enum gicv3_model_command c, unsigned times)
{
    m->refuse[c] = times;
}

void gicv3_model_stop_commands(struct gicv3_model *m)
{
    m->cfg.stuck = true;
}

unsigned gicv3_model_count(const struct gicv3_model *m, enum gicv3_model_command c)
{
    return m->count[c];
}
