/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vectors.h"

/* Every public call, with the k-th allocation or the k-th wait of the hardware failing, for every
 * k: all is as before the call, or the unit is blocked and the device reaches nothing (design I7).
 */

static const uint64_t places[] = {0,        0x1000, 0x100000,    0x101000,
                                  0x1ff000, MIB(2), SW_MSI_BASE, SW_MSI_BASE + 0x1000};

struct state {
    uint64_t free_pages, quarantined, mapped_bytes;
    paddr_t reaches[ARRAY_SIZE(places)];
    unsigned maps, pinned, windows, taken, events, doorbells, opens;
    bool attached, iommu, tracking, dead;
    uint32_t command;
};

static bool opened_now(void)
{
    return opened && opened->opens != 0;
}

static void save(struct state *s)
{
    const struct vfio_container *c = containers[0];

    memset(s, 0, sizeof(*s));
    s->free_pages = free_pages_and_tables();
    s->quarantined = fake_quarantined_pages();
    s->iommu = c->iommu_set;
    if (c->iommu_set) {
        s->maps = c->aspace.map_count;
        s->mapped_bytes = c->aspace.mapped_bytes;
        s->windows = c->aspace.windows.count;
        s->doorbells = doorbell_refs();
        s->tracking = c->dirty_tracking;
    }
    s->pinned = user_pinned_pages();
    s->taken = taken();
    s->events = event_refs();
    s->opens = opened_now();
    s->attached = fake_a.stream[SID] != NULL;
    s->dead = fake_a.unit.dead;
    s->command = cfg_get(fn.cfg, PCI_COMMAND, 2);
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        if (!fake_access(&fake_a, SID, places[i], &s->reaches[i]))
            s->reaches[i] = PADDR_INVALID;
    }
}

static bool reaches_nothing(const struct state *s)
{
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        if (paddr_valid(s->reaches[i]))
            return false;
    }
    return true;
}

/* ---- the calls ------------------------------------------------------------------------------- */

static long two_pages(void)
{
    user.scattered = true;
    return map_dma(0x1ff000, DMA, 0x2000); /* each in a table of its own */
}

static long large_page(void)
{
    return map_dma(MIB(2), DMA, MIB(2));
}

static long registers(void)
{
    user.regs_offset = REGION(4);
    return map_dma(0x1ff000, REGS, 0x2000);
}

static long unmap_one(void)
{
    uint64_t bytes;

    return unmap_dma(0, 0, 0x2000, &bytes);
}

static long unmap_everything(void)
{
    uint64_t bytes;

    return unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes);
}

static long join(void)
{
    return set_container(FD_CONTAINER);
}

static long events_by_msix(void)
{
    return set_events(MSIX, 0, 3);
}

static long events_by_msi(void)
{
    return set_events(MSI, 0, 2);
}

static long tell_info(void)
{
    struct vfio_iommu_type1_info info = {.argsz = 4096};

    return CONTAINER(VFIO_IOMMU_GET_INFO, &info);
}

static long start_tracking(void)
{
    struct vfio_iommu_type1_dirty_bitmap d = {sizeof(d), VFIO_IOMMU_DIRTY_PAGES_FLAG_START};

    return CONTAINER(VFIO_IOMMU_DIRTY_PAGES, &d);
}

static int up_joined(void **state)
{
    return vfio_up(state) || set_container(FD_CONTAINER) ? -1 : 0;
}

static int up_with_maps(void **state)
{
    return vfio_up_mastering(state) || map_dma(0, DMA, 0x2000) || map_dma(0x100000, DMA, 0x2000);
}

static int up_closed_with_maps(void **state)
{
    return vfio_up_attached(state) || map_dma(0, DMA, 0x2000);
}

static const struct {
    const char *name;
    int (*up)(void **state);
    long (*call)(void);
    unsigned allocations, waits; /* at least; what the unit is told of maps is not counted */
} calls[] = {
    {"MAP_DMA", up_with_maps, two_pages, 2, 0},
    {"MAP_DMA large", up_with_maps, large_page, 0, 0},
    {"MAP_DMA registers", up_with_maps, registers, 0, 0},
    {"UNMAP_DMA", up_with_maps, unmap_one, 0, 1},
    {"UNMAP_DMA all", up_with_maps, unmap_everything, 0, 1},
    {"SET_CONTAINER", vfio_up, join, 0, 0},
    {"SET_IOMMU", up_joined, set_iommu, 2, 1},
    {"GET_DEVICE_FD", up_closed_with_maps, open_device, 1, 0},
    {"SET_IRQS MSI-X", up_with_maps, events_by_msix, 4, 0},
    {"SET_IRQS MSI", up_with_maps, events_by_msi, 4, 0},
    {"GET_INFO", up_with_maps, tell_info, 0, 0},
    {"DIRTY_PAGES", up_with_maps, start_tracking, 0, 0},
};

/* ---- one failure ----------------------------------------------------------------------------- */

struct injector {
    void (*at)(unsigned k);
    unsigned (*count)(void);
    int err;
};

static unsigned waits(void)
{
    return fake_op_count;
}

static const struct injector allocations = {inject_after, inject_count, -RF_ENOMEM};
static const struct injector hardware = {fake_fail, waits, -RF_ETIMEDOUT};

static void expect_undone(const char *name, const struct state *before, bool may_be_blocked)
{
    struct state after;

    save(&after);
    if (memcmp(&after, before, sizeof(after)) == 0)
        return;
    if (!may_be_blocked || !after.dead || !reaches_nothing(&after))
        fail_msg("%s: neither as before nor blocked", name);
}

/* True while there was a k-th step to fail. */
static bool fail_one(size_t i, const struct injector *in, unsigned k, bool flush_maps)
{
    struct state before;
    unsigned steps;
    long err;

    if (calls[i].up(NULL))
        fail_msg("%s: no set-up", calls[i].name);
    fake_a.unit.caps.flush_maps = flush_maps;
    save(&before);
    in->at(k);
    err = calls[i].call();
    steps = in->count();
    in->at(0);
    if (steps >= k && err != in->err)
        fail_msg("%s: step %u: %ld", calls[i].name, k, err);
    if (steps < k && err < 0)
        fail_msg("%s: without a failure: %ld", calls[i].name, err);
    if (err < 0)
        expect_undone(calls[i].name, &before, in == &hardware);
    vfio_down(NULL);
    return steps >= k;
}

static unsigned fail_all(size_t i, const struct injector *in, bool flush_maps)
{
    unsigned k = 1;

    while (fail_one(i, in, k, flush_maps))
        k++;
    return k - 1;
}

static void every_allocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
        assert_in_range(fail_all(i, &allocations, false), calls[i].allocations, 64);
}

static void every_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
        assert_in_range(fail_all(i, &hardware, false), calls[i].waits, 64);
}

/* A unit that keeps what was not mapped is told of each map, and may not answer. */
static void every_wait_of_a_unit_that_is_told_of_maps(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        (void)fail_all(i, &allocations, true);
        (void)fail_all(i, &hardware, true);
    }
    assert_in_range(fail_all(0, &hardware, true), 2, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(every_wait),
        cmocka_unit_test(every_wait_of_a_unit_that_is_told_of_maps),
    };

    return cmocka_run_group_tests_name("vfio inject", tests, NULL, NULL);
}
