/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/stack.h"

#include <string.h>

/* A frame is copied before anything of it is checked: the device may still write to it. */

#define FRAME_MAX 1514u

enum { ETH_DST = 0, ETH_SRC = 6, ETH_TYPE = 12, ETH_SIZE = 14 };
#define TYPE_IPV4 0x0800u
#define TYPE_ARP  0x0806u

/* RFC 826, Ethernet and IPv4; offsets in the packet. */
enum { ARP_OPER = 6, ARP_SHA = 8, ARP_SPA = 14, ARP_THA = 18, ARP_TPA = 24, ARP_SIZE = 28 };
static const uint8_t arp_kind[6] = {0, 1, 8, 0, 6, 4};
#define ARP_REQUEST 1u
#define ARP_REPLY   2u

/* RFC 791, without options. */
enum {
    IP_TOTAL = 2,
    IP_FLAGS = 6,
    IP_TTL = 8,
    IP_PROTOCOL = 9,
    IP_SUM = 10,
    IP_SRC = 12,
    IP_DST = 16,
    IP_SIZE = 20
};
#define IP_VERSION_IHL 0x45u
#define IP_FRAGMENT    0x3fffu /* More Fragments, Fragment Offset */
#define PROTOCOL_ICMP  1u
#define PROTOCOL_UDP   17u

/* RFC 792, RFC 768. */
enum { ICMP_TYPE = 0, ICMP_CODE = 1, ICMP_SUM = 2, ICMP_SIZE = 8 };
#define ICMP_ECHO       8u
#define ICMP_ECHO_REPLY 0u
enum { UDP_SRC = 0, UDP_DST = 2, UDP_LENGTH = 4, UDP_SUM = 6, UDP_SIZE = 8 };

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static void swap(uint8_t *a, uint8_t *b, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t t = a[i];

        a[i] = b[i];
        b[i] = t;
    }
}

/* RFC 1071: the sum of a whole with its right checksum is 0xffff. */
static uint32_t sum(const uint8_t *p, unsigned size, uint32_t s)
{
    for (unsigned i = 0; i + 1 < size; i += 2)
        s += get16(p + i);
    if (size & 1)
        s += (uint32_t)p[size - 1] << 8;
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}

static int is_broadcast(const uint8_t *mac)
{
    static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

    return memcmp(mac, all, 6) == 0;
}

static unsigned count(uint64_t *counter)
{
    ++*counter;
    return 0;
}

/* --- ARP ------------------------------------------------------------------------------------- */

static unsigned arp_input(struct stack *s, uint8_t *frame, unsigned size)
{
    uint8_t *arp = frame + ETH_SIZE;

    if (size < ETH_SIZE + ARP_SIZE || memcmp(arp, arp_kind, sizeof(arp_kind)) != 0)
        return count(&s->counts.malformed);
    if (get16(arp + ARP_OPER) != ARP_REQUEST || get32(arp + ARP_TPA) != s->ip)
        return count(&s->counts.foreign);
    s->counts.arp++;
    put16(arp + ARP_OPER, ARP_REPLY);
    memcpy(arp + ARP_THA, arp + ARP_SHA, 10);
    memcpy(arp + ARP_SHA, s->mac, 6);
    put32(arp + ARP_SPA, s->ip);
    memcpy(frame + ETH_DST, arp + ARP_THA, 6);
    memcpy(frame + ETH_SRC, s->mac, 6);
    return ETH_SIZE + ARP_SIZE;
}

unsigned stack_arp_request(const struct stack *s, uint32_t ip, uint8_t *frame)
{
    uint8_t *arp = frame + ETH_SIZE;

    memset(frame, 0, ETH_SIZE + ARP_SIZE);
    memset(frame + ETH_DST, 255, 6);
    memcpy(frame + ETH_SRC, s->mac, 6);
    put16(frame + ETH_TYPE, TYPE_ARP);
    memcpy(arp, arp_kind, sizeof(arp_kind));
    put16(arp + ARP_OPER, ARP_REQUEST);
    memcpy(arp + ARP_SHA, s->mac, 6);
    put32(arp + ARP_SPA, s->ip);
    put32(arp + ARP_TPA, ip);
    return ETH_SIZE + ARP_SIZE;
}

/* --- what IPv4 carries ----------------------------------------------------------------------- */

/* Turns the question at `p`, `size` bytes behind the IP header, into its answer; 0: there is none.
 */

