/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/regs.h"
#include "tests/random/device.h"
#include "tests/random/execute.h"
#include "tests/random/machine.h"
#include "tests/random/reference.h"
#include "tests/random/verdict.h"
#include "tests/random/workload.h"

/* ---- what must hold after every step --------------------------------------------------------- */

static void check_models(void)
{
    for (unsigned u = 0; u < UNITS; u++) {
        const char *broken = model_violation(machine.unit[u].watch);

        if (broken)
            verdict_fail("the model of unit %u saw: %s", u, broken);
    }
}

static void check_info(unsigned c)
{
    struct range usable[8];
    struct workload_info info;
    unsigned n = ref_usable(c, usable);

    if (workload_info(c, &info))
        verdict_fail("VFIO_IOMMU_GET_INFO fails");
    if ((info.pgsizes & -info.pgsizes) != ref.granule)
        verdict_fail("container %u: page sizes 0x%lx, granule 0x%lx", c, info.pgsizes, ref.granule);
    if (info.avail != 65535 - ref.container[c].count)
        verdict_fail("container %u: %u maps are left, the reference has %u", c, info.avail,
                     ref.container[c].count);
    if (info.count != n)
        verdict_fail("container %u: %u IOVA ranges, the reference %u", c, info.count, n);
    for (unsigned i = 0; i < n; i++)
        if (info.range[i].start != usable[i].start || info.range[i].end != usable[i].last)
            verdict_fail("container %u: IOVA range [0x%lx, 0x%lx], the reference [0x%lx, 0x%lx]", c,
                         info.range[i].start, info.range[i].end, usable[i].start, usable[i].last);
}

static void check_container(unsigned c)
{
    const struct ref_container *r = &ref.container[c];

    if (!workload_has_container(c))
        return;
    if (workload_container(c)->iommu_set != r->iommu)
        verdict_fail("container %u %s an IOVA space", c, r->iommu ? "has lost" : "has");
    if (!r->iommu)
        return;
    if (workload_container(c)->aspace.mapped_bytes != r->bytes)
        verdict_fail("container %u: 0x%lx bytes are mapped, the reference 0x%lx", c,
                     workload_container(c)->aspace.mapped_bytes, r->bytes);
    check_info(c);
}

/* Bus mastering is on only where the workload wants it and the group is attached (design I6). */
static void check_device(unsigned d)
{
    const struct ref_device *r = &ref.device[d];
    bool wanted = r->opens && ref_attached(d) && r->command & PCI_COMMAND_MASTER;

    if (function_is_master(d) != wanted)
        verdict_fail("device %u is%s a bus master", d, wanted ? " not" : "");
}

/* The messages that the function would send arrive. */
static void check_messages(unsigned d)
{
    const struct ref_device *r = &ref.device[d];
    struct stream s = machine_function_stream(d);
    struct msi_message m;

    for (unsigned v = 0; r->index && v < r->count && !ref.dead[s.unit]; v++) {
        bool wanted = r->index == 1 || r->live >> v & 1;
        const char *wrong;

        if (function_message(d, r->index, v, &m) != wanted)
            verdict_fail("vector %u of device %u is%s enabled", v, d, wanted ? " not" : "");
        if (!wanted)
            continue;
        device_touch(m.address.v);
        wrong = machine.kind->ring(&machine.unit[s.unit], s.sid, m);
        if (wrong)
            verdict_fail("vector %u of device %u writes 0x%x to 0x%lx, which %s", v, d, m.data,
                         m.address.v, wrong);
    }
}

/* Everything is looked at in turn. */
static void check(unsigned turn)
{
    for (unsigned i = 0; i < 4; i++)
        device_access_somewhere();
    check_models();
    check_container(turn % CONTAINERS);
    check_device(turn % GROUPS);
    check_messages(turn % GROUPS);
    ref_check_pins(turn);
}

/* ---- a program ------------------------------------------------------------------------------- */

static void check_all(void)
{
    for (unsigned turn = 0; turn < USER_PAGES; turn++)
        ref_check_pins(turn);
    for (unsigned turn = 0; turn < CONTAINERS * GROUPS; turn++)
        check(turn);
    ref_check_lost();
}

/* The workload's end, file by file, and its memory. */
static void close_all(void)
{
    for (uint64_t i = 0; i < GROUPS; i++) {
        while (ref.device[i].opens)
            execute(&(struct step){OP_CLOSE_DEVICE, {i}});
        execute(&(struct step){OP_CLOSE_GROUP, {i}});
    }
    for (uint64_t i = 0; i < CONTAINERS; i++)
        execute(&(struct step){OP_CLOSE_CONTAINER, {i}});
    execute(&(struct step){OP_MUNMAP, {0, USER_PAGES}});
}

void program_run(const struct program *p)
{
    verdict_step(0);
    machine_start(p->step[0].arg);
    ref_start(p->step[0].arg);
    device_start();
    for (unsigned i = 1; i < p->count; i++) {
        const struct step *s = &p->step[i];

        verdict_step(i);
        device_seed(s->arg[1] * 31 + s->arg[0]);
        execute(s);
        check(i);
    }
    verdict_step(p->count);
    check_all();
    close_all();
    check_all();
    machine_stop(ref.ever_in_danger);
    ref_stop();
}
