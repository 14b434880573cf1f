/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/its/regs.h"
#include "drivers/irq/its/state.h"

#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"

/* The interrupts of one device: a block of LPIs, a translation table of its own (ITT), and events
 * that count from 0. A device is mapped while it has an interrupt, and its events one by one: what
 * is not mapped the ITS does not translate (IHI 0069 5.2.4). */

static struct its_device *device_of(const struct msi_controller *c)
{
    return CONTAINER_OF(c, struct its_device, msi);
}

static struct its_device *device_of_lpis(struct lpi_block *b)
{
    return CONTAINER_OF(b, struct its_device, lpis);
}

/* ---- events ---------------------------------------------------------------------------------- */

static unsigned count_events(const struct its_device *d)
{
    return 1u << MIN(log2_ceil(MAX(d->vectors, 1)), d->its->feat.event_bits);
}

static bool is_used(const struct its_device *d, uint32_t event)
{
    return d->used[event / 64] & BIT(event % 64);
}

static void set_used(struct its_device *d, uint32_t event, unsigned count, bool used)
{
    for (; count > 0; count--, event++) {
        if (used)
            d->used[event / 64] |= BIT(event % 64);
        else
            d->used[event / 64] &= ~BIT(event % 64);
    }
}

/* How many of the events are given out. */
static unsigned count_used(const struct its_device *d, uint32_t event, unsigned count)
{
    unsigned used = 0;

    for (unsigned i = 0; i < count; i++)
        used += is_used(d, event + i);
    return used;
}

/* Aligned: a device with several vectors replaces the low bits of the data, which is the event. */
static int find_events(const struct its_device *d, unsigned count, uint32_t *event)
{
    for (uint32_t i = 0; i + count <= d->lpis.count; i += count) {
        if (count_used(d, i, count) == 0) {
            *event = i;
            return 0;
        }
    }
    return -RF_ENOSPC;
}

static void push_all(struct its_device *d, uint32_t event, unsigned count,
                     struct its_command (*command)(const struct its_device *d, uint32_t event))
{
    for (unsigned i = 0; i < count; i++)
        its_push(d->its, command(d, event + i));
}

/* When one was refused, those that were not are taken back; it is refused again then. */
static int map_events(struct its_device *d, uint32_t event, unsigned count)
{
    int err;

    push_all(d, event, count, its_mapti);
    err = its_sync(d->its);
    if (err) {
        push_all(d, event, count, its_discard);
        (void)its_sync(d->its);
        return err;
    }
    set_used(d, event, count, true);
    d->live += count;
    return 0;
}

/* A device that could go on ringing would ring for whoever gets the LPI next. */
static void unmap_events(struct its_device *d, uint32_t event, unsigned count)
{
    push_all(d, event, count, its_discard);
    if (its_sync(d->its))
        its_kill(d->its, "an interrupt could not be taken back");
    set_used(d, event, count, false);
    d->live -= count;
}

/* ---- the device ------------------------------------------------------------------------------ */

/* By which attributes the ITS accesses an ITT no register tells: it is always cleaned. */
static int make_itt(struct its_device *d)
{
    const uint64_t entries = MAX(d->lpis.count, 2); /* an event id has at least one bit */
    const uint64_t bytes = align_up(entries * d->its->feat.itt_entry, PAGE_SIZE);

    d->itt_order = log2_ceil(bytes) - PAGE_LG2;
    d->itt = page_alloc_zeroed(d->itt_order);
    if (!paddr_valid(d->itt))
        return trace(-RF_ENOMEM);
    dma_clean(paddr_to_ptr(d->itt), bytes);
    return 0;
}

static void release(struct its_device *d)
{
    if (paddr_valid(d->itt))
        page_free(d->itt, d->itt_order);
    d->itt = PADDR_INVALID;
    heap_free(d->used);
    d->used = NULL;
    lpi_free(&d->lpis);
}

/* An ITS that does not say that it has forgotten the device may go on using its ITT and its LPIs:
 * nobody else ever gets them. */
