/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_VFIO_H
#define RF_TESTS_FAKE_VFIO_H

#include "lib/base/log.h"
#include "tests/unit/fake_function.h"
#include "tests/unit/fake_user.h"

/* The workload of fake_user.h and the function of fake_function.h around the real lib/vfio,
 * lib/iommu, lib/pci and lib/irq. */

/* ---- what was logged --------------------------------------------------------------------- */

static char log_text[4096];
static size_t log_used;

static inline void log_take(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    if (n > sizeof(log_text) - 1 - log_used)
        return;
    memcpy(log_text + log_used, text, n);
    log_used += n;
    log_text[log_used] = '\0';
}

static inline void log_clear(void)
{
    log_limited_flush();
    log_used = 0;
    log_text[0] = '\0';
}

static inline unsigned log_lines(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < log_used; i++)
        n += log_text[i] == '\n';
    return n;
}

/* Exactly one line came since log_clear(), and it has `words`. */
static inline void assert_one_line(const char *words)
{
    if (log_lines() != 1 || !strstr(log_text, words))
        print_error("wanted one line with \"%s\", got:\n%s", words, log_text);
    assert_int_equal(log_lines(), 1);
    assert_non_null(strstr(log_text, words));
    log_clear();
}

/* ---- the machine ------------------------------------------------------------------------- */

#define GROUP_ID 7u
#define SID      1u

static struct msi_controller frame = {
    .ops = &frame_ops,
    .name = "v2m@8020000",
    .base = {FRAME},
    .size = 0x1000,
    .alone_lg2 = 12,
};

static struct vfio_group *group;

static inline int vfio_up(void **state)
{
    static const struct vfio_policy policy = {.granule_lg2 = 12};
    struct iommu_group *g;

    if (fake_machine_up(state))
        return -1;
    memset(&user, 0, sizeof(user));
    memset(events, 0, sizeof(events));
    memset(&gic, 0, sizeof(gic));
    opened = NULL;
    install_error = 0;
    fn_build();
    pci_build();
    host_mmio_reset();
    host_mmio_register(BAR0, BAR0_SIZE, &bar0_ops, NULL);
    irq_set_chip(&fake_chip);
    log_set_sink(log_take, NULL);
    log_clear();
    vfio_set_env(&fake_env);
    vfio_set_policy(&policy);
    g = iommu_group_get(GROUP_ID);
    if (!g || iommu_group_add(g, &fake_a.unit, SID, "nvme 0000:00:00.0"))
        return -1;
    pci_set_bus_master(&pci_fn, true); /* as firmware may leave it */
    if (vfio_device_add(&pci_fn, g, &frame) || vfio_group_open(GROUP_ID, &group))
        return -1;
    return vfio_container_open(&containers[0]) || vfio_container_open(&containers[1]) ? -1 : 0;
}

/* After the workload's end nothing is left: not a page, event, interrupt or bus master. */
static inline int vfio_down(void **state)
{
    struct vfio_device *d;
    struct vfio_group *g;

    inject_after(0);
    fake_fail(0);
    user.copy_fails_at = 0;
    vfio_shutdown();
    assert_int_equal(user_pinned_pages(), 0);
    assert_int_equal(gic.taken | gic.enabled, 0);
    assert_false(pci_bus_master(&pci_fn));
    for (unsigned i = 0; i < EVENTS; i++)
        assert_int_equal(events[i].refs, 0);
    assert_int_equal(fake_free_pages() + fake_quarantined_pages(), fake_pages_at_start);
    assert_false(fn.touched_undecoded || fn.master_in_reset);
    while ((d = TAILQ_FIRST(&vfio_devices))) {
        TAILQ_REMOVE(&vfio_devices, d, link);
        free(d);
    }
    while ((g = LIST_FIRST(&vfio_groups))) {
        LIST_REMOVE(g, link);
        free(g);
    }
    return fake_machine_down(state);
}

/* ---- calls ------------------------------------------------------------------------------- */

static inline void arg_put(const void *args, size_t n)
{
    memset(user.arg, 0xa5, 256); /* what is not given must not be used */
    memcpy(user.arg, args, n);
}

