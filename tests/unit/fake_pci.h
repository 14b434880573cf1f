/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_PCI_H
#define RF_TESTS_FAKE_PCI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/pci/pci.h"
#include "lib/pci/regs.h"

/* A PCI hierarchy in memory. Configuration requests are routed as hardware does it, by the bus
 * numbers that the bridges hold at that moment; registers take only the bits that are writable. A
 * test builds a hierarchy, runs lib/pci on fake.host, and looks at the functions' bytes. */

#define FAKE_FNS   300
#define FAKE_TRACE 512

struct fake_fn {
    struct fake_fn *bridge; /* NULL: on the root bus */
    uint8_t dev, fn;
    bool any_dev;      /* answers for every device number of its bus */
    uint8_t bus_above; /* it is on a bus that many above the one behind the bridge (a VF may) */
    uint8_t cfg[PCI_CFG_SIZE];
    uint8_t writable[PCI_CFG_SIZE];
    uint8_t reset[PCI_CFG_SIZE]; /* what a reset brings back */
    unsigned cap_end, ext_end;   /* the last capability of each chain */
    unsigned resets;
    uint64_t silent_until; /* clock_now_ns(): all ones before */
    uint64_t silence;      /* how long a reset keeps it silent */
    struct pci_dev *found; /* by fake_scan */
};

struct fake_access {
    const struct fake_fn *f;
    unsigned off, width;
    bool write;
    uint32_t v;
};

static struct fake_pci {
    struct pci_host host;
    void (*act)(struct fake_fn *f, unsigned off); /* after each write */
    unsigned count;
    struct fake_fn fn[FAKE_FNS];
    unsigned traced;
    struct fake_access trace[FAKE_TRACE]; /* the first ones */
} fake;

/* --- bytes --------------------------------------------------------------------------------- */

static inline uint32_t fake_get(const struct fake_fn *f, unsigned off, unsigned width)
{
    uint32_t v = 0;

    for (unsigned i = width; i-- > 0;)
        v = v << 8 | f->cfg[off + i];
    return v;
}

static inline void fake_bytes(uint8_t *to, unsigned off, unsigned width, uint32_t v)
{
    for (unsigned i = 0; i < width; i++)
        to[off + i] = (uint8_t)(v >> 8 * i);
}

static inline void fake_set(struct fake_fn *f, unsigned off, unsigned width, uint32_t v)
{
    fake_bytes(f->cfg, off, width, v);
}

/* As a write request does it. */
static inline void fake_store(struct fake_fn *f, unsigned off, unsigned width, uint32_t v)
{
    for (unsigned i = 0; i < width; i++) {
        uint8_t mask = f->writable[off + i];

        f->cfg[off + i] = (uint8_t)((f->cfg[off + i] & ~mask) | ((v >> 8 * i) & mask));
    }
}

/* A register whose bits of `mask` can be written. */
static inline void fake_reg(struct fake_fn *f, unsigned off, unsigned width, uint32_t v,
                            uint32_t mask)
{
    fake_bytes(f->cfg, off, width, v);
    fake_bytes(f->writable, off, width, mask);
}

/* --- requests ------------------------------------------------------------------------------ */

