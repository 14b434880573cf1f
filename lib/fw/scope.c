/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/scope.h"

#include "lib/base/err.h"

/* Scopes: which functions they name, and which unit that is. */

static uint8_t bus_of(uint16_t rid)
{
    return (uint8_t)(rid >> 8);
}

void hw_scope_settle(struct hw_scope *s)
{
    if (s->depth != 1 || s->kind == HW_SCOPE_BRIDGE)
        return;
    s->state = HW_SCOPE_FOUND;
    s->rid = (uint16_t)(s->bus << 8 | s->path[0]);
}

void hw_scope_begin(struct hw_scope *s, const struct hw_pci_host *host)
{
    s->segment = host->segment;
    s->bus = host->bus_first;
    hw_scope_settle(s);
    if (s->depth != 0)
        return;
    s->kind = HW_SCOPE_BRIDGE;
    s->state = HW_SCOPE_FOUND;
    s->rid = (uint16_t)(host->bus_first << 8);
    s->bus_first = host->bus_first;
    s->bus_last = host->bus_last;
}

/* One bus further for each bridge on the way. */
static bool follow_path(struct hw_scope *s, hw_bridge_buses_t buses, void *ctx)
{
    uint8_t bus = s->bus;

    for (unsigned i = 0; i + 1 < s->depth; i++) {
        uint8_t first, last;

        if (!buses(ctx, s->segment, (uint16_t)(bus << 8 | s->path[i]), &first, &last))
            return false;
        bus = first;
    }
    s->rid = (uint16_t)(bus << 8 | s->path[s->depth - 1]);
    return s->kind != HW_SCOPE_BRIDGE ||
           buses(ctx, s->segment, s->rid, &s->bus_first, &s->bus_last);
}

void hwdesc_resolve_scopes(struct hwdesc *hw, hw_bridge_buses_t buses, void *ctx)
{
    for (struct hw_scope *s = hw->scope; s < hw->scope + hw->scope_count; s++) {
        if (s->state == HW_SCOPE_UNRESOLVED)
            s->state = follow_path(s, buses, ctx) ? HW_SCOPE_FOUND : HW_SCOPE_ABSENT;
    }
}

static bool is_pci(const struct hw_scope *s)
{
    return s->kind == HW_SCOPE_ENDPOINT || s->kind == HW_SCOPE_BRIDGE;
}

/* On the bus where the path begins, no bus numbers are needed. */
static bool is_one_step(const struct hw_scope *s, uint16_t rid)
{
    return s->depth == 1 && rid == (s->bus << 8 | s->path[0]);
}

static bool names(const struct hw_scope *s, uint16_t segment, uint16_t rid)
{
    if (!is_pci(s) || s->segment != segment)
        return false;
    if (is_one_step(s, rid))
        return true;
    return s->state == HW_SCOPE_FOUND &&
           (s->rid == rid || (s->kind == HW_SCOPE_BRIDGE && bus_of(rid) >= s->bus_first &&
                              bus_of(rid) <= s->bus_last));
}

/* Any function of another bus may be what an unresolved path leads to. */
static bool may_name(const struct hw_scope *s, uint16_t segment, uint16_t rid)
{
    return is_pci(s) && s->segment == segment && s->state == HW_SCOPE_UNRESOLVED &&
           bus_of(rid) != s->bus;
}

static bool any(const struct hwdesc *hw, struct hw_scopes scopes,
                bool (*test)(const struct hw_scope *, uint16_t, uint16_t), uint16_t segment,
                uint16_t rid)
{
    for (unsigned i = scopes.first; i < scopes.first + scopes.count; i++) {
        if (test(&hw->scope[i], segment, rid))
            return true;
    }
    return false;
}

bool hw_scopes_have(const struct hwdesc *hw, struct hw_scopes scopes, uint16_t segment,
                    uint16_t rid)
{
    return any(hw, scopes, names, segment, rid);
}

/* INCLUDE_PCI_ALL stands for what no other unit of the segment names, wherever in the table it is
 * (VT-d 8.3). What paths that are not resolved lead to may be another unit's, or the same. */
int hw_unit_by_scope(const struct hwdesc *hw, uint16_t segment, uint16_t rid, unsigned *iommu,
                     uint32_t *stream)
{
    unsigned all = HW_IOMMUS, maybe = HW_IOMMUS;
    bool several = false;

    *stream = rid;
    for (*iommu = 0; *iommu < hw->iommu_count; (*iommu)++) {
        const struct hw_iommu *u = &hw->iommu[*iommu];

        if (u->kind != HW_VTD || u->segment != segment)
            continue;
        if (hw_scopes_have(hw, u->scopes, segment, rid))
            return 0;
        if (any(hw, u->scopes, may_name, segment, rid)) {
            several |= maybe != HW_IOMMUS;
            maybe = *iommu;
        }
        if (u->include_all)
            all = *iommu;
    }
    *iommu = all;
    if (maybe != HW_IOMMUS && (several || maybe != all))
        return -RF_EAGAIN;
    return all == HW_IOMMUS ? -RF_ENODEV : 0;
}

int hwdesc_source_of(const struct hwdesc *hw, enum hw_scope_kind kind, uint8_t id, unsigned *iommu,
                     uint16_t *rid)
{
    for (unsigned i = 0; i < hw->iommu_count; i++) {
        const struct hw_scopes of = hw->iommu[i].scopes;

        for (unsigned n = of.first; n < of.first + of.count; n++) {
            const struct hw_scope *s = &hw->scope[n];

            if (s->kind == kind && s->id == id && s->state == HW_SCOPE_FOUND) {
                *iommu = i;
                *rid = s->rid;
                return 0;
            }
        }
    }
    return -RF_ENODEV;
}
