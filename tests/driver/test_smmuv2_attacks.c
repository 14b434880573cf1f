/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

/* Attacks by devices, as the reference of known ones numbers them (ATK-n). */

/* A device that was given one page scans all memory. */
static void unmapped_addresses(void **state)
{
    static const uint64_t odd[] = {0,
                                   UINT64_C(1) << 32,
                                   (UINT64_C(1) << 39) - 8,
                                   UINT64_C(1) << 40,
                                   UINT64_C(1) << 47,
                                   UINT64_C(1) << 48,
                                   ~UINT64_C(7)};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d = start_attached(&cfg);

        for (uint64_t pa = FX_RAM_BASE; pa < FX_RAM_BASE + FX_RAM_SIZE; pa += 64 * KIB(1))
            fx_assert_blocked(SID, pa);
        for (size_t k = 0; k < ARRAY_SIZE(odd); k++)
            fx_assert_faults(SID, odd[k], CF_TRANSLATION);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* Another device with the same low bits, a neighbour, and those beyond what SMRs can tell. */
static void other_streams(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu500);

    (void)state;
    for (uint32_t sid = 0; sid < 0x8000; sid += 1 + (sid > 0x200) * 0x37)
        if (sid != SID)
            fx_assert_denied(sid);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* ATK-04: sizes at which a batch could lose an entry. */
static void batches_lose_nothing(void **state)
{
    static const unsigned sizes[] = {1, 2, 31, 32, 33, 255, 256, 257};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct iommu_domain *d;
        uint64_t n = sizes[i];

        fx_start(&smmuv2_model_mmu500);
        d = fx_domain(12);
        fx_attach(d, SID);
        fx_map(d, FX_IOVA, FX_PA, (n + 1) * PAGE_SIZE);
        for (uint64_t p = 0; p <= n; p++)
            fx_assert_passes(SID, FX_IOVA + p * PAGE_SIZE, FX_PA + p * PAGE_SIZE);
        fx_unmap_sync(d, FX_IOVA, n * PAGE_SIZE);
        for (uint64_t p = 0; p < n; p++)
            fx_assert_faults(SID, FX_IOVA + p * PAGE_SIZE, CF_TRANSLATION);
        fx_assert_passes(SID, FX_IOVA + n * PAGE_SIZE, FX_PA + n * PAGE_SIZE);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* ATK-28: whichever allocation of a start fails, the unit denies, and no page is lost. */
static void failed_start_denies(void **state)
{
    unsigned k = 0;
    int err;

    (void)state;
    do {
        uint64_t free_pages;

        fx_open(&smmuv2_model_mmu401);
        free_pages = fx_free_pages();
        inject_after(++k);
        err = iommu_unit_start(fx.unit);
        inject_after(0);
        if (err)
            assert_int_equal(fx_free_pages(), free_pages);
        fx_assert_denied(SID);
        fx_close();
    } while (err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unmapped_addresses),
        cmocka_unit_test(other_streams),
        cmocka_unit_test(batches_lose_nothing),
        cmocka_unit_test(failed_start_denies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