static inline bool fake_is_bridge(const struct fake_fn *f)
{
    return (f->cfg[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_BRIDGE;
}

/* The bridge on the bus behind `above` that claims `bus`. Two that do are a broken set-up. */
static inline struct fake_fn *fake_claim(const struct fake_fn *above, unsigned bus)
{
    struct fake_fn *claims = NULL;

    for (struct fake_fn *f = fake.fn; f < fake.fn + fake.count; f++) {
        if (f->bridge != above || !fake_is_bridge(f) || f->cfg[PCI_BUS_SECONDARY] == 0 ||
            bus < f->cfg[PCI_BUS_SECONDARY] || bus > f->cfg[PCI_BUS_SUBORDINATE])
            continue;
        assert_null(claims);
        claims = f;
    }
    return claims;
}

static inline struct fake_fn *fake_route(struct pci_host *h, pci_rid_t rid)
{
    unsigned at = h->bus_first;
    struct fake_fn *above = NULL;

    while (PCI_BUS(rid) != at) {
        struct fake_fn *next = fake_claim(above, PCI_BUS(rid));

        if (!next)
            break;
        above = next;
        at = above->cfg[PCI_BUS_SECONDARY];
    }
    for (struct fake_fn *f = fake.fn; f < fake.fn + fake.count; f++) {
        if (f->bridge == above && at + f->bus_above == PCI_BUS(rid) && f->fn == PCI_FN(rid) &&
            (f->any_dev || f->dev == PCI_DEV(rid)))
            return clock_now_ns() < f->silent_until ? NULL : f;
    }
    return NULL;
}

static inline void fake_note(const struct fake_fn *f, unsigned off, unsigned width, bool write,
                             uint32_t v)
{
    assert_true(width == 1 || width == 2 || width == 4);
    assert_true(off % width == 0 && off < PCI_CFG_SIZE);
    if (f && fake.traced < FAKE_TRACE)
        fake.trace[fake.traced++] = (struct fake_access){f, off, width, write, v};
}

static inline void fake_reset_fn(struct fake_fn *f)
{
    memcpy(f->cfg, f->reset, sizeof(f->cfg));
    f->resets++;
    f->silent_until = clock_now_ns() + f->silence;
}

/* Registers that do something: the three ways of reset, and what the test adds. */
static inline void fake_act(struct fake_fn *f, unsigned off, unsigned old_state)
{
    const struct pci_dev *d = f->found;
    const unsigned pcie = d ? d->cap_pcie : 0, af = d ? d->cap_af : 0, pm = d ? d->cap_pm : 0;

    if (fake.act)
        fake.act(f, off);
    if (pcie && off == pcie + PCI_EXP_DEVCTL && (fake_get(f, off, 2) & PCI_EXP_DEVCTL_FLR))
        fake_reset_fn(f);
    else if (af && off == af + PCI_AF_CTRL && (f->cfg[off] & PCI_AF_CTRL_FLR))
        fake_reset_fn(f);
    else if (pm && off == pm + PCI_PM_CTRL && old_state == PCI_PM_D3HOT &&
             (f->cfg[off] & PCI_PM_STATE) == 0)
        fake_reset_fn(f);
}

static inline uint32_t fake_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    const struct fake_fn *f = fake_route(h, rid);
    uint32_t v = f ? fake_get(f, off, width) : UINT32_MAX >> (32 - 8 * width);

    fake_note(f, off, width, false, v);
    return v;
}

static inline void fake_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width,
                              uint32_t v)
{
    struct fake_fn *f = fake_route(h, rid);

    fake_note(f, off, width, true, v);
    if (!f)
        return;
    unsigned old_state = f->cfg[off] & PCI_PM_STATE;
    fake_store(f, off, width, v);
    fake_act(f, off, old_state);
}

/* --- building ------------------------------------------------------------------------------ */

static inline void fake_init(void)
{
    static const struct pci_host_ops ops = {.read = fake_read, .write = fake_write};

    host_reset();
    memset(&fake, 0, sizeof(fake));
    fake.host = (struct pci_host){.ops = &ops, .name = "fake", .bus_last = 255};
    TAILQ_INIT(&fake.host.devs);
}

static inline void fake_fini(void)
{
    struct pci_dev *d;

    while ((d = TAILQ_FIRST(&fake.host.devs)) != NULL) {
        TAILQ_REMOVE(&fake.host.devs, d, link);
        heap_free(d);
    }
}

static inline void fake_window(enum pci_space space, bool pref, uint64_t start, uint64_t size)
{
    fake.host.window[fake.host.window_count++] =
        (struct pci_window){space, pref, {start, start + size - 1}, 0};
}

/* The windows of QEMU's virt machine. */
static inline void fake_usual_windows(void)
{
    fake_window(PCI_IO, false, 0, 0x10000);
    fake_window(PCI_MEM32, false, 0x10000000, 0x2eff0000);
    fake_window(PCI_MEM64, false, UINT64_C(0x8000000000), UINT64_C(0x8000000000));
}

/* A function with everything on that firmware may leave on. */
static inline struct fake_fn *fake_add(struct fake_fn *bridge, unsigned dev, unsigned fn)
{
    struct fake_fn *f = &fake.fn[fake.count++];

    assert_true(fake.count <= FAKE_FNS);
    f->bridge = bridge;
    f->dev = (uint8_t)dev;
    f->fn = (uint8_t)fn;
    fake_set(f, PCI_VENDOR_ID, 4, 0x11e81234);
    fake_set(f, PCI_REVISION, 4, 0x01080210);
    fake_reg(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 0x0547);
    fake_reg(f, PCI_ROM, 4, PCI_ROM_ENABLE, 0xfffff801);
    return f;
}

static inline void fake_multi(struct fake_fn *f)
{
    f->cfg[PCI_HEADER_TYPE] |= PCI_HEADER_MULTI;
}

/* Puts a capability behind the chain; its bytes after the header are the caller's. */
static inline unsigned fake_cap(struct fake_fn *f, unsigned off, uint8_t id)
{
    fake_set(f, PCI_STATUS, 2, PCI_STATUS_CAPLIST);
    f->cfg[f->cap_end ? f->cap_end + 1 : PCI_CAP_POINTER] = (uint8_t)off;
    f->cfg[off] = id;
    f->cap_end = off;
    return off;
}

static inline unsigned fake_ext_cap(struct fake_fn *f, unsigned off, uint16_t id)
{
    if (f->ext_end)
        fake_set(f, f->ext_end + 2, 2, off << 4 | 1);
    else
        assert_int_equal(off, PCI_EXT_CAP_FIRST);
    fake_set(f, off, 4, 1u << 16 | id);
    f->ext_end = off;
    return off;
}

