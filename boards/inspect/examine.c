/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

#include <stdarg.h>

#include "boards/windows.h"
#include "lib/base/err.h"

/* An IOMMU's input size is in its registers, which nobody can read here: this is what nearly all
 * have, and what the IOVAs of a workload are counted in. */
#define APERTURE_LAST ((UINT64_C(1) << 48) - 1)

const char *verdict_text(enum verdict v)
{
    static const char *const text[] = {"isolated", "limited", "not"};

    return text[v];
}

const char *iommu_kind(enum hw_iommu_kind k)
{
    static const char *const text[] = {
        [HW_SMMUV3] = "smmuv3", [HW_SMMUV2] = "smmuv2", [HW_VTD] = "vtd"};

    return text[k];
}

const char *msi_kind(enum hw_msi_kind k)
{
    static const char *const text[] = {
        [HW_MSI_V2M] = "gicv2m", [HW_MSI_ITS] = "its", [HW_MSI_LAPIC] = "lapic"};

    return text[k];
}

const char *window_type(const struct window *w)
{
    return resv_type_name(w->type);
}

/* An ITS looks the device id up; local APICs are behind interrupt remapping, or open to all. */
bool isolates(const struct hwdesc *hw, const struct hw_msi_frame *f)
{
    return f->kind == HW_MSI_ITS || (f->kind == HW_MSI_LAPIC && hw->dmar.intr_remap);
}

/* --- limits and the verdict ---------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3))) limit(struct inspection *x, const char *fmt, ...)
{
    va_list ap;

    if (x->limit_count == LIMITS)
        return;
    va_start(ap, fmt);
    vsnprintf(x->limit[x->limit_count++], sizeof(x->limit[0]), fmt, ap);
    va_end(ap);
}

static bool is_covered(const struct hwdesc *hw, const struct hw_pci_host *h, uint32_t rid)
{
    unsigned iommu;
    uint32_t stream;
    int err = hwdesc_stream_of(hw, h, (uint16_t)rid, &iommu, &stream);

    return err == -RF_EAGAIN || (err == 0 && !hw->iommu[iommu].disabled);
}

/* The first requester id from `rid` on that is covered, or is not; one more than the last: none. */
static uint32_t next_rid(const struct hwdesc *hw, const struct hw_pci_host *h, uint32_t rid,
                         bool covered)
{
    const uint32_t end = ((uint32_t)h->bus_last + 1) << 8;

    while (rid < end && is_covered(hw, h, rid) != covered)
        rid++;
    return rid;
}

/* A unit with scopes only covers what is named there: functions that are not may not exist. */
static bool by_scopes_only(const struct hwdesc *hw, const struct hw_pci_host *h)
{
    bool vtd = false;

    for (unsigned i = 0; i < hw->iommu_count; i++) {
        const struct hw_iommu *u = &hw->iommu[i];

        if (u->kind == HW_VTD && u->segment == h->segment) {
            vtd = true;
            if (u->include_all)
                return false;
        }
    }
    return vtd;
}

/* Whether anything of the host is covered. */
static bool examine_cover(struct inspection *x, const struct hw_pci_host *h)
{
    const struct hwdesc *hw = &x->hw;
    const uint32_t start = (uint32_t)h->bus_first << 8, end = ((uint32_t)h->bus_last + 1) << 8;
    uint32_t gap = next_rid(hw, h, start, false);
    name_t first, last;

    if (next_rid(hw, h, start, true) == end) {
        limit(x, "no IOMMU covers %s: its devices stay off", h->name);
        return false;
    }
    if (!h->coherent)
        limit(x, "DMA behind %s does not see the CPU's caches: its devices stay off", h->name);
    if (by_scopes_only(hw, h)) {
        limit(x, "%s: no unit has INCLUDE_PCI_ALL: functions that no scope names stay off",
              h->name);
        return true;
    }
    while (gap < end) {
        uint32_t past = next_rid(hw, h, gap, true);

        rid_name(h->segment, (uint16_t)gap, first);
        rid_name(h->segment, (uint16_t)(past - 1), last);
        limit(x, "no IOMMU covers %s to %s: what is there stays off", first, last);
        gap = next_rid(hw, h, past, false);
    }
    return true;
}

