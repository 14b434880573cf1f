/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pci_fixture.h"

/* Capability chains, sound and broken. */

static void capabilities_are_found(void **state)
{
    struct fake_fn *f = fake_endpoint(NULL, 1, 0);
    unsigned msi = fake_cap(f, 0x90, PCI_CAP_ID_MSI), msix = fake_cap(f, 0xb0, PCI_CAP_ID_MSIX);

    (void)state;
    fake_set(f, msi + 2, 2, 0x018a); /* maskable, 64 bits, 32 vectors */
    fake_set(f, msix + 2, 2, 0x0040);
    fake_set(f, msix + 4, 4, 0x00002004);
    fake_set(f, msix + 8, 4, 0x00003002);
    fake_acs(f, FAKE_ACS_ALL);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(f->found->cap_pcie, 0x40);
    assert_int_equal(f->found->cap_acs, 0x100);
    assert_int_equal(f->found->msi.count, 32);
    assert_true(f->found->msi.is_64 && f->found->msi.maskable);
    assert_int_equal(f->found->msix.count, 65);
    assert_int_equal(f->found->msix.table_bar, 4);
    assert_int_equal(f->found->msix.table_off, 0x2000);
    assert_int_equal(f->found->msix.pba_bar, 2);
    assert_int_equal(f->found->msix.pba_off, 0x3000);
    assert_int_equal(pci_find_cap(f->found, PCI_CAP_ID_MSIX), 0xb0);
    assert_int_equal(pci_find_cap(f->found, PCI_CAP_ID_PM), 0);
    assert_int_equal(pci_find_ext_cap(f->found, PCI_EXT_CAP_ID_ACS), 0x100);
    assert_int_equal(pci_find_ext_cap(f->found, PCI_EXT_CAP_ID_ATS), 0);
}

/* Each chain has MSI-X first; what comes after is broken in some way, and ends the walk. */
static void broken_chains_end(void **state)
{
    static const struct {
        uint8_t next, id, after;
    } broken[] = {
        {0x50, 0x09, 0x50}, /* to itself */
        {0x50, 0x09, 0x40}, /* back to the first */
        {0x10, 0, 0},       /* into the header */
        {0x3f, 0, 0},       /* the same, unaligned */
        {0xff, 0xff, 0xff}, /* the last word, all ones */
        {0x53, 0x09, 0x00}, /* low bits are reserved */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(broken); i++) {
        fake_init();
        struct fake_fn *f = fake_add(NULL, 1, 0);

        fake_cap(f, 0x40, PCI_CAP_ID_MSIX);
        f->cfg[0x41] = broken[i].next;
        memset(&f->cfg[0xfc], 0xff, 4);
        f->cfg[broken[i].next & 0xfc] = broken[i].id;
        f->cfg[(broken[i].next & 0xfc) + 1] = broken[i].after;
        assert_int_equal(fake_scan(), 0);
        assert_int_equal(f->found->msix.cap, 0x40);
        assert_int_equal(pci_find_cap(f->found, PCI_CAP_ID_PM), 0);
        fake_fini();
    }
}

static void broken_extended_chains_end(void **state)
{
    static const uint32_t headers[] = {
        0x1000000du,                           /* ACS, next is itself */
        0x0ff0000du,                           /* next inside the first 256 bytes */
        0xffffffffu, 0x00000000u, 0xffc0000du, /* next is the last word, which is zero */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(headers); i++) {
        fake_init();
        struct fake_fn *f = fake_endpoint(NULL, 1, 0);

        fake_set(f, 0x100, 4, headers[i]);
        assert_int_equal(fake_scan(), 0);
        assert_int_equal(f->found->cap_ats, 0);
        fake_fini();
    }
}

/* Every header of both chains is a capability, in all 48 and 960 words. */
static void the_longest_chains(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    for (unsigned off = 0x40; off < 0x100; off += 4)
        fake_cap(f, off, 0xf0);
    f->cfg[0xfc] = PCI_CAP_ID_PM;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_find_cap(f->found, PCI_CAP_ID_PM), 0xfc);
    assert_int_equal(f->found->cap_pm, 0); /* too near the end for its registers */
    f->found->is_pcie = true;
    for (unsigned off = 0x100; off < 0x1000; off += 4)
        fake_ext_cap(f, off, 0x55);
    fake_set(f, 0xffc, 2, 0x66);
    assert_int_equal(pci_find_ext_cap(f->found, 0x66), 0xffc);
}

static void no_extended_chain_without_pcie(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    fake_acs(f, FAKE_ACS_ALL);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(f->found->cap_acs, 0);
}

static void capabilities_that_make_no_sense(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    fake_set(f, fake_cap(f, 0x40, PCI_CAP_ID_MSIX) + 4, 4, 6);     /* no such BAR */
    fake_set(f, fake_cap(f, 0x60, PCI_CAP_ID_MSI) + 2, 2, 6 << 1); /* 64 vectors */
    fake_cap(f, 0xf8, PCI_CAP_ID_PCIE);                            /* past the end */
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(f->found->msix.cap, 0);
    assert_int_equal(f->found->msi.cap, 0);
    assert_false(f->found->is_pcie);
}

static void sizes_of_capabilities(void **state)
{
    static const struct {
        uint8_t id;
        uint16_t word2, off;
        unsigned size;
    } sizes[] = {
        {PCI_CAP_ID_PM, 0, 0x50, 8},
        {PCI_CAP_ID_MSIX, 0, 0x50, 12},
        {PCI_CAP_ID_AF, 0, 0x50, 6},
        {PCI_CAP_ID_MSI, 0x0000, 0x50, 10},
        {PCI_CAP_ID_MSI, 0x0080, 0x50, 14},
        {PCI_CAP_ID_MSI, 0x0100, 0x50, 20},
        {PCI_CAP_ID_MSI, 0x0180, 0x50, 24},
        {PCI_CAP_ID_MSI, 0x0180, 0xf0, 16},
        {PCI_CAP_ID_PCIE, 0x0002, 0x50, 60},
        {PCI_CAP_ID_PCIE, 0x0001, 0x50, 20},
        {PCI_CAP_ID_PCIE, 0x0041, 0x50, 36},
        {PCI_CAP_ID_VENDOR, 0x0010, 0x50, 16},
        {PCI_CAP_ID_VENDOR, 0x00ff, 0x50, 176},
        {PCI_CAP_ID_VENDOR, 0x0000, 0x50, 3},
        {0x7e, 0x0040, 0x50, 0},
    };
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    assert_int_equal(fake_scan(), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        fake_set(f, sizes[i].off + 2u, 2, sizes[i].word2);
        assert_int_equal(pci_cap_size(f->found, sizes[i].off, sizes[i].id), sizes[i].size);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(capabilities_are_found),         TEST(broken_chains_end),
        TEST(broken_extended_chains_end),     TEST(the_longest_chains),
        TEST(no_extended_chain_without_pcie), TEST(capabilities_that_make_no_sense),
        TEST(sizes_of_capabilities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