#define CALL(kind, object, cmd, args) \
    (arg_put(args, sizeof(*(args))), vfio_##kind##_ioctl(object, cmd, ARG))
#define CONTAINER(cmd, args) CALL(container, containers[0], cmd, args)
#define GROUP(cmd, args)     CALL(group, group, cmd, args)
#define DEVICE(cmd, args)    CALL(device, opened, cmd, args)

static inline long set_container(int fd)
{
    return GROUP(VFIO_GROUP_SET_CONTAINER, &fd);
}

static inline long set_iommu(void)
{
    return vfio_container_ioctl(containers[0], VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
}

static inline long open_device(void)
{
    char name[sizeof(pci_fn.name)] = "0000:00:00.0";

    return GROUP(VFIO_GROUP_GET_DEVICE_FD, &name);
}

static inline int vfio_up_attached(void **state)
{
    return vfio_up(state) || set_container(FD_CONTAINER) || set_iommu() ? -1 : 0;
}

static inline int vfio_up_v1(void **state)
{
    return vfio_up(state) || set_container(FD_CONTAINER) ||
                   vfio_container_ioctl(containers[0], VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)
               ? -1
               : 0;
}

static inline int vfio_up_open(void **state)
{
    return vfio_up_attached(state) || open_device() != FD_DEVICE ? -1 : 0;
}

/* The group may not use what a host bridge has: [0x10000000, 0x1fffffff]. */
static inline int vfio_up_with_window(void **state)
{
    static const struct range bridge = {0x10000000, 0x1fffffff};

    if (vfio_up(state))
        return -1;
    if (resv_add(&iommu_group_find(GROUP_ID)->windows, bridge, RESV_RESERVED, "pci-window"))
        return -1;
    return set_container(FD_CONTAINER) || set_iommu() ? -1 : 0;
}

static inline long map_dma(uint64_t iova, uint64_t vaddr, uint64_t size)
{
    struct vfio_iommu_type1_dma_map m = {
        .argsz = sizeof(m),
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = vaddr,
        .iova = iova,
        .size = size,
    };

    return CONTAINER(VFIO_IOMMU_MAP_DMA, &m);
}

/* The size that the call reports goes to *bytes. */
static inline long unmap_dma(uint32_t flags, uint64_t iova, uint64_t size, uint64_t *bytes)
{
    struct vfio_iommu_type1_dma_unmap u = {
        .argsz = sizeof(u), .flags = flags, .iova = iova, .size = size};
    long err = CONTAINER(VFIO_IOMMU_UNMAP_DMA, &u);

    memcpy(&u, user.arg, sizeof(u));
    *bytes = u.size;
    return err;
}

#define REGION(index) ((uint64_t)(index) << VFIO_REGION_SHIFT)

static inline uint32_t config_read(unsigned off, unsigned width)
{
    assert_int_equal(
        vfio_device_read(opened, ARG, width, REGION(VFIO_PCI_CONFIG_REGION_INDEX) + off), width);
    return cfg_get(user.arg, 0, width);
}

static inline void config_write(unsigned off, unsigned width, uint32_t v)
{
    cfg_put(user.arg, 0, 4, v);
    assert_int_equal(
        vfio_device_write(opened, ARG, width, REGION(VFIO_PCI_CONFIG_REGION_INDEX) + off), width);
}

/* ---- translation ------------------------------------------------------------------------- */

static inline const struct iommu_aspace *space(void)
{
    return &containers[0]->aspace;
}

/* A doorbell's tables may stay when it goes. */
static inline uint64_t free_pages_and_tables(void)
{
    uint64_t n = fake_free_pages();
    const struct iommu_domain *d;

    if (containers[0]->iommu_set)
        LIST_FOREACH (d, &space()->domains, link)
            n += d->pt.tables;
    return n;
}

static inline void assert_translates(uint64_t iova, uint64_t uaddr)
{
    paddr_t pa;

    assert_true(fake_access(&fake_a, SID, iova, &pa));
    assert_int_equal(pa.v, user_page(uaddr).v + (uaddr & (PAGE_SIZE - 1)));
}

static inline void assert_denied(uint64_t iova)
{
    paddr_t pa;

    assert_false(fake_access(&fake_a, SID, iova, &pa));
}

/* ---- rows of a test program -------------------------------------------------------------- */

#define WITH(test, up) cmocka_unit_test_setup_teardown(test, up, vfio_down)
#define ATTACHED(test) WITH(test, vfio_up_attached)
#define OPEN(test)     WITH(test, vfio_up_open)

#endif
