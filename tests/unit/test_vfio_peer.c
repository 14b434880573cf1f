/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* Registers of a device as the source of MAP_DMA: refused where a page or the way is not theirs
 * alone, and gone before they are. */

#define IOVA UINT64_C(0x400000)

static int up(void **state)
{
    if (vfio_up_open(state))
        return -1;
    user.regs_offset = REGION(4);
    log_clear();
    return 0;
}

static void mapped(void **state)
{
    struct pt_leaf leaf;
    paddr_t pa;

    (void)state;
    assert_int_equal(map_dma(IOVA, REGS, MIB(1)), 0);
    assert_true(fake_access(&fake_a, SID, IOVA + 0x1234, &pa));
    assert_int_equal(pa.v, BAR4 + 0x1234);
    assert_true(pt_lookup(&fake_a.stream[SID]->pt, IOVA, &leaf));
    assert_int_equal(leaf.prot, PT_READ | PT_WRITE | PT_DEVICE | PT_USER);
    assert_int_equal(user_pinned_pages(), 0);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static const struct {
    const char *what;
    uint64_t offset, vaddr, size;
    long err;
    const char *line;
} rows[] = {
    {"table", REGION(0), REGS + 0x2000, 0x1000, -RF_EBUSY, "BAR0 of 0000:00:00.0 has its MSI-X"},
    {"up to the PBA", REGION(0), REGS, 0x4000, -RF_EBUSY, "MSI-X table or PBA"},
    {"beyond", REGION(4) + MIB(1) - 0x1000, REGS, 0x2000, -RF_EINVAL, "not all inside BAR4"},
    {"behind", REGION(4) + MIB(1), REGS, 0x1000, -RF_EINVAL, "not all inside BAR4"},
    {"smaller than a page", REGION(2), REGS, 0x1000, -RF_EINVAL, "not all inside BAR2"},
    {"no BAR", REGION(3), REGS, 0x1000, -RF_EINVAL, "BAR3"},
    {"upper half", REGION(5), REGS, 0x1000, -RF_EINVAL, "BAR5"},
    {"config space", REGION(7), REGS, 0x1000, -RF_EINVAL, "BAR7"},
    {"read-only map", REGION(4), REGS_RO, 0x1000, -RF_EFAULT, "cannot be pinned for writing"},
    {"end of map", REGION(4), REGS_RO - 0x1000, 0x2000, -RF_EFAULT, "cannot be pinned"},
    {"odd address", REGION(4), REGS + 0x800, 0x1000, -RF_EINVAL, "not a multiple of 0x1000"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        user.regs_offset = rows[i].offset;
        long err = map_dma(IOVA, rows[i].vaddr, rows[i].size);
        if (err != rows[i].err)
            fail_msg("%s: %ld", rows[i].what, err);
        assert_one_line(rows[i].line);
        assert_denied(IOVA);
        assert_int_equal(space()->map_count, 0);
    }
}

static void refused_while_off(void **state)
{
    (void)state;
    config_write(PCI_COMMAND, 2, 0);
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), -RF_ENODEV);
    assert_one_line("memory decode of 0000:00:00.0 is off");
    config_write(PCI_COMMAND, 2, (uint32_t)PCI_COMMAND_MEMORY);
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), 0);
}

static void refused_around_the_iommu(void **state)
{
    (void)state;
    pci_neighbour.group = pci_fn.group;
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), -RF_EXDEV);
    assert_one_line("0000:00:01.0 shares an isolation group with 0000:00:00.0");
    pci_neighbour.is_bridge = true; /* bridges do not begin requests */
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), 0);
}

static struct pci_host far_host = {.ops = &fn_host_ops, .name = "far host"};
static struct pci_dev far_fn = {.host = &far_host, .rid = 8, .name = "0001:00:01.0"};

static void refused_between_host_bridges(void **state)
{
    struct iommu_group *g = iommu_group_get(GROUP_ID);

    (void)state;
    TAILQ_INIT(&far_host.devs);
    assert_int_equal(vfio_device_add(&far_fn, g, &frame), 0); /* of the same container */
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), -RF_EXDEV);
    assert_one_line("0001:00:01.0 and 0000:00:00.0 are behind different host bridges");
}

