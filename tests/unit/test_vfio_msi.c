/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vectors.h"

/* Vectors of MSI and MSI-X, from the function to the eventfd. */

/* ---- MSI-X ----------------------------------------------------------------------------------- */

/* VF-IRQ-MSIX: each vector gives exactly one event, on exactly its eventfd. */
static void msix_delivers(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSIX, 0, VECTORS), 0);
    assert_int_equal(taken(), VECTORS);
    assert_int_equal(doorbell_refs(), VECTORS);
    for (unsigned v = 0; v < VECTORS; v++) {
        assert_int_equal(events[v].count, 0);
        assert_true(raise_msix(v));
        assert_int_equal(irq_poll(), 1);
        for (unsigned i = 0; i < VECTORS; i++)
            assert_int_equal(events[i].count, i <= v);
    }
    assert_int_equal(disable(MSIX), 0);
    assert_all_off();
    for (unsigned v = 0; v < VECTORS; v++)
        assert_false(raise_msix(v));
}

/* Only vectors that have an event take an interrupt; the others stay masked. */
static void msix_part(void **state)
{
    static const int32_t fds[] = {FD_EVENT(0), -1, FD_EVENT(1), -1};

    (void)state;
    fn.bar0[BAR0_TABLE + 3 * 16 + 12] = 0; /* somebody left an entry open */
    assert_int_equal(set_fds(MSIX, 2, 4, fds), 0);
    assert_int_equal(taken(), 2);
    for (unsigned v = 0; v < VECTORS; v++) {
        assert_int_equal(is_masked(v), v != 2 && v != 4);
        assert_int_equal(raise_msix(v), v == 2 || v == 4);
    }
    assert_int_equal(irq_poll(), 2);
}

/* Single vectors come and go while the others work. */
static void msix_changes(void **state)
{
    int32_t fd = -1;

    (void)state;
    assert_int_equal(set_events(MSIX, 0, 2), 0);
    assert_int_equal(set_events(MSIX, 7, 1), 0); /* one more, beyond the first block */
    assert_int_equal(events[0].refs, 2);
    assert_int_equal(set_fds(MSIX, 1, 1, &fd), 0); /* one less */
    assert_true(is_masked(1));
    assert_false(raise_msix(1));
    assert_int_equal(set_fds(MSIX, 1, 1, &fd), 0); /* off already */
    fd = FD_EVENT(5);
    assert_int_equal(set_fds(MSIX, 0, 1, &fd), 0); /* another event for a live vector */
    assert_int_equal(events[0].refs, 1);
    assert_true(raise_msix(0) && raise_msix(7));
    assert_int_equal(irq_poll(), 2);
    assert_int_equal(events[5].count, 1);
    assert_int_equal(events[0].count, 1);
    assert_int_equal(taken(), 2);
}

static void msix_all_minus_one(void **state)
{
    static const int32_t fds[] = {-1, -1};

    (void)state;
    assert_int_equal(set_fds(MSIX, 0, 2, fds), 0); /* enabled, with nothing to signal */
    assert_int_equal(taken() | doorbell_refs(), 0);
    assert_int_equal(set_none(MSIX, 0, 2), 0);
    assert_int_equal(disable(MSIX), 0);
    assert_int_equal(disable(MSIX), -RF_EINVAL);
    assert_all_off();
}

/* The table is written although the workload turned memory decode off, and decode stays off. */
static void msix_without_memory_decode(void **state)
{
    (void)state;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MASTER);
    assert_int_equal(set_events(MSIX, 0, 2), 0);
    assert_false(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY);
    assert_false(is_masked(1));
    assert_false(fn.touched_undecoded);
    assert_true(raise_msix(1));
}

/* I7: a call that fails leaves every vector as it was, those that it would have changed too. */
static void msix_failure_changes_nothing(void **state)
{
    static const int32_t fds[] = {FD_EVENT(4), -1, FD_EVENT(5), FD_CLOSED};
    uint8_t table[VECTORS * 16];

    (void)state;
    assert_int_equal(set_events(MSIX, 0, 2), 0);
    memcpy(table, entry(0), sizeof(table));
    assert_int_equal(set_fds(MSIX, 0, 4, fds), -RF_EBADF);
    assert_int_equal(set_fds(MSIX, 0, 1, (const int32_t[]){FD_FILE}), -RF_EINVAL);
    assert_memory_equal(entry(0), table, sizeof(table));
    assert_int_equal(event_refs(), 2);
    assert_int_equal(taken(), 2);
    assert_true(raise_msix(0) && raise_msix(1));
    assert_int_equal(irq_poll(), 2);
    assert_int_equal(events[0].count + events[1].count, 2);
}

static void msix_failure_while_off(void **state)
{
    static const int32_t fds[] = {FD_EVENT(0), FD_EVENT(1), FD_CLOSED};

    (void)state;
    assert_int_equal(set_fds(MSIX, 0, 3, fds), -RF_EBADF);
    assert_all_off();
    assert_int_equal(set_events(MSI, 0, 1), 0); /* MSI-X is not half enabled */
}