static unsigned icmp_input(struct stack *s, const uint8_t *ip, uint8_t *p, unsigned size)
{
    (void)ip;
    if (size < ICMP_SIZE)
        return count(&s->counts.malformed);
    if (sum(p, size, 0) != 0xffff)
        return count(&s->counts.bad_checksum);
    if (p[ICMP_TYPE] != ICMP_ECHO || p[ICMP_CODE] != 0)
        return count(&s->counts.foreign);
    s->counts.icmp++;
    p[ICMP_TYPE] = ICMP_ECHO_REPLY;
    put16(p + ICMP_SUM, 0);
    put16(p + ICMP_SUM, ~sum(p, size, 0));
    return size;
}

static uint32_t pseudo_header(const uint8_t *ip, unsigned size)
{
    return sum(ip + IP_SRC, 8, PROTOCOL_UDP + size);
}

static unsigned udp_discard(struct stack *s, const uint8_t *text, unsigned size)
{
    s->counts.udp_discard++;
    s->counts.udp_discard_bytes += size;
    s->quit |= size == 4 && memcmp(text, "quit", 4) == 0;
    return 0;
}

/* Ports and addresses change places, which leaves the sum as it is. */
static unsigned udp_input(struct stack *s, const uint8_t *ip, uint8_t *p, unsigned size)
{
    unsigned length = size < UDP_SIZE ? 0 : get16(p + UDP_LENGTH);

    if (length < UDP_SIZE || length > size)
        return count(&s->counts.malformed);
    if (get16(p + UDP_SUM) != 0 && sum(p, length, pseudo_header(ip, length)) != 0xffff)
        return count(&s->counts.bad_checksum);
    if (get16(p + UDP_DST) == PORT_DISCARD)
        return udp_discard(s, p + UDP_SIZE, length - UDP_SIZE);
    if (get16(p + UDP_DST) != PORT_ECHO)
        return count(&s->counts.foreign);
    s->counts.udp_echo++;
    swap(p + UDP_SRC, p + UDP_DST, 2);
    return length;
}

static const struct {
    uint8_t protocol;
    unsigned (*input)(struct stack *s, const uint8_t *ip, uint8_t *p, unsigned size);
} protocols[] = {
    {PROTOCOL_ICMP, icmp_input},
    {PROTOCOL_UDP, udp_input},
};

static unsigned protocol_input(struct stack *s, uint8_t *ip, unsigned size)
{
    for (unsigned i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        if (protocols[i].protocol == ip[IP_PROTOCOL])
            return protocols[i].input(s, ip, ip + IP_SIZE, size - IP_SIZE);
    return count(&s->counts.foreign);
}

/* --- IPv4 ------------------------------------------------------------------------------------ */

/* The packet's size, 0 when it is none that this host takes; bytes behind it are padding. */
static unsigned ip_size(struct stack *s, const uint8_t *ip, unsigned room)
{
    unsigned total = room < IP_SIZE ? 0 : get16(ip + IP_TOTAL);

    if (total < IP_SIZE || total > room || ip[0] != IP_VERSION_IHL ||
        get16(ip + IP_FLAGS) & IP_FRAGMENT)
        return count(&s->counts.malformed);
    if (sum(ip, IP_SIZE, 0) != 0xffff)
        return count(&s->counts.bad_checksum);
    return get32(ip + IP_DST) == s->ip ? total : count(&s->counts.foreign);
}

static unsigned ip_input(struct stack *s, uint8_t *frame, unsigned size)
{
    uint8_t *ip = frame + ETH_SIZE;
    unsigned total = ip_size(s, ip, size - ETH_SIZE);
    unsigned answer = total ? protocol_input(s, ip, total) : 0;

    if (answer == 0)
        return 0;
    swap(ip + IP_SRC, ip + IP_DST, 4);
    put16(ip + IP_TOTAL, IP_SIZE + answer);
    ip[IP_TTL] = 64;
    put16(ip + IP_SUM, 0);
    put16(ip + IP_SUM, ~sum(ip, IP_SIZE, 0));
    memcpy(frame + ETH_DST, frame + ETH_SRC, 6);
    memcpy(frame + ETH_SRC, s->mac, 6);
    return ETH_SIZE + IP_SIZE + answer;
}

unsigned stack_input(struct stack *s, const uint8_t *frame, unsigned size, uint8_t *answer)
{
    s->counts.frames++;
    s->counts.bytes += size;
    if (size < ETH_SIZE || size > FRAME_MAX)
        return count(&s->counts.malformed);
    memcpy(answer, frame, size);
    if (memcmp(answer + ETH_DST, s->mac, 6) != 0 && !is_broadcast(answer + ETH_DST))
        return count(&s->counts.foreign);
    switch (get16(answer + ETH_TYPE)) {
    case TYPE_ARP:
        return arp_input(s, answer, size);
    case TYPE_IPV4:
        return ip_input(s, answer, size);
    default:
        return count(&s->counts.foreign);
    }
}
