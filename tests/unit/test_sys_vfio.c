/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_vfio_fixture.h"

/* VFIO as a program sees it: descriptors, ioctls with the program's memory, maps of registers, and
 * in which order all of it may go. */

static int64_t trigger(int eventfd)
{
    struct {
        struct {
            uint32_t argsz, flags, index, start, count; /* struct vfio_irq_set */
        } set;
        int32_t fd;
    } s = {{sizeof(s), VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
            VFIO_PCI_MSIX_IRQ_INDEX, 0, 1},
           eventfd};

    return IOCTL(device, VFIO_DEVICE_SET_IRQS, &s);
}

static uint64_t map_bar0(void)
{
    return (uint64_t)fx_call(NR_mmap, 0, 0x2000, FX_RW, LX_MAP_SHARED, (uint64_t)device, 0);
}

static uint16_t command(void)
{
    uint64_t at = (uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << VFIO_REGION_SHIFT;

    assert_int_equal(fx_call(NR_pread64, (uint64_t)device, arg, 2, at + PCI_COMMAND), 2);
    return (uint16_t)fx_load64(arg);
}

static void set_command(uint16_t v)
{
    uint64_t at = (uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << VFIO_REGION_SHIFT;

    assert_int_equal(copy_out(arg, &v, 2), 0);
    assert_int_equal(fx_call(NR_pwrite64, (uint64_t)device, arg, 2, at + PCI_COMMAND), 2);
}

/* ---- what is there ------------------------------------------------------------------------ */

static void the_files_are_character_devices(void **state)
{
    static const char *const paths[] = {"/dev/vfio/vfio", "/dev/vfio/7"};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
        int fd = fx_open(paths[i], LX_O_RDWR);

        assert_true(fd >= 0);
        assert_int_equal(fx_call(NR_fstat, (uint64_t)fd, arg), 0);
        assert_int_equal((fx_load64(arg + 16) & 0170000), LX_S_IFCHR); /* st_mode */
        assert_int_equal(close_fd(fd), 0);
    }
    assert_int_equal(fx_open("/dev/vfio/8", LX_O_RDWR), -RF_ENOENT);
}

static void a_group_has_one_opener(void **state)
{
    (void)state;
    int fd = fx_open("/dev/vfio/7", LX_O_RDWR);

    assert_true(fd >= 0);
    assert_int_equal(fx_open("/dev/vfio/7", LX_O_RDWR), -RF_EBUSY);
    int copy = (int)fx_call(NR_dup, (uint64_t)fd);
    close_fd(fd);
    assert_int_equal(fx_open("/dev/vfio/7", LX_O_RDWR), -RF_EBUSY);
    close_fd(copy);
    fd = fx_open("/dev/vfio/7", LX_O_RDWR);
    assert_true(fd >= 0);
    close_fd(fd);
}

static void a_container_is_told_from_other_files(void **state)
{
    (void)state;
    int g = fx_open("/dev/vfio/7", LX_O_RDWR), null = fx_open("/dev/null", LX_O_RDWR);
    int closed = 77;

    assert_int_equal(IOCTL(g, VFIO_GROUP_SET_CONTAINER, &null), -RF_EBADFD);
    assert_int_equal(IOCTL(g, VFIO_GROUP_SET_CONTAINER, &g), -RF_EBADFD);
    assert_int_equal(IOCTL(g, VFIO_GROUP_SET_CONTAINER, &closed), -RF_EBADF);
}

static void files_without_memory(void **state)
{
    (void)state;
    for (unsigned k = 1; k < 3; k++) {
        inject_after(k);
        int fd = (int)fx_call(NR_openat, (uint64_t)LX_AT_FDCWD, arg, LX_O_RDWR, 0);
        assert_true(fd < 0);
    }
    inject_after(0);
    uint64_t path = fx_string("/dev/vfio/vfio");
    inject_after(1);
    assert_int_equal(fx_call(NR_openat, (uint64_t)LX_AT_FDCWD, path, LX_O_RDWR, 0), -RF_ENOMEM);
}

/* ---- DMA and interrupts ------------------------------------------------------------------- */

static void a_device_reaches_what_is_mapped(void **state)
{
    (void)state;
    uint64_t page = fx_map(PAGE_SIZE, FX_RW);
    paddr_t pa, second;

    assert_int_equal(map(page, IOVA), 0);
    assert_true(fake_access(&fake_a, SID, IOVA, &pa));
    *(uint64_t *)paddr_to_ptr(pa) = 0x1234567890abcdef;
    assert_int_equal(fx_load64(page), 0x1234567890abcdef);
    /* The memory leaves the program, and stays with the device until that is unmapped. */
    assert_int_equal(fx_call(NR_munmap, page, PAGE_SIZE), 0);
    assert_true(fake_access(&fake_a, SID, IOVA, &second));
    assert_int_equal(second.v, pa.v);
    assert_true(fx_map(PAGE_SIZE, FX_RW) > 0);
    assert_int_equal(map(page + 0x100000000, IOVA + PAGE_SIZE), -RF_EFAULT);
}

/* Wherever they are, around the end of a page that calls have used: in the page, unaligned, in two
 * pages, and with nothing behind. */
static void arguments_are_read_wherever_they_are(void **state)
{
    struct vfio_iommu_type1_dma_map m = {.argsz = sizeof(m), .flags = 3, .size = PAGE_SIZE};
    uint64_t pages = fx_map(3 * PAGE_SIZE, FX_RW), end = pages + 2 * PAGE_SIZE;

    (void)state;
    m.vaddr = fx_map(PAGE_SIZE, FX_RW);
    assert_int_equal(fx_call(NR_munmap, end, PAGE_SIZE), 0);
    for (uint64_t at = pages + PAGE_SIZE - 40; at < end; at++) {
        bool there = at + sizeof(m) <= end;
        struct vfio_iommu_type1_dma_unmap u = {.argsz = sizeof(u), .iova = IOVA, .size = PAGE_SIZE};

        m.iova = there ? IOVA : IOVA + 1; /* the rest of it would be refused for this */
        assert_int_equal(copy_out(at, &m, there ? sizeof(m) : end - at), 0);
        assert_int_equal(fx_call(NR_ioctl, (uint64_t)container, VFIO_IOMMU_MAP_DMA, at),
                         there ? 0 : -RF_EFAULT);
        if (!there)
            continue;
        assert_int_equal(copy_out(at, &u, sizeof(u)), 0);
        assert_int_equal(fx_call(NR_ioctl, (uint64_t)container, VFIO_IOMMU_UNMAP_DMA, at), 0);
        assert_int_equal(copy_in(&u, at, sizeof(u)), 0);
        assert_int_equal(u.size, PAGE_SIZE);
        at += at < end - 80 && at > pages + PAGE_SIZE ? PAGE_SIZE / 8 : 0;
    }
}

/* argsz is believed neither the quick way nor the other. */
static void arguments_that_are_said_to_be_short(void **state)
{
    struct vfio_iommu_type1_dma_map m = {.argsz = sizeof(m) - 1, .flags = 3, .iova = IOVA};

    (void)state;
    assert_int_equal(IOCTL(container, VFIO_IOMMU_MAP_DMA, &m), -RF_EINVAL);
    assert_int_equal(IOCTL(container, VFIO_IOMMU_MAP_DMA, &m), -RF_EINVAL);
    assert_int_equal(copy_out(arg + 4, &m, sizeof(m)), 0);
    assert_int_equal(fx_call(NR_ioctl, (uint64_t)container, VFIO_IOMMU_MAP_DMA, arg + 4),
                     -RF_EINVAL);
}

/* A dword of configuration space goes to memory that may be written, wherever it is. */
static void config_space_is_read_wherever_it_fits(void **state)
{
    uint64_t at = (uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << VFIO_REGION_SHIFT;
    uint64_t pages = fx_map(2 * PAGE_SIZE, FX_RW), second = pages + PAGE_SIZE;
    uint32_t ids, read = 0;

    (void)state;
    assert_int_equal(fx_call(NR_pread64, (uint64_t)device, arg, 4, at), 4);
    assert_int_equal(copy_in(&ids, arg, sizeof(ids)), 0);
    for (uint64_t to = second - 8; to <= second; to++) {
        assert_int_equal(fx_call(NR_pread64, (uint64_t)device, to, 4, at), 4);
        assert_int_equal(copy_in(&read, to, sizeof(read)), 0);
        assert_int_equal(read, ids);
    }
    assert_int_equal(fx_call(NR_mprotect, second, PAGE_SIZE, LX_PROT_READ), 0);
    for (uint64_t to = second - 3; to <= second; to++)
        assert_int_equal(fx_call(NR_pread64, (uint64_t)device, to, 4, at), -RF_EFAULT);
}

static void a_vector_signals_its_eventfd(void **state)
{
    (void)state;
    int fd = (int)fx_call(NR_eventfd2, 0, 0);

    assert_int_equal(trigger(fd), 0);
    gic.pending |= gic.enabled;
    irq_poll();
    assert_int_equal(fx_call(NR_read, (uint64_t)fd, arg, 8), 8);
    assert_int_equal(fx_load64(arg), 1);
    /* The descriptor goes, the vector keeps what is behind it. */
    assert_int_equal(close_fd(fd), 0);
    gic.pending |= gic.enabled;
    irq_poll();
}

static void a_vector_takes_no_other_file(void **state)
{
    (void)state;
    assert_int_equal(trigger(device), -RF_EINVAL);
    assert_int_equal(trigger(77), -RF_EBADF);
    assert_int_equal(gic.taken, 0);
}

/* ---- registers ---------------------------------------------------------------------------- */

static void registers_are_mapped(void **state)
{
    (void)state;
    uint64_t at = map_bar0();

    assert_int_equal(vm_fault(at, PT_READ), 0);
    assert_int_equal(vm_fault(at + PAGE_SIZE, PT_WRITE), 0);
    assert_int_equal(vm_fault(at, PT_EXEC), -RF_EFAULT);
    assert_int_equal(copy_out(at, "x", 1), -RF_EFAULT); /* registers are no memory */
}

/* Registers are mapped for devices as the workload has them: with its rights, in one piece. */
static void registers_are_mapped_for_devices(void **state)
{
    (void)state;
    uint64_t at = map_bar0();

    assert_int_equal(map(at + PAGE_SIZE, IOVA), 0);
    assert_int_equal(fx_call(NR_mprotect, at, PAGE_SIZE, LX_PROT_READ), 0);
    assert_int_equal(map(at, IOVA + MIB(1)), -RF_EFAULT);
    set_command(command() & (uint16_t)~PCI_COMMAND_MEMORY);
    assert_int_equal(map(at + PAGE_SIZE, IOVA + MIB(1)), -RF_ENODEV);
    assert_int_equal(fx_call(NR_munmap, at, 0x2000), 0);
    assert_int_equal(map(at + PAGE_SIZE, IOVA + MIB(1)), -RF_EFAULT);
}

static void registers_go_with_memory_decode(void **state)
{
    (void)state;
    uint64_t at = map_bar0();
    uint16_t v = command();

    assert_int_equal(vm_fault(at, PT_READ), 0);
    set_command(v & (uint16_t)~PCI_COMMAND_MEMORY);
    assert_int_equal(vm_fault(at, PT_READ), -RF_EIO);
    set_command(v | PCI_COMMAND_MEMORY);
    assert_int_equal(vm_fault(at, PT_READ), 0);
}

/* A map of registers holds the device open, as on Linux. */
static void a_map_outlives_the_descriptor(void **state)
{
    (void)state;
    uint64_t at = map_bar0();
    unsigned resets = fn.resets;

    assert_int_equal(close_fd(device), 0);
    assert_int_equal(vm_fault(at, PT_READ), 0);
    assert_int_equal(fn.resets, resets);
    assert_int_equal(fx_call(NR_munmap, at, 0x2000), 0);
    assert_int_equal(fn.resets, resets + 1);
}

static void all_but_the_map_is_closed(void **state)
{
    (void)state;
    uint64_t at = map_bar0();

    set_command((uint16_t)(command() | PCI_COMMAND_MASTER));
    close_fd(device);
    close_fd(group);
    close_fd(container);
    assert_true(vm_fault(at, PT_READ) == 0 || vm_fault(at, PT_READ) == -RF_EIO);
}

static void a_device_without_a_free_descriptor(void **state)
{
    static const char bdf[] = "0000:00:00.0";
    (void)state;
    close_fd(device);
    inject_after(1);
    assert_int_equal(ioctl_with(group, VFIO_GROUP_GET_DEVICE_FD, bdf, sizeof(bdf)), -RF_ENOMEM);
    inject_after(0);
    device = (int)ioctl_with(group, VFIO_GROUP_GET_DEVICE_FD, bdf, sizeof(bdf));
    assert_true(device >= 0);
}

#define UP(test)   cmocka_unit_test_setup_teardown(test, up, down)
#define OPEN(test) cmocka_unit_test_setup_teardown(test, open_up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UP(the_files_are_character_devices),      UP(a_group_has_one_opener),
        UP(a_container_is_told_from_other_files), UP(files_without_memory),
        OPEN(a_device_reaches_what_is_mapped),    OPEN(arguments_are_read_wherever_they_are),
        OPEN(a_device_reaches_what_is_mapped),    OPEN(arguments_that_are_said_to_be_short),
        OPEN(a_device_reaches_what_is_mapped),    OPEN(config_space_is_read_wherever_it_fits),
        OPEN(a_device_reaches_what_is_mapped),    OPEN(a_vector_signals_its_eventfd),
        OPEN(a_vector_takes_no_other_file),       OPEN(registers_are_mapped),
        OPEN(registers_are_mapped_for_devices),   OPEN(registers_go_with_memory_decode),
        OPEN(a_map_outlives_the_descriptor),      OPEN(all_but_the_map_is_closed),
        OPEN(a_device_without_a_free_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
