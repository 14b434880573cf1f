/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/lapic.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/base/range.h"

/* SDM 3A 11.11.1: fixed delivery, edge, to one APIC by its physical id. */
#define MSI_WINDOW      UINT64_C(0xfee00000)
#define MSI_WINDOW_SIZE MIB(1)
#define MSI_ID_SHIFT    12
#define MSI_ID_MAX      254u /* 255 is all of them */

#define VECTORS 256u

static struct {
    struct msi_controller msi;
    uint32_t id;
    bool used[VECTORS];
} lapic;

static bool is_free(uint32_t first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (lapic.used[first + i])
            return false;
    return true;
}

static void set_used(uint32_t first, unsigned count, bool used)
{
    for (unsigned i = 0; i < count; i++)
        lapic.used[first + i] = used;
}

static int lapic_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    uint32_t end = c->irq_first + c->irq_count;

    if (!is_pow2(count) || count > c->irq_count)
        return -RF_EINVAL;
    for (uint32_t i = (uint32_t)align_up(c->irq_first, count); i + count <= end; i += count) {
        if (is_free(i, count)) {
            set_used(i, count, true);
            *first = i;
            return 0;
        }
    }
    return -RF_ENOSPC;
}

static void lapic_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    struct range all = {c->irq_first, c->irq_first + c->irq_count - 1};

    if (count != 0 && range_has(all, first) && range_has(all, first + count - 1))
        set_used(first, count, false);
}

static struct msi_message lapic_message(const struct msi_controller *c, uint32_t irq)
{
    return (struct msi_message){paddr_add(c->base, lapic.id << MSI_ID_SHIFT), irq};
}

static const struct msi_ops ops = {
    .alloc = lapic_alloc,
    .free = lapic_free,
    .message = lapic_message,
};

int lapic_msi_create(const char *name, uint32_t id, uint32_t first, uint32_t last,
                     struct msi_controller **out)
{
    if (id > MSI_ID_MAX)
        return -RF_ERANGE;
    lapic.id = id;
    lapic.msi = (struct msi_controller){
        .ops = &ops,
        .name = name,
        .isolates = false,
        .base = PADDR(MSI_WINDOW),
        .size = MSI_WINDOW_SIZE,
        .alone_lg2 = 20,
        .irq_first = first,
        .irq_count = last - first + 1,
    };
    set_used(0, VECTORS, false);
    *out = &lapic.msi;
    return 0;
}
