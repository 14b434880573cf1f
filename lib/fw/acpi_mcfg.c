/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include "lib/base/err.h"

/* MCFG (PCI Firmware Specification 3.3, 4.1.2): where configuration space is. */

#define ENTRIES_AT 44u
#define ENTRY_SIZE 16u

#define ECAM_BUS_LG2 20u /* 1 MiB a bus */

static int check_segment(struct acpi_walk *w, struct acpi_span s, const struct hw_pci_host *h)
{
    for (unsigned i = 0; i < w->hw->host_count; i++) {
        const struct hw_pci_host *o = &w->hw->host[i];

        if (o->segment == h->segment && o->bus_first <= h->bus_last && h->bus_first <= o->bus_last)
            return acpi_refuse(w, s, -RF_EINVAL, "buses %#x..%#x of segment %u overlap those of %s",
                               h->bus_first, h->bus_last, h->segment, o->name);
    }
    return 0;
}

/* The base is that of bus 0, even where the entry begins with a later one. */
static int read_entry(struct acpi_walk *w, struct acpi_span s)
{
    struct hwdesc *hw = w->hw;
    struct hw_pci_host *h = &hw->host[hw->host_count];
    const uint64_t base = acpi_u64(s, 0);
    int err;

    if (hw->host_count == HW_PCI_HOSTS)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u PCI hosts", HW_PCI_HOSTS);
    *h = (struct hw_pci_host){
        .segment = acpi_u16(s, 8),
        .bus_first = acpi_u8(s, 10),
        .bus_last = acpi_u8(s, 11),
        .other_roots = true, /* AML tells which are roots */
        .iommu_map_mask = UINT16_MAX,
        .msi_map_mask = UINT16_MAX,
    };
    if (h->bus_first > h->bus_last)
        return acpi_refuse(w, s, -RF_EINVAL, "buses %#x..%#x are in the wrong order", h->bus_first,
                           h->bus_last);
    uint64_t buses = (uint64_t)(h->bus_last - h->bus_first) + 1;
    uint64_t first = base + ((uint64_t)h->bus_first << ECAM_BUS_LG2);
    if ((err = check_segment(w, s, h)) ||
        (err = acpi_registers(w, s, first, buses << ECAM_BUS_LG2, MIB(1), "configuration space",
                              &h->ecam)))
        return err;
    if (!(h->name = acpi_name(w, s, "pci@%04x:%02x", h->segment, h->bus_first)))
        return -RF_ENOSPC;
    hw->host_count++;
    return 0;
}

int acpi_mcfg(struct acpi_walk *w, const struct acpi_table *t)
{
    struct acpi_span list = acpi_rest(acpi_whole(t), ENTRIES_AT);

    if (list.len % ENTRY_SIZE != 0)
        return acpi_refuse(w, list, -RF_EINVAL, "%u bytes are no whole number of entries",
                           list.len);
    if (list.len == 0)
        acpi_odd(w, list, "no entries: no PCI device can be found");
    for (; list.len != 0; list = acpi_rest(list, ENTRY_SIZE)) {
        int err = read_entry(w, acpi_part(list, 0, ENTRY_SIZE));

        if (err)
            return err;
    }
    return 0;
}
