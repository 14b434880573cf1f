/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/types.h"
#include "tests/random/rng.h"
#include "tests/random/unit.h"

/* ---- arguments ------------------------------------------------------------------------------- */

/* Few places, so that steps meet; most of them next to something. */
static uint64_t random_iova(struct rng *r, uint64_t granule)
{
    static const uint64_t places[] = {
        0x00100000,
        0x00100000,
        0x00100000,
        0x00100000,
        0,
        0x001c0000, /* crosses 2 MiB */
        0x3ffc0000, /* crosses 1 GiB */
        DOORBELLS - 0x40000,
        DOORBELLS,
        BRIDGE_BASE - 0x40000,
        DIRECT_BASE - 0x40000,
        DIRECT_BASE,
        INTERRUPTS - 0x4000,
        INTERRUPTS,
        (UINT64_C(1) << 32) - 0x4000,  /* crosses the end, of SMMUv1's stage 1 */
        (UINT64_C(1) << 40) - 0x40000, /* of MMU-401 */
        (UINT64_C(1) << 47) - 0x4000,  /* of VT-d's first stage */
        (UINT64_C(1) << 48) - 0x4000,  /* of all others */
        UINT64_C(1) << 46,
    };

    return places[rng_below(r, ARRAY_SIZE(places))] + granule * rng_below(r, 12);
}

static uint64_t random_size(struct rng *r, uint64_t granule)
{
    static const uint64_t odd[] = {
        0, 1, 0xfff, 0x1800, UINT64_C(1) << 48, UINT64_MAX, 0xfffffffffffff000};

    if (rng_once_in(r, 24))
        return odd[rng_below(r, ARRAY_SIZE(odd))];
    return granule * (1 + rng_below(r, rng_once_in(r, 3) ? 12 : 3));
}

static uint64_t random_map_flags(struct rng *r)
{
    static const uint64_t flags[] = {3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 2, 2, 0, 0x80000003};

    return flags[rng_below(r, ARRAY_SIZE(flags))];
}

/* All but MACHINE_IOMMU. */
static void fill_machine(struct rng *r, uint64_t granule, uint64_t *arg)
{
    arg[MACHINE_FEATURES] = rng_below(r, FEATURES);
    if (!rng_once_in(r, 8))
        arg[MACHINE_FEATURES] &= ~(uint64_t)NON_COHERENT;
    if (!rng_once_in(r, 3))
        arg[MACHINE_FEATURES] |= UNSAFE_ALLOWED;
    arg[MACHINE_PARK] = rng_once_in(r, 2) ? 1 + rng_below(r, 1000) : 0;
    arg[MACHINE_PACE] = rng_once_in(r, 3) ? 0 : 1 + rng_below(r, 9);
    arg[MACHINE_GRANULE] = granule;
    arg[MACHINE_EVENTS] = 1 + rng_below(r, 6);
}

static void fill_container(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[0] = rng_once_in(r, 4);
}

static void fill_group(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[0] = rng_below(r, GROUPS);
    arg[1] = rng_once_in(r, 4); /* the container of set_container */
}

static void fill_map(struct rng *r, uint64_t granule, uint64_t *arg)
{
    arg[MAP_CONTAINER] = rng_once_in(r, 4);
    arg[MAP_IOVA] = random_iova(r, granule);
    arg[MAP_SIZE] = random_size(r, granule);
    arg[MAP_VADDR] = USER_BASE + granule * rng_below(r, USER_PAGES * PAGE_SIZE / granule);
    arg[MAP_FLAGS] = random_map_flags(r);
    if (rng_once_in(r, 8)) /* another device's registers */
        arg[MAP_VADDR] = USER_REGISTERS + REGISTERS_STEP * rng_below(r, GROUPS) +
                         granule * rng_below(r, REGISTERS_SIZE / granule);
    if (!rng_once_in(r, 12))
        return;
    arg[MAP_IOVA] = align_down(arg[MAP_IOVA], MIB(2)); /* one leaf of 2 MiB */
    arg[MAP_SIZE] = MIB(2);
    arg[MAP_VADDR] = USER_BASE;
}