/* Also when the other one comes later. */
static void one_behind_another_host_bridge_does_not_join(void **state)
{
    struct iommu_group *g = iommu_group_get(GROUP_ID + 1);
    struct vfio_group *far_group;
    uint64_t bytes;

    (void)state;
    TAILQ_INIT(&far_host.devs);
    assert_int_equal(iommu_group_add(g, &fake_b.unit, SID, "edu 0001:00:01.0"), 0);
    assert_int_equal(vfio_device_add(&far_fn, g, &frame), 0);
    assert_int_equal(vfio_group_open(GROUP_ID + 1, &far_group), 0);
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), 0);
    assert_int_equal(vfio_container_add(containers[0], far_group), -RF_EXDEV);
    assert_one_line("registers of 0000:00:00.0 are mapped at");
    assert_null(far_group->container);
    assert_int_equal(unmap_dma(0, IOVA, 0x1000, &bytes), 0);
    assert_int_equal(vfio_container_add(containers[0], far_group), 0);
    vfio_group_close(far_group);
}

static void pages_larger_than_its_place(void **state)
{
    (void)state;
    pci_fn.bar[4].cpu = PADDR(BAR4 + 0x800);
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), -RF_EINVAL);
    assert_one_line("do not start at a multiple of 0x1000");
    pci_fn.bar[4].cpu = PADDR(BAR4);
}

static void map_without_memory(void **state)
{
    uint64_t pages = fake_free_pages();

    (void)state;
    for (unsigned k = 1;; k++) {
        long err;

        inject_after(k);
        err = map_dma(IOVA, REGS, 0x2000);
        inject_after(0);
        if (err == 0) {
            assert_true(k > 3);
            return;
        }
        assert_int_equal(err, -RF_ENOMEM);
        assert_int_equal(fake_free_pages(), pages);
        assert_denied(IOVA);
    }
}

/* ---- gone before the registers are ---------------------------------------------------------- */

static bool reached_when_off; /* the map was there when decode went off or a reset began */

static void watching_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width,
                           uint32_t v)
{
    bool decoded = fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY;
    unsigned resets = fn.resets;
    paddr_t pa;
    bool reached = fake_access(&fake_a, SID, IOVA, &pa);

    fn_write(h, rid, off, width, v);
    if (resets != fn.resets || (decoded && !(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY)))
        reached_when_off |= reached;
}

static void decode_off(void)
{
    config_write(PCI_COMMAND, 2, 0);
}

static void to_d3hot(void)
{
    config_write(CAP_PM + PCI_PM_CTRL, 2, 3);
}

static void reset_call(void)
{
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
}

static void flr_bit(void)
{
    config_write(CAP_PCIE + PCI_EXP_DEVCTL, 2, (uint32_t)PCI_EXP_DEVCTL_FLR);
}

static void close_device(void)
{
    vfio_device_close(opened);
}

static void (*const ways[])(void) = {decode_off, to_d3hot, reset_call, flr_bit, close_device};

static void gone_before_the_registers(void **state)
{
    static const struct pci_host_ops watching = {fn_read, watching_write};

    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        uint64_t bytes;

        vfio_down(state);
        assert_int_equal(up(state), 0);
        reached_when_off = false;
        pci_host.ops = &watching;
        assert_int_equal(map_dma(IOVA, REGS, 0x2000), 0);
        assert_int_equal(map_dma(0, DMA, 0x1000), 0);
        assert_translates(0, DMA);
        ways[i]();
        assert_false(reached_when_off);
        assert_denied(IOVA);
        assert_denied(IOVA + 0x1000);
        assert_translates(0, DMA); /* memory stays */
        assert_int_equal(map_dma(IOVA + 0x1000, DMA, 0x1000), -RF_EEXIST);
        assert_int_equal(unmap_dma(0, IOVA, 0x2000, &bytes), 0);
        assert_int_equal(bytes, 0x2000);
    }
}

static void back_with_a_new_map_only(void **state)
{
    uint64_t bytes;
    paddr_t pa;

    (void)state;
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), 0);
    for (unsigned i = 0; i < 2; i++)
        decode_off();
    config_write(PCI_COMMAND, 2, (uint32_t)PCI_COMMAND_MEMORY);
    assert_denied(IOVA);
    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
    assert_int_equal(bytes, 0x1000);
    assert_int_equal(map_dma(IOVA, REGS, 0x1000), 0);
    assert_true(fake_access(&fake_a, SID, IOVA, &pa));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(mapped, up),
        WITH(refused, up),
        WITH(refused_while_off, up),
        WITH(refused_around_the_iommu, up),
        WITH(refused_between_host_bridges, up),
        WITH(one_behind_another_host_bridge_does_not_join, up),
        WITH(pages_larger_than_its_place, up),
        WITH(map_without_memory, up),
        WITH(gone_before_the_registers, up),
        WITH(back_with_a_new_map_only, up),
    };

    return cmocka_run_group_tests_name("vfio peer", tests, NULL, NULL);
}