static void msix_without_interrupts_left(void **state)
{
    (void)state;
    gic.taken = 0xfff8; /* three are left */
    assert_int_equal(set_events(MSIX, 0, 4), -RF_ENOSPC);
    assert_one_line("0000:00:00.0: v2m@8020000 has no 1 interrupt left (ENOSPC)");
    assert_int_equal(gic.taken, 0xfff8);
    assert_int_equal(event_refs() | doorbell_refs(), 0);
    assert_int_equal(set_events(MSIX, 0, 2), 0);
    assert_int_equal(set_events(MSIX, 0, 4), -RF_ENOSPC); /* after two live ones and a new one */
    assert_int_equal(event_refs(), 2);
    assert_int_equal(gic.taken, 0xfffb);
    assert_true(raise_msix(0) && raise_msix(1));
    assert_int_equal(irq_poll(), 2);
    assert_int_equal(set_events(MSIX, 2, 1), 0);
    assert_int_equal(disable(MSIX), 0);
    gic.taken = 0;
}

static void msix_with_a_foreign_handler(void **state)
{
    (void)state;
    assert_int_equal(irq_request(IRQ_FIRST + 1, IRQ_EDGE, (irq_handler_t)abort, NULL, "test"), 0);
    assert_int_equal(set_events(MSIX, 0, 2), -RF_EBUSY);
    irq_free(IRQ_FIRST + 1);
    assert_all_off();
}

/* The granule would show the device more than the frame: ATK-21. */
static void msix_with_a_bad_doorbell(void **state)
{
    (void)state;
    frame.alone_lg2 = 11;
    assert_int_equal(set_events(MSIX, 0, 2), -RF_EPERM);
    frame.alone_lg2 = 12;
    assert_all_off();
}

static struct msi_message wide_message(const struct msi_controller *c, uint32_t irq)
{
    return (struct msi_message){paddr_add(c->base, 0x40), irq | 0x10000};
}

/* Data of MSI has 16 bits: nothing of what was taken for it stays. */
static void msi_with_a_message_too_wide(void **state)
{
    static const struct msi_ops wide = {
        .alloc = frame_alloc, .free = frame_free, .message = wide_message};

    (void)state;
    frame.ops = &wide;
    assert_int_equal(set_events(MSI, 0, 2), -RF_EINVAL);
    frame.ops = &frame_ops;
    assert_all_off();
}

/* IFD-FAILNTH for the whole of an enabling. */
static void unwinds(uint32_t index)
{
    uint64_t pages = free_pages_and_tables();
    long err = -RF_ENOMEM;
    unsigned k = 0;

    while (err) {
        inject_after(++k);
        err = set_events(index, 0, MSI_COUNT);
        assert_true(err == 0 || err == -RF_ENOMEM);
        if (err) {
            assert_all_off();
            assert_int_equal(free_pages_and_tables(), pages);
        }
    }
    assert_true(k > 4); /* data, vectors, tables of the doorbell, events */
    inject_after(0);
    assert_int_equal(disable(index), 0);
    assert_int_equal(free_pages_and_tables(), pages);
}

static void every_allocation_fails(void **state)
{
    (void)state;
    unwinds(MSIX);
}

static void every_allocation_of_msi_fails(void **state)
{
    (void)state;
    unwinds(MSI);
}

/* ---- MSI ------------------------------------------------------------------------------------- */

/* VF-IRQ-MSI */
static void msi_delivers(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSI, 0, 3), 0);
    assert_int_equal(taken(), 4); /* an aligned block */
    assert_int_equal(doorbell_refs(), 1);
    assert_int_equal(FIELD_GET(PCI_MSI_MME, cfg_get(fn.cfg, CAP_MSI + PCI_MSI_CTRL, 2)), 2);
    for (unsigned v = 0; v < 3; v++) {
        assert_true(raise_msi(v));
        assert_int_equal(irq_poll(), 1);
        assert_int_equal(events[v].count, 1);
    }
    assert_true(raise_msi(3)); /* it has no event: nobody hears it */
    assert_int_equal(irq_poll(), 0);
    assert_int_equal(disable(MSI), 0);
    assert_all_off();
}

static void msi_does_not_grow(void **state)
{
    int32_t fd = -1;

    (void)state;
    assert_int_equal(set_events(MSI, 0, 1), 0);
    assert_int_equal(set_events(MSI, 1, 1), -RF_EINVAL);
    assert_one_line("MSI was enabled with 1 vectors");
    assert_int_equal(set_fds(MSI, 0, 1, &fd), 0);
    assert_true(raise_msi(0));
    assert_int_equal(irq_poll(), 0);
    assert_int_equal(set_events(MSI, 0, 1), 0);
    assert_true(raise_msi(0));
    assert_int_equal(irq_poll(), 1);
}

