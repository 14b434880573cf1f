/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/igb_fixture.h"

/* --- start ----------------------------------------------------------------------------------- */

static void nobody_receives_or_sends_yet(void **state)
{
    (void)state;
    start(2);
    assert_int_equal(igb_model_receivers(BROADCAST, 60), 0);
    assert_int_equal(igb_model_receivers(mac_of(0), 60), 0);
    assert_false(igb_model_sends(0, mac_of(0)));
}

/* What it has no queue and no interrupt for cannot make it use the bus. */
static void it_needs_no_dma(void **state)
{
    (void)state;
    start(2);
    assert_int_equal(igb_model_interrupts(), 0);
    assert_int_equal(igb_model_queues(), 0);
    assert_int_equal(igb_model_receivers(OWN, 60), 0);
    assert_int_equal(igb_model_receivers(0x010203040506, 60), 0);
}

/* Not to the port, and not to whoever happens to have the first pool. */
static void frames_for_nobody_go_nowhere(void **state)
{
    (void)state;
    start(2);
    reset_vf(0);
    assert_int_equal(igb_model_receivers(mac_of(0), 60), 1);
    assert_int_equal(igb_model_receivers(OWN, 60), 0);
    assert_int_equal(igb_model_receivers(0x010203040506, 60), 0);
}

static void the_link_comes_up_and_vfs_are_told(void **state)
{
    uint32_t v;

    (void)state;
    start(2);
    assert_true(igb_model_link_wanted());
    v = igb_vf_read(0, V2PMAILBOX);
    assert_true((v & RSTD) && !(v & RSTI));
}

/* None of them can be another port's: those are not administered locally. */
static void each_has_an_address_of_its_own(void **state)
{
    (void)state;
    start(IGB_PF_VFS);
    for (unsigned n = 0; n < IGB_PF_VFS; n++) {
        const uint8_t mac[6] = {(uint8_t)(0x10 * n + 2), 0x54, 0x00, 0x12, 0x34, 0xfe};

        assert_memory_equal(igb_pf_mac(pf, n), mac, 6);
    }
}

static void a_start_that_fails(void **state)
{
    struct igb_pf_config cfg = config(2);
    struct igb_pf *out = NULL;

    (void)state;
    igb_faults.reset_hangs = true;
    assert_int_equal(igb_pf_start(&cfg, &out), -RF_ETIMEDOUT);
    igb_faults = (struct igb_faults){.gone = true};
    assert_int_equal(igb_pf_start(&cfg, &out), -RF_ETIMEDOUT);
    igb_faults = (struct igb_faults){.address = 0x010000000001}; /* of a group */
    assert_int_equal(igb_pf_start(&cfg, &out), -RF_EIO);
    cfg.vfs = IGB_PF_VFS + 1;
    assert_int_equal(igb_pf_start(&cfg, &out), -RF_EINVAL);
    cfg = config(2);
    cfg.regs.size = IGB_PF_REGS - 4;
    assert_int_equal(igb_pf_start(&cfg, &out), -RF_EINVAL);
    cfg = config(2);
    inject_after(1);
    assert_int_equal(igb_pf_start(&cfg, &out), -RF_ENOMEM);
    assert_null(out);
}

/* There is no link then, which the virtual functions see for themselves. */
static void a_silent_phy(void **state)
{
    (void)state;
    igb_faults.phy_silent = true;
    start(1);
    reset_vf(0);
}

/* --- resets ---------------------------------------------------------------------------------- */

static void one_is_reset_under_way(void **state)
{
    (void)state;
    start(2);
    reset_vf(0);
    reset_vf(1);
    igb_vf_flr(0);
    poll();
    assert_int_equal(igb_model_receivers(mac_of(0), 60), 0);
    assert_int_equal(igb_model_receivers(BROADCAST, 60), 1u << 1);
    assert_int_equal(ask(0, 5, 1522), 5 | NACK); /* it has to ask for its reset first */
    reset_vf(0);
    assert_int_equal(igb_model_receivers(BROADCAST, 60), 3);
}

/* The port is as it was at the start: virtual functions ask for their resets again. */
static void the_port_is_reset_under_way(void **state)
{
    (void)state;
    start(2);
    reset_vf(0);
    igb_model_reset();
    assert_true(igb_vf_read(0, V2PMAILBOX) & RSTI);
    poll();
    assert_false(igb_vf_read(0, V2PMAILBOX) & RSTI);
    assert_int_equal(igb_model_receivers(mac_of(0), 60), 0);
    assert_int_equal(igb_model_queues() | igb_model_interrupts(), 0);
    assert_int_equal(ask(0, 5, 1522), 5 | NACK);
    reset_vf(0);
    assert_int_equal(igb_model_receivers(mac_of(0), 60), 1);
    assert_false(igb_model_sends(0, mac_of(1)));
}

static void the_port_cannot_be_set_up_again(void **state)
{
    (void)state;
    start(2);
    igb_model_reset();
    igb_faults.reset_hangs = true;
    poll();
    (void)igb_model_accesses();
    poll();
    assert_int_equal(igb_model_accesses(), 0);
}

static void the_port_is_gone(void **state)
{
    (void)state;
    start(2);
    igb_faults.gone = true;
    poll();
    (void)igb_model_accesses();
    for (unsigned i = 0; i < 10; i++)
        poll();
    igb_pf_stop(pf);
    pf = NULL;
    assert_int_equal(igb_model_accesses(), 0);
}

static void it_looks_once_a_millisecond(void **state)
{
    (void)state;
    start(2);
    poll();
    (void)igb_model_accesses();
    for (unsigned i = 0; i < 100; i++)
        igb_pf_poll(pf);
    assert_int_equal(igb_model_accesses(), 0);
}

static void a_stop_leaves_nothing_on(void **state)
{
    (void)state;
    start(2);
    reset_vf(0);
    igb_pf_stop(pf);
    pf = NULL;
    assert_int_equal(igb_model_receivers(BROADCAST, 60), 0);
    assert_int_equal(igb_model_queues() | igb_model_interrupts(), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nobody_receives_or_sends_yet),
        T(it_needs_no_dma),
        T(frames_for_nobody_go_nowhere),
        T(the_link_comes_up_and_vfs_are_told),
        T(each_has_an_address_of_its_own),
        T(a_start_that_fails),
        T(a_silent_phy),
        T(one_is_reset_under_way),
        T(the_port_is_reset_under_way),
        T(the_port_cannot_be_set_up_again),
        T(the_port_is_gone),
        T(it_looks_once_a_millisecond),
        T(a_stop_leaves_nothing_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
