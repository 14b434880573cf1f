/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "workloads/net/regs.h"
#include "workloads/net/ring.h"

/* The descriptor rings of workloads/net, with the test for a device: it has no registers that do
 * anything, and writes what it likes into descriptors. */

#define IOVA   UINT64_C(0x200000)
#define SIZE   8u /* descriptors of a ring */
#define FRAMES 1000u
#define GOOD   (RXD_DD | RXD_EOP)

static struct igbvf vf;
static uint8_t regs[0x4000];
static struct {
    unsigned rx, tx; /* its heads */
} device;

static int setup(void **state)
{
    (void)state;
    memset(regs, 0, sizeof(regs));
    memset(&device, 0, sizeof(device));
    vf = (struct igbvf){
        .regs = regs, .memory = malloc(RING_MEMORY), .iova = IOVA, .ring_size = SIZE};
    memset(vf.memory, 0xff, RING_MEMORY);
    assert_int_equal(ring_start(&vf), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(vf.memory);
    return 0;
}

static volatile uint64_t *rx_desc(unsigned n)
{
    return (volatile uint64_t *)(vf.memory + (size_t)n * 16);
}

static volatile uint64_t *tx_desc(unsigned n)
{
    return (volatile uint64_t *)(vf.memory + RING_BYTES + (size_t)n * 16);
}

static uint8_t *buffer_at(uint64_t iova)
{
    assert_true(iova >= IOVA + 2 * RING_BYTES && iova <= IOVA + RING_MEMORY - BUFFER_SIZE);
    assert_int_equal((iova - IOVA) % BUFFER_SIZE, 0);
    return vf.memory + (iova - IOVA);
}

/* The device writes `size` times `tag` into the next buffer, if it has one, and what it says of it.
 */
static int deliver(uint8_t tag, unsigned size, uint32_t status)
{
    volatile uint64_t *d = rx_desc(device.rx);

    if (device.rx == get_reg(regs, RDT))
        return 0;
    memset(buffer_at(d[0]), tag, size > BUFFER_SIZE ? BUFFER_SIZE : size);
    d[1] = (uint64_t)size << 32 | status;
    device.rx = (device.rx + 1) % SIZE;
    return 1;
}

/* The frame that the device sends next, NULL: there is none. */
static const uint8_t *sent(unsigned *size)
{
    volatile uint64_t *d = tx_desc(device.tx);
    const uint8_t *frame;

    if (device.tx == get_reg(regs, TDT))
        return NULL;
    frame = buffer_at(d[0]);
    *size = d[1] & 0xffff;
    assert_int_equal(d[1] >> 46, *size); /* PAYLEN */
    d[1] |= (uint64_t)TXD_DD << 32;
    device.tx = (device.tx + 1) % SIZE;
    return frame;
}

static void expect_frame(uint8_t tag, unsigned size)
{
    uint8_t *frame;
    int error;

    assert_int_equal(igbvf_receive(&vf, &frame, &error), size);
    assert_false(error);
    assert_int_equal(frame[0], tag);
    assert_int_equal(frame[size - 1], tag);
}

/* No buffer is in two places, none is lost. */
static void check_buffers(void)
{
    uint8_t seen[2 * RING_MAX] = {0};

    for (unsigned n = 0; n < SIZE; n++) {
        seen[(vf.rx.buffer[n] - 2 * RING_BYTES) / BUFFER_SIZE]++;
        seen[(vf.tx.buffer[n] - 2 * RING_BYTES) / BUFFER_SIZE]++;
    }
    for (unsigned n = 0; n < SIZE; n++) {
        assert_int_equal(seen[n], 1);
        assert_int_equal(seen[RING_MAX + n], 1);
    }
}

/* --- the good -------------------------------------------------------------------------------- */

static void the_device_gets_all_but_one_descriptor(void **state)
{
    (void)state;
    assert_int_equal(get_reg(regs, RDLEN), SIZE * 16);
    assert_int_equal(get_reg(regs, TDT), 0);
    for (unsigned n = 0; n < SIZE - 1; n++)
        assert_true(deliver((uint8_t)n, 60, GOOD));
    assert_false(deliver(0, 60, GOOD));
}

/* While rings wrap a hundred times, what comes is answered or given back, in turn with a device
 * that sends now and then. */
static void buffers_change_places_and_none_is_lost(void **state)
{
    unsigned size, delivered = 0, taken = 0, answered = 0, left = 0;
    const uint8_t *frame;

    (void)state;
    while (taken < FRAMES) {
        while (delivered - taken < delivered % 5 + 1 && deliver((uint8_t)delivered, 64, GOOD))
            delivered++;
        for (; taken < delivered; taken++) {
            expect_frame((uint8_t)taken, 64);
            if (taken % 3 == 0 || igbvf_answer(&vf, 64))
                igbvf_release(&vf);
            else
                answered++;
        }
        igbvf_post(&vf);
        check_buffers();
        for (unsigned n = taken % 7; n > 0 && (frame = sent(&size)); n--) {
            assert_int_equal(size, 64);
            assert_int_equal(frame[0], frame[63]);
            left++;
        }
    }
    assert_true(answered > FRAMES / 2 && left <= answered && left + SIZE > answered);
}

static void a_short_answer_is_padded_with_zeros(void **state)
{
    static const uint8_t zeros[FRAME_MIN - 42];
    const uint8_t *frame;
    unsigned size;

    (void)state;
    deliver(0x55, 64, GOOD);
    expect_frame(0x55, 64);
    assert_int_equal(igbvf_answer(&vf, 42), 0);
    igbvf_post(&vf);
    frame = sent(&size);
    assert_int_equal(size, FRAME_MIN);
    assert_int_equal(frame[41], 0x55);
    assert_memory_equal(frame + 42, zeros, sizeof(zeros));
}

/* The frame is still there, and its buffer can go back. */
static void no_descriptor_is_free(void **state)
{
    (void)state;
    for (unsigned n = 0; n < SIZE - 1; n++) {
        deliver((uint8_t)n, 60, GOOD);
        expect_frame((uint8_t)n, 60);
        assert_int_equal(igbvf_answer(&vf, 60), 0);
        igbvf_post(&vf);
    }
    deliver(0x77, 60, GOOD);
    expect_frame(0x77, 60);
    assert_int_equal(igbvf_answer(&vf, 60), -1);
    expect_frame(0x77, 60);
    igbvf_release(&vf);
    igbvf_post(&vf);
    check_buffers();
    assert_true(deliver(0x78, 60, GOOD));
}

static void tails_move_when_they_are_told_to(void **state)
{
    unsigned tail = get_reg(regs, RDT);

    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        deliver(1, 60, GOOD);
        expect_frame(1, 60);
        (void)igbvf_answer(&vf, 60);
    }
    assert_int_equal(get_reg(regs, RDT), tail);
    assert_int_equal(get_reg(regs, TDT), 0);
    igbvf_post(&vf);
    assert_int_equal(get_reg(regs, RDT), (tail + 3) % SIZE);
    assert_int_equal(get_reg(regs, TDT), 3);
}

