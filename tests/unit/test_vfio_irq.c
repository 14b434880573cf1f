/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vectors.h"

/* VFIO_DEVICE_GET_IRQ_INFO; VFIO_DEVICE_SET_IRQS: the order of its checks, loopback, ERR and REQ.
 */

/* ---- VFIO_DEVICE_GET_IRQ_INFO --------------------------------------------------------------- */

static void irq_info(void **state)
{
    static const struct {
        uint32_t count, flags;
    } rows[] = {
        {0, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
        {MSI_COUNT, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
        {VECTORS, VFIO_IRQ_INFO_EVENTFD},
        {1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
        {1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
    };
    struct vfio_irq_info info = {.argsz = 15};

    (void)state;
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_IRQ_INFO, &info), -RF_EINVAL);
    for (uint32_t i = 0; i < 5; i++) {
        info = (struct vfio_irq_info){16, 0xff, i, 0xff};
        assert_int_equal(DEVICE(VFIO_DEVICE_GET_IRQ_INFO, &info), 0);
        memcpy(&info, user.arg, sizeof(info));
        assert_int_equal(info.count, rows[i].count);
        assert_int_equal(info.flags, rows[i].flags);
    }
    info.index = 5;
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_IRQ_INFO, &info), -RF_EINVAL);
    info.index = ERR;
    pci_fn.is_pcie = false;
    assert_int_equal(DEVICE(VFIO_DEVICE_GET_IRQ_INFO, &info), -RF_EINVAL);
    pci_fn.is_pcie = true;
    for (unsigned k = 1; k <= 2; k++) {
        user.copies = 0;
        user.copy_fails_at = k;
        assert_int_equal(DEVICE(VFIO_DEVICE_GET_IRQ_INFO, &info), -RF_EFAULT);
    }
}

/* ---- SET_IRQS: the order of the checks ------------------------------------------------------- */

static const struct {
    const char *what;
    struct vfio_irq_set set;
    long err;
    const char *line;
} rows[] = {
    {"argsz", {HEADER - 1, 0xff, 9, 9, 9}, -RF_EINVAL, NULL},
    {"index", {HEADER, 0xff, 5, 9, 9}, -RF_EINVAL, NULL},
    {"index huge", {HEADER, NONE | TRIGGER, UINT32_MAX, 0, 0}, -RF_EINVAL, NULL},
    {"wraps", {HEADER, NONE | TRIGGER, MSIX, 1, UINT32_MAX - 1}, -RF_EINVAL, NULL},
    {"count huge", {HEADER, EVENTFD | TRIGGER, MSIX, 0, UINT32_MAX}, -RF_EINVAL, NULL},
    {"flags", {HEADER, 0x40 | NONE | TRIGGER, MSIX, 99, 0}, -RF_EINVAL, NULL},
    {"INTx", {HEADER, NONE | TRIGGER, INTX, 0, 0}, -RF_EINVAL, "INTx is not offered"},
    {"INTx event", {HEADER, EVENTFD | TRIGGER, INTX, 0, 1}, -RF_EINVAL, "INTx is not offered"},
    {"start", {HEADER, NONE | TRIGGER, MSIX, VECTORS, 0}, -RF_EINVAL, "it has 8"},
    {"end", {HEADER, 0, MSIX, 1, VECTORS}, -RF_EINVAL, "vectors 1 and 8 more of index 2: it has 8"},
    {"no type", {HEADER, TRIGGER, MSIX, 0, 1}, -RF_EINVAL, NULL},
    {"two types", {HEADER + 8, NONE | BOOL | TRIGGER, MSIX, 0, 1}, -RF_EINVAL, NULL},
    {"bools short", {HEADER + 1, BOOL | TRIGGER, MSIX, 0, 2}, -RF_EINVAL, NULL},
    {"fds short", {HEADER + 7, EVENTFD, MSIX, 0, 2}, -RF_EINVAL, NULL},
    {"no action", {HEADER, NONE, MSIX, 0, 1}, -RF_ENOTTY, NULL},
    {"two actions", {HEADER, NONE | TRIGGER | 8, MSIX, 0, 1}, -RF_ENOTTY, NULL},
    {"mask", {HEADER, NONE | VFIO_IRQ_SET_ACTION_MASK, MSIX, 0, 1}, -RF_ENOTTY, NULL},
    {"unmask", {HEADER, NONE | VFIO_IRQ_SET_ACTION_UNMASK, MSI, 0, 1}, -RF_ENOTTY, NULL},
    {"mask ERR", {HEADER, NONE | VFIO_IRQ_SET_ACTION_MASK, ERR, 0, 1}, -RF_ENOTTY, NULL},
    {"not enabled, none", {HEADER, NONE | TRIGGER, MSIX, 0, 1}, -RF_EINVAL, NULL},
    {"not enabled, off", {HEADER, NONE | TRIGGER, MSIX, 0, 0}, -RF_EINVAL, NULL},
    {"not enabled, bool", {HEADER + 1, BOOL | TRIGGER, MSIX, 0, 1}, -RF_EINVAL, NULL},
    {"no events", {HEADER, EVENTFD | TRIGGER, MSIX, 0, 0}, -RF_EINVAL, NULL},
    {"no REQ event", {HEADER, NONE | TRIGGER, REQ, 0, 1}, -RF_EINVAL, NULL},
    {"REQ off", {HEADER, NONE | TRIGGER, REQ, 0, 0}, -RF_EINVAL, NULL},
    {"REQ bool", {HEADER, BOOL | TRIGGER, REQ, 0, 0}, -RF_EINVAL, NULL},
    {"REQ fd", {HEADER, EVENTFD | TRIGGER, REQ, 0, 0}, -RF_EINVAL, NULL},
};

