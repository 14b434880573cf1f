/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace.h"
#include "tests/driver/smmuv2_fixture.h"

/* One IOVA space over two SMMUs, as a container over PCIe and SATA devices of an Overdrive has it:
 * an MMU-401 at stage 2 in 64K, and beside it the same, or an SMMUv2 at stage 1 in any granule. */

#define OTHER_REGS UINT64_C(0xe0200000)
#define SID_OTHER  0x5u
#define PIECE      KIB(64)

static struct other {
    struct smmuv2_model *model;
    struct iommu_unit *unit;
} other;
static struct iommu_aspace space;
static struct iommu_group *near_group, *far_group;
static unsigned released, lost;

static void on_release(void *ctx, paddr_t pa, uint64_t size, bool ok)
{
    (void)ctx;
    (void)pa;
    (void)size;
    released++;
    lost += !ok;
}

static struct iommu_group *group_with(unsigned id, struct iommu_unit *u, uint32_t sid)
{
    struct iommu_group *g = iommu_group_get(id);

    assert_non_null(g);
    assert_int_equal(iommu_group_add(g, u, sid, "test"), 0);
    g->msi_isolated = true;
    return g;
}

static void open_units(const struct smmuv2_model_config *second, unsigned granule_lg2)
{
    const struct aspace_config cfg = {.release = on_release, .granule_lg2 = granule_lg2};
    struct smmuv2_config unit = fx_unit_config(second);

    fx_start(&smmuv2_model_mmu401);
    other.model = smmuv2_model_new(second);
    smmuv2_model_map(other.model, OTHER_REGS);
    unit.regs = (struct mmio){.base = OTHER_REGS, .size = smmuv2_model_size(other.model)};
    unit.name = "smmu@e0200000";
    assert_int_equal(smmuv2_create(&unit, &other.unit), 0);
    assert_int_equal(iommu_unit_start(other.unit), 0);
    LIST_INIT(&iommu_groups);
    near_group = group_with(1, fx.unit, FX_SID);
    far_group = group_with(2, other.unit, SID_OTHER);
    released = lost = 0;
    aspace_init(&space, &cfg);
}

static void drop_group(struct iommu_group *g)
{
    heap_free(TAILQ_FIRST(&g->endpoints));
    LIST_REMOVE(g, link);
    heap_free(g);
}

static void close_units(void)
{
    aspace_fini(&space);
    drop_group(near_group);
    drop_group(far_group);
    if (model_violation(smmuv2_model_watch(other.model)))
        fail_msg("the other model saw: %s", model_violation(smmuv2_model_watch(other.model)));
    heap_free(other.unit->asid_map);
    heap_free(other.unit);
    smmuv2_model_free(other.model);
    fx_close();
}

static void attach(struct iommu_group *g)
{
    const char *why = "";

    if (aspace_attach(&space, g, &why))
        fail_msg("not attached: %s", why);
}

static int map(uint64_t iova, uint64_t pa, uint64_t size)
{
    struct aspace_map *m;
    int err = aspace_map_begin(&space, (struct range){iova, iova + size - 1}, FX_RW, &m);

    if (err)
        return err;
    err = aspace_map_add(m, PADDR(pa), size);
    if (!err)
        err = aspace_map_commit(&space, m);
    if (err)
        aspace_map_cancel(&space, m);
    return err;
}

static int unmap(uint64_t iova, uint64_t size)
{
    uint64_t bytes;

    return aspace_unmap(&space, (struct range){iova, iova + size - 1}, &bytes);
}

static void expect_near(uint64_t iova, uint64_t pa)
{
    fx_assert_passes(FX_SID, iova, pa);
}

static void expect_far(uint64_t iova, uint64_t pa)
{
    struct smmuv2_model_result r = smmuv2_model_dma(other.model, SID_OTHER, iova, true);

    assert_true(r.passed && !r.stale && !r.bypassed);
    assert_int_equal(r.paddr, pa);
}

