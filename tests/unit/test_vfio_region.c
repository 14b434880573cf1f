/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* Device and region information, mmap of BARs. */

/* ---- VFIO_DEVICE_GET_INFO ------------------------------------------------------------------ */

static void device_info(void **state)
{
    struct vfio_device_info info = {.argsz = 15};

    (void)state;
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_INFO, &info), -RF_EINVAL);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_GET_INFO, 0), -RF_EFAULT);
    info = (struct vfio_device_info){.argsz = 16, .cap_offset = 7};
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_INFO, &info), 0);
    memcpy(&info, user.arg, sizeof(info));
    assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
    assert_int_equal(info.num_regions, 9);
    assert_int_equal(info.num_irqs, 5);
    assert_int_equal(info.cap_offset, 7); /* beyond argsz */
    info.argsz = 4096;
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_INFO, &info), 0);
    memcpy(&info, user.arg, sizeof(info));
    assert_int_equal(info.cap_offset, 0);
    assert_int_equal(user.arg[sizeof(info)], 0xa5);
}

static void offered_devices(void **state)
{
    struct vfio_device *d = vfio_device_next(NULL);

    (void)state;
    assert_ptr_equal(vfio_device_pci(d), &pci_fn);
    assert_int_equal(vfio_device_group_id(d), GROUP_ID);
    assert_null(vfio_device_next(d));
    assert_false(pci_bus_master(&pci_fn)); /* firmware had left it on */
}

/* ---- VFIO_DEVICE_GET_REGION_INFO ----------------------------------------------------------- */

static struct vfio_region_info region_info(uint32_t index, uint32_t argsz, long expected)
{
    struct vfio_region_info info = {.argsz = argsz, .index = index, .cap_offset = 0x77};

    assert_int_equal(DEVICE(VFIO_DEVICE_GET_REGION_INFO, &info), expected);
    memcpy(&info, user.arg, sizeof(info));
    return info;
}

#define ACCESS (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define MAPS   VFIO_REGION_INFO_FLAG_MMAP

static void regions(void **state)
{
    static const struct {
        uint64_t size;
        uint32_t flags;
    } rows[] = {
        {BAR0_SIZE, ACCESS | MAPS | VFIO_REGION_INFO_FLAG_CAPS},
        {0, 0},
        {256, ACCESS | MAPS},
        {0, 0},
        {MIB(1), ACCESS | MAPS},
        {0, 0},
        {0, 0}, /* ROM */
        {4096, ACCESS},
    };

    (void)state;
    for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vfio_region_info info = region_info(i, 256, 0);

        assert_int_equal(info.index, i);
        assert_int_equal(info.size, rows[i].size);
        assert_int_equal(info.flags, rows[i].flags);
        assert_int_equal(info.offset, (uint64_t)i << 40);
        assert_int_equal(info.cap_offset, i == 0 ? sizeof(info) : 0);
    }
    region_info(VFIO_PCI_VGA_REGION_INDEX, 256, -RF_EINVAL);
    region_info(9, 256, -RF_EINVAL);
    region_info(UINT32_MAX, 256, -RF_EINVAL);
    region_info(0, 31, -RF_EINVAL);
}