static void order_of_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        long err = set_irqs(&rows[i].set, NULL, 0);

        if (err != rows[i].err)
            fail_msg("%s: %ld", rows[i].what, err);
        if (rows[i].line)
            assert_one_line(rows[i].line);
        assert_int_equal(log_lines(), 0);
        assert_all_off();
    }
}

static void faults(void **state)
{
    static const struct vfio_irq_set set = {HEADER + 4, EVENTFD | TRIGGER, MSIX, 0, 1};

    (void)state;
    for (unsigned k = 1; k <= 2; k++) { /* the header, the data */
        user.copies = 0;
        user.copy_fails_at = k;
        assert_int_equal(set_irqs(&set, NULL, 0), -RF_EFAULT);
        assert_all_off();
    }
    user.copy_fails_at = 0;
    memcpy(user.arg + ARG_SIZE - HEADER, &set, HEADER); /* the data are beyond the memory */
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_SET_IRQS, ARG + ARG_SIZE - HEADER),
                     -RF_EFAULT);
}

/* ---- loopback -------------------------------------------------------------------------------- */

static void loopback(void **state)
{
    static const uint8_t bools[] = {0, 1, 0, 2};
    uint32_t index[] = {MSI, MSIX};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        memset(events, 0, sizeof(events));
        assert_int_equal(set_events(index[i], 0, 4), 0);
        assert_int_equal(set_none(index[i], 1, 2), 0);
        assert_int_equal(
            set_irqs(&(struct vfio_irq_set){HEADER + 4, BOOL | TRIGGER, index[i], 0, 4}, bools, 4),
            0);
        assert_int_equal(events[0].count, 0);
        assert_int_equal(events[1].count, 2);
        assert_int_equal(events[2].count, 1);
        assert_int_equal(events[3].count, 1);
        assert_int_equal(disable(index[i]), 0);
    }
}

/* Vectors without an event, also those beyond what MSI was enabled with, are passed over. */
static void loopback_of_nothing(void **state)
{
    (void)state;
    assert_int_equal(set_events(MSI, 1, 1), 0);
    assert_int_equal(set_none(MSI, 0, MSI_COUNT), 0);
    assert_int_equal(events[0].count, 1);
}

/* ---- ERR and REQ ----------------------------------------------------------------------------- */

static void notifications(void **state)
{
    static const uint32_t index[] = {ERR, REQ};
    static const uint8_t no = 0, yes = 1;
    int32_t fd;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(set_events(index[i], 0, 1), 0);
        assert_int_equal(set_none(index[i], 0, 1), 0);
        assert_int_equal(
            set_irqs(&(struct vfio_irq_set){HEADER + 1, BOOL | TRIGGER, index[i], 0, 1}, &no, 1),
            0);
        assert_int_equal(
            set_irqs(&(struct vfio_irq_set){HEADER + 1, BOOL | TRIGGER, index[i], 0, 1}, &yes, 1),
            0);
        assert_int_equal(events[0].count, 2 * (i + 1));
        fd = FD_CLOSED;
        assert_int_equal(set_fds(index[i], 0, 1, &fd), -RF_EBADF);
        assert_int_equal(events[0].refs, 1);
        fd = FD_EVENT(1);
        assert_int_equal(set_fds(index[i], 0, 1, &fd), 0);
        assert_int_equal(events[0].refs, 0);
        assert_int_equal(set_events(index[i], 0, 2), -RF_EINVAL);
        assert_int_equal(disable(index[i]), 0);
        fd = -1;
        assert_int_equal(set_fds(index[i], 0, 1, &fd), 0);
        assert_int_equal(event_refs(), 0);
    }
    assert_int_equal(set_events(REQ, 0, 1), 0); /* close gives it back */
}

static void no_err_without_pcie(void **state)
{
    (void)state;
    pci_fn.is_pcie = false;
    assert_int_equal(set_events(ERR, 0, 1), -RF_EINVAL);
    pci_fn.is_pcie = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(irq_info, vfio_up_mastering),
        WITH(order_of_checks, vfio_up_mastering),
        WITH(faults, vfio_up_mastering),
        WITH(loopback, vfio_up_mastering),
        WITH(loopback_of_nothing, vfio_up_mastering),
        WITH(notifications, vfio_up_mastering),
        WITH(no_err_without_pcie, vfio_up_mastering),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
