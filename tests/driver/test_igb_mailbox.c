/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/igb_fixture.h"

/* --- messages -------------------------------------------------------------------------------- */

static void a_reset_opens_the_pool(void **state)
{
    uint64_t told;

    (void)state;
    start(2);
    reset_vf(1);
    told = igb_vf_read(1, VMBMEM(1)) | (uint64_t)igb_vf_read(1, VMBMEM(2)) << 32;
    assert_int_equal(told, mac_of(1));
    assert_int_equal(igb_model_receivers(mac_of(1), 1514), 1u << 1);
    assert_int_equal(igb_model_receivers(BROADCAST, 60), 1u << 1);
    assert_int_equal(igb_model_receivers(mac_of(0), 60), 0);
    assert_int_equal(igb_model_receivers(mac_of(1), 1519), 0);
    assert_true(igb_model_sends(1, mac_of(1)));
    assert_false(igb_model_sends(0, mac_of(0)));
    assert_false(igb_model_switches());
}

static void nobody_sends_in_the_name_of_another(void **state)
{
    (void)state;
    start(2);
    reset_vf(0);
    reset_vf(1);
    assert_true(igb_model_sends(0, mac_of(0)));
    assert_false(igb_model_sends(0, mac_of(1)));
    assert_false(igb_model_sends(1, OWN));
}

/* Yes to what it has already, no to everything else, and to everything before a reset. */
static void every_message(void **state)
{
    (void)state;
    start(2);
    for (uint32_t type = 0; type < 0x20; type++)
        if (type != 1)
            assert_int_equal(ask(0, type, 0), type | NACK);
    reset_vf(0);
    for (uint32_t type = 0; type < 0x20; type++)
        if (type != 1 && type != 5)
            assert_int_equal(ask(0, type, 0), type | NACK | CTS);
    assert_int_equal(ask(0, 5, 1522), 5 | ACK | CTS);
    assert_int_equal(ask(0, 5, 1523), 5 | NACK | CTS);
    assert_int_equal(ask(0, 0xffff0101, 0), 0x101 | NACK | CTS);
}

static void its_own_address_only(void **state)
{
    uint32_t words[3] = {2};

    (void)state;
    start(2);
    reset_vf(0);
    memcpy(&words[1], igb_pf_mac(pf, 0), 6);
    put_message(0, words, 3);
    poll();
    assert_int_equal(igb_vf_read(0, VMBMEM(0)), 2 | ACK | CTS);
    memcpy(&words[1], igb_pf_mac(pf, 1), 6);
    put_message(0, words, 3);
    poll();
    assert_int_equal(igb_vf_read(0, VMBMEM(0)), 2 | NACK | CTS);
    assert_int_equal(igb_model_receivers(mac_of(1), 60), 0);
}

static void one_answer_a_message(void **state)
{
    (void)state;
    start(1);
    reset_vf(0);
    poll();
    assert_false(igb_vf_read(0, V2PMAILBOX) & (PFSTS | PFACK));
}

/* It is asked again when it lets go; the others do not wait for it. */
static void one_keeps_the_words(void **state)
{
    const uint32_t word = 1;

    (void)state;
    start(2);
    put_message(0, &word, 1);
    igb_vf_write(0, V2PMAILBOX, VFU);
    for (unsigned i = 0; i < 10; i++)
        poll();
    assert_false(igb_vf_read(0, V2PMAILBOX) & PFSTS);
    reset_vf(1);
    igb_vf_write(0, V2PMAILBOX, 0);
    poll();
    assert_true(igb_vf_read(0, V2PMAILBOX) & PFSTS);
    assert_int_equal(igb_vf_read(0, VMBMEM(0)), 1 | ACK | CTS);
}

/* Those that are not enabled have no mailbox. */
static void others_are_not_heard(void **state)
{
    const uint32_t word = 1;

    (void)state;
    start(2);
    put_message(2, &word, 1);
    poll();
    assert_false(igb_vf_read(2, V2PMAILBOX) & PFSTS);
    assert_int_equal(igb_model_receivers(BROADCAST, 60), 0);
}

static void one_asks_without_end(void **state)
{
    (void)state;
    start(2);
    reset_vf(1);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(ask(0, 0x77, i), 0x77 | NACK);
    assert_int_equal(ask(1, 5, 1522), 5 | ACK | CTS);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_reset_opens_the_pool), T(nobody_sends_in_the_name_of_another),
        T(every_message),          T(its_own_address_only),
        T(one_answer_a_message),   T(one_keeps_the_words),
        T(others_are_not_heard),   T(one_asks_without_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