static void fill_unmap(struct rng *r, uint64_t granule, uint64_t *arg)
{
    arg[UNMAP_CONTAINER] = rng_once_in(r, 4);
    arg[UNMAP_IOVA] = random_iova(r, granule);
    arg[UNMAP_SIZE] = random_size(r, granule);
    if (rng_once_in(r, 2))
        arg[UNMAP_SIZE] = granule * (16 + rng_below(r, 600));
    if (!rng_once_in(r, 12))
        return;
    arg[UNMAP_FLAGS] = rng_once_in(r, 4) ? 0x80000002 : rng_once_in(r, 2) ? 2 : 1;
    if (arg[UNMAP_FLAGS] == 1)
        return;
    arg[UNMAP_IOVA] = arg[UNMAP_SIZE] = rng_once_in(r, 8);
}

static void fill_irqs(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[IRQS_DEVICE] = rng_below(r, GROUPS);
    arg[IRQS_INDEX] = 1 + rng_below(r, 2); /* MSI, MSI-X */
    arg[IRQS_START] = rng_once_in(r, 2) ? 0 : rng_below(r, VECTORS + 1);
    arg[IRQS_COUNT] = rng_below(r, 5);
    arg[IRQS_EVENTS] = rng_below(r, 1u << VECTORS);
}

static void fill_command(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[0] = rng_below(r, GROUPS);
    arg[1] = rng_once_in(r, 8) ? rng_below(r, 0x10000) : rng_below(r, 8);
}

/* START, STOP, GET_BITMAP. */
static void fill_dirty(struct rng *r, uint64_t granule, uint64_t *arg)
{
    static const uint64_t operations[] = {1, 1, 2, 4, 4, 4, 4, 4, 3};

    arg[DIRTY_CONTAINER] = rng_once_in(r, 4);
    arg[DIRTY_OPERATION] = operations[rng_below(r, ARRAY_SIZE(operations))];
    arg[DIRTY_IOVA] = random_iova(r, granule);
    arg[DIRTY_SIZE] = rng_once_in(r, 3) ? random_size(r, granule) : granule * rng_below(r, 600);
}

static void fill_dma(struct rng *r, uint64_t granule, uint64_t *arg)
{
    arg[DMA_STREAM] = rng_below(r, STREAMS);
    arg[DMA_IOVA] = random_iova(r, granule) + 8 * rng_below(r, granule / 8);
    arg[DMA_WRITE] = rng_below(r, 2);
}

static void fill_event(struct rng *r, uint64_t granule, uint64_t *arg)
{
    arg[0] = rng_below(r, UNITS);
    arg[1] = rng_next(r);
    arg[2] = random_iova(r, granule);
}

/* Bit 8, SFM_ERR, stops the unit. */
static void fill_gerror(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[0] = rng_below(r, UNITS);
    arg[1] = 1u << (rng_once_in(r, 20) ? 8 : 2 + rng_below(r, 6));
}

/* Mostly behind the block, so that programs also have one; now and then all is new. */
static void fill_space(struct rng *r, uint64_t granule, uint64_t *arg)
{
    uint64_t pages = rng_once_in(r, 8) ? 1 : granule / PAGE_SIZE;
    uint64_t from = rng_once_in(r, 8) ? 0 : USER_BLOCK, n = (USER_PAGES - from) / pages;

    arg[SPACE_PAGE] = from + pages * rng_below(r, n);
    arg[SPACE_COUNT] = pages * (1 + rng_below(r, rng_once_in(r, 3) ? 24 : 3));
    arg[SPACE_TO] = from + pages * rng_below(r, n);
}

static void fill_rights(struct rng *r, uint64_t granule, uint64_t *arg)
{
    static const uint64_t prots[] = {3, 3, 3, 3, 3, 1, 1, 0}; /* PROT_* */

    fill_space(r, granule, arg);
    arg[SPACE_PROT] = prots[rng_below(r, ARRAY_SIZE(prots))];
}

static void fill_mmap(struct rng *r, uint64_t granule, uint64_t *arg)
{
    fill_rights(r, granule, arg);
    if (!rng_once_in(r, 6))
        return;
    arg[SPACE_PAGE] = 0;
    arg[SPACE_COUNT] = USER_PAGES;
    arg[SPACE_PROT] = 3;
}

static void fill_starve(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[0] = 1 + rng_below(r, 10);
}

