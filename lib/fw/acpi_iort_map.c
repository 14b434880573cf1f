/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_iort.h"

#include "lib/base/err.h"

/* Id mappings (DEN 0049E.e 3.1.1.1) and root complexes: requester ids to streams, and on to the
 * device ids of an ITS. */

#define MAP_COUNT 8u
#define MAPS_AT   12u
#define MAP_SIZE  20u
#define SINGLE    1u

#define IDS  (UINT64_C(1) << 32)
#define RIDS UINT64_C(0x10000)

#define RC_CCA     16u
#define RC_SEGMENT 28u
#define RC_LIMIT   32u /* revision 1 on: memory address size limit, bits */

#define REVISION 3u

static int read_map(struct acpi_walk *w, struct acpi_span s, struct iort_map *m)
{
    struct acpi_span target;

    *m = (struct iort_map){
        .in = acpi_u32(s, 0),
        .len = (uint64_t)acpi_u32(s, 4) + 1,
        .out = acpi_u32(s, 8),
        .target = acpi_u32(s, 12),
        .single = (acpi_u32(s, 16) & SINGLE) != 0,
    };
    if (m->single) {
        m->in = 0;
        m->len = RIDS;
    } else if (m->in + m->len > IDS || m->out + m->len > IDS)
        return acpi_refuse(w, s, -RF_EINVAL, "ids %#lx + %#lx to %#lx are beyond 32 bits", m->in,
                           m->len, m->out);
    if (!iort_node_at(s.table, m->target, &target))
        return acpi_refuse(w, s, -RF_EINVAL, "a map to offset %#x, where no node begins",
                           m->target);
    return 0;
}

int iort_maps(struct acpi_walk *w, struct acpi_span node, struct iort_map *out, unsigned *count)
{
    const uint64_t n = acpi_u32(node, MAP_COUNT);
    const struct acpi_span list = acpi_rest(node, acpi_u32(node, MAPS_AT));

    if (n * MAP_SIZE > list.len)
        return acpi_refuse(w, node, -RF_EINVAL, "%u maps in %u bytes", (uint32_t)n, list.len);
    if (n > IORT_MAPS)
        return acpi_refuse(w, node, -RF_ENOSPC, "more than %u maps", IORT_MAPS);
    for (*count = 0; *count < n; (*count)++) {
        int err = read_map(w, acpi_part(list, *count * MAP_SIZE, MAP_SIZE), &out[*count]);

        if (err)
            return err;
    }
    return 0;
}

/* Some vendors write the number of ids where the table wants one less: the last id of a map is then
 * the first of another, which is meant. */
static void cut_last_ids(struct acpi_walk *w, struct acpi_span node, struct iort_map *m,
                         unsigned count)
{
    bool cut = false;

    for (unsigned i = 0; i < count; i++) {
        for (unsigned n = 0; n < count; n++) {
            const bool touches = n != i && m[i].len > 1 && m[n].in == m[i].in + m[i].len - 1;

            m[i].len -= touches;
            cut |= touches;
        }
    }
    if (cut)
        acpi_odd(w, node, "maps overlap by one id: each is taken to end before the next begins");
}

/* The maps of a node in which each id has at most one. */
static int disjoint_maps(struct acpi_walk *w, struct acpi_span node, struct iort_map *m,
                         unsigned *count)
{
    int err = iort_maps(w, node, m, count);

    if (err)
        return err;
    cut_last_ids(w, node, m, *count);
    for (unsigned i = 0; i < *count; i++) {
        for (unsigned n = 0; n < i; n++) {
            if (!m[i].single && !m[n].single && m[i].in < m[n].in + m[n].len &&
                m[n].in < m[i].in + m[i].len)
                return acpi_refuse(w, node, -RF_EINVAL, "maps %u and %u overlap at id %#lx", n, i,
                                   MAX(m[i].in, m[n].in));
        }
    }
    return 0;
}

/* --- root complexes ------------------------------------------------------------------------ */

/* A chain of maps: requester ids [rid, rid + len) have become [id, id + len) (or all id). */
struct chain {
    uint64_t rid, len, id;
    bool single;
};

/* The part of a chain that a map takes on. False: none. */
static bool follow(const struct chain *c, const struct iort_map *m, struct chain *out)
{
    const uint64_t c_len = c->single ? 1 : c->len;
    const uint64_t first = MAX(c->id, m->in), end = MIN(c->id + c_len, m->in + m->len);

    if (first >= end)
        return false;
    *out = (struct chain){
        .rid = c->single ? c->rid : c->rid + (first - c->id),
        .len = c->single ? c->len : end - first,
        .id = m->out + (first - m->in),
        .single = c->single,
    };
    return true;
}

