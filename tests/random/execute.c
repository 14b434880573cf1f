/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/execute.h"

#include "lib/base/err.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "lib/pci/regs.h"
#include "tests/random/device.h"
#include "tests/random/machine.h"
#include "tests/random/reference.h"
#include "tests/random/space.h"
#include "tests/random/verdict.h"
#include "tests/random/workload.h"

/* Each step: what the reference wants, the call, and what the reference makes of the result. */

static unsigned starve_at; /* which allocation of this step fails; 0: none */

/* ---- the result of a call -------------------------------------------------------------------- */

static bool in_danger(void)
{
    for (unsigned u = 0; u < UNITS; u++)
        if (ref.dead[u] || ref.may_die[u])
            return true;
    return false;
}

bool is_loss(long result)
{
    return result == -RF_ETIMEDOUT || result == -RF_EIO;
}

/* As far as the largest map of the program goes. */
static bool memory_is_short(void)
{
    struct page_stats stats;

    page_get_stats(&stats);
    return stats.free_pages < USER_PAGES + 64;
}

/* Anything else but what the reference wants needs a reason. */
void judge(const char *call, long want, long got)
{
    if (got == want)
        return;
    if (got == -RF_ENOMEM && ((starve_at && inject_count() >= starve_at) || memory_is_short()))
        return;
    if (in_danger() && (is_loss(got) || got == -RF_ENODEV))
        return;
    verdict_fail("%s gives %s, the reference %s", call, got ? err_name((int)got) : "0",
                 want ? err_name((int)want) : "0");
}

/* ---- files ----------------------------------------------------------------------------------- */

static void open_container(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[0];

    if (workload_has_container(c))
        return;
    long got = workload_open_container(c);
    judge("open", 0, got);
    ref.container[c].open = got == 0;
}

static void leave_all(unsigned c, void (*fn)(unsigned g))
{
    for (unsigned g = 0; g < GROUPS; g++)
        if (ref.group[g].container == (int)c)
            fn(g);
}

/* Its last group takes the maps along; while the call runs all of it is uncertain. */
static void leave_all_begin(unsigned c)
{
    struct ref_map *m;

    leave_all(c, ref_leave_begin);
    LIST_FOREACH (m, &ref.container[c].maps, link)
        m->sure = MAYBE;
}

static void close_container(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[0];

    if (!workload_has_container(c))
        return;
    leave_all_begin(c);
    workload_close_container(c);
    leave_all(c, ref_leave_done);
    ref.container[c].open = false;
}

static void open_group(const uint64_t *arg)
{
    unsigned g = (unsigned)arg[0];

    if (workload_has_group(g))
        return;
    long want = ref_want_open_group(g), got = workload_open_group(g);
    judge("open", want, got);
    ref.group[g].open = got == 0;
}

static void close_group(const uint64_t *arg)
{
    unsigned g = (unsigned)arg[0];
    bool leaves = ref.device[g].opens == 0;

    if (!workload_has_group(g))
        return;
    if (leaves)
        ref_leave_begin(g);
    workload_close_group(g);
    if (leaves)
        ref_leave_done(g);
    ref.group[g].open = false;
}

static void set_container(const uint64_t *arg)
{
    unsigned g = (unsigned)arg[0], c = (unsigned)arg[1];

    if (!workload_has_group(g))
        return;
    long want = ref_want_set_container(g, c);
    if (want == 0)
        ref_join_begin(g, c);
    long got = workload_set_container(g, c);
    judge("VFIO_GROUP_SET_CONTAINER", want, got);
    if (want == 0)
        ref_join_done(g, c, got == 0);
}

static void unset_container(const uint64_t *arg)
{
    unsigned g = (unsigned)arg[0];

    if (!workload_has_group(g))
        return;
    long want = ref_want_unset_container(g);
    if (want == 0)
        ref_leave_begin(g);
    judge("VFIO_GROUP_UNSET_CONTAINER", want, workload_unset_container(g));
    if (want == 0)
        ref_leave_done(g);
}

static void set_iommu(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[0];

    if (!workload_has_container(c))
        return;
    long want = ref_want_set_iommu(c);
    if (want == 0)
        ref_set_iommu_begin(c);
    long got = workload_set_iommu(c);
    judge("VFIO_SET_IOMMU", want, got);
    if (want == 0)
        ref_set_iommu_done(c, got == 0);
}

static void open_device(const uint64_t *arg)
{
    unsigned d = (unsigned)arg[0];

    if (!workload_has_group(d))
        return;
    long got = workload_open_device(d);
    judge("VFIO_GROUP_GET_DEVICE_FD", ref_attached(d) ? 0 : -RF_EINVAL, got);
    if (got)
        return;
    if (ref.device[d].opens++ == 0)
        ref.device[d].command = PCI_COMMAND_MEMORY;
}

static void close_device(const uint64_t *arg)
{
    unsigned d = (unsigned)arg[0];
    bool last = ref.device[d].opens == 1, leaves = last && !ref.group[d].open;

    if (ref.device[d].opens == 0)
        return;
    if (last)
        ref_revoke_begin(d);
    if (leaves)
        ref_leave_begin(d);
    workload_close_device(d);
    if (--ref.device[d].opens == 0)
        ref.device[d].index = ref.device[d].live = 0;
    if (leaves)
        ref_leave_done(d);
    if (last)
        ref_revoke_done(d);
}

/* ---- device ---------------------------------------------------------------------------------- */

static void irqs(const uint64_t *arg)
{
    if (ref.device[arg[IRQS_DEVICE]].opens == 0)
        return;
    long want = ref_want_irqs(arg), got = workload_irqs(arg);
    judge("VFIO_DEVICE_SET_IRQS", want, got);
    if (got == 0)
        ref_irqs_done(arg);
}