/* CERROR_ILL, which only one of them is, costs the command. */
static void fill_cerror(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)granule;
    arg[0] = rng_below(r, UNITS);
    arg[1] = 1 + rng_below(r, 4);                                        /* which command */
    arg[2] = rng_once_in(r, 16) ? rng_below(r, 5) : 2 + rng_below(r, 2); /* CERROR */
    arg[3] = 1 + rng_below(r, 3);                                        /* times */
}

static void fill_nothing(struct rng *r, uint64_t granule, uint64_t *arg)
{
    (void)r;
    (void)granule;
    (void)arg;
}

/* ---- kinds of steps -------------------------------------------------------------------------- */

static const struct kind {
    const char *name;
    const char *arg[STEP_ARGS];
    unsigned weight;
    void (*fill)(struct rng *r, uint64_t granule, uint64_t *arg);
} kinds[OPS] = {
    [OP_MACHINE] = {"machine",
                    {"iommu", "features", "park", "pace", "granule", "events"},
                    0,
                    fill_machine},
    [OP_OPEN_CONTAINER] = {"open_container", {"container"}, 12, fill_container},
    [OP_CLOSE_CONTAINER] = {"close_container", {"container"}, 3, fill_container},
    [OP_OPEN_GROUP] = {"open_group", {"group"}, 18, fill_group},
    [OP_CLOSE_GROUP] = {"close_group", {"group"}, 5, fill_group},
    [OP_SET_CONTAINER] = {"set_container", {"group", "container"}, 24, fill_group},
    [OP_UNSET_CONTAINER] = {"unset_container", {"group"}, 6, fill_group},
    [OP_SET_IOMMU] = {"set_iommu", {"container"}, 18, fill_container},
    [OP_OPEN_DEVICE] = {"open_device", {"device"}, 14, fill_group},
    [OP_CLOSE_DEVICE] = {"close_device", {"device"}, 12, fill_group},
    [OP_MAP] = {"map", {"container", "iova", "size", "vaddr", "flags"}, 200, fill_map},
    [OP_UNMAP] = {"unmap", {"container", "iova", "size", "flags"}, 130, fill_unmap},
    [OP_IRQS] = {"irqs", {"device", "index", "start", "count", "events"}, 40, fill_irqs},
    [OP_IRQS_OFF] = {"irqs_off", {"device", "index"}, 12, fill_irqs},
    [OP_RESET] = {"reset", {"device"}, 8, fill_group},
    [OP_COMMAND] = {"command", {"device", "value"}, 12, fill_command},
    [OP_DIRTY] = {"dirty", {"container", "operation", "iova", "size"}, 30, fill_dirty},
    [OP_DMA] = {"dma", {"stream", "iova", "write"}, 420, fill_dma},
    [OP_POLL] = {"poll", {0}, 12, fill_nothing},
    [OP_EVENT] = {"event", {"unit", "record", "iova"}, 6, fill_event},
    [OP_GERROR] = {"gerror", {"unit", "bits"}, 4, fill_gerror},
    [OP_MMAP] = {"mmap", {"page", "count", "prot"}, 26, fill_mmap},
    [OP_MUNMAP] = {"munmap", {"page", "count"}, 8, fill_space},
    [OP_MPROTECT] = {"mprotect", {"page", "count", "prot"}, 10, fill_rights},
    [OP_MREMAP] = {"mremap", {"page", "count", "to"}, 6, fill_space},
    [OP_FORGET] = {"forget", {"page", "count"}, 8, fill_space},
    [OP_TOUCH] = {"touch", {"page", "count"}, 12, fill_space},
    [OP_STARVE] = {"starve", {"allocation"}, 30, fill_starve},
    [OP_STICK] = {"stick", {"unit"}, 1, fill_event},
    [OP_CERROR] = {"cerror", {"unit", "command", "code", "times"}, 8, fill_cerror},
};

static uint64_t weight_sum(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < OPS; i++)
        sum += kinds[i].weight;
    return sum;
}

static enum op random_op(struct rng *r)
{
    uint64_t at = rng_below(r, weight_sum());
    unsigned op = 0;

    for (; at >= kinds[op].weight; op++)
        at -= kinds[op].weight;
    return (enum op)op;
}

