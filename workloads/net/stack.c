/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/stack.h"

#include <string.h>

/* The device may write to a frame at any time, so its headers are copied before anything of them is
 * checked, and sizes are of the copy. What follows them is only summed up: if that changes, a wrong
 * checksum goes out. */

#define FRAME_MAX 1514u
#define HEADERS   42u /* Ethernet and ARP; Ethernet, IPv4, and ICMP or UDP */

enum { ETH_DST = 0, ETH_SRC = 6, ETH_TYPE = 12, ETH_SIZE = 14 };
#define GROUP     1u /* of an address' first byte: not one station */
#define TYPE_IPV4 0x0800u
#define TYPE_ARP  0x0806u

/* A frame: the copy of its headers, which turns into the answer's, and what follows them. */
struct packet {
    uint8_t head[HEADERS];
    const uint8_t *body;
    unsigned size; /* of the whole frame */
};

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
#define TTL            64u
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
    uint8_t was[4];

    memcpy(was, a, size);
    memcpy(a, b, size);
    memcpy(b, was, size);
}

/* --- checksums ------------------------------------------------------------------------------- */

/* RFC 1071: the sum of 16-bit words is that of longer ones, folded, in either byte order. */
static uint64_t add(uint64_t s, uint64_t word)
{
    return __builtin_add_overflow(s, word, &s) ? s + 1 : s;
}

