/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workloads/net/cycles.h"
#include "workloads/net/serve.h"
#include "workloads/net/trials.h"

/* A network host on each of its 82576 virtual functions. */

#define PORTS   8u
#define LINK_MS 3000u /* auto-negotiation takes up to 2 s */

struct options {
    const char *bdf[PORTS];
    unsigned ports;
    uint32_t ip;
    int polled, trials;
    unsigned ring, cycles;
    uint64_t reset_every, close_after, sample;
};

static int usage(const char *name)
{
    printf("usage: %s [--device BDF]... [--ip A.B.C.D] [--ring N] [--polled] [--reset-every N]\n"
           "       [--close-after N] [--sample N] [--cycles N] [--trials]\n"
           "Answers ARP, ICMP echo and UDP echo (port 7), counts UDP discard (port 9), until a\n"
           "datagram to port 9 says quit.\n"
           "  --device       a virtual function; without it the first that is there\n"
           "  --ip           of the first, the next ones follow (default 10.0.2.15)\n"
           "  --ring         descriptors of a ring, a multiple of 8 up to 256\n"
           "  --polled       without interrupts\n"
           "  --reset-every  resets the first one (FLR) every N frames\n"
           "  --close-after  closes the last one after N frames\n"
           "  --sample       tells in the end what each N frames have cost\n"
           "  --cycles       only opens and closes the first one N times\n"
           "  --trials       lets the second one try what it may not\n",
           name);
    return 2;
}

static int parse_ip(const char *text, uint32_t *ip)
{
    unsigned b[4];

    if (sscanf(text, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]) != 4 ||
        (b[0] | b[1] | b[2] | b[3]) > 255)
        return -1;
    *ip = b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
    return 0;
}

static int parse_flag(const char *word, struct options *o)
{
    if (strcmp(word, "--polled") == 0)
        o->polled = 1;
    else if (strcmp(word, "--trials") == 0)
        o->trials = 1;
    else
        return -1;
    return 0;
}

static int parse_value(const char *word, const char *value, struct options *o)
{
    if (strcmp(word, "--device") == 0 && o->ports < PORTS)
        o->bdf[o->ports++] = value;
    else if (strcmp(word, "--ip") == 0)
        return parse_ip(value, &o->ip);
    else if (strcmp(word, "--ring") == 0)
        o->ring = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(word, "--reset-every") == 0)
        o->reset_every = strtoull(value, NULL, 10);
    else if (strcmp(word, "--close-after") == 0)
        o->close_after = strtoull(value, NULL, 10);
    else if (strcmp(word, "--sample") == 0)
        o->sample = strtoull(value, NULL, 10);
    else if (strcmp(word, "--cycles") == 0)
        o->cycles = (unsigned)strtoul(value, NULL, 10);
    else
        return -1;
    return 0;
}

static int parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (parse_flag(argv[i], o) == 0)
            continue;
        if (i + 1 == argc || parse_value(argv[i], argv[i + 1], o))
            return -1;
        i++;
    }
    return o->ring >= 8 && o->ring <= RING_MAX && o->ring % 8 == 0 ? 0 : -1;
}

static int wait_link(const struct igbvf *vf)
{
    struct timespec nap = {0, 1000000};

    for (unsigned ms = 0; ms < LINK_MS; ms++) {
        if (igbvf_link(vf))
            return 0;
        nanosleep(&nap, NULL);
    }
    printf("net: %s: there is no link\n", vf->dev.bdf);
    return -1;
}

static int open_port(struct port *p, const char *bdf, uint32_t ip, const struct options *o)
{
    const uint8_t *mac = p->vf.mac;

    p->vf.ring_size = o->ring;
    if (igbvf_open(&p->vf, bdf, o->polled))
        return -1;
    memcpy(p->stack.mac, mac, 6);
    p->stack.ip = ip;
    if (wait_link(&p->vf))
        return -1;
    printf("net: %s is %u.%u.%u.%u at %02x:%02x:%02x:%02x:%02x:%02x, %s\n", p->vf.dev.bdf, ip >> 24,
           ip >> 16 & 255, ip >> 8 & 255, ip & 255, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
           o->polled ? "polled" : "interrupts by MSI-X");
    return 0;
}

static int serve_all(const struct options *o)
{
    static struct port port[PORTS];
    struct serve s = {
        .port = port,
        .reset_every = o->reset_every,
        .close_after = o->close_after,
        .rate = {.every = o->sample},
    };
    int failed = 0;

    while (!failed && s.ports < o->ports) {
        failed = open_port(&port[s.ports], o->bdf[s.ports], o->ip + s.ports, o);
        s.ports++;
    }
    fflush(stdout);
    if (!failed)
        failed = serve(&s);
    while (s.ports > 0)
        igbvf_close(&port[--s.ports].vf);
    return failed;
}

int main(int argc, char **argv)
{
    struct options o = {.ip = 0x0a00020f, .ring = RING_MAX};
    char first[16], second[16];

    if (parse(argc, argv, &o))
        return usage(argv[0]);
    if (o.ports == 0) {
        if (rf_find_id(IGBVF_VENDOR, IGBVF_DEVICE, 0, first)) {
            printf("net: no virtual function of an 82576 was given to this workload\n");
            return 1;
        }
        o.bdf[o.ports++] = first;
    }
    if (o.cycles)
        return cycles(o.bdf[0], o.cycles) ? 1 : 0;
    if (!o.trials)
        return serve_all(&o) ? 1 : 0;
    if (rf_find_id(IGBVF_VENDOR, IGBVF_DEVICE, 1, second)) {
        printf("net: the trials need two virtual functions\n");
        return 1;
    }
    return trials(o.bdf[0], second) ? 1 : 0;
}
