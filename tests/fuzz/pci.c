/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "arch/host/host.h"
#include "lib/mem/heap.h"
#include "lib/pci/pci.h"
#include "lib/pci/regs.h"
#include "tests/fuzz/input.h"

/* Configuration space that may say anything, and another thing when it is read again. The walk
 * ends; nothing becomes a bus master on the way; what got an address lies in a window, alone. */

#define FUNCTIONS 16u
#define PATCHES   64u
#define VFS       64u

static struct {
    struct pci_host host;
    struct pci_vf_wish wish;
    struct input in;
    uint32_t present;           /* functions that answer */
    bool fickle;                /* reads change with the input */
    uint8_t bar_lg2[FUNCTIONS]; /* bits that BARs do not have */
    uint8_t cfg[FUNCTIONS][PCI_CFG_SIZE];
} machine;

#define SRIOV PCI_EXT_CAP_FIRST /* of a function that has it */

/* A few functions answer at very many places. */
static unsigned index_of(pci_rid_t rid)
{
    return (rid ^ rid >> 5 ^ rid >> 9) % FUNCTIONS;
}

static uint8_t *space_of(pci_rid_t rid)
{
    unsigned i = index_of(rid);

    return machine.present & 1u << i ? machine.cfg[i] : NULL;
}

static bool is_bar(unsigned off)
{
    return (off >= PCI_BAR(0) && off <= PCI_BAR(5)) ||
           (off >= SRIOV + PCI_SRIOV_BAR(0) && off <= SRIOV + PCI_SRIOV_BAR(5));
}

/* What a write of all ones leaves. */
static uint32_t sized(pci_rid_t rid, const uint8_t *cfg, unsigned off, uint32_t v)
{
    return (v & ~((1u << machine.bar_lg2[index_of(rid)]) - 1)) | (cfg[off] & 0xf);
}

static uint32_t cfg_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    const uint8_t *cfg = space_of(rid);
    uint32_t v = UINT32_MAX;

    (void)h;
    if (off % width != 0 || off + width > PCI_CFG_SIZE)
        abort();
    if (cfg)
        memcpy(&v, cfg + off, width);
    if (machine.fickle && machine.in.left != 0)
        v ^= input_u8(&machine.in);
    return width == 4 ? v : v & ((1u << 8 * width) - 1);
}

static void cfg_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width, uint32_t v)
{
    uint8_t *cfg = space_of(rid);

    (void)h;
    if (off % width != 0 || off + width > PCI_CFG_SIZE)
        abort();
    if (off == PCI_COMMAND && v & PCI_COMMAND_MASTER && !machine.fickle)
        abort(); /* a bit that is read as set is written back as it is */
    if (cfg && width == 4 && is_bar(off))
        v = sized(rid, cfg, off, v);
    if (cfg && off >= PCI_COMMAND && off != PCI_HEADER_TYPE)
        memcpy(cfg + off, &v, width);
}

static void add_window(enum pci_space space, uint64_t start, uint64_t size)
{
    machine.host.window[machine.host.window_count++] =
        (struct pci_window){space, false, {start, start + size - 1}, 0};
}

/* A function with SR-IOV, to be spoiled: capabilities of PCI Express at 0x40 and SR-IOV at 0x100.
 */
static void add_sriov(uint8_t *cfg, struct input *in)
{
    cfg[PCI_VENDOR_ID] = 1;
    cfg[PCI_STATUS] = PCI_STATUS_CAPLIST;
    cfg[PCI_CAP_POINTER] = 0x40;
    cfg[0x40] = PCI_CAP_ID_PCIE;
    cfg[SRIOV] = PCI_EXT_CAP_ID_SRIOV;
    cfg[SRIOV + PCI_SRIOV_INITIAL] = cfg[SRIOV + PCI_SRIOV_TOTAL] = VFS;
    cfg[SRIOV + PCI_SRIOV_PAGES] = PCI_SRIOV_PAGE_4K;
    cfg[SRIOV + PCI_SRIOV_OFFSET] = input_u8(in);
    cfg[SRIOV + PCI_SRIOV_STRIDE] = input_u8(in);
    for (unsigned i = 0; i < 6; i++)
        cfg[SRIOV + PCI_SRIOV_BAR(i)] = input_u8(in) & 0xf;
}

