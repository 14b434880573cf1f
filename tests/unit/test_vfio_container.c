/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_vfio.h"

/* Container and group: who may do what when, and what is left when descriptors close. */

static void version_and_extensions(void **state)
{
    static const struct {
        uint64_t extension;
        long answer;
    } rows[] = {
        {0, 0}, {VFIO_TYPE1_IOMMU, 1}, {2, 0},  {VFIO_TYPE1v2_IOMMU, 1}, {4, 0}, {6, 0},
        {8, 0}, {VFIO_UNMAP_ALL, 1},   {10, 0}, {UINT64_MAX, 0},
    };

    (void)state;
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_GET_API_VERSION, 0), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(
            vfio_container_ioctl(containers[0], VFIO_CHECK_EXTENSION, rows[i].extension),
            rows[i].answer);
}

/* VF-SETUP */
static void order_of_set_up(void **state)
{
    (void)state;
    assert_int_equal(set_iommu(), -RF_EINVAL); /* no group */
    assert_one_line("no group yet");
    assert_int_equal(open_device(), -RF_EINVAL); /* no container */
    assert_one_line("no container with an IOMMU yet");
    assert_int_equal(set_container(FD_CONTAINER), 0);
    assert_int_equal(open_device(), -RF_EINVAL); /* container without an IOMMU */
    assert_one_line("no container with an IOMMU yet");
    assert_int_equal(set_container(FD_CONTAINER), -RF_EINVAL); /* twice */
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_SET_IOMMU, 2), -RF_ENODEV);
    assert_int_equal(vfio_container_ioctl(containers[0], VFIO_SET_IOMMU, UINT64_MAX), -RF_ENODEV);
    assert_null(fake_a.stream[SID]);
    assert_int_equal(set_iommu(), 0);
    assert_non_null(fake_a.stream[SID]);
    log_clear();
    assert_int_equal(set_iommu(), -RF_EINVAL); /* twice */
    assert_one_line("an IOMMU already");
    assert_int_equal(open_device(), FD_DEVICE);
}

static void operations_before_set_iommu(void **state)
{
    static const unsigned cmds[] = {VFIO_IOMMU_GET_INFO, VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA,
                                    VFIO_IOMMU_DIRTY_PAGES};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
        assert_int_equal(vfio_container_ioctl(containers[0], cmds[i], ARG), -RF_ENODEV);
        assert_one_line("VFIO_SET_IOMMU first");
    }
    assert_int_equal(user.copies, 0);
}

static void unknown_operations(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 2; set++) {
        assert_int_equal(vfio_container_ioctl(containers[0], VFIO_GROUP_GET_STATUS, ARG),
                         -RF_ENOTTY);
        assert_int_equal(vfio_container_ioctl(containers[0], VFIO_IOCTL(15), ARG), -RF_ENOTTY);
        assert_int_equal(vfio_container_ioctl(containers[0], 0, ARG), -RF_ENOTTY);
        assert_int_equal(vfio_group_ioctl(group, VFIO_SET_IOMMU, ARG), -RF_ENOTTY);
        if (set == 0)
            assert_int_equal(set_container(FD_CONTAINER) | set_iommu() | (open_device() < 0), 0);
    }
    assert_int_equal(vfio_device_ioctl(opened, VFIO_SET_IOMMU, ARG), -RF_ENOTTY);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_FEATURE, ARG), -RF_ENOTTY);
    assert_int_equal(vfio_device_ioctl(opened, VFIO_DEVICE_PCI_HOT_RESET, ARG), -RF_ENODEV);
}

/* ---- group ------------------------------------------------------------------------------- */

static uint32_t status_flags(void)
{
    struct vfio_group_status s = {.argsz = sizeof(s), .flags = 0xffff};

    assert_int_equal(GROUP(VFIO_GROUP_GET_STATUS, &s), 0);
    memcpy(&s, user.arg, sizeof(s));
    return s.flags;
}

static void group_status(void **state)
{
    struct vfio_group_status s = {.argsz = sizeof(s) - 1};

    (void)state;
    assert_int_equal(GROUP(VFIO_GROUP_GET_STATUS, &s), -RF_EINVAL);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_GET_STATUS, 0), -RF_EFAULT);
    assert_int_equal(status_flags(), VFIO_GROUP_FLAGS_VIABLE);
    assert_int_equal(set_container(FD_CONTAINER), 0);
    assert_int_equal(status_flags(), VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
    iommu_group_find(GROUP_ID)->refusal = "no ACS";
    assert_int_equal(status_flags(), 0);
}