static int add(struct acpi_walk *w, struct acpi_span node, struct hw_idmap *list, unsigned *count,
               const struct chain *c, int target)
{
    if (*count == HW_IDMAPS)
        return acpi_refuse(w, node, -RF_ENOSPC, "more than %u maps of requester ids", HW_IDMAPS);
    list[(*count)++] = (struct hw_idmap){
        .rid_base = (uint32_t)c->rid,
        .length = (uint32_t)c->len,
        .output_base = (uint32_t)c->id,
        .single = c->single,
        .target = target,
    };
    return 0;
}

/* The first ITS of a group: all of them can be rung by all of its devices. */
static int its_of(const struct hwdesc *hw, struct acpi_span group)
{
    for (unsigned i = 0; i < hw->msi_count; i++) {
        if (hw->msi[i].kind == HW_MSI_ITS && hw->msi[i].phandle == acpi_u32(group, 20))
            return (int)i;
    }
    return -1;
}

static int add_its(struct acpi_walk *w, struct acpi_span group, struct hw_pci_host *h,
                   const struct chain *c)
{
    int target = its_of(w->hw, group);

    if (target < 0) {
        target = acpi_common_msi(w->hw);
        acpi_odd(w, group, "ITS %u is not in the MADT: devices that ring it %s",
                 acpi_u32(group, 20), target < 0 ? "have no interrupts" : "ring the MSI frame");
    }
    return add(w, group, h->msi_map, &h->msi_map_count, c, target);
}

/* From an SMMU on: streams to device ids. Only ITS groups come after an SMMU. A single map is that
 * of the SMMU's own interrupts. */
static int add_smmu(struct acpi_walk *w, struct acpi_span smmu, struct hw_pci_host *h,
                    const struct chain *c)
{
    struct iort_map m[IORT_MAPS];
    unsigned count = 0;
    int err = add(w, smmu, h->iommu_map, &h->iommu_map_count, c, iort_smmu_at(w->hw, smmu.at));

    if (err || (err = disjoint_maps(w, smmu, m, &count)))
        return err;
    for (unsigned i = 0; i < count && !err; i++) {
        struct acpi_span group;
        struct chain on;

        if (m[i].single || !follow(c, &m[i], &on))
            continue;
        if (!iort_node_at(smmu.table, m[i].target, &group) || acpi_u8(group, 0) != IORT_ITS_GROUP)
            return acpi_refuse(w, smmu, -RF_EINVAL, "a map from an SMMU to what is no ITS group");
        err = add_its(w, group, h, &on);
    }
    return err;
}

static int add_map(struct acpi_walk *w, struct acpi_span rc, struct hw_pci_host *h,
                   const struct iort_map *m)
{
    struct chain c = {.rid = m->in, .len = m->len, .id = m->out, .single = m->single};
    struct acpi_span target;

    if (m->in >= RIDS)
        return 0;
    c.len = MIN(c.len, RIDS - m->in);
    if (!iort_node_at(rc.table, m->target, &target))
        return 0; /* iort_maps() has refused it */
    if (acpi_u8(target, 0) == IORT_ITS_GROUP)
        return add_its(w, target, h, &c);
    if (iort_smmu_at(w->hw, m->target) >= 0)
        return add_smmu(w, target, h, &c);
    return acpi_refuse(w, rc, -RF_EINVAL, "a map to the node at %#x, which is neither SMMU nor ITS",
                       m->target);
}

/* What the complex says of all its functions. */
static void read_attributes(struct acpi_span rc, struct hw_pci_host *h)
{
    const unsigned bits = acpi_u8(rc, REVISION) >= 1 ? acpi_u8(rc, RC_LIMIT) : 0;

    h->coherent = acpi_u32(rc, RC_CCA) == 1;
    if (bits == 0 || bits >= 64)
        return;
    h->dma[0] = (struct hw_dma_window){{0, (UINT64_C(1) << bits) - 1}, 0};
    h->dma_count = 1;
}

/* A segment may have several pieces of configuration space; the maps are of the whole segment. */
int iort_root_complex(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    struct hwdesc *hw = w->hw;
    struct iort_map m[IORT_MAPS];
    unsigned count = 0;
    int err = disjoint_maps(w, node, m, &count);

    (void)ctx;
    for (struct hw_pci_host *h = hw->host; h < hw->host + hw->host_count && !err; h++) {
        if (h->segment != acpi_u32(node, RC_SEGMENT))
            continue;
        read_attributes(node, h);
        for (unsigned i = 0; i < count && !err; i++)
            err = add_map(w, node, h, &m[i]);
    }
    return err;
}
