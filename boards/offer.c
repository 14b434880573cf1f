/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "boards/machine.h"
#include "lib/vfio/vfio.h"

static bool is_wanted(const struct machine *m, const struct function *f)
{
    for (unsigned i = 0; i < m->cmd.device_count; i++)
        if (strcmp(m->cmd.devices[i], f->pci->name) == 0)
            return true;
    return m->cmd.device_count == 0 && !m->cmd.no_devices;
}

static const char *missing_bar(const struct pci_dev *d)
{
    for (unsigned i = 0; i < ARRAY_SIZE(d->bar); i++)
        if (d->bar[i].present && !d->bar[i].io && !paddr_valid(d->bar[i].cpu))
            return "no room for one of its BARs in the host bridge's windows";
    return NULL;
}

/* Without remapping, whatever a device writes to the interrupt window is an interrupt, and none of
 * its mappings has a say in it. */
static bool is_free_to_interrupt(const struct machine *m, const struct function *f)
{
    return f->unit && f->unit->caps.msi_window.last && !(f->msi && f->msi->isolates) &&
           !m->cmd.allow_unsafe_interrupts;
}

static bool is_class(const struct function *f, uint32_t class_code)
{
    return f->pci->class_code >> 8 == class_code;
}

/* What keeps its whole group back, as the others of the group could reach it. NULL: nothing. */
static const char *danger(const struct machine *m, const struct function *f)
{
    if (f->why)
        return f->why;
    if (is_class(f, 0x0601))
        return "it is the chipset's way to its own registers";
    if (is_free_to_interrupt(m, f))
        return "its interrupts are not remapped: it could raise any (allow-unsafe-interrupts)";
    return missing_bar(f->pci);
}

/* Bridges share the group of those that they do not isolate, and are nobody's. */
static void refuse_groups(struct machine *m)
{
    for (unsigned i = 0; i < m->function_count; i++) {
        struct function *f = &m->function[i];

        if (f->pci->is_bridge)
            continue;
        f->why = danger(m, f);
        if (f->why)
            f->group->refusal = f->why;
    }
}

static const char *refusal(const struct machine *m, const struct function *f)
{
    if (f->why)
        return f->why;
    if (is_class(f, 0x0600))
        return "it is the host bridge";
    if (f->group->refusal)
        return "it cannot be isolated from a function that is not offered";
    return is_wanted(m, f) ? NULL : "not named by device=";
}

/* A wanted function must exist, and bring its whole group. */
static void check_wish(const struct machine *m, const char *name)
{
    const struct function *f = m->function;
    const struct function *end = f + m->function_count;

    while (f < end && strcmp(f->pci->name, name) != 0)
        f++;
    if (f == end)
        stop("device=%s: there is no such PCI function", name);
    if (f->pci->is_bridge)
        stop("device=%s is a bridge: name the function behind it", name);
    if (f->owner != OWNER_WORKLOAD)
        stop("device=%s cannot be passed through: %s", name, f->why);
    for (const struct function *g = m->function; g < end; g++)
        if (g->group == f->group && !g->pci->is_bridge && g->owner != OWNER_WORKLOAD)
            stop("device=%s shares isolation group %u with %s: name both or none", name,
                 f->group->id, g->label);
}

/* Of a group whose every function has interrupts that nobody else can raise. */
static bool has_own_interrupts(const struct machine *m, const struct iommu_group *g)
{
    for (unsigned i = 0; i < m->function_count; i++) {
        const struct function *f = &m->function[i];

        if (f->group == g && !f->pci->is_bridge && !(f->msi && f->msi->isolates))
            return false;
    }
    return true;
}

void devices_offer(struct machine *m)
{
    const struct vfio_policy policy = {
        .granule_lg2 = m->cmd.granule,
        .allow_unsafe_interrupts = m->cmd.allow_unsafe_interrupts,
    };

    vfio_set_policy(&policy);
    refuse_groups(m);
    for (unsigned i = 0; i < m->function_count; i++) {
        struct function *f = &m->function[i];

        if (f->owner == OWNER_KERNEL)
            continue;
        f->why = refusal(m, f);
        if (f->why)
            continue;
        if (vfio_device_add(f->pci, f->group, f->msi))
            stop("out of memory while offering %s", f->label);
        f->group->msi_isolated = has_own_interrupts(m, f->group);
        f->owner = OWNER_WORKLOAD;
    }
    for (unsigned i = 0; i < m->cmd.device_count; i++)
        check_wish(m, m->cmd.devices[i]);
}
