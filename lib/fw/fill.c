/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fill.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"

void hw_init(struct hwdesc *hw)
{
    memset(hw, 0, sizeof(*hw));
    hw->model = "(no model)";
    hw->bootargs = "";
}

const char *hw_keep(struct hwdesc *hw, const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = hw->text + hw->text_used;

    if (n > sizeof(hw->text) - hw->text_used)
        return NULL;
    memcpy(copy, s, n);
    hw->text_used += n;
    return copy;
}

static bool was_said(const struct hwdesc *hw, const char *table, uint32_t offset, const char *what)
{
    for (unsigned i = 0; i < MIN(hw->oddity_count, HW_ODDITIES); i++) {
        const struct hw_oddity *o = &hw->oddity[i];

        if (o->offset == offset && !strcmp(o->table, table) && !strcmp(o->what, what))
            return true;
    }
    return false;
}

void hw_odd(struct hwdesc *hw, const char *table, uint32_t offset, const char *what)
{
    if (was_said(hw, table, offset, what))
        return;
    log_warn("%s+%#x: %s", table, offset, what);
    if (hw->oddity_count < HW_ODDITIES) {
        struct hw_oddity *o = &hw->oddity[hw->oddity_count];

        snprintf(o->table, sizeof(o->table), "%s", table);
        o->offset = offset;
        snprintf(o->what, sizeof(o->what), "%s", what);
    }
    hw->oddity_count++;
}

struct claim {
    struct range r;
    const char *what;
};

/* The n-th fixed claim of a host bridge: its configuration space, then its windows. */
static bool host_claim(const struct hw_pci_host *h, unsigned n, struct claim *c)
{
    if (n > h->window_count)
        return false;
    *c = n == 0 ? (struct claim){h->ecam, "configuration space"}
                : (struct claim){h->window[n - 1].cpu, "PCI window"};
    return true;
}

/* Everything that was claimed, numbered in the order of struct hwdesc. A range of all zeroes was
 * not found yet. */
static bool nth_claim(const struct hwdesc *hw, unsigned n, struct claim *c)
{
    if (n < hw->ram.count)
        return *c = (struct claim){hw->ram.r[n], "RAM"}, true;
    n -= hw->ram.count;
    if (n < 2)
        return *c = (struct claim){n ? hw->gic.cpu : hw->gic.dist, "GIC registers"}, true;
    n -= 2;
    if (n < hw->gic.redist_count)
        return *c = (struct claim){hw->gic.redist[n], "GIC redistributors"}, true;
    n -= hw->gic.redist_count;
    if (n < hw->iommu_count)
        return *c = (struct claim){hw->iommu[n].regs, "IOMMU registers"}, true;
    n -= hw->iommu_count;
    if (n < hw->msi_count)
        return *c = (struct claim){hw->msi[n].regs, "MSI frame"}, true;
    n -= hw->msi_count;
    if (n < hw->ioapic_count)
        return *c = (struct claim){hw->ioapic[n].regs, "I/O APIC"}, true;
    n -= hw->ioapic_count;
    for (unsigned i = 0; i < hw->host_count; i++) {
        if (host_claim(&hw->host[i], n, c))
            return true;
        n -= 1 + hw->host[i].window_count;
    }
    return false;
}

const char *hw_claimed(const struct hwdesc *hw, struct range r, struct range *other)
{
    struct claim c;

    for (unsigned i = 0; nth_claim(hw, i, &c); i++) {
        if (c.r.last != 0 && range_overlaps(c.r, r)) {
            *other = c.r;
            return c.what;
        }
    }
    return NULL;
}
