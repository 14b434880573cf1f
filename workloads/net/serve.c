/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/serve.h"

#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#define PORTS_MAX 8
#define LOOK_MS   100 /* how soon it is seen that somebody else reset a function */

static void answer(struct port *p, const uint8_t *frame, unsigned size)
{
    static uint8_t reply[FRAME_MAX];
    unsigned n = stack_input(&p->stack, frame, size, reply);

    if (n && igbvf_send(&p->vf, reply, n))
        p->dropped++;
}

/* All that is there; how many frames. */
static unsigned drain(struct port *p)
{
    const uint8_t *frame;
    unsigned size, frames = 0;
    int error;

    while ((size = igbvf_receive(&p->vf, &frame, &error)) != 0) {
        if (error)
            p->errors++;
        else
            answer(p, frame, size);
        igbvf_release(&p->vf);
        frames++;
    }
    return frames;
}

static int restart(struct port *p)
{
    p->resets++;
    return igbvf_restart(&p->vf);
}

static int reset(struct port *p)
{
    if (ioctl(p->vf.dev.fd, VFIO_DEVICE_RESET)) {
        printf("net: %s cannot be reset\n", p->vf.dev.bdf);
        return -1;
    }
    return restart(p);
}

static void wait_for_frames(const struct serve *s)
{
    struct pollfd fds[PORTS_MAX];
    eventfd_t n;

    for (unsigned i = 0; i < s->ports; i++)
        fds[i] = (struct pollfd){.fd = s->port[i].vf.event, .events = POLLIN};
    if (poll(fds, s->ports, LOOK_MS) <= 0)
        return;
    for (unsigned i = 0; i < s->ports; i++)
        if (fds[i].revents)
            (void)eventfd_read(fds[i].fd, &n);
}

static int quits(const struct serve *s)
{
    int quit = 0;

    for (unsigned i = 0; i < s->ports; i++)
        quit |= s->port[i].stack.quit;
    return quit;
}

static struct rate_count total(const struct serve *s)
{
    struct rate_count sum = {0};

    for (unsigned i = 0; i < s->ports; i++) {
        sum.frames += s->port[i].stack.counts.frames;
        sum.bytes += s->port[i].stack.counts.bytes;
    }
    return sum;
}

static void print_port(const struct port *p)
{
    const struct stack_counts *c = &p->stack.counts;

    printf("net: %s: %llu frames, %llu bytes: arp %llu, icmp echo %llu, udp echo %llu, udp discard "
           "%llu (%llu bytes)\n",
           p->vf.dev.bdf, (unsigned long long)c->frames, (unsigned long long)c->bytes,
           (unsigned long long)c->arp, (unsigned long long)c->icmp, (unsigned long long)c->udp_echo,
           (unsigned long long)c->udp_discard, (unsigned long long)c->udp_discard_bytes);
    printf("net: %s: dropped: malformed %llu, checksum %llu, not ours %llu, damaged %llu, no room "
           "%llu; resets %llu\n",
           p->vf.dev.bdf, (unsigned long long)c->malformed, (unsigned long long)c->bad_checksum,
           (unsigned long long)c->foreign, (unsigned long long)p->errors,
           (unsigned long long)p->dropped, (unsigned long long)p->resets);
}

/* A frame's turn to be the one at which something is done. */
static int disturb(struct serve *s, uint64_t before, uint64_t now)
{
    if (s->close_after && before < s->close_after && now >= s->close_after && s->ports > 1) {
        struct port *last = &s->port[--s->ports];

        printf("net: closing %s after %llu frames\n", last->vf.dev.bdf, (unsigned long long)now);
        print_port(last);
        igbvf_close(&last->vf);
    }
    if (s->reset_every && before / s->reset_every != now / s->reset_every)
        return reset(&s->port[0]);
    return 0;
}

static int look_for_resets(struct serve *s)
{
    for (unsigned i = 0; i < s->ports; i++)
        if (igbvf_was_reset(&s->port[i].vf) && restart(&s->port[i]))
            return -1;
    return 0;
}

int serve(struct serve *s)
{
    while (!quits(s)) {
        uint64_t before = total(s).frames;
        unsigned frames = 0;

        for (unsigned i = 0; i < s->ports; i++)
            frames += drain(&s->port[i]);
        if (frames == 0) {
            wait_for_frames(s);
            if (look_for_resets(s))
                return -1;
            continue;
        }
        rate_note(&s->rate, total(s));
        if (disturb(s, before, total(s).frames))
            return -1;
    }
    for (unsigned i = 0; i < s->ports; i++)
        print_port(&s->port[i]);
    rate_print(&s->rate, total(s));
    return 0;
}