static void build(const uint8_t *data, size_t size)
{
    static const struct pci_host_ops ops = {cfg_read, cfg_write};
    struct input *in = &machine.in;

    memset(&machine, 0, sizeof(machine));
    machine.host = (struct pci_host){.ops = &ops, .name = "fuzz", .bus_last = 255};
    TAILQ_INIT(&machine.host.devs);
    add_window(PCI_MEM32, 0x10000000, 0x2eff0000);
    add_window(PCI_MEM64, UINT64_C(0x8000000000), UINT64_C(0x8000000000));
    *in = (struct input){data, size};
    machine.present = input_u16(in);
    const uint8_t kind = input_u8(in);
    machine.fickle = kind & 1;
    machine.host.other_roots = kind & 2;
    machine.wish = (struct pci_vf_wish){.pf = input_u16(in) & 0x11f,
                                        .count = (uint16_t)(1 + input_u8(in) % VFS)};
    machine.host.wish = &machine.wish;
    machine.host.wish_count = 1;
    for (unsigned i = 0; i < FUNCTIONS; i++)
        machine.bar_lg2[i] = 4 + input_u8(in) % 28;
    for (unsigned n = input_u8(in) % 4; n > 0; n--)
        add_sriov(machine.cfg[input_u8(in) % FUNCTIONS], in);
    for (unsigned n = input_u8(in) % PATCHES; n > 0; n--) {
        unsigned f = input_u8(in) % FUNCTIONS, off = input_u16(in) % (PCI_CFG_SIZE - 3);

        input_bytes(in, &machine.cfg[f][off], 4);
    }
}

/* What the function decodes: a BAR that has an address. */
static bool decoded(const struct pci_dev *d, unsigned bar, struct range *r)
{
    const struct pci_bar *b = &d->bar[bar];

    return b->present && !b->io && paddr_valid(b->cpu) && range_make(b->bus, b->size, r);
}

static bool in_a_window(struct range r)
{
    for (unsigned i = 0; i < machine.host.window_count; i++)
        if (range_contains(machine.host.window[i].bus, r))
            return true;
    return false;
}

static void check_alone(const struct pci_dev *d, unsigned bar, struct range r)
{
    const struct pci_dev *o;
    struct range other;

    TAILQ_FOREACH (o, &machine.host.devs, link)
        for (unsigned i = 0; i < 6; i++)
            if ((o != d || i != bar) && decoded(o, i, &other) && range_overlaps(r, other))
                abort();
}

static void check(struct pci_dev *d)
{
    pci_rid_t alias[8];
    struct range r;

    for (unsigned i = 0; i < 6; i++) {
        if (!decoded(d, i, &r))
            continue;
        if (!in_a_window(r))
            abort();
        check_alone(d, i, r);
    }
    if (pci_aliases(d, alias, 8) > 8)
        abort();
    for (unsigned id = 0; id < 256; id++) {
        uint16_t cap = pci_find_cap(d, (uint8_t)id);

        if (cap && cap + pci_cap_size(d, cap, (uint8_t)id) > 256)
            abort();
    }
    (void)pci_reset(d);
    pci_restore(d);
}

/* The virtual functions of whoever may have some; then all of them are there, or none. */
static void enable_vfs(void)
{
    struct pci_dev *pf, *d;
    unsigned found = 0;

    TAILQ_FOREACH (pf, &machine.host.devs, link)
        if (pf->sriov.count)
            break;
    if (!pf)
        return;
    int err = pci_sriov_enable(pf, &machine.wish);
    TAILQ_FOREACH (d, &machine.host.devs, link)
        found += d->pf == pf;
    if (found != (err ? 0 : pf->sriov.count) || (err != 0) != (machine.wish.why[0] != '\0'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pci_host *const hosts[] = {&machine.host};
    struct pci_dev *d;
    unsigned checked = 0;

    host_reset();
    build(data, size);
    (void)pci_scan(&machine.host);
    (void)pci_assign(&machine.host);
    enable_vfs();
    pci_assign_groups(hosts, 1);
    TAILQ_FOREACH (d, &machine.host.devs, link)
        if (checked++ < 4 * FUNCTIONS)
            check(d);
    while ((d = TAILQ_FIRST(&machine.host.devs))) {
        TAILQ_REMOVE(&machine.host.devs, d, link);
        heap_free(d);
    }
    return 0;
}
