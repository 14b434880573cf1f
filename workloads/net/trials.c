/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/trials.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workloads/net/igbvf.h"
#include "workloads/net/requests.h"
#include "workloads/net/stack.h"

/* What a virtual function's memory accesses may not reach. Each trial is one access, refused by the
 * IOMMU; that it was, its report says. Here it shows that nothing has changed, and that both
 * functions go on. */

#define NEIGHBOUR    0x0a000202u /* 10.0.2.2 */
#define ANSWER_MS    2000
#define NEVER_MAPPED (1ul << 24) /* above the memory */
#define APART        (1ul << 22) /* so far the two functions' memories are apart */
#define PATTERN      0x5au

#if defined(__x86_64__)
#define DOORBELL 0xfee00a10ul /* interrupt 50h in the remapping table: another's, or nobody's */
#else
#define DOORBELL 0x08020040ul /* GICv2m's, while this function has no interrupt */
#endif

struct party {
    struct igbvf vf;
    struct stack stack;
};

static struct party good, bad;

static void nap(void)
{
    struct timespec t = {0, 1000000};

    nanosleep(&t, NULL);
}

static unsigned question(const struct party *p, uint8_t *frame)
{
    return stack_arp_request(&p->stack, NEIGHBOUR, frame);
}

/* Whether a frame for p comes within the time; it is taken. */
static int hears(struct party *p)
{
    uint8_t *frame;
    int error, found = 0;

    for (unsigned ms = 0; !found && ms < ANSWER_MS; ms++) {
        while (igbvf_receive(&p->vf, &frame, &error)) {
            found |= !error && memcmp(frame, p->stack.mac, 6) == 0;
            igbvf_release(&p->vf);
        }
        igbvf_post(&p->vf);
        if (!found)
            nap();
    }
    return found;
}

static int goes_on(struct party *p)
{
    uint8_t frame[FRAME_MAX];

    return igbvf_send(&p->vf, frame, question(p, frame)) == 0 && hears(p);
}

/* --- the accesses ---------------------------------------------------------------------------- */

static void read_by_sending(uint64_t target)
{
    (void)igbvf_send_from(&bad.vf, target, 64);
}

/* The answer to a question is what the device has to write. */
static void write_by_receiving(uint64_t target)
{
    uint8_t frame[FRAME_MAX];

    igbvf_receive_into(&bad.vf, target);
    (void)igbvf_send(&bad.vf, frame, question(&bad, frame));
    (void)hears(&bad);
}

static void write_by_completing(uint64_t target)
{
    uint8_t frame[FRAME_MAX];

    (void)igbvf_complete_at(&bad.vf, target, frame, question(&bad, frame));
    (void)hears(&bad);
}

/* --- the targets ----------------------------------------------------------------------------- */

static uint64_t nobodys(void)
{
    return bad.vf.iova + NEVER_MAPPED;
}

/* The last buffer of the transmit ring, which is not in use. */
static uint8_t *good_bytes(void)
{
    return good.vf.memory + good.vf.tx.buffer[RING_MAX - 1];
}

static uint64_t the_others(void)
{
    return good.vf.iova + (uint64_t)(good_bytes() - good.vf.memory);
}

/* The largest registers of a bridge lie lowest in its window, whose unit is 1 MiB: those of the
 * physical function, below this one's. */
static uint64_t physical_functions(void)
{
    char path[80], text[64] = "";
    int fd;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", bad.vf.dev.bdf);
    fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
        printf("net: %s cannot be read\n", path);
    if (fd >= 0)
        close(fd);
    return strtoull(text, NULL, 16) & ~0xffffful;
}

static uint64_t doorbell(void)
{
    return DOORBELL;
}

static const struct trial {
    const char *what;
    uint64_t (*target)(void);
    void (*access)(uint64_t target);
} list[] = {
    {"sending from memory that is nobody's", nobodys, read_by_sending},
    {"receiving into memory that is nobody's", nobodys, write_by_receiving},
    {"sending the other function's memory", the_others, read_by_sending},
    {"receiving into the other function's memory", the_others, write_by_receiving},
    {"completing in the other function's memory", the_others, write_by_completing},
    {"sending the physical function's registers", physical_functions, read_by_sending},
    {"receiving into the physical function's registers", physical_functions, write_by_receiving},
    {"ringing for an interrupt that it has not", doorbell, write_by_completing},
};

static int is_untouched(void)
{
    const uint8_t *bytes = good_bytes();

    for (unsigned i = 0; i < BUFFER_SIZE; i++)
        if (bytes[i] != PATTERN)
            return 0;
    return 1;
}

static int run(const struct trial *t)
{
    uint64_t target = t->target();

    memset(good_bytes(), PATTERN, BUFFER_SIZE);
    t->access(target);
    if (!is_untouched()) {
        printf("net: ESCAPED: %s at 0x%llx\n", t->what, (unsigned long long)target);
        return -1;
    }
    if (igbvf_restart(&bad.vf) || !goes_on(&good) || !goes_on(&bad)) {
        printf("net: %s at 0x%llx: afterwards a function is silent\n", t->what,
               (unsigned long long)target);
        return -1;
    }
    printf("net: %s at 0x%llx: nothing has changed, both go on\n", t->what,
           (unsigned long long)target);
    return 0;
}

static int open_party(struct party *p, const char *bdf, uint32_t ip, uint64_t skip)
{
    p->vf = (struct igbvf){.ring_size = RING_MAX / 2, .iova_skip = skip};
    if (igbvf_open(&p->vf, bdf, 1))
        return -1;
    memcpy(p->stack.mac, p->vf.mac, 6);
    p->stack.ip = ip;
    for (unsigned ms = 0; ms < ANSWER_MS && !igbvf_link(&p->vf); ms++)
        nap();
    if (goes_on(p))
        return 0;
    printf("net: %s: no neighbour answers\n", bdf);
    igbvf_close(&p->vf);
    return -1;
}

int trials(const char *good_bdf, const char *bad_bdf)
{
    int failed = 0;

    if (open_party(&good, good_bdf, 0x0a00020f, 0))
        return -1;
    if (open_party(&bad, bad_bdf, 0x0a000210, APART)) {
        igbvf_close(&good.vf);
        return -1;
    }
    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        fflush(stdout);
        failed |= run(&list[i]);
    }
    failed |= requests(&bad.vf, &good.vf);
    if (igbvf_restart(&bad.vf) || !goes_on(&good) || !goes_on(&bad))
        failed = printf("net: a function is silent after the requests\n");
    igbvf_close(&bad.vf);
    if (!goes_on(&good))
        failed = printf("net: %s is silent after the other was closed\n", good_bdf);
    igbvf_close(&good.vf);
    return failed ? -1 : 0;
}