/* The MSI-X table's and PBA's pages are not among the areas. */
static void sparse_areas(void **state)
{
    const struct vfio_region_info_cap_sparse_mmap *cap =
        (const void *)(user.arg + sizeof(struct vfio_region_info));
    struct vfio_region_info info = region_info(0, 256, 0);

    (void)state;
    assert_int_equal(info.argsz, 256);
    assert_int_equal(cap->header.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
    assert_int_equal(cap->header.version, 1);
    assert_int_equal(cap->header.next, 0);
    assert_int_equal(cap->nr_areas, 1);
    assert_int_equal(cap->areas[0].offset, 0);
    assert_int_equal(cap->areas[0].size, 0x2000);
}

static void sparse_needs_room(void **state)
{
    const uint32_t need = sizeof(struct vfio_region_info) +
                          sizeof(struct vfio_region_info_cap_sparse_mmap) +
                          sizeof(struct vfio_region_sparse_mmap_area);
    struct vfio_region_info info;

    (void)state;
    for (uint32_t argsz = sizeof(info); argsz < need; argsz++) {
        info = region_info(0, argsz, 0);
        assert_int_equal(info.argsz, need);
        assert_int_equal(info.cap_offset, 0);
        assert_int_equal(info.flags & VFIO_REGION_INFO_FLAG_CAPS, VFIO_REGION_INFO_FLAG_CAPS);
        assert_int_equal(user.arg[sizeof(info)], 0xa5);
    }
    info = region_info(0, need, 0);
    assert_int_equal(info.cap_offset, sizeof(info));
}

static void region_info_faults(void **state)
{
    struct vfio_region_info info = {.argsz = 256};

    (void)state;
    for (unsigned k = 1; k <= 3; k++) {
        user.copies = 0;
        user.copy_fails_at = k;
        assert_int_equal(DEVICE(VFIO_DEVICE_GET_REGION_INFO, &info), -RF_EFAULT);
    }
}

/* Table and PBA wherever they are in the BAR: in one page, at either end, in the middle, swapped.
 */
static void msix_places(void **state)
{
    static const struct {
        uint32_t table, pba;
        unsigned open_pages; /* bit: page n of BAR0 can be mapped */
    } rows[] = {
        {0x2000, 0x3000, 0x3}, {0x2000, 0x2800, 0xb}, {0x0000, 0x3ff8, 0x6}, {0x1000, 0x0000, 0xc},
        {0x3f80, 0x0ff8, 0x6}, {0x0fc0, 0x2000, 0x8}, {0x1fc0, 0x1000, 0x9},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        pci_fn.msix.table_off = rows[i].table;
        pci_fn.msix.pba_off = rows[i].pba;
        for (unsigned page = 0; page < 4; page++) {
            bool open = rows[i].open_pages >> page & 1;
            paddr_t pa = PADDR_INVALID;

            assert_int_equal(vfio_device_page(opened, page * PAGE_SIZE + 0x123, &pa),
                             open ? 0 : -RF_EFAULT);
            assert_int_equal(pa.v, open ? BAR0 + page * PAGE_SIZE : UINT64_MAX);
        }
    }
}

static void msix_fills_the_bar(void **state)
{
    (void)state;
    pci_fn.bar[0].size = 0x1000;
    pci_fn.msix.table_off = 0;
    pci_fn.msix.pba_off = 0x800;
    assert_int_equal(region_info(0, 256, 0).flags, ACCESS);
    assert_int_equal(vfio_device_mmap(opened, 0, 0x1000), -RF_EINVAL);
}

static void msix_table_out_of_its_bar(void **state)
{
    static const struct pci_msix rows[] = {
        {CAP_MSIX, VECTORS, 0, 0, BAR0_SIZE - 64, 0},
        {CAP_MSIX, VECTORS, 1, 0, 0, 0},
        {CAP_MSIX, VECTORS, 6, 7, 0, 0},
        {CAP_MSIX, 2048, 0, 0, 0, 0},
        {CAP_MSIX, VECTORS, 0, 0, 0xfffffff8, 0xfffffff8},
    };
    struct vfio_irq_info info = {sizeof(info), 0, VFIO_PCI_MSIX_IRQ_INDEX, 99};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vfio_device *d;

        pci_fn.msix = rows[i];
        log_clear();
        assert_int_equal(vfio_device_add(&pci_fn, iommu_group_find(GROUP_ID), &frame), 0);
        assert_one_line("MSI-X is not offered");
        d = TAILQ_LAST(&vfio_devices, vfio_device_list);
        assert_int_equal(CALL(device, d, VFIO_DEVICE_GET_IRQ_INFO, &info), 0);
        assert_int_equal(cfg_get(user.arg, offsetof(struct vfio_irq_info, count), 4), 0);
        region_info(0, 256, 0); /* also without a BAR for them */
    }
}