static void irqs_off(const uint64_t *arg)
{
    struct ref_device *d = &ref.device[arg[IRQS_DEVICE]];
    unsigned index = (unsigned)arg[IRQS_INDEX];

    if (d->opens == 0)
        return;
    long want = d->index == index ? 0 : -RF_EINVAL;
    judge("VFIO_DEVICE_SET_IRQS", want, workload_irqs_off((unsigned)arg[IRQS_DEVICE], index));
    if (want == 0)
        d->index = d->live = 0;
}

static void reset(const uint64_t *arg)
{
    unsigned d = (unsigned)arg[0];

    if (ref.device[d].opens == 0)
        return;
    ref_revoke_begin(d);
    judge("VFIO_DEVICE_RESET", 0, workload_reset(d));
    ref_revoke_done(d);
}

static void command(const uint64_t *arg)
{
    unsigned d = (unsigned)arg[0];
    uint16_t value = (uint16_t)arg[1];

    if (ref.device[d].opens == 0)
        return;
    if (!(value & PCI_COMMAND_MEMORY))
        ref_revoke_begin(d);
    judge("pwrite of the command register", sizeof(value), workload_command(d, value));
    if (!(value & PCI_COMMAND_MEMORY))
        ref_revoke_done(d);
    ref.device[d].command = value;
}

/* ---- IOMMU ----------------------------------------------------------------------------------- */

static void poll(const uint64_t *arg)
{
    (void)arg;
    (void)iommu_fault_poll();
}

static void event(const uint64_t *arg)
{
    machine.kind->raise_event(&machine.unit[arg[0]], arg[1], arg[2]);
}

static void gerror(const uint64_t *arg)
{
    if (machine.kind->raise_error(&machine.unit[arg[0]], (uint32_t)arg[1]))
        ref.failing[arg[0]] = ref.may_die[arg[0]] = true;
}

static void starve(const uint64_t *arg)
{
    starve_at = (unsigned)arg[0];
}

static void stick(const uint64_t *arg)
{
    machine.kind->stick(&machine.unit[arg[0]], true);
    machine.stuck = true;
    ref.may_die[arg[0]] = true;
}

static void cerror(const uint64_t *arg)
{
    if (machine.kind->fail(&machine.unit[arg[0]], (unsigned)arg[1], (unsigned)arg[2],
                           (unsigned)arg[3]))
        ref.may_die[arg[0]] = true;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static const struct action {
    void (*run)(const uint64_t *arg);
    void (*prepare)(const uint64_t *arg); /* no allocation of this fails; NULL: nothing */
    bool for_next;                        /* holds for the step that follows */
    bool moves_doorbells;
} actions[OPS] = {
    [OP_OPEN_CONTAINER] = {open_container},
    [OP_CLOSE_CONTAINER] = {close_container, .moves_doorbells = true},
    [OP_OPEN_GROUP] = {open_group},
    [OP_CLOSE_GROUP] = {close_group, .moves_doorbells = true},
    [OP_SET_CONTAINER] = {set_container, .moves_doorbells = true},
    [OP_UNSET_CONTAINER] = {unset_container, .moves_doorbells = true},
    [OP_SET_IOMMU] = {set_iommu},
    [OP_OPEN_DEVICE] = {open_device},
    [OP_CLOSE_DEVICE] = {close_device, .moves_doorbells = true},
    [OP_MAP] = {step_map, .prepare = step_map_prepare},
    [OP_UNMAP] = {step_unmap},
    [OP_IRQS] = {irqs, .moves_doorbells = true},
    [OP_IRQS_OFF] = {irqs_off, .moves_doorbells = true},
    [OP_RESET] = {reset},
    [OP_COMMAND] = {command},
    [OP_DIRTY] = {step_dirty},
    [OP_DMA] = {step_dma},
    [OP_POLL] = {poll},
    [OP_EVENT] = {event},
    [OP_GERROR] = {gerror},
    [OP_MMAP] = {step_mmap},
    [OP_MUNMAP] = {step_munmap},
    [OP_MPROTECT] = {step_mprotect},
    [OP_MREMAP] = {step_mremap},
    [OP_FORGET] = {step_forget},
    [OP_TOUCH] = {step_touch},
    [OP_STARVE] = {starve, .for_next = true},
    [OP_STICK] = {stick, .for_next = true},
    [OP_CERROR] = {cerror, .for_next = true},
};

/* A unit dies only of what was done to it, and then for ever. */
static void bury(unsigned u)
{
    bool dead = machine.unit[u].unit->dead;

    if (dead && !ref.dead[u] && !ref.may_die[u])
        verdict_fail("unit %u is dead, and nothing was done to it", u);
    ref.dead[u] = dead;
}

/* An error that kills is looked at when events are polled for. */
static void end_danger(enum op op)
{
    starve_at = 0;
    inject_after(0);
    machine.stuck = false;
    for (unsigned u = 0; u < UNITS; u++) {
        bury(u);
        ref.ever_in_danger |= ref.may_die[u];
        machine.kind->stick(&machine.unit[u], false);
        (void)machine.kind->fail(&machine.unit[u], 0, 0, 0);
        if (op == OP_POLL)
            ref.failing[u] = false;
        ref.may_die[u] = ref.failing[u];
    }
}

void execute(const struct step *s)
{
    const struct action *a = &actions[s->op];

    if (!a->run)
        return;
    if (a->prepare)
        a->prepare(s->arg);
    inject_after(a->for_next ? 0 : starve_at);
    ref.doorbells_moving = a->moves_doorbells;
    a->run(s->arg);
    ref.doorbells_moving = false;
    if (!a->for_next)
        end_danger(s->op);
}