static void examine_msi(struct inspection *x)
{
    static const char *const why[] = {
        [HW_MSI_V2M] = "%s cannot tell who rings: two containers whose devices could ring for each "
                       "other need allow-unsafe-interrupts",
        [HW_MSI_ITS] = "",
        [HW_MSI_LAPIC] = "%s: no interrupt remapping: devices need allow-unsafe-interrupts",
    };

    for (unsigned i = 0; i < x->hw.msi_count; i++) {
        const struct hw_msi_frame *f = &x->hw.msi[i];

        if (!isolates(&x->hw, f))
            limit(x, why[f->kind], f->name);
    }
    if (x->hw.msi_count == 0)
        limit(x, "no MSI controller is described: devices have no interrupts");
}

static void examine_units(struct inspection *x)
{
    for (unsigned i = 0; i < x->hw.iommu_count; i++) {
        const struct hw_iommu *u = &x->hw.iommu[i];

        if (u->disabled)
            limit(x, "%s is switched off: its devices stay off", u->name);
        if (u->kind == HW_SMMUV2 && u->part == HW_SMMU_MMU401)
            limit(x, "%s, an MMU-401, maps nothing smaller than 64 KiB", u->name);
    }
}

static void examine_reserved(struct inspection *x)
{
    for (unsigned i = 0; i < x->hw.iova_count; i++) {
        const struct hw_iova *v = &x->hw.iova[i];

        if (v->in_use)
            limit(x, "firmware uses 0x%lx..0x%lx (%s) through its devices: they need rmrr=identity",
                  (unsigned long)v->iova.start, (unsigned long)v->iova.last, v->name);
        else if (v->direct && !v->relaxable)
            limit(x, "firmware's range 0x%lx..0x%lx (%s) stays open to its devices",
                  (unsigned long)v->iova.start, (unsigned long)v->iova.last, v->name);
    }
}

/* --- windows ------------------------------------------------------------------------------- */

static void add_window(struct inspection *x, struct window w)
{
    if (x->window_count < WINDOWS)
        x->window[x->window_count++] = w;
}

static void add_list(struct inspection *x, const struct resv_list *l, const struct hw_pci_host *h)
{
    for (unsigned i = 0; i < l->count; i++)
        add_window(x, (struct window){l->w[i].r, l->w[i].type, l->w[i].origin, NULL, h});
}

/* The window of doorbells: a fixed one of the hardware, or one that is placed where there is room.
 */
static void add_msi_window(const struct hwdesc *hw, struct resv_list *l)
{
    static const struct range aperture = {0, APERTURE_LAST};
    struct range r = {HW_X86_MSI_FIRST, HW_X86_MSI_LAST};

    if (hw->lapic.last != 0 || hw->dmar.present)
        (void)resv_add(l, r, RESV_MSI, "lapic");
    else if (hw->msi_count != 0 && resv_place_sw_msi(l, aperture, NULL, NULL, &r) == 0)
        (void)resv_add(l, r, RESV_SW_MSI, "doorbells");
}

/* Of all functions of some host. */
static bool is_common(const struct hwdesc *hw, const struct hw_iova *v)
{
    return v->scopes.count == 1 && hw->scope[v->scopes.first].depth == 0;
}

/* What firmware keeps of the IOVAs of every function. */
static int add_common(const struct hwdesc *hw, struct resv_list *l, const struct hw_pci_host *h)
{
    int err = 0;

    for (unsigned i = 0; i < hw->iova_count && !err; i++) {
        const struct hw_iova *v = &hw->iova[i];

        if (is_common(hw, v) && hwdesc_iova_is_of(hw, v, h, (uint16_t)(h->bus_first << 8)))
            err = resv_add(l, v->iova, windows_type_of(v), v->name);
    }
    return err;
}