static void one_opener(void **state)
{
    struct vfio_group *g = NULL;

    (void)state;
    assert_int_equal(vfio_group_open(GROUP_ID, &g), -RF_EBUSY);
    assert_int_equal(vfio_group_open(GROUP_ID + 1, &g), -RF_ENOENT);
    assert_null(g);
}

static void set_container_errors(void **state)
{
    (void)state;
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_SET_CONTAINER, 0), -RF_EFAULT);
    assert_int_equal(set_container(-1), -RF_EBADF);
    assert_int_equal(set_container(FD_CLOSED), -RF_EBADF);
    assert_int_equal(set_container(FD_FILE), -RF_EBADFD);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), -RF_EINVAL);
    assert_int_equal(set_container(FD_CONTAINER), 0);
    assert_int_equal(set_container(FD_CLOSED), -RF_EBADF); /* the descriptor is looked at first */
    assert_int_equal(set_container(FD_FILE), -RF_EINVAL);
    assert_int_equal(set_container(FD_OTHER), -RF_EINVAL);
}

static void device_names(void **state)
{
    static const char *const wrong[] = {"", "0000:00:00.1", "0000:00:00", "0000:00:00.0 ",
                                        "0000:00:00.0/../0000:00:00.0"};
    char name[64] = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        memset(name, 0, sizeof(name));
        memcpy(name, wrong[i], strlen(wrong[i]));
        assert_int_equal(GROUP(VFIO_GROUP_GET_DEVICE_FD, &name), -RF_ENODEV);
        log_clear();
    }
    memset(user.arg + ARG_SIZE - 4, '0', 4); /* no end before the memory ends */
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, ARG + ARG_SIZE - 4),
                     -RF_EFAULT);
    memcpy(user.arg + ARG_SIZE - 13, "0000:00:00.0", 13); /* it ends with the memory */
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, ARG + ARG_SIZE - 13),
                     FD_DEVICE);
}

static void unset_while_a_device_is_open(void **state)
{
    (void)state;
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), -RF_EBUSY);
    assert_non_null(fake_a.stream[SID]);
    vfio_device_close(opened);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
    assert_null(fake_a.stream[SID]);
}

/* ---- attach ------------------------------------------------------------------------------ */

/* One line says why, and nothing is attached. */
static void assert_refused(int err, const char *words)
{
    assert_int_equal(set_container(FD_CONTAINER), 0);
    assert_int_equal(set_iommu(), err);
    assert_one_line(words);
    assert_null(fake_a.stream[SID]);
    assert_int_equal(fake_free_pages(), fake_pages_at_start);
    assert_int_equal(open_device(), -RF_EINVAL);
}

static void refused_group(void **state)
{
    (void)state;
    iommu_group_find(GROUP_ID)->refusal = "its firmware writes to memory";
    assert_refused(-RF_EPERM, "EPERM: its firmware writes to memory");
}

static void no_room_left(void **state)
{
    struct iommu_group *g = iommu_group_find(GROUP_ID);

    (void)state;
    assert_int_equal(resv_add(&g->windows, (struct range){0, UINT64_MAX}, RESV_RESERVED, "test"),
                     0);
    assert_refused(-RF_ENOSPC, "no free 1 MiB below 4 GiB");
}

/* ATK-28: the container is as before after a failure at any allocation, and works after it. */
static void set_iommu_unwinds(void **state)
{
    long err = -RF_ENOMEM;

    (void)state;
    assert_int_equal(set_container(FD_CONTAINER), 0);
    for (unsigned k = 1; err == -RF_ENOMEM; k++) {
        inject_after(k);
        err = set_iommu();
        if (err) {
            assert_int_equal(err, -RF_ENOMEM);
            assert_null(fake_a.stream[SID]);
            assert_int_equal(fake_free_pages(), fake_pages_at_start);
        }
    }
    assert_int_equal(err, 0);
}

static void attach_fails_in_hardware(void **state)
{
    (void)state;
    assert_int_equal(set_container(FD_CONTAINER), 0);
    fake_fail(1);
    assert_true(set_iommu() < 0);
    fake_fail(0);
    assert_null(fake_a.stream[SID]);
    assert_int_equal(set_iommu(), 0);
}

