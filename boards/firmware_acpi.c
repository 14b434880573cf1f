/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"
#include "boards/driver.h"

/* ACPI tables describe the machine, and the boot loader tells what is not in them: RAM, the command
 * line and the workload. */

static const void *map_table(void *ctx, uint64_t pa, size_t size)
{
    (void)ctx;
    return mmu_map_firmware(PADDR(pa), size);
}

static const struct acpi_memory memory = {.map = map_table};

static bool is_there(const struct bootinfo *boot)
{
    return boot->rsdp != 0;
}

static struct hw_uart console(struct machine *m)
{
    struct hw_uart none = {.kind = HW_UART_NONE};

    return m->boot->rsdp ? hwdesc_acpi_console(&memory, m->boot->rsdp, &m->hw) : none;
}

/* Below 4 GiB, what is neither RAM nor reserved nor registers leads to PCI; the last 20 MiB are the
 * chipset's and the CPU's. */
#define HOLE_FIRST MIB(16)
#define HOLE_LAST  UINT64_C(0xfebfffff)

static void cut(struct rammap *hole, struct range r)
{
    if (rammap_remove(hole, r))
        stop("memory map too fragmented: more than %u ranges", RAMMAP_MAX);
}

static void find_hole(const struct machine *m, struct rammap *hole)
{
    *hole = (struct rammap){.count = 1, .r = {{HOLE_FIRST, HOLE_LAST}}};
    for (unsigned i = 0; i < m->boot->taken.count; i++)
        cut(hole, m->boot->taken.r[i]);
    for (unsigned i = 0; i < m->hw.region_count; i++)
        cut(hole, m->hw.region[i].r);
    for (unsigned i = 0; i < m->hw.host_count; i++)
        cut(hole, m->hw.host[i].ecam);
}

/* The windows of host bridges are told by AML only, which is not read. Where firmware has put BARs
 * they stay, as long as they are in the hole; one above 4 GiB, or that it left out and that finds
 * no room, is not offered. */
static void guess_windows(struct machine *m)
{
    struct rammap hole;

    find_hole(m, &hole);
    rammap_page_align(&hole);
    for (unsigned i = 0; i < m->hw.host_count; i++) {
        struct hw_pci_host *h = &m->hw.host[i];

        for (unsigned w = hole.count; w-- > 0 && h->window_count < HW_WINDOWS;)
            h->window[h->window_count++] =
                (struct hw_pci_window){HW_WIN_MEM32, false, hole.r[w].start, hole.r[w]};
    }
}

/* NULL for another root bus in the host's range: a BAR in its window would be among registers of
 * devices that are not the host's. */
static struct hw_pci_host *host_of(struct hwdesc *hw, const struct boot_window *w)
{
    for (unsigned i = 0; i < hw->host_count; i++) {
        struct hw_pci_host *h = &hw->host[i];

        if (h->segment == w->segment && h->bus_first == w->bus_first)
            return h;
    }
    return NULL;
}

static enum hw_window_kind kind_of(const struct boot_window *w)
{
    if (w->io)
        return HW_WIN_IO;
    return w->bus + (range_size(w->cpu) - 1) > UINT32_MAX ? HW_WIN_MEM64 : HW_WIN_MEM32;
}

/* UEFI firmware tells what it has given to devices, which is less than the whole windows. */
static void add_windows(struct machine *m, const struct boot_windows *told)
{
    for (const struct boot_window *w = told->w; w < told->w + told->count; w++) {
        struct hw_pci_host *h = host_of(&m->hw, w);

        if (!h)
            continue;
        if (h->window_count == HW_WINDOWS)
            stop("%s has more than %u windows", h->name, HW_WINDOWS);
        h->window[h->window_count++] =
            (struct hw_pci_window){kind_of(w), w->prefetchable, w->bus, w->cpu};
    }
}

static void describe(struct machine *m, char *why, size_t why_size)
{
    const struct bootinfo *b = m->boot;

    if (b->boot_error)
        stop("what the boot loader hands over is unusable (%s): boot by PVH, or with ringfence.efi",
             b->boot_error);
    if (b->rsdp == 0)
        stop("the boot loader does not tell where ACPI's tables are: boot with firmware that has "
             "them");
    if (hwdesc_from_acpi(&memory, b->rsdp, &m->hw, why, why_size))
        stop("ACPI refused: %s", why);
    m->hw.ram = b->ram;
    m->hw.bootargs = b->bootargs;
    m->hw.initrd = b->initrd;
    m->hw.has_initrd = b->has_initrd;
    power_by_acpi(&m->hw.power);
    if (b->windows)
        add_windows(m, b->windows);
    else
        guess_windows(m);
}

const struct firmware firmware_acpi = {"ACPI", is_there, console, describe};
