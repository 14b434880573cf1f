/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/irq/irq.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"

/* Handlers by number, in blocks that are allocated when their first interrupt is requested. */

#define BLOCK      32u
#define IRQ_BLOCKS 512u /* 16384 numbers: the LPIs of 14 bits */

struct action {
    irq_handler_t fn; /* NULL: free */
    void *arg;
    const char *name;
    bool storm_told;
};

static const struct irq_chip *chip;
static struct action *blocks[IRQ_BLOCKS];
static uint32_t stray_told[IRQ_BLOCKS]; /* a bit for each number that nobody requested */

void irq_set_chip(const struct irq_chip *c)
{
    chip = c;
}

const struct irq_chip *irq_chip(void)
{
    return chip;
}

static struct action *find(uint32_t id)
{
    struct action *block = id < BLOCK * IRQ_BLOCKS ? blocks[id / BLOCK] : NULL;
    struct action *a = block ? &block[id % BLOCK] : NULL;

    return a && a->fn ? a : NULL;
}

static bool exists(uint32_t id)
{
    return id < BLOCK * IRQ_BLOCKS &&
           (id < chip->count ||
            (id >= chip->message_first && id - chip->message_first < chip->message_count));
}

int irq_request(uint32_t id, enum irq_trigger t, irq_handler_t fn, void *arg, const char *name)
{
    if (!chip)
        return -RF_ENODEV;
    if (!exists(id) || !fn)
        return -RF_EINVAL;
    if (find(id))
        return -RF_EBUSY;
    struct action **block = &blocks[id / BLOCK];
    if (!*block && !(*block = heap_alloc(BLOCK * sizeof(**block))))
        return -RF_ENOMEM;
    (*block)[id % BLOCK] = (struct action){.fn = fn, .arg = arg, .name = name};
    chip->disable(id);
    chip->configure(id, t);
    chip->clear(id); /* what was pending was for nobody */
    return 0;
}

void irq_free(uint32_t id)
{
    struct action *a = find(id);

    if (!a)
        return;
    chip->disable(id);
    chip->clear(id);
    *a = (struct action){0};
}

bool irq_is_requested(uint32_t id)
{
    return find(id);
}

unsigned irq_count(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < IRQ_BLOCKS; i++)
        for (unsigned k = 0; blocks[i] && k < BLOCK; k++)
            count += blocks[i][k].fn != NULL;
    return count;
}

void irq_enable(uint32_t id)
{
    if (find(id))
        chip->enable(id);
}

void irq_disable(uint32_t id)
{
    if (find(id))
        chip->disable(id);
}

static void tell_stray(uint32_t id)
{
    uint32_t word = id / BLOCK, bit = UINT32_C(1) << (id % BLOCK);

    chip->disable(id);
    if (word >= IRQ_BLOCKS || (stray_told[word] & bit))
        return;
    stray_told[word] |= bit;
    log_warn("interrupt %u came, which nobody requested: it is disabled", id);
}

static void handle(uint32_t id)
{
    struct action *a = find(id);

    if (a)
        a->fn(id, a->arg);
    else
        tell_stray(id);
    chip->end(id);
}

/* The interrupt is not disabled: what it tells is its owner's business, and the budget already
 * keeps the kernel from being held by it. */
static void tell_storm(uint32_t id)
{
    struct action *a = find(id);

    if (!a || a->storm_told)
        return;
    a->storm_told = true;
    log_warn_limited("interrupt storm: %u were handled in one go, the last was %u (%s)", IRQ_BUDGET,
                     id, a->name);
}

unsigned irq_poll(void)
{
    uint32_t last = IRQ_NONE;
    unsigned n = 0;

    for (; chip && n < IRQ_BUDGET; n++) {
        uint32_t id = chip->acknowledge();

        if (id == IRQ_NONE)
            return n;
        handle(id);
        last = id;
    }
    tell_storm(last);
    return n;
}