static void one_kind_at_a_time(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSI, 0, 1), 0);
    assert_int_equal(set_events(MSIX, 0, 1), -RF_EINVAL);
    assert_one_line("MSI and MSI-X cannot be enabled together");
    assert_int_equal(set_none(MSIX, 0, 0), -RF_EINVAL);
    assert_int_equal(disable(MSI), 0);
    assert_int_equal(set_events(MSIX, 0, 1), 0);
}

static void no_controller(void **state)
{
    struct vfio_irq_info info = {sizeof(info), 0, MSIX, 1};

    (void)state;
    TAILQ_FIRST(&vfio_devices)->msi = NULL;
    assert_int_equal(set_events(MSIX, 0, 1), -RF_EINVAL);
    assert_int_equal(set_events(MSI, 0, 1), -RF_EINVAL);
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_IRQ_INFO, &info), 0);
    assert_int_equal(cfg_get(user.arg, 12, 4), 0);
}

/* ---- reset, detach, close ---------------------------------------------------------------------
 */

static void reset_keeps_interrupts(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSIX, 0, 3), 0);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
    assert_true(raise_msix(2));
    assert_false(raise_msix(3));
    assert_int_equal(irq_poll(), 1);
    assert_int_equal(events[2].count, 1);
    assert_int_equal(disable(MSIX), 0);
    assert_int_equal(set_events(MSI, 0, 2), 0);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
    assert_true(raise_msi(1));
    assert_int_equal(irq_poll(), 1);
}

static void reset_without_an_answer(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSIX, 0, 3), 0);
    fn.gone = true;
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), -RF_EIO);
    fn.gone = false;
    assert_int_equal(taken() | event_refs() | doorbell_refs(), 0);
    assert_int_equal(gic.enabled, 0);
    assert_int_equal(set_events(MSIX, 0, 3), -RF_EIO);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_RESET, 0), 0);
    assert_int_equal(set_events(MSIX, 0, 3), 0);
}

/* With the container the doorbell goes, and so do the interrupts. */
static void container_closes_first(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSIX, 0, 3), 0);
    vfio_container_close(containers[0]);
    assert_int_equal(taken() | event_refs(), 0);
    assert_int_equal(gic.enabled, 0);
    assert_int_equal(set_events(MSIX, 0, 1), -RF_ENODEV);
    assert_int_equal(set_events(REQ, 0, 1), 0);
}

/* Its table can only be masked with memory decode on, which is no reason to let it master the bus.
 */
static void container_closes_without_memory_decode(void **state)
{
    (void)state;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MASTER);
    assert_int_equal(set_events(MSIX, 0, 3), 0);
    vfio_container_close(containers[0]);
    assert_false(pci_bus_master(&pci_fn));
    assert_false(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY);
    assert_false(fn.touched_undecoded);
}

static void device_closes(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSI, 0, 4), 0);
    assert_int_equal(set_events(ERR, 0, 1), 0);
    vfio_device_close(opened);
    assert_all_off();
}

/* ATK-20: without interrupts enabled the device cannot reach the frame. */
static void doorbell_only_while_enabled(void **state)
{
    uint64_t iova;
    paddr_t pa;

    (void)state;
    assert_int_equal(set_events(MSIX, 0, 1), 0);
    iova = cfg_get(entry(0), 0, 4);
    assert_true(fake_access(&fake_a, SID, iova, &pa));
    assert_false(fake_access(&fake_a, SID, iova + 0x1000, &pa)); /* its neighbour */
    assert_int_equal(disable(MSIX), 0);
    assert_false(fake_access(&fake_a, SID, iova, &pa));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(msix_delivers, vfio_up_mastering),
        WITH(msix_part, vfio_up_mastering),
        WITH(msix_changes, vfio_up_mastering),
        WITH(msix_all_minus_one, vfio_up_mastering),
        WITH(msix_without_memory_decode, vfio_up_mastering),
        WITH(msix_failure_changes_nothing, vfio_up_mastering),
        WITH(msix_failure_while_off, vfio_up_mastering),
        WITH(msix_without_interrupts_left, vfio_up_mastering),
        WITH(msix_with_a_foreign_handler, vfio_up_mastering),
        WITH(msix_with_a_bad_doorbell, vfio_up_mastering),
        WITH(every_allocation_fails, vfio_up_mastering),
        WITH(every_allocation_of_msi_fails, vfio_up_mastering),
        WITH(msi_with_a_message_too_wide, vfio_up_mastering),
        WITH(msi_delivers, vfio_up_mastering),
        WITH(msi_does_not_grow, vfio_up_mastering),
        WITH(one_kind_at_a_time, vfio_up_mastering),
        WITH(no_controller, vfio_up_mastering),
        WITH(reset_keeps_interrupts, vfio_up_mastering),
        WITH(reset_without_an_answer, vfio_up_mastering),
        WITH(container_closes_first, vfio_up_mastering),
        WITH(container_closes_without_memory_decode, vfio_up_mastering),
        WITH(device_closes, vfio_up_mastering),
        WITH(doorbell_only_while_enabled, vfio_up_mastering),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
