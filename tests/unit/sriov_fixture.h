/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_SRIOV_FIXTURE_H
#define RF_TESTS_SRIOV_FIXTURE_H

#include "lib/mem/inject.h"
#include "tests/unit/pci_layout.h"

/* Virtual functions on a function like the 82576: SR-IOV at 0x160, eight of them at most, first one
 * 0x80 requester ids further, two apart, BARs of 16 KiB. */

#define SRIOV   0x160u
#define VFS     8u
#define VF_ID   0x10cau
#define DEVICE  0x10c9u
#define OFFSET  0x80u
#define STRIDE  2u
#define MSIX_AT 0x70u

static struct {
    struct fake_fn *port, *pf, *vf;
    struct pci_vf_wish wish;
} net;

/* A virtual function as SR-IOV has it: no ids, no BARs, no memory enable. */
static inline void add_vf(struct fake_fn *bridge, unsigned n, unsigned offset)
{
    struct fake_fn *f =
        fake_add(bridge, ((offset + STRIDE * n) & 0xff) >> 3, (offset + STRIDE * n) & 7);

    f->bus_above = (uint8_t)(offset >> 8);
    f->silent_until = UINT64_MAX;
    fake_pcie(f, PCI_PORT_ENDPOINT);
    fake_set(f, 0x40 + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_FLR);
    fake_set(f, PCI_VENDOR_ID, 4, UINT32_MAX);
    fake_reg(f, PCI_COMMAND, 2, 0, PCI_COMMAND_MASTER);
    fake_reg(f, PCI_ROM, 4, 0, 0);
    fake_cap(f, MSIX_AT, PCI_CAP_ID_MSIX);
    fake_reg(f, MSIX_AT + PCI_MSIX_CTRL, 2, 2, 0xc000);
    fake_set(f, MSIX_AT + PCI_MSIX_TABLE, 4, 3);
    fake_set(f, MSIX_AT + PCI_MSIX_PBA, 4, 0x2000 | 3);
    memcpy(f->reset, f->cfg, sizeof(f->reset));
}

static inline void vf_bar(struct fake_fn *pf, unsigned n, unsigned kind, uint64_t size)
{
    uint64_t mask = ~(size - 1);

    fake_reg(pf, SRIOV + PCI_SRIOV_BAR(n), 4, kind, (uint32_t)mask);
    if (kind & FAKE_MEM64)
        fake_reg(pf, SRIOV + PCI_SRIOV_BAR(n + 1), 4, 0, (uint32_t)(mask >> 32));
}

#define READY_NS UINT64_C(100000000) /* when they may be asked, at the earliest */

/* Virtual functions answer some time before they may be asked. */
static inline void act_vf_enable(struct fake_fn *f, unsigned off)
{
    bool on = fake_get(net.pf, SRIOV + PCI_SRIOV_CTRL, 2) & PCI_SRIOV_VF_ENABLE;

    if (f != net.pf || off != SRIOV + PCI_SRIOV_CTRL)
        return;
    for (unsigned i = 0; i < VFS; i++) {
        bool there = on && i < fake_get(f, SRIOV + PCI_SRIOV_NUM, 2);

        net.vf[i].silent_until = there ? clock_now_ns() + READY_NS / 2 : UINT64_MAX;
    }
}

static inline void add_sriov(struct fake_fn *pf, unsigned offset)
{
    fake_ext_cap(pf, 0x100, PCI_EXT_CAP_ID_ARI);
    fake_ext_cap(pf, SRIOV, PCI_EXT_CAP_ID_SRIOV);
    fake_reg(pf, SRIOV + PCI_SRIOV_CTRL, 2, PCI_SRIOV_VF_ENABLE, 0x19);
    fake_set(pf, SRIOV + PCI_SRIOV_INITIAL, 2, VFS);
    fake_set(pf, SRIOV + PCI_SRIOV_TOTAL, 2, VFS);
    fake_reg(pf, SRIOV + PCI_SRIOV_NUM, 2, 0, 0xffff);
    fake_set(pf, SRIOV + PCI_SRIOV_OFFSET, 2, offset);
    fake_set(pf, SRIOV + PCI_SRIOV_STRIDE, 2, STRIDE);
    fake_set(pf, SRIOV + PCI_SRIOV_DEVICE, 2, VF_ID);
    fake_set(pf, SRIOV + PCI_SRIOV_PAGES, 4, 0x553);
    fake_reg(pf, SRIOV + PCI_SRIOV_PAGE_SIZE, 4, 0x2, 0x553);
    vf_bar(pf, 0, FAKE_PREF64, KIB(16));
    vf_bar(pf, 3, FAKE_PREF64, KIB(16));
}

static inline void add_net_at(unsigned offset)
{
    net.port = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    fake_set(net.port, 0x40 + PCI_EXP_DEVCAP2, 4, PCI_EXP_DEVCAP2_ARI);
    fake_acs(net.port, FAKE_ACS_ALL);
    net.pf = fake_endpoint(net.port, 0, 0);
    fake_set(net.pf, PCI_VENDOR_ID, 4, DEVICE << 16 | 0x8086);
    fake_multi(net.pf); /* as QEMU's says of itself */
    fake_bar(net.pf, 0, FAKE_MEM32, KIB(128));
    add_sriov(net.pf, offset);
    net.vf = &fake.fn[fake.count];
    fake.act = act_vf_enable;
    for (unsigned n = 0; n < VFS; n++)
        add_vf(net.port, n, offset);
}

static inline void wish_for(unsigned count)
{
    net.wish = (struct pci_vf_wish){.pf = PCI_RID(1, 0, 0), .count = (uint16_t)count};
    fake.host.wish = &net.wish;
    fake.host.wish_count = 1;
}

static inline int setup(void **state)
{
    (void)state;
    fake_init();
    fake_usual_windows();
    add_net_at(OFFSET);
    wish_for(2);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    inject_after(0);
    fake_fini();
    return 0;
}

static inline int enable(void)
{
    return pci_sriov_enable(net.pf->found, &net.wish);
}

static inline void up_with_vfs(void)
{
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    assert_string_equal(net.wish.why, "");
    assert_int_equal(enable(), 0);
}

static inline struct pci_dev *vf(unsigned n)
{
    struct pci_dev *d;

    TAILQ_FOREACH (d, &fake.host.devs, link) {
        if (d->pf && n-- == 0)
            return d;
    }
    return NULL;
}

static inline uint32_t ctrl(void)
{
    return fake_get(net.pf, SRIOV + PCI_SRIOV_CTRL, 2);
}

#endif