static bool far_passes(uint64_t iova)
{
    return smmuv2_model_dma(other.model, SID_OTHER, iova, true).passed;
}

static void replay(const struct smmuv2_model_config *second)
{
    open_units(second, 0); /* a granule that both have */
    attach(near_group);
    assert_int_equal(aspace_quantum(&space), PIECE);
    assert_int_equal(map(FX_IOVA, FX_PA, PIECE), 0);
    assert_int_equal(map(FX_IOVA + MIB(1), FX_PA + MIB(1), MIB(1)), 0);
    expect_near(FX_IOVA, FX_PA);
    assert_false(far_passes(FX_IOVA));
    attach(far_group); /* gets what is there already ... */
    expect_far(FX_IOVA + 0x8000, FX_PA + 0x8000);
    expect_far(FX_IOVA + MIB(2) - 8, FX_PA + MIB(2) - 8);
    assert_int_equal(map(FX_IOVA + MIB(4), FX_PA, PIECE), 0); /* ... and what comes */
    expect_near(FX_IOVA + MIB(4), FX_PA);
    expect_far(FX_IOVA + MIB(4), FX_PA);
    assert_int_equal(unmap(FX_IOVA, PIECE), 0);
    fx_assert_blocked(FX_SID, FX_IOVA);
    assert_false(far_passes(FX_IOVA));
    aspace_detach(&space, near_group); /* the other keeps its translations */
    fx_assert_denied(FX_SID);
    expect_far(FX_IOVA + MIB(4), FX_PA);
    aspace_detach(&space, far_group);
    assert_false(far_passes(FX_IOVA + MIB(4)));
    close_units();
    assert_int_equal(released, 3);
    assert_int_equal(lost, 0);
}

static void two_of_a_kind(void **state)
{
    (void)state;
    replay(&smmuv2_model_mmu401);
}

static void two_stages_and_formats(void **state)
{
    (void)state;
    replay(&smmuv2_model_mmu500);
}

/* A space that was told to use 4K cannot take in a unit that has 64K only: nothing changes. */
static void a_granule_that_does_not_fit(void **state)
{
    const char *why = "";

    (void)state;
    open_units(&smmuv2_model_mmu500, 12);
    attach(far_group);
    assert_int_equal(aspace_quantum(&space), KIB(4));
    assert_int_equal(map(FX_IOVA, FX_PA, KIB(4)), 0);
    assert_int_equal(aspace_attach(&space, near_group, &why), -RF_EINVAL);
    assert_true(why[0] != '\0');
    fx_assert_denied(FX_SID);
    expect_far(FX_IOVA, FX_PA);
    aspace_detach(&space, far_group);
    close_units();
}

/* One unit that no longer answers takes its devices with it, and no others; the memory is lost. */
static void one_of_two_dies(void **state)
{
    (void)state;
    open_units(&smmuv2_model_mmu401, 0);
    attach(near_group);
    attach(far_group);
    assert_int_equal(map(FX_IOVA, FX_PA, PIECE), 0);
    assert_int_equal(map(FX_IOVA + MIB(1), FX_PA + MIB(1), PIECE), 0);
    smmuv2_model_set_sync_stuck(other.model, true);
    assert_int_equal(unmap(FX_IOVA, PIECE), -RF_ETIMEDOUT);
    assert_true(other.unit->dead);
    assert_false(fx.unit->dead);
    assert_false(far_passes(FX_IOVA));
    assert_false(far_passes(FX_IOVA + MIB(1)));
    fx_assert_blocked(FX_SID, FX_IOVA);
    expect_near(FX_IOVA + MIB(1), FX_PA + MIB(1));
    assert_int_equal(lost, 1);
    aspace_detach(&space, far_group);
    aspace_detach(&space, near_group);
    close_units();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_a_kind),
        cmocka_unit_test(two_stages_and_formats),
        cmocka_unit_test(a_granule_that_does_not_fit),
        cmocka_unit_test(one_of_two_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