/* A group that cannot be attached takes those back that were, and their windows. */
static void set_iommu_of_two_groups(void **state)
{
    struct iommu_group *other = iommu_group_get(GROUP_ID + 1);
    struct vfio_group *g;

    (void)state;
    assert_int_equal(iommu_group_add(other, &fake_a.unit, SID + 1, "edu 0000:00:01.0"), 0);
    assert_int_equal(vfio_device_add(&pci_neighbour, other, NULL), 0);
    assert_int_equal(vfio_group_open(GROUP_ID + 1, &g), 0);
    for (unsigned i = 0; i < 2; i++) {
        struct iommu_group *bad = i ? other : iommu_group_find(GROUP_ID);
        int fd = FD_CONTAINER;

        bad->refusal = "no ACS";
        assert_int_equal(set_container(FD_CONTAINER), 0);
        assert_int_equal(CALL(group, g, VFIO_GROUP_SET_CONTAINER, &fd), 0);
        assert_int_equal(set_iommu(), -RF_EPERM);
        assert_null(fake_a.stream[SID]);
        assert_null(fake_a.stream[SID + 1]);
        bad->refusal = NULL;
        assert_int_equal(set_iommu(), 0);
        assert_non_null(fake_a.stream[SID + 1]);
        assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
        assert_null(fake_a.stream[SID]);
        assert_non_null(fake_a.stream[SID + 1]);
        assert_int_equal(vfio_group_ioctl(g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
    }
}

/* A group that joins a live container finds the maps that are there. */
static void a_group_joins_later(void **state)
{
    struct iommu_group *other = iommu_group_get(GROUP_ID + 1);
    struct vfio_group *g;
    int fd = FD_CONTAINER;
    paddr_t pa;

    (void)state;
    assert_int_equal(iommu_group_add(other, &fake_b.unit, SID, "edu 0000:00:01.0"), 0);
    assert_int_equal(vfio_device_add(&pci_neighbour, other, NULL), 0);
    assert_int_equal(vfio_group_open(GROUP_ID + 1, &g), 0);
    assert_int_equal(map_dma(0x1000, DMA, 0x1000), 0);
    assert_int_equal(resv_add(&other->windows, (struct range){0x1000, 0x1fff}, RESV_DIRECT, "rmr"),
                     0);
    log_clear();
    assert_int_equal(CALL(group, g, VFIO_GROUP_SET_CONTAINER, &fd), -RF_EINVAL);
    assert_one_line("its direct window [0x1000, 0x1fff] (rmr) hits the map [0x1000, 0x1fff]");
    other->windows.count = 0;
    assert_int_equal(CALL(group, g, VFIO_GROUP_SET_CONTAINER, &fd), 0);
    assert_true(fake_access(&fake_b, SID, 0x1000, &pa));
    assert_int_equal(pa.v, DMA_RAM);
}

/* A second container has a space of its own. */
static void moves_to_another_container(void **state)
{
    (void)state;
    assert_int_equal(map_dma(0, DMA, 0x1000), 0);
    assert_int_equal(vfio_group_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
    assert_int_equal(user_pinned_pages(), 0); /* with the last group the maps go */
    assert_int_equal(map_dma(0, DMA, 0x1000), -RF_ENODEV);
    assert_int_equal(set_container(FD_OTHER), 0);
    assert_int_equal(vfio_container_ioctl(containers[1], VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
    assert_non_null(fake_a.stream[SID]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(version_and_extensions, vfio_up),
        WITH(order_of_set_up, vfio_up),
        WITH(operations_before_set_iommu, vfio_up),
        WITH(unknown_operations, vfio_up),
        WITH(group_status, vfio_up),
        WITH(one_opener, vfio_up),
        WITH(set_container_errors, vfio_up),
        ATTACHED(device_names),
        OPEN(unset_while_a_device_is_open),
        WITH(refused_group, vfio_up),
        WITH(no_room_left, vfio_up),
        WITH(set_iommu_unwinds, vfio_up),
        WITH(attach_fails_in_hardware, vfio_up),
        WITH(set_iommu_of_two_groups, vfio_up),
        ATTACHED(a_group_joins_later),
        ATTACHED(moves_to_another_container),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