/* --- the bad --------------------------------------------------------------------------------- */

static void expect_error(void)
{
    uint8_t *frame;
    int error;

    assert_true(igbvf_receive(&vf, &frame, &error) != 0);
    assert_true(error);
    igbvf_release(&vf);
    igbvf_post(&vf);
}

static void what_the_device_says_of_a_frame(void **state)
{
    static const struct {
        unsigned size;
        uint32_t status;
    } bad[] = {
        {0, GOOD},
        {BUFFER_SIZE + 1, GOOD},
        {0xffff, GOOD},
        {60, GOOD | 1u << 31},
        {60, GOOD | 1u << 30},
        {60, GOOD | 1u << 29},
    };
    uint8_t *frame;
    int error;

    (void)state;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(deliver(1, bad[i].size, bad[i].status));
        expect_error();
        deliver(2, 60, GOOD);
        expect_frame(2, 60);
        igbvf_release(&vf);
        igbvf_post(&vf);
    }
    deliver(3, 60, RXD_EOP);
    assert_int_equal(igbvf_receive(&vf, &frame, &error), 0); /* not done */
}

/* Else its rest would be taken for a frame that somebody made up in its middle. */
static void a_frame_that_is_longer_than_a_buffer(void **state)
{
    (void)state;
    deliver(1, BUFFER_SIZE, RXD_DD);
    deliver(1, BUFFER_SIZE, RXD_DD);
    deliver(1, 60, GOOD);
    deliver(2, 60, GOOD);
    for (unsigned piece = 0; piece < 3; piece++)
        expect_error();
    expect_frame(2, 60);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_device_gets_all_but_one_descriptor), T(buffers_change_places_and_none_is_lost),
        T(a_short_answer_is_padded_with_zeros),    T(no_descriptor_is_free),
        T(tails_move_when_they_are_told_to),       T(what_the_device_says_of_a_frame),
        T(a_frame_that_is_longer_than_a_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