static void examine_windows(struct inspection *x, const struct hw_pci_host *h)
{
    struct resv_list l = {0};
    struct range usable[IOVAS];
    unsigned n;

    if (windows_of_host(&l, h) || add_common(&x->hw, &l, h))
        limit(x, "%s: more reserved windows than fit", h->name);
    add_msi_window(&x->hw, &l);
    add_list(x, &l, h);
    n = resv_usable(&l, (struct range){0, APERTURE_LAST}, usable, IOVAS);
    for (unsigned i = 0; i < n && x->usable_count < IOVAS; i++)
        x->usable[x->usable_count++] = (struct usable){h, usable[i]};
}

/* --- questions ----------------------------------------------------------------------------- */

/* The host of a function. Tables that come without an MCFG have none: `other` then stands for it.
 */
static const struct hw_pci_host *host_of(const struct hwdesc *hw, const struct question *q,
                                         struct hw_pci_host *other)
{
    for (const struct hw_pci_host *h = hw->host; h < hw->host + hw->host_count; h++) {
        if (h->segment == q->segment && q->rid >> 8 >= h->bus_first && q->rid >> 8 <= h->bus_last)
            return h;
    }
    other->segment = q->segment;
    return hw->host_count ? NULL : other;
}

void ask(const struct hwdesc *hw, struct question *q)
{
    struct hw_pci_host other = {.iommu_map_mask = UINT16_MAX, .msi_map_mask = UINT16_MAX};
    const struct hw_pci_host *h = host_of(hw, q, &other);
    unsigned iommu = 0, frame = 0;
    int err = h ? hwdesc_stream_of(hw, h, q->rid, &iommu, &q->stream) : -RF_ENOENT;

    q->iommu = err ? -1 : (int)iommu;
    q->msi = h && !hwdesc_msi_of(hw, h, q->rid, &frame, &q->device_id) ? (int)frame : -1;
    if (err == -RF_ENOENT)
        q->why = "no host bridge has this bus";
    else if (err == -RF_EAGAIN)
        q->why = "which unit has it depends on the bus numbers of bridges, which the tables do not "
                 "tell";
    else if (err == -RF_EINVAL)
        q->why = "it is mapped to something that is no IOMMU";
    else if (err)
        q->why = "no IOMMU covers it: it stays off";
    else if (hw->iommu[iommu].disabled)
        q->why = "its IOMMU is switched off: it stays off";
}

/* Units of a DMAR cover functions whether or not an MCFG says how to find them. */
static enum verdict judge(const struct inspection *x, bool covered)
{
    if (x->hw.host_count == 0) {
        for (unsigned i = 0; i < x->hw.iommu_count; i++)
            covered |= x->hw.iommu[i].kind == HW_VTD && !x->hw.iommu[i].disabled;
    }
    if (!covered)
        return VERDICT_NOT;
    return x->limit_count ? VERDICT_LIMITED : VERDICT_ISOLATED;
}

void examine(struct inspection *x)
{
    bool covered = false;

    for (const struct hw_pci_host *h = x->hw.host; h < x->hw.host + x->hw.host_count; h++) {
        covered |= examine_cover(x, h);
        examine_windows(x, h);
    }
    for (unsigned i = 0; i < x->hw.iova_count; i++) {
        const struct hw_iova *v = &x->hw.iova[i];

        if (!is_common(&x->hw, v))
            add_window(x, (struct window){v->iova, windows_type_of(v), v->name, v, NULL});
    }
    examine_units(x);
    examine_msi(x);
    examine_reserved(x);
    if (x->hw.host_count == 0)
        limit(x,
              "no PCI host bridge that this version drives is described: no device can be found");
    x->verdict = judge(x, covered);
    for (unsigned i = 0; i < x->question_count; i++)
        ask(&x->hw, &x->question[i]);
}
