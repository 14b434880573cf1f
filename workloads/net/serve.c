/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/serve.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#define BURST      32u /* frames until the device is told, and others have their turn */
#define POLL_MS    1   /* without interrupts */
#define LOOK_MS    100 /* how soon it is seen that somebody else reset a function ... */
#define LOOK_WAITS 64u /* ... or after so many waits */

/* The answer goes out of the buffer in which the question came. */
static void take(struct port *p, uint8_t *frame, unsigned size)
{
    unsigned answer = stack_input(&p->stack, frame, size);

    if (answer && igbvf_answer(&p->vf, answer) == 0)
        return;
    p->dropped += answer != 0;
    igbvf_release(&p->vf);
}

/* What is there, at most BURST frames: how many. */
static unsigned drain(struct port *p, struct rate_count *sum)
{
    uint8_t *frame;
    unsigned size, frames = 0;
    int error;

    while (frames < BURST && (size = igbvf_receive(&p->vf, &frame, &error)) != 0) {
        if (error) {
            p->errors++;
            igbvf_release(&p->vf);
        } else {
            take(p, frame, size);
        }
        frames++;
        sum->bytes += size;
    }
    if (frames)
        igbvf_post(&p->vf);
    sum->frames += frames;
    return frames;
}

/* Whether there may be more; if not, each that comes adds to its port's event. */
static int drain_all(struct serve *s)
{
    int more = 0;

    for (unsigned i = 0; i < s->ports; i++)
        more |= drain(&s->port[i], &s->sum) == BURST;
    return more;
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

/* The event's counter is not read: what matters is that it was added to (EPOLLET). */
static int watch(struct serve *s)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLET};

    s->epoll = epoll_create1(0);
    for (unsigned i = 0; s->epoll >= 0 && i < s->ports; i++)
        if (s->port[i].vf.event >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->port[i].vf.event, &e))
            return -1;
    return s->epoll < 0 ? -1 : 0;
}

static int quits(const struct serve *s)
{
    int quit = 0;

    for (unsigned i = 0; i < s->ports; i++)
        quit |= s->port[i].stack.quit;
    return quit;
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

static int timeout_of(const struct serve *s)
{
    return s->port[0].vf.event < 0 ? POLL_MS : LOOK_MS;
}

/* Also in a flood the kernel is called, which tends the physical function meanwhile. Resets by
 * others are looked for when nothing came for a while, and now and then: it is a register that is
 * read. */
static int wait_for_frames(struct serve *s, int timeout_ms)
{
    struct epoll_event e;

    if (epoll_wait(s->epoll, &e, 1, timeout_ms) > 0 && ++s->waits % LOOK_WAITS != 0)
        return 0;
    return look_for_resets(s);
}

static int note_frames(struct serve *s, uint64_t before)
{
    if (before == s->sum.frames)
        return 0;
    if (rate_is_due(&s->rate, s->sum.frames))
        rate_note(&s->rate, s->sum);
    return disturb(s, before, s->sum.frames);
}

static int serve_until_quit(struct serve *s)
{
    for (;;) {
        uint64_t before = s->sum.frames;
        int more = drain_all(s);

        if (note_frames(s, before))
            return -1;
        if (quits(s))
            return 0;
        if (wait_for_frames(s, more ? 0 : timeout_of(s)))
            return -1;
    }
}

int serve(struct serve *s)
{
    int failed = watch(s) || serve_until_quit(s);

    if (s->epoll >= 0)
        close(s->epoll);
    if (failed)
        return -1;
    for (unsigned i = 0; i < s->ports; i++)
        print_port(&s->port[i]);
    rate_print(&s->rate, s->sum);
    return 0;
}