static void close_device(struct its_device *d)
{
    its_push(d->its, its_mapd(d, false));
    if (its_sync(d->its)) {
        its_kill(d->its, "a device could not be unmapped");
        page_quarantine(d->itt, d->itt_order);
        return;
    }
    release(d);
}

static int open_device(struct its_device *d)
{
    int err = lpi_alloc(&d->lpis, count_events(d));

    if (err)
        return err;
    d->itt = PADDR_INVALID;
    d->used = heap_alloc((d->lpis.count + 63) / 64 * sizeof(*d->used));
    err = d->used ? its_tables_add_device(d->its, d->id) : trace(-RF_ENOMEM);
    if (!err)
        err = make_itt(d);
    if (err) {
        release(d);
        return err;
    }
    its_push(d->its, its_mapd(d, true));
    err = its_sync(d->its);
    if (err)
        close_device(d);
    return err;
}

/* ---- LPIs ------------------------------------------------------------------------------------ */

static void send(struct its_device *d, uint32_t id,
                 struct its_command (*command)(const struct its_device *d, uint32_t event))
{
    const uint32_t event = id - d->lpis.first;

    if (d->its->dead || !is_used(d, event))
        return;
    its_push(d->its, command(d, event));
    if (its_sync(d->its))
        its_kill(d->its, "an interrupt could not be configured");
}

static void reload(struct lpi_block *b, uint32_t id)
{
    send(device_of_lpis(b), id, its_inv);
}

static void clear(struct lpi_block *b, uint32_t id)
{
    send(device_of_lpis(b), id, its_clear);
}

/* ---- the controller that the device has ------------------------------------------------------ */

static int its_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    struct its_device *d = device_of(c);
    uint32_t event = 0;
    int err = 0;

    if (!is_pow2(count) || count > count_events(d))
        return -RF_EINVAL;
    if (d->its->dead)
        return trace(-RF_ENODEV);
    if (d->live == 0 && (err = open_device(d)))
        return err;
    err = find_events(d, count, &event);
    if (!err)
        err = map_events(d, event, count);
    if (err && d->live == 0)
        close_device(d);
    if (!err)
        *first = d->lpis.first + event;
    return err;
}

static void its_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    struct its_device *d = device_of(c);
    const uint32_t event = first - d->lpis.first;

    if (d->live < count || first < d->lpis.first || event + count > d->lpis.count ||
        count_used(d, event, count) != count)
        return;
    unmap_events(d, event, count);
    if (d->live == 0)
        close_device(d);
}

static struct msi_message its_message(const struct msi_controller *c, uint32_t irq)
{
    const struct its_device *d = device_of(c);

    return (struct msi_message){
        .address = paddr_add(d->its->cfg.base, GITS_TRANSLATER),
        .data = irq - d->lpis.first,
    };
}

static const struct msi_ops device_ops = {
    .alloc = its_alloc,
    .free = its_free,
    .message = its_message,
};

static struct its_device *find_device(struct its *s, uint32_t id)
{
    struct its_device *d;

    LIST_FOREACH (d, &s->list, link) {
        if (d->id == id)
            return d;
    }
    return NULL;
}

static struct its_device *new_device(struct its *s, uint32_t id)
{
    struct its_device *d = heap_alloc(sizeof(*d));

    if (!d)
        return NULL;
    d->its = s;
    d->id = id;
    d->lpis.reload = reload;
    d->lpis.clear = clear;
    d->msi = s->msi;
    d->msi.ops = &device_ops;
    LIST_INSERT_HEAD(&s->list, d, link);
    return d;
}

int its_for_device(struct msi_controller *c, uint32_t device_id, unsigned vectors,
                   struct msi_controller **out)
{
    struct its *s = CONTAINER_OF(c, struct its, msi);
    struct its_device *d = find_device(s, device_id);

    if (!its_tables_have(s, device_id)) {
        log_warn("%s: device id 0x%x is beyond what it has", s->cfg.name, device_id);
        return -RF_ERANGE;
    }
    if (!d && !(d = new_device(s, device_id)))
        return trace(-RF_ENOMEM);
    d->vectors += vectors;
    d->msi.irq_count = count_events(d);
    *out = &d->msi;
    return 0;
}
