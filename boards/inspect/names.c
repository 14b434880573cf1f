/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

void rid_name(uint16_t segment, uint16_t rid, name_t out)
{
    snprintf(out, NAME_SIZE, "%04x:%02x:%02x.%u", segment, rid >> 8, rid >> 3 & 31, rid & 7);
}

/* "0000:00:1c.0/03.1": the steps of a path that only the machine's bus numbers resolve; with a
 * slash and a star at the end a bridge and what is behind it. */
static void pci_scope_name(const struct hw_scope *s, name_t out)
{
    struct strbuf b;

    if (s->depth == 0) { /* a whole host */
        snprintf(out, NAME_SIZE, "%04x:%02x-%02x", s->segment, s->bus_first, s->bus_last);
        return;
    }
    strbuf_init(&b, out, NAME_SIZE);
    strbuf_printf(&b, "%04x:%02x", s->segment, s->bus);
    for (unsigned i = 0; i < s->depth; i++)
        strbuf_printf(&b, "%c%02x.%u", i ? '/' : ':', s->path[i] >> 3, s->path[i] & 7);
    if (s->kind == HW_SCOPE_BRIDGE)
        strbuf_printf(&b, "/*");
}

static void scope_name(const struct hw_scope *s, name_t out)
{
    static const char *const others[] = {
        [HW_SCOPE_IOAPIC] = "ioapic",
        [HW_SCOPE_HPET] = "hpet",
        [HW_SCOPE_ACPI] = "acpi",
    };

    if (s->kind == HW_SCOPE_ENDPOINT || s->kind == HW_SCOPE_BRIDGE)
        pci_scope_name(s, out);
    else
        snprintf(out, NAME_SIZE, "%s %u", others[s->kind], s->id);
}

static bool nth_scope(const struct hwdesc *hw, struct hw_scopes scopes, unsigned n, name_t out)
{
    if (n >= scopes.count)
        return false;
    scope_name(&hw->scope[scopes.first + n], out);
    return true;
}

/* "0000:00:00.0-0000:7f:1f.7" */
static void map_name(const struct hw_pci_host *h, const struct hw_idmap *m, name_t out)
{
    name_t first, last;

    rid_name(h->segment, (uint16_t)m->rid_base, first);
    rid_name(h->segment, (uint16_t)(m->rid_base + m->length - 1), last);
    snprintf(out, NAME_SIZE, m->length == 1 ? "%.28s" : "%.28s-%.28s", first, last);
}

bool covered_name(const struct hwdesc *hw, unsigned iommu, unsigned n, name_t out)
{
    if (hw->iommu[iommu].kind == HW_VTD)
        return nth_scope(hw, hw->iommu[iommu].scopes, n, out);
    for (const struct hw_pci_host *h = hw->host; h < hw->host + hw->host_count; h++) {
        for (unsigned i = 0; i < h->iommu_map_count; i++) {
            if (h->iommu_map[i].target == (int)iommu && n-- == 0) {
                map_name(h, &h->iommu_map[i], out);
                return true;
            }
        }
    }
    return false;
}

bool window_owner(const struct hwdesc *hw, const struct window *w, unsigned n, name_t out)
{
    if (w->iova && w->iova->scopes.count != 0)
        return nth_scope(hw, w->iova->scopes, n, out);
    if (n != 0)
        return false;
    if (w->iova)
        snprintf(out, NAME_SIZE, "%s streams 0x%lx-0x%lx", hw->iommu[w->iova->iommu].name,
                 (unsigned long)w->iova->streams.start, (unsigned long)w->iova->streams.last);
    else if (w->host)
        snprintf(out, NAME_SIZE, "%s", w->host->name);
    return w->iova || w->host;
}
