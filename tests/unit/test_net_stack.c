/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "workloads/net/stack.h"

/* The host on the network that workloads/net is. Frames lie at the end of their memory, so that a
 * byte too many that is read is seen. */

#define ROOM    1514u
#define HEADERS 42u
#define IP      14u
#define BODY    34u
#define OWN_IP  0x0a00020fu

static const uint8_t own_mac[6] = {2, 0x54, 0, 0x12, 0x34, 0x56};
static struct stack host;
static uint8_t *frame;

static int setup(void **state)
{
    (void)state;
    host = (struct stack){.ip = OWN_IP};
    memcpy(host.mac, own_mac, 6);
    frame = malloc(ROOM);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(frame);
    return 0;
}

static void put16(unsigned at, unsigned v)
{
    frame[at] = (uint8_t)(v >> 8);
    frame[at + 1] = (uint8_t)v;
}

/* RFC 1071, as it says, a byte after the other. */
static unsigned sum(unsigned at, unsigned size, unsigned s)
{
    for (unsigned i = 0; i < size; i++)
        s += (unsigned)frame[at + i] << (i % 2 ? 0 : 8);
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}

static unsigned udp_sum(unsigned length)
{
    return sum(BODY, length, sum(IP + 12, 8, 17 + length));
}

/* A datagram to the echo port, or an ICMP echo request, with `size` bytes: the frame's size. */
static unsigned question(unsigned protocol, unsigned size)
{
    static const uint8_t headers[BODY] = {2, 0x54, 0,    0x12, 0x34, 0x56, 2,  0, 0, 0, 0,  1,
                                          8, 0,    0x45, 0,    0,    0,    0,  1, 0, 0, 99, 0,
                                          0, 0,    10,   0,    2,    2,    10, 0, 2, 15};

    memcpy(frame, headers, BODY);
    frame[IP + 9] = (uint8_t)protocol;
    put16(IP + 2, 28 + size);
    put16(IP + 10, ~sum(IP, 20, 0));
    memset(frame + BODY, 0, 8);
    for (unsigned i = 0; i < size; i++)
        frame[HEADERS + i] = (uint8_t)(i * 7 + size);
    if (protocol == 1) {
        frame[BODY] = 8;
        put16(BODY + 2, ~sum(BODY, 8 + size, 0));
        return HEADERS + size;
    }
    put16(BODY, 4242);
    put16(BODY + 2, PORT_ECHO);
    put16(BODY + 4, 8 + size);
    put16(BODY + 6, ~udp_sum(8 + size));
    return HEADERS + size;
}

static uint64_t counted(void)
{
    const struct stack_counts *c = &host.counts;

    return c->arp + c->icmp + c->udp_echo + c->udp_discard + c->malformed + c->bad_checksum +
           c->foreign;
}

static void every_size_is_answered_with_right_sums(void **state)
{
    (void)state;
    for (unsigned size = 0; size <= ROOM - HEADERS; size++) {
        for (unsigned protocol = 1; protocol <= 17; protocol += 16) {
            unsigned all = question(protocol, size);

            assert_int_equal(stack_input(&host, frame, all), all);
            assert_memory_equal(frame + 6, own_mac, 6);
            assert_int_equal(frame[5], 1);
            assert_int_equal(frame[IP + 19], 2);
            assert_int_equal(sum(IP, 20, 0), 0xffff);
            assert_int_equal(protocol == 1 ? sum(BODY, 8 + size, 0) : udp_sum(8 + size), 0xffff);
        }
    }
}

/* What no sum covers decides by itself: 6 bytes of the receiver, 2 of the type, and the sender's.
 */
static void one_bit_is_wrong(void **state)
{
    const unsigned size = question(17, 100);

    (void)state;
    for (unsigned bit = 0; bit < size * 8; bit++) {
        uint64_t before = host.counts.udp_echo;
        int is_sender = bit / 8 >= 6 && bit / 8 < 12 && bit != 48; /* 48: a group */

        question(17, 100);
        frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(stack_input(&host, frame, size) != 0, is_sender);
        assert_int_equal(host.counts.udp_echo - before, is_sender);
    }
}

