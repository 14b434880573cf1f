/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* Tables of the ITS in the memory that software gave it (IHI 0069 5.2). What is in an entry is the
 * model's own business: enough to see when somebody else writes there. */

#define VALID (1ull << 63)

static uint64_t page_size(uint64_t baser)
{
    return 4096ull << 2 * bits(baser, 9, 8);
}

static uint64_t table_bytes(uint64_t baser)
{
    return page_size(baser) * (bits(baser, 7, 0) + 1);
}

void check_zero(struct gicv3_model *m, uint64_t pa, uint64_t bytes, const char *what)
{
    for (uint64_t at = pa; at < pa + bytes; at += 8) {
        uint64_t v = 1;

        if (!model_read64(m->shadow, at, &v) || v != 0) {
            model_broken(&m->watch, "%s has %#lx at %#lx, not 0", what, v, at);
            return;
        }
    }
}

bool table_is_valid(struct gicv3_model *m, uint64_t baser)
{
    if (keep(baser, 47, 12) & (page_size(baser) - 1))
        model_broken(&m->watch, "a table at %#lx with pages of %#lx", keep(baser, 47, 12),
                     page_size(baser));
    check_zero(m, keep(baser, 47, 12), table_bytes(baser), "a table of the ITS");
    return !model_violation(&m->watch);
}

static uint64_t entry_in_l2(struct gicv3_model *m, uint64_t baser, uint32_t id)
{
    const uint64_t in_page = page_size(baser) / m->cfg.dev_entry;
    uint64_t l1 = 0, at = keep(baser, 47, 12) + id / in_page * 8;

    if (id / in_page * 8 >= table_bytes(baser) || !model_read64(m->shadow, at, &l1) ||
        !(l1 & VALID))
        return 0;
    return keep(l1, 51, 12) + id % in_page * m->cfg.dev_entry;
}

uint64_t device_entry(struct gicv3_model *m, uint32_t id)
{
    const uint64_t baser = m->baser[0];

    if (bit(baser, 62))
        return entry_in_l2(m, baser, id);
    if ((uint64_t)id * m->cfg.dev_entry >= table_bytes(baser))
        return 0;
    return keep(baser, 47, 12) + (uint64_t)id * m->cfg.dev_entry;
}

struct device *find_device(struct translation *t, uint32_t id)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        if (t->device[i].valid && t->device[i].id == id)
            return &t->device[i];
    }
    return NULL;
}

static uint64_t device_word(const struct device *d)
{
    return d->valid ? VALID | d->itt | d->bits : 0;
}

static uint64_t event_word(const struct device *d, uint32_t event)
{
    const struct event *e = &d->event[event];

    return e->valid ? VALID | (uint64_t)e->collection << 32 | e->lpi : 0;
}

static uint64_t event_at(const struct gicv3_model *m, const struct device *d, uint32_t event)
{
    return d->itt + ((uint64_t)event * m->cfg.itt_entry & ~7ull);
}

void put_device(struct gicv3_model *m, const struct device *d)
{
    if (!m->cfg.no_device_table)
        model_write64(m->shadow, device_entry(m, d->id), device_word(d));
}

void put_event(struct gicv3_model *m, const struct device *d, uint32_t event)
{
    if (!model_write64(m->shadow, event_at(m, d, event), event_word(d, event)))
        model_broken(&m->watch, "no memory for event %u of device %#x at %#lx", event, d->id,
                     event_at(m, d, event));
}

void check_entries(struct gicv3_model *m, const struct device *d, uint32_t event)
{
    uint64_t v = 0;

    if (!m->cfg.no_device_table &&
        (!model_read64(m->shadow, device_entry(m, d->id), &v) || v != device_word(d)))
        model_broken(&m->watch, "the entry of device %#x was overwritten by %#lx", d->id, v);
    if (!model_read64(m->shadow, event_at(m, d, event), &v) || v != event_word(d, event))
        model_broken(&m->watch, "the entry of event %u of device %#x was overwritten by %#lx",
                     event, d->id, v);
}
