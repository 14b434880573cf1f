/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_iort.h"

#include "lib/base/err.h"

/* Reserved memory ranges (DEN 0049E.e 3.1.1.7): memory that devices use since before the boot. */

#define FLAGS_AT        16u
#define COUNT_AT        20u
#define DESCRIPTORS_AT  24u
#define DESCRIPTOR_SIZE 20u

#define REMAP_PERMITTED 1u

/* Bases and lengths are to be multiples of 64 KiB, whatever the granule is. */
static int read_range(struct acpi_walk *w, struct acpi_span s, struct range *out)
{
    const uint64_t base = acpi_u64(s, 0), size = acpi_u64(s, 8);

    if (!range_make(base, size, out) || out->last >= UINT64_MAX - KIB(64))
        return acpi_refuse(w, s, -RF_EINVAL, "a reserved range %#lx + %#lx is empty or wraps", base,
                           size);
    if (is_aligned(base, KIB(64)) && is_aligned(size, KIB(64)))
        return 0;
    *out = (struct range){align_down(base, KIB(64)), align_up(out->last + 1, KIB(64)) - 1};
    acpi_odd(w, s, "a reserved range %#lx + %#lx is not in units of 64 KiB: it is widened", base,
             size);
    return 0;
}

static void note_overlap(struct acpi_walk *w, struct acpi_span s, struct range r)
{
    for (unsigned i = 0; i < w->hw->iova_count; i++) {
        const struct hw_iova *o = &w->hw->iova[i];

        if (range_overlaps(o->iova, r)) {
            acpi_odd(w, s, "reserved range %#lx..%#lx overlaps %#lx..%#lx: both are kept", r.start,
                     r.last, o->iova.start, o->iova.last);
            return;
        }
    }
}

/* One range for the streams of one map. */
static int add_iova(struct acpi_walk *w, struct acpi_span node, struct range iova,
                    const struct iort_map *m)
{
    struct hwdesc *hw = w->hw;
    const bool relaxable = (acpi_u32(node, FLAGS_AT) & REMAP_PERMITTED) != 0;
    const int smmu = iort_smmu_at(hw, m->target);

    if (smmu < 0)
        return acpi_refuse(w, node, -RF_EINVAL, "a reserved range for the node at %#x, no SMMU",
                           m->target);
    if (hw->iova_count == HW_IOVAS)
        return acpi_refuse(w, node, -RF_ENOSPC, "more than %u reserved ranges", HW_IOVAS);
    hw->iova[hw->iova_count++] = (struct hw_iova){
        .iommu = (unsigned)smmu,
        .streams = {m->out, m->single ? m->out : m->out + m->len - 1},
        .iova = iova,
        .direct = true,
        .in_use = !relaxable,
        .relaxable = relaxable,
        .name = "rmr",
    };
    return 0;
}

static int add_descriptor(struct acpi_walk *w, struct acpi_span node, struct acpi_span s,
                          const struct iort_map *m, unsigned count)
{
    struct range iova = {0};
    int err = read_range(w, s, &iova);

    if (err)
        return err;
    note_overlap(w, s, iova);
    for (unsigned i = 0; i < count && !err; i++)
        err = add_iova(w, node, iova, &m[i]);
    return err;
}

int iort_rmr(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    const uint64_t n = acpi_u32(node, COUNT_AT);
    struct acpi_span list = acpi_rest(node, acpi_u32(node, DESCRIPTORS_AT));
    struct iort_map m[IORT_MAPS];
    unsigned count = 0;
    int err = iort_maps(w, node, m, &count);

    (void)ctx;
    if (err)
        return err;
    if (n * DESCRIPTOR_SIZE > list.len)
        return acpi_refuse(w, node, -RF_EINVAL, "%u descriptors in %u bytes", (uint32_t)n,
                           list.len);
    for (uint64_t i = 0; i < n && !err; i++, list = acpi_rest(list, DESCRIPTOR_SIZE))
        err = add_descriptor(w, node, acpi_part(list, 0, DESCRIPTOR_SIZE), m, count);
    return err;
}