/* ---- mmap ----------------------------------------------------------------------------------- */

static void mmap_limits(void **state)
{
    static const struct {
        uint64_t offset, size;
        int result;
    } rows[] = {
        {0, 0x1000, 0},
        {0, BAR0_SIZE, 0}, /* over the closed pages too */
        {0x3000, 0x1000, 0},
        {0, BAR0_SIZE + 0x1000, -RF_EINVAL},
        {BAR0_SIZE, 0x1000, -RF_EINVAL},
        {0x1000, UINT64_MAX, -RF_EINVAL},
        {0x1000, UINT64_MAX - 0xfff, -RF_EINVAL},
        {0, 0, -RF_EINVAL},
        {0x800, 0x1000, -RF_EINVAL},
        {REGION(1), 0x1000, -RF_EINVAL},
        {REGION(2), 0x1000, 0},
        {REGION(2), 0x2000, -RF_EINVAL},
        {REGION(4), MIB(1), 0},
        {REGION(VFIO_PCI_ROM_REGION_INDEX), 0x1000, -RF_EINVAL},
        {REGION(VFIO_PCI_CONFIG_REGION_INDEX), 0x1000, -RF_EINVAL},
        {REGION(9), 0x1000, -RF_EINVAL},
        {REGION(0x7fffff), 0x1000, -RF_EINVAL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(vfio_device_mmap(opened, rows[i].offset, rows[i].size), rows[i].result);
}

static void pages(void **state)
{
    paddr_t pa;

    (void)state;
    assert_int_equal(vfio_device_page(opened, REGION(4) + 0x7f123, &pa), 0);
    assert_int_equal(pa.v, BAR4 + 0x7f000);
    assert_int_equal(vfio_device_page(opened, REGION(2), &pa), 0);
    assert_int_equal(pa.v, BAR2);
    assert_int_equal(vfio_device_page(opened, REGION(4) + MIB(1), &pa), -RF_EIO);
    vfio_device_close(opened);
    assert_int_equal(vfio_device_page(opened, REGION(4), &pa), -RF_EIO);
}

/* ATK-30: a BAR that shares its page is reached by pread and pwrite only. */
static void small_bars(void **state)
{
    (void)state;
    pci_neighbour.bar[5] = fn_bar(BAR2 + 0xf00, 256);
    assert_int_equal(region_info(2, 256, 0).flags, ACCESS);
    assert_int_equal(vfio_device_mmap(opened, REGION(2), 0x1000), -RF_EINVAL);
    pci_neighbour.bar[5] = fn_bar(BAR2 + 0x1000, 256);
    assert_int_equal(region_info(2, 256, 0).flags, ACCESS | MAPS);
    pci_fn.bar[2].cpu = PADDR(BAR2 + 0x100);
    assert_int_equal(region_info(2, 256, 0).flags, ACCESS);
}

static void unreachable_bars(void **state)
{
    (void)state;
    pci_fn.bar[4].cpu = PADDR_INVALID;
    assert_int_equal(region_info(4, 256, 0).size, 0);
    assert_int_equal(vfio_device_mmap(opened, REGION(4), 0x1000), -RF_EINVAL);
    assert_int_equal(vfio_device_read(opened, ARG, 4, REGION(4)), -RF_EINVAL);
    pci_fn.bar[4].cpu = PADDR(BAR4);
    pci_fn.bar[4].io = true;
    assert_int_equal(region_info(4, 256, 0).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(device_info),
        WITH(offered_devices, vfio_up),
        OPEN(regions),
        OPEN(sparse_areas),
        OPEN(sparse_needs_room),
        OPEN(region_info_faults),
        OPEN(msix_places),
        OPEN(msix_fills_the_bar),
        OPEN(msix_table_out_of_its_bar),
        OPEN(mmap_limits),
        OPEN(pages),
        OPEN(small_bars),
        OPEN(unreachable_bars),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