/* Most programs begin with what every driver does. */
static const struct step usual_start[] = {
    {OP_OPEN_CONTAINER, {0}},   {OP_OPEN_GROUP, {0}}, {OP_OPEN_GROUP, {1}},
    {OP_SET_CONTAINER, {0, 0}}, {OP_SET_IOMMU, {0}},  {OP_SET_CONTAINER, {1, 0}},
    {OP_OPEN_DEVICE, {0}},
};

static uint64_t random_granule(struct rng *r, const struct unit_kind *kind)
{
    static const uint64_t sizes[] = {KIB(4), KIB(4), KIB(4),  KIB(4),
                                     KIB(4), KIB(4), KIB(16), KIB(64)};

    uint64_t size = sizes[rng_below(r, ARRAY_SIZE(sizes))];

    return kind->granules & size ? size : kind->granules & -kind->granules;
}

/* Nine seeds in a row have three programs on SMMUv3, and one on each other kind. */
static uint64_t iommu_of(uint64_t seed)
{
    return seed % 9 < UNIT_KINDS ? seed % 9 : 0;
}

void program_random(struct program *p, uint64_t seed, unsigned count)
{
    struct rng r = {seed};
    uint64_t iommu = iommu_of(seed);
    uint64_t granule = random_granule(&r, unit_kind(iommu));
    unsigned usual = rng_once_in(&r, 5) ? 0 : ARRAY_SIZE(usual_start);

    p->step = calloc(count, sizeof(*p->step));
    p->count = count;
    for (unsigned i = 0; i < count; i++) {
        struct step *s = &p->step[i];

        if (i >= 1 && i <= usual) {
            *s = usual_start[i - 1];
            continue;
        }
        s->op = i == 0 ? OP_MACHINE : random_op(&r);
        kinds[s->op].fill(&r, granule, s->arg);
    }
    p->step[0].arg[MACHINE_IOMMU] = iommu;
}

/* ---- text ------------------------------------------------------------------------------------ */

void step_text(const struct step *s, char text[STEP_TEXT])
{
    const struct kind *k = &kinds[s->op];
    int n = snprintf(text, STEP_TEXT, "%s", k->name);

    for (unsigned i = 0; i < STEP_ARGS && k->arg[i]; i++)
        n += snprintf(text + n, (size_t)(STEP_TEXT - n), " %s=0x%" PRIx64, k->arg[i], s->arg[i]);
}

void program_print(const struct program *p, FILE *f)
{
    char text[STEP_TEXT];

    for (unsigned i = 0; i < p->count; i++) {
        step_text(&p->step[i], text);
        fprintf(f, "%s\n", text);
    }
}

static bool read_arg(const struct kind *k, const char *word, uint64_t *arg)
{
    const char *value = strchr(word, '=');

    for (unsigned i = 0; value && i < STEP_ARGS && k->arg[i]; i++) {
        size_t n = strlen(k->arg[i]);

        if ((size_t)(value - word) != n || strncmp(word, k->arg[i], n) != 0)
            continue;
        arg[i] = strtoull(value + 1, NULL, 0);
        return true;
    }
    return false;
}

static bool read_step(struct step *s, char *line)
{
    char *word = strtok(line, " \t\n");

    *s = (struct step){.op = OP_MACHINE};
    while (s->op < OPS && strcmp(kinds[s->op].name, word) != 0)
        s->op++;
    if (s->op == OPS) {
        fprintf(stderr, "there is no step \"%s\"\n", word);
        return false;
    }
    while ((word = strtok(NULL, " \t\n"))) {
        if (read_arg(&kinds[s->op], word, s->arg))
            continue;
        fprintf(stderr, "%s has no argument \"%s\"\n", kinds[s->op].name, word);
        return false;
    }
    return true;
}

bool program_read(struct program *p, FILE *f)
{
    char line[256];

    *p = (struct program){0};
    while (fgets(line, sizeof(line), f)) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        p->step = realloc(p->step, (p->count + 1) * sizeof(*p->step));
        if (!read_step(&p->step[p->count++], line))
            return false;
    }
    if (p->count && p->step[0].op == OP_MACHINE)
        return true;
    fprintf(stderr, "a program begins with a machine\n");
    return false;
}
