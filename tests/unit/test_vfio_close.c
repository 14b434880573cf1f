/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* What is left when descriptors close, in any order, or when the hardware does not answer. */

static bool master_at_detach;

static int watched_detach(struct iommu_unit *u, uint32_t sid)
{
    master_at_detach = pci_bus_master(&pci_fn);
    return fake_detach(u, sid);
}

static void enable_bus_master(void)
{
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    assert_true(pci_bus_master(&pci_fn));
}

/* Bus mastering goes before the stream is denied, and the memory is given back after it. */
static void closing_the_container(void **state)
{
    struct iommu_ops ops = fake_ops;
    paddr_t pa;

    (void)state;
    ops.detach = watched_detach;
    fake_a.unit.ops = &ops;
    master_at_detach = true;
    assert_int_equal(map_dma(0x10000, DMA, 0x1000), 0);
    enable_bus_master();
    assert_true(fake_access(&fake_a, SID, 0x10000, &pa));
    vfio_container_close(containers[0]);
    assert_false(master_at_detach);
    assert_false(fake_access(&fake_a, SID, 0x10000, &pa));
    assert_int_equal(user_pinned_pages(), 0);
    fake_a.unit.ops = &fake_ops;
}

/* What the workload wrote while nothing was attached takes effect with the attach. */
static void bus_master_is_remembered(void **state)
{
    (void)state;
    vfio_container_close(containers[0]);
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    assert_int_equal(config_read(PCI_COMMAND, 2) & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER);
    assert_false(pci_bus_master(&pci_fn));
    assert_int_equal(set_container(FD_OTHER), 0);
    assert_false(pci_bus_master(&pci_fn));
    assert_int_equal(vfio_container_ioctl(containers[1], VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
    assert_true(pci_bus_master(&pci_fn));
}

/* As in Linux an open device keeps its group: with the container, and not to be opened again. */
static void closing_the_group_first(void **state)
{
    struct vfio_group *again;

    (void)state;
    vfio_group_close(group);
    assert_non_null(fake_a.stream[SID]);
    assert_int_equal(vfio_group_open(GROUP_ID, &again), -RF_EBUSY);
    vfio_device_close(opened);
    assert_null(fake_a.stream[SID]);
    assert_int_equal(vfio_group_open(GROUP_ID, &again), 0);
}

/* ATK-29 */
static void closing_the_device(void **state)
{
    unsigned resets = fn.resets;

    (void)state;
    enable_bus_master();
    vfio_device_close(opened);
    assert_false(pci_bus_master(&pci_fn));
    assert_int_equal(fn.resets, resets + 1);
    assert_int_equal(user.zaps, 1);
    assert_int_equal(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY, 0);
}

static void opened_twice_closed_twice(void **state)
{
    (void)state;
    assert_int_equal(open_device(), FD_DEVICE);
    enable_bus_master();
    vfio_device_close(opened);
    assert_true(pci_bus_master(&pci_fn));
    vfio_device_close(opened);
    assert_false(pci_bus_master(&pci_fn));
}

static void no_descriptor_left(void **state)
{
    (void)state;
    install_error = -RF_EMFILE;
    assert_int_equal(open_device(), -RF_EMFILE);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
}

static void open_unwinds(void **state)
{
    (void)state;
    inject_after(1);
    assert_int_equal(open_device(), -RF_ENOMEM);
    fn.gone = true;
    assert_int_equal(open_device(), -RF_EIO);
    fn.gone = false;
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
}

/* VF-DRV-LOOP */
static void ten_times(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(set_container(FD_CONTAINER) | set_iommu(), 0);
        assert_int_equal(open_device(), FD_DEVICE);
        enable_bus_master();
        assert_int_equal(map_dma(0, DMA, 0x1000), 0);
        vfio_device_close(opened);
        assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
        assert_int_equal(fake_free_pages(), fake_pages_at_start);
    }
}

/* ATK-05: no page goes back to the workload's memory when the hardware does not confirm. */
static void close_without_an_answer(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0, DMA, 0x2000), 0);
    fake_fail(1);
    fake_fail_more = 100;
    vfio_container_close(containers[0]);
    assert_int_equal(user.lost, 2);
    assert_true(fake_a.unit.dead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(closing_the_container),
        OPEN(bus_master_is_remembered),
        OPEN(closing_the_group_first),
        OPEN(closing_the_device),
        OPEN(opened_twice_closed_twice),
        ATTACHED(no_descriptor_left),
        ATTACHED(open_unwinds),
        WITH(ten_times, vfio_up),
        ATTACHED(close_without_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
