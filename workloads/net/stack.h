/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_STACK_H
#define NET_STACK_H

#include <stdint.h>

/* As much of a network host as answers: ARP, ICMP echo, UDP echo (port 7, RFC 862), UDP discard
 * (port 9, RFC 863). No fragments, no options, no routes: an answer goes where its question came
 * from. */

#define PORT_ECHO    7u
#define PORT_DISCARD 9u

struct stack_counts {
    uint64_t frames, bytes; /* received */
    uint64_t arp, icmp, udp_echo, udp_discard, udp_discard_bytes;
    uint64_t malformed; /* lengths that contradict each other, fragments, options */
    uint64_t bad_checksum;
    uint64_t foreign; /* another address, protocol or port */
};

struct stack {
    uint8_t mac[6];
    uint32_t ip; /* 10.0.2.15 is 0x0a00020f */
    int quit;    /* a datagram to the discard port said "quit" */
    struct stack_counts counts;
};

/* Looks at a frame as it was received, in a buffer of 1514 bytes, and turns it into the answer.
 * Returns the size of that, or 0: there is none, and the frame is as it was. */
unsigned stack_input(struct stack *s, uint8_t *frame, unsigned size);

/* An ARP request for `ip` (42 bytes). */
unsigned stack_arp_request(const struct stack *s, uint32_t ip, uint8_t *frame);

#endif