static uint64_t word64(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

static uint64_t sum(const uint8_t *p, unsigned size, uint64_t s)
{
    uint8_t last[8] = {0};

    for (; size >= 16; p += 16, size -= 16)
        s = add(add(s, word64(p)), word64(p + 8));
    if (size >= 8) {
        s = add(s, word64(p));
        p += 8, size -= 8;
    }
    for (unsigned i = 0; i < size; i++)
        last[i] = p[i];
    return add(s, word64(last));
}

/* In the byte order of memory. */
static uint16_t fold(uint64_t s)
{
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (uint16_t)s;
}

/* The sum of a whole with its right checksum is 0xffff. */
static int is_right(uint64_t s)
{
    return fold(s) == 0xffff;
}

/* Into its place, which was 0 when the sum was taken. */
static void put_checksum(uint8_t *at, uint64_t s)
{
    uint16_t checksum = (uint16_t)~fold(s);

    memcpy(at, &checksum, sizeof(checksum));
}

/* --- helpers --------------------------------------------------------------------------------- */

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

static unsigned arp_input(struct stack *s, struct packet *p)
{
    uint8_t *arp = p->head + ETH_SIZE;

    if (p->size < ETH_SIZE + ARP_SIZE || memcmp(arp, arp_kind, sizeof(arp_kind)) != 0)
        return count(&s->counts.malformed);
    if (get16(arp + ARP_OPER) != ARP_REQUEST || get32(arp + ARP_TPA) != s->ip)
        return count(&s->counts.foreign);
    s->counts.arp++;
    put16(arp + ARP_OPER, ARP_REPLY);
    memcpy(arp + ARP_THA, arp + ARP_SHA, 10);
    memcpy(arp + ARP_SHA, s->mac, 6);
    put32(arp + ARP_SPA, s->ip);
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

/* Turns the question behind the IP header, of `size` bytes, into its answer, and returns the size
 * of that; 0: there is none. */

#define IP_BODY (ETH_SIZE + IP_SIZE)

static unsigned icmp_input(struct stack *s, struct packet *p, unsigned size)
{
    uint8_t *icmp = p->head + IP_BODY;

    if (size < ICMP_SIZE)
        return count(&s->counts.malformed);
    if (!is_right(sum(p->body, size - ICMP_SIZE, word64(icmp))))
        return count(&s->counts.bad_checksum);
    if (icmp[ICMP_TYPE] != ICMP_ECHO || icmp[ICMP_CODE] != 0)
        return count(&s->counts.foreign);
    s->counts.icmp++;
    icmp[ICMP_TYPE] = ICMP_ECHO_REPLY;
    put16(icmp + ICMP_SUM, 0);
    put_checksum(icmp + ICMP_SUM, sum(p->body, size - ICMP_SIZE, word64(icmp)));
    return size;
}

/* With the pseudo header of RFC 768. */
static int is_udp_right(const struct packet *p, unsigned length)
{
    const uint8_t *udp = p->head + IP_BODY;
    uint8_t pseudo[8] = {[1] = PROTOCOL_UDP};

    if (get16(udp + UDP_SUM) == 0)
        return 1;
    put16(pseudo + 2, length);
    return is_right(
        sum(p->body, length - UDP_SIZE,
            add(add(word64(udp), word64(p->head + ETH_SIZE + IP_SRC)), word64(pseudo))));
}

static unsigned udp_discard(struct stack *s, const uint8_t *text, unsigned size)
{
    s->counts.udp_discard++;
    s->counts.udp_discard_bytes += size;
    s->quit |= size == 4 && memcmp(text, "quit", 4) == 0;
    return 0;
}

/* Ports and addresses change places, which leaves the sum as it is. Two that echo would never end,
 * so whoever does gets no answer. */
static unsigned udp_input(struct stack *s, struct packet *p, unsigned size)
{
    uint8_t *udp = p->head + IP_BODY;
    unsigned length = size < UDP_SIZE ? 0 : get16(udp + UDP_LENGTH);

    if (length < UDP_SIZE || length > size)
        return count(&s->counts.malformed);
    if (!is_udp_right(p, length))
        return count(&s->counts.bad_checksum);
    if (get16(udp + UDP_DST) == PORT_DISCARD)
        return udp_discard(s, p->body, length - UDP_SIZE);
    if (get16(udp + UDP_DST) != PORT_ECHO || get16(udp + UDP_SRC) == PORT_ECHO)
        return count(&s->counts.foreign);
    s->counts.udp_echo++;
    swap(udp + UDP_SRC, udp + UDP_DST, 2);
    return length;
}

static const struct {
    uint8_t protocol;
    unsigned (*input)(struct stack *s, struct packet *p, unsigned size);
} protocols[] = {
    {PROTOCOL_ICMP, icmp_input},
    {PROTOCOL_UDP, udp_input},
};

static unsigned protocol_input(struct stack *s, struct packet *p, unsigned size)
{
    for (unsigned i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        if (protocols[i].protocol == p->head[ETH_SIZE + IP_PROTOCOL])
            return protocols[i].input(s, p, size);
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
    if (!is_right(sum(ip, IP_SIZE, 0)))
        return count(&s->counts.bad_checksum);
    return get32(ip + IP_DST) == s->ip ? total : count(&s->counts.foreign);
}

static unsigned ip_input(struct stack *s, struct packet *p)
{
    uint8_t *ip = p->head + ETH_SIZE;
    unsigned total = ip_size(s, ip, p->size - ETH_SIZE);
    unsigned answer = total ? protocol_input(s, p, total - IP_SIZE) : 0;

    if (answer == 0)
        return 0;
    swap(ip + IP_SRC, ip + IP_DST, 4);
    put16(ip + IP_TOTAL, IP_SIZE + answer);
    ip[IP_TTL] = TTL;
    put16(ip + IP_SUM, 0);
    put_checksum(ip + IP_SUM, sum(ip, IP_SIZE, 0));
    return IP_BODY + answer;
}

/* --- Ethernet -------------------------------------------------------------------------------- */

static unsigned ethernet_input(struct stack *s, struct packet *p)
{
    if (p->head[ETH_SRC] & GROUP)
        return count(&s->counts.malformed);
    if (memcmp(p->head + ETH_DST, s->mac, 6) != 0 && !is_broadcast(p->head + ETH_DST))
        return count(&s->counts.foreign);
    switch (get16(p->head + ETH_TYPE)) {
    case TYPE_ARP:
        return arp_input(s, p);
    case TYPE_IPV4:
        return ip_input(s, p);
    default:
        return count(&s->counts.foreign);
    }
}

unsigned stack_input(struct stack *s, uint8_t *frame, unsigned size)
{
    struct packet p = {.body = frame + HEADERS, .size = size};
    unsigned answer;

    s->counts.frames++;
    s->counts.bytes += size;
    if (size < ETH_SIZE || size > FRAME_MAX)
        return count(&s->counts.malformed);
    memcpy(p.head, frame, HEADERS);
    answer = ethernet_input(s, &p);
    if (answer == 0)
        return 0;
    memcpy(p.head + ETH_DST, p.head + ETH_SRC, 6);
    memcpy(p.head + ETH_SRC, s->mac, 6);
    memcpy(frame, p.head, HEADERS);
    return answer;
}
