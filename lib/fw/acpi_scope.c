/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"
#include "lib/fw/scope.h"

#include "lib/base/err.h"

/* Device scope structures (VT-d 8.3.1). */

#define SCOPE_HEAD 6u /* before the path of (device, function) pairs */

struct target {
    uint16_t segment;
    struct hw_scopes *out;
};

static const enum hw_scope_kind kind_of_type[] = {
    [1] = HW_SCOPE_ENDPOINT, [2] = HW_SCOPE_BRIDGE, [3] = HW_SCOPE_IOAPIC,
    [4] = HW_SCOPE_HPET,     [5] = HW_SCOPE_ACPI,
};

static int read_path(struct acpi_walk *w, struct acpi_span s, struct hw_scope *out)
{
    const uint32_t bytes = s.len - SCOPE_HEAD;

    if (bytes == 0 || bytes % 2 != 0)
        return acpi_refuse(w, s, -RF_EINVAL, "a scope with a path of %u bytes", bytes);
    if (bytes / 2 > HW_SCOPE_PATH)
        return acpi_refuse(w, s, -RF_ENOSPC, "a scope behind more than %u bridges",
                           HW_SCOPE_PATH - 1);
    for (; out->depth < bytes / 2; out->depth++) {
        uint8_t device = acpi_u8(s, SCOPE_HEAD + 2u * out->depth);
        uint8_t function = acpi_u8(s, SCOPE_HEAD + 2u * out->depth + 1);

        if (device > 31 || function > 7)
            return acpi_refuse(w, s, -RF_EINVAL, "a scope leads to device %#x, function %u", device,
                               function);
        out->path[out->depth] = (uint8_t)(device << 3 | function);
    }
    return 0;
}

static int visit_scope(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct target *t = ctx;
    struct hwdesc *hw = w->hw;
    struct hw_scope scope = {
        .kind = kind_of_type[acpi_u8(s, 0)],
        .segment = t->segment,
        .id = acpi_u8(s, 4),
        .bus = acpi_u8(s, 5),
    };
    int err = read_path(w, s, &scope);

    if (err)
        return err;
    hw_scope_settle(&scope);
    if (hw->scope_count == HW_SCOPES)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u scopes", HW_SCOPES);
    hw->scope[hw->scope_count++] = scope;
    t->out->count++;
    return 0;
}

int acpi_scopes(struct acpi_walk *w, struct acpi_span list, uint16_t segment, struct hw_scopes *out)
{
    static const struct acpi_kind kinds[] = {
        {1, SCOPE_HEAD, "PCI Endpoint scope", visit_scope},
        {2, SCOPE_HEAD, "PCI Sub-hierarchy scope", visit_scope},
        {3, SCOPE_HEAD, "IOAPIC scope", visit_scope},
        {4, SCOPE_HEAD, "HPET scope", visit_scope},
        {5, SCOPE_HEAD, "ACPI namespace scope", visit_scope},
    };
    static const struct acpi_list scopes = {1, 1, 1, ARRAY_SIZE(kinds), kinds};
    struct target t = {segment, out};

    *out = (struct hw_scopes){.first = w->hw->scope_count};
    return acpi_each(w, list, &scopes, &t);
}
