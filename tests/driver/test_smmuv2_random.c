/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

#include "tests/driver/inline/random.h"

/* Random programs on every part. */

/* What was not mapped, and who is not let in: faults that are pending change nothing. */
static void look_at_faults(void)
{
    struct iommu_fault f[2];

    assert_true(fx.unit->ops->faults(fx.unit, f, 2) <= 2);
}

static struct smmuv2_model_config any_part(unsigned *granule_lg2)
{
    const struct part *p = &parts[below(ARRAY_SIZE(parts))];
    struct smmuv2_model_config cfg = part_config(p);

    *granule_lg2 = p->granule_lg2;
    cfg.non_coherent = below(4) == 0;
    cfg.keeps_routes = below(2);
    cfg.sync_delay = (unsigned)below(9);
    cfg.forget = below(2) ? 0 : 1 + (unsigned)below(20);
    return cfg;
}

static void run(uint64_t seed)
{
    static const uint32_t sids[STREAMS] = {0x08, 0x18, 0x48, 0x7f};
    struct smmuv2_model_config cfg;
    unsigned granule_lg2;

    random_begin(seed);
    cfg = any_part(&granule_lg2);
    fx_start(&cfg);
    random_run(sids, granule_lg2 ? granule_lg2 : fx_granule_lg2(), look_at_faults);
    fx_close();
}

static void every_part(void **state)
{
    (void)state;
    random_programs(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