static void one_that_is_not_answered_stays_as_it_is(void **state)
{
    uint8_t was[ROOM];
    unsigned size = question(17, 64);

    (void)state;
    put16(BODY + 2, 99);
    put16(BODY + 6, 0);
    memcpy(was, frame, size);
    assert_int_equal(stack_input(&host, frame, size), 0);
    assert_memory_equal(frame, was, size);
    assert_int_equal(host.counts.foreign, 1);
}

static void a_byte_too_long(void **state)
{
    (void)state;
    question(17, ROOM - HEADERS);
    assert_int_equal(stack_input(&host, frame, ROOM + 1), 0);
    assert_int_equal(host.counts.malformed, 1);
}

/* The answer has no bytes behind the datagram, and its packet says so. */
static void a_datagram_that_is_shorter_than_its_packet(void **state)
{
    unsigned size = question(17, 64);

    (void)state;
    put16(BODY + 4, 8 + 50);
    put16(BODY + 6, 0);
    put16(BODY + 6, ~udp_sum(8 + 50));
    assert_int_equal(stack_input(&host, frame, size), HEADERS + 50);
    assert_int_equal(frame[IP + 3], 20 + 8 + 50);
    assert_int_equal(sum(IP, 20, 0), 0xffff);
    assert_int_equal(udp_sum(8 + 50), 0xffff);
}

/* They would go on for ever. */
static void an_echo_is_not_answered(void **state)
{
    unsigned size = question(17, 64);

    (void)state;
    put16(BODY, PORT_ECHO);
    put16(BODY + 6, 0);
    assert_int_equal(stack_input(&host, frame, size), 0);
    assert_int_equal(host.counts.foreign, 1);
}

/* Lengths say anything, sums of headers are right: memory and counts stay in order. */
static void lengths_that_contradict_each_other(void **state)
{
    (void)state;
    srandom(1);
    for (unsigned i = 1; i <= 200000; i++) {
        unsigned size = question(random() & 1 ? 1 : 17, (unsigned)random() % 64);

        put16(IP + 2, (unsigned)random() % (random() & 1 ? 2000 : 65536));
        put16(BODY + 4, (unsigned)random() % (random() & 1 ? 2000 : 65536));
        put16(BODY + 6, 0);
        put16(IP + 10, 0);
        put16(IP + 10, ~sum(IP, 20, 0));
        if (random() & 1)
            size = (unsigned)random() % (ROOM + 2);
        assert_true(stack_input(&host, frame, size) <= ROOM);
        assert_int_equal(host.counts.frames, i);
        assert_int_equal(counted(), i);
    }
    assert_true(host.counts.udp_echo > 0 && host.counts.malformed > 0);
}

static void bytes_without_sense(void **state)
{
    (void)state;
    srandom(2);
    for (unsigned i = 1; i <= 20000; i++) {
        unsigned keep = (unsigned)random() % HEADERS, size = question(17, 64);

        for (unsigned at = keep; at < size; at++)
            frame[at] = (uint8_t)random();
        assert_true(stack_input(&host, frame, size) <= size);
        assert_int_equal(counted(), i);
    }
}

static void it_asks_and_answers_who_has_an_address(void **state)
{
    struct stack other = {.mac = {2, 0, 0, 0, 0, 1}, .ip = 0x0a000202};

    (void)state;
    assert_int_equal(stack_arp_request(&other, OWN_IP, frame), HEADERS);
    assert_int_equal(stack_input(&host, frame, 60), HEADERS);
    assert_memory_equal(frame, other.mac, 6);
    assert_memory_equal(frame + 6, own_mac, 6);
    assert_memory_equal(frame + 14 + 8, own_mac, 6);
    assert_int_equal(stack_arp_request(&other, OWN_IP + 1, frame), HEADERS);
    assert_int_equal(stack_input(&host, frame, 60), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_size_is_answered_with_right_sums),     T(one_bit_is_wrong),
        T(one_that_is_not_answered_stays_as_it_is),    T(a_byte_too_long),
        T(a_datagram_that_is_shorter_than_its_packet), T(an_echo_is_not_answered),
        T(lengths_that_contradict_each_other),         T(bytes_without_sense),
        T(it_asks_and_answers_who_has_an_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
