/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

#include "tests/driver/inline/random.h"

/* Random programs on every kind of unit. */

/* A device that times out, or an answer out of turn: what is asked next is asked again. */
static void disturb_queue(void)
{
    vtd_model_fail(fx.model, 1 + (unsigned)below(3), below(2) ? 1u << 6 : 1u << 5, 1);
}

static struct vtd_model_config any_unit(void)
{
    struct vtd_model_config cfg = *fx_modes[below(FX_MODES)];

    fx_set(&cfg.ecap, FX_ECAP_QI, below(8));
    fx_set(&cfg.ecap, FX_ECAP_C, below(2));
    fx_set(&cfg.ecap, FX_ECAP_SMPWC, below(2));
    fx_set(&cfg.ecap, FX_ECAP_SC, below(2));
    fx_set(&cfg.cap, FX_CAP_CM, below(2));
    fx_set(&cfg.cap, FX_CAP_RWBF, below(8) == 0);
    fx_set(&cfg.cap, FX_CAP_PSI, below(4));
    cfg.cap = (cfg.cap & ~MASK(53, 48)) | below(19) << 48;
    cfg.lazy_queue = below(2);
    cfg.late_status = below(2);
    cfg.wait_delay = (unsigned)below(9);
    cfg.ack_delay = (unsigned)below(4);
    return cfg;
}

static void run(uint64_t seed)
{
    static const uint32_t sids[STREAMS] = {0x08, 0x88, 0x100, 0xffff};
    struct vtd_model_config cfg;

    random_begin(seed);
    cfg = any_unit();
    fx_start(&cfg);
    random_run(sids, PAGE_LG2, disturb_queue);
    fx_close();
}

static void every_kind_of_unit(void **state)
{
    (void)state;
    random_programs(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