/* A PCI Express capability, version 2, at 0x40. */
static inline void fake_pcie(struct fake_fn *f, enum pci_port_type type)
{
    unsigned cap = fake_cap(f, 0x40, PCI_CAP_ID_PCIE);

    fake_set(f, cap + PCI_EXP_FLAGS, 2, (unsigned)type << 4 | 2);
    fake_reg(f, cap + PCI_EXP_DEVCTL, 2, 0, 0xffff);
    fake_reg(f, cap + PCI_EXP_DEVCTL2, 2, PCI_EXP_DEVCTL2_ARI, 0xffff);
}

static inline struct fake_fn *fake_endpoint(struct fake_fn *bridge, unsigned dev, unsigned fn)
{
    struct fake_fn *f = fake_add(bridge, dev, fn);

    fake_pcie(f, PCI_PORT_ENDPOINT);
    return f;
}

/* A conventional bridge: windows of 32 bits, no capabilities. */
static inline struct fake_fn *fake_bridge(struct fake_fn *bridge, unsigned dev, unsigned fn)
{
    struct fake_fn *f = fake_add(bridge, dev, fn);

    f->cfg[PCI_HEADER_TYPE] = PCI_HEADER_BRIDGE;
    fake_set(f, PCI_REVISION, 4, 0x06040000);
    fake_reg(f, PCI_ROM, 4, 0, 0xffffffff); /* I/O upper halves */
    fake_reg(f, PCI_BUS_PRIMARY, 4, 0, 0x00ffffff);
    fake_reg(f, PCI_IO_BASE, 2, 0, 0xf0f0);
    fake_reg(f, PCI_MEM_BASE, 4, 0, 0xfff0fff0);
    fake_reg(f, PCI_PREF_BASE, 4, 0, 0xfff0fff0);
    return f;
}

/* A PCI Express port, with a prefetchable window of 64 bits. */
static inline struct fake_fn *fake_port(struct fake_fn *bridge, unsigned dev, unsigned fn,
                                        enum pci_port_type type)
{
    struct fake_fn *f = fake_bridge(bridge, dev, fn);

    fake_pcie(f, type);
    fake_reg(f, PCI_PREF_BASE, 4, 0x00010001, 0xfff0fff0);
    fake_reg(f, PCI_PREF_BASE_UPPER, 4, 0, UINT32_MAX);
    fake_reg(f, PCI_PREF_LIMIT_UPPER, 4, 0, UINT32_MAX);
    return f;
}

/* Bits 3:0 of a BAR say what it is. */
#define FAKE_MEM32  0x0u
#define FAKE_IO     0x1u
#define FAKE_MEM64  0x4u
#define FAKE_PREF64 0xcu

static inline void fake_bar(struct fake_fn *f, unsigned n, unsigned kind, uint64_t size)
{
    uint64_t mask = ~(size - 1);

    fake_reg(f, PCI_BAR(n), 4, kind, (uint32_t)mask);
    if (kind & FAKE_MEM64)
        fake_reg(f, PCI_BAR(n + 1), 4, 0, (uint32_t)(mask >> 32));
}

static inline unsigned fake_acs(struct fake_fn *f, uint16_t supported)
{
    unsigned cap = fake_ext_cap(f, 0x100, PCI_EXT_CAP_ID_ACS);

    fake_set(f, cap + PCI_ACS_CAP, 2, supported);
    fake_reg(f, cap + PCI_ACS_CTRL, 2, 0, supported);
    return cap;
}
#define FAKE_ACS_ALL 0x1du /* SV RR CR UF */

/* --- running ------------------------------------------------------------------------------- */

/* Fills `found` of the functions that the walk listed. */
static inline int fake_scan(void)
{
    int err = pci_scan(&fake.host);
    struct pci_dev *d;

    TAILQ_FOREACH (d, &fake.host.devs, link) {
        struct fake_fn *f = fake_route(&fake.host, d->rid);

        assert_non_null(f);
        assert_null(f->found);
        f->found = d;
    }
    return err;
}

static inline void fake_up(void)
{
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    for (struct fake_fn *f = fake.fn; f < fake.fn + fake.count; f++) {
        struct fake_fn blank = *f;

        memcpy(f->reset, blank.cfg, sizeof(f->reset));
        for (unsigned n = 0; n < 6 && !fake_is_bridge(f); n++)
            fake_bytes(f->reset, PCI_BAR(n), 4, fake_get(f, PCI_BAR(n), 4) & 0xf);
        fake_bytes(f->reset, PCI_COMMAND, 2, 0);
    }
}

static inline bool fake_masters(const struct fake_fn *f)
{
    return fake_get(f, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

static inline bool fake_decodes(const struct fake_fn *f)
{
    return fake_get(f, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY;
}

#endif
