/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_fixture.h"

#include "lib/vfio/vfio.h"

/* Files by name: what a driver program finds under /sys about the functions that it is offered, and
 * how paths are followed. */

#define CWD ((uint64_t)LX_AT_FDCWD)

static uint64_t buf;

static uint32_t config_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    (void)h, (void)rid, (void)width;
    return 0x03020100u + 0x04040404u * (off / 4);
}

static void config_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width,
                         uint32_t v)
{
    (void)h, (void)rid, (void)off, (void)width, (void)v;
}

static const struct pci_host_ops config_ops = {.read = config_read, .write = config_write};
static struct pci_host host = {.ops = &config_ops};

static struct pci_dev functions[] = {
    {.host = &host,
     .name = "0000:01:00.0",
     .vendor = 0x1b36,
     .device = 0x10,
     .subvendor = 0x1af4,
     .subdevice = 0x1100,
     .class_code = 0x010802,
     .revision = 2,
     .is_pcie = true,
     .bar = {{.present = true, .is_64 = true, .size = 0x4000, .cpu = {0x10000000}}}},
    {.host = &host, .name = "0000:02:00.0"},
    {.host = &host, .name = "0000:02:00.1"},
};

static int offer_functions(void **state)
{
    static const unsigned groups[] = {3, 7, 7};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(functions); i++) {
        if (vfio_device_add(&functions[i], iommu_group_get(groups[i]), NULL) != 0)
            return -1;
    }
    return 0;
}

static int start(void **state)
{
    int rc = fx_start(state);
    buf = fx_map(PAGE_SIZE, FX_RW);
    return rc;
}

static int64_t read_at(int fd, uint64_t size, char *text)
{
    int64_t n = fx_call(NR_read, (uint64_t)fd, buf, size);
    if (n >= 0) {
        assert_int_equal(copy_in(text, buf, (size_t)n), 0);
        text[n] = '\0';
    }
    return n;
}

static void expect_file(const char *path, const char *content)
{
    char text[1024];
    int fd = fx_open(path, LX_O_RDONLY);
    if (fd < 0)
        fail_msg("%s: %s", path, err_name(fd));
    assert_int_equal(read_at(fd, sizeof(text) - 1, text), strlen(content));
    assert_string_equal(text, content);
    assert_int_equal(read_at(fd, 16, text), 0);
    fx_call(NR_close, (uint64_t)fd);
}

#define NVME "/sys/bus/pci/devices/0000:01:00.0/"

static void attributes_are_linux_s(void **state)
{
    (void)state;
    expect_file(NVME "vendor", "0x1b36\n");
    expect_file(NVME "device", "0x0010\n");
    expect_file(NVME "subsystem_vendor", "0x1af4\n");
    expect_file(NVME "subsystem_device", "0x1100\n");
    expect_file(NVME "class", "0x010802\n");
    expect_file(NVME "revision", "0x02\n");
#define NO_RESOURCE "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
    expect_file(NVME "resource",
                "0x0000000010000000 0x0000000010003fff 0x0000000000140204\n" NO_RESOURCE NO_RESOURCE
                    NO_RESOURCE NO_RESOURCE NO_RESOURCE NO_RESOURCE);
}

static void config_space_is_read_anywhere(void **state)
{
    (void)state;
    int fd = fx_open(NVME "config", LX_O_RDONLY);
    for (unsigned off = 0; off < 9; off++) {
        assert_int_equal(fx_call(NR_pread64, (uint64_t)fd, buf, 7, off), 7);
        assert_int_equal(fx_load64(buf) & 0xff, off);
        assert_int_equal(fx_load64(buf) >> 48 & 0xff, off + 6);
    }
    assert_int_equal(fx_call(NR_pread64, (uint64_t)fd, buf, 8, 4092), 4);
    assert_int_equal(fx_call(NR_pread64, (uint64_t)fd, buf, 8, 4096), 0);
    assert_int_equal(fx_call(NR_pread64, (uint64_t)fd, buf, 8, INT64_MAX), 0);
    assert_int_equal(fx_call(NR_pread64, (uint64_t)fd, buf, 8, UINT64_MAX), -RF_EINVAL);
    assert_int_equal(fx_call(NR_lseek, (uint64_t)fd, 0, LX_SEEK_END), 4096);
    assert_int_equal(fx_call(NR_lseek, (uint64_t)fd, UINT64_MAX, LX_SEEK_CUR), 4095);
    assert_int_equal(fx_call(NR_lseek, (uint64_t)fd, INT64_MAX, LX_SEEK_CUR), -RF_EINVAL);
    assert_int_equal(fx_call(NR_read, (uint64_t)fd, buf, 8), 1);
    assert_int_equal(fx_open(NVME "config", LX_O_RDWR), -RF_EACCES);
    int conventional = fx_open("/sys/bus/pci/devices/0000:02:00.0/config", LX_O_RDONLY);
    assert_int_equal(fx_call(NR_lseek, (uint64_t)conventional, 0, LX_SEEK_END), 256);
}

static void expect_link(const char *path, const char *target)
{
    char text[256] = {0};
    uint64_t at = fx_string(path);
    int64_t n = fx_call(NR_readlinkat, CWD, at, buf, 255);
    assert_int_equal(n, strlen(target));
    assert_int_equal(copy_in(text, buf, (size_t)n), 0);
    assert_string_equal(text, target);
    assert_int_equal(fx_call(NR_readlinkat, CWD, at, buf, 4), 4);
    assert_int_equal(fx_call(NR_readlinkat, CWD, at, buf, 0), -RF_EINVAL);
}

static void links_lead_where_they_say(void **state)
{
    (void)state;
    expect_link(NVME "iommu_group", "../../../../kernel/iommu_groups/3");
    expect_link(NVME "driver", "../../drivers/vfio-pci");
    expect_link("/proc/self/exe", "/prog");
    expect_link("/sys/kernel/iommu_groups/7/devices/0000:02:00.1",
                "../../../../bus/pci/devices/0000:02:00.1");
    expect_file("/sys/kernel/iommu_groups/3/devices/0000:01:00.0/vendor", "0x1b36\n");
    expect_file(NVME "iommu_group/devices/0000:01:00.0/iommu_group/../3/devices/0000:01:00.0/class",
                "0x010802\n");
    expect_file("//sys/./bus/../bus/pci//devices/0000:01:00.0/vendor", "0x1b36\n");
    expect_file("/../../sys/bus/pci/devices/0000:01:00.0/vendor", "0x1b36\n");
}

/* Names of a directory with a blank after each. */
static void list(const char *path, uint64_t room, char *names)
{
    int fd = fx_open(path, LX_O_RDONLY | abi()->o_directory);
    int64_t n;
    assert_true(fd >= 0);
    names[0] = '\0';
    while ((n = fx_call(NR_getdents64, (uint64_t)fd, buf, room)) > 0) {
        for (int64_t off = 0; off < n;) {
            _Alignas(8) char raw[64] = {0};
            struct lx_dirent *d = (struct lx_dirent *)raw;
            assert_int_equal(copy_in(raw, buf + (uint64_t)off, sizeof(raw)), 0);
            assert_true(d->reclen % 8 == 0 && d->ino != 0);
            strcat(strcat(names, raw + offsetof(struct lx_dirent, name)), " ");
            off += d->reclen;
        }
    }
    assert_int_equal(n, 0);
    fx_call(NR_close, (uint64_t)fd);
}

static void directories_are_listed(void **state)
{
    static const struct {
        const char *path, *names;
    } rows[] = {
        {"/", ". .. dev proc sys "},
        {"/dev/vfio", ". .. vfio 3 7 "},
        {"/sys/bus/pci/devices", ". .. 0000:01:00.0 0000:02:00.0 0000:02:00.1 "},
        {"/sys/kernel/iommu_groups", ". .. 3 7 "},
        {"/sys/kernel/iommu_groups/7/devices", ". .. 0000:02:00.0 0000:02:00.1 "},
        {"/sys/kernel/iommu_groups/3", ". .. devices "},
        {"/sys/bus/pci/drivers/vfio-pci", ". .. "},
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        for (uint64_t room = 48; room <= 512; room += 116) {
            char names[512];
            list(rows[i].path, room, names);
            assert_string_equal(names, rows[i].names);
        }
    }
    int fd = fx_open("/dev", LX_O_RDONLY);
    assert_int_equal(fx_call(NR_getdents64, (uint64_t)fd, buf, 8), -RF_EINVAL);
    assert_int_equal(fx_call(NR_read, (uint64_t)fd, buf, 8), -RF_EISDIR);
    assert_int_equal(fx_call(NR_getdents64, 1, buf, 64), -RF_ENOTDIR);
}

static void paths_from_a_directory(void **state)
{
    (void)state;
    int dir = fx_open(NVME, LX_O_RDONLY);
    assert_true(dir >= 0);
    assert_true(fx_call(NR_openat, (uint64_t)dir, fx_string("vendor"), 0, 0) >= 0);
    assert_true(fx_call(NR_openat, (uint64_t)dir, fx_string("../0000:02:00.1/vendor"), 0, 0) >= 0);
    assert_true(fx_call(NR_openat, (uint64_t)dir, fx_string("/dev/null"), 0, 0) >= 0);
    assert_int_equal(fx_call(NR_openat, 1, fx_string("vendor"), 0, 0), -RF_ENOTDIR);
    assert_int_equal(fx_call(NR_openat, 99, fx_string("vendor"), 0, 0), -RF_EBADF);
    assert_true(fx_call(NR_openat, CWD, fx_string("dev/null"), 0, 0) >= 0);
    assert_int_equal(fx_call(NR_faccessat, (uint64_t)dir, fx_string("class"), 4), 0);
    assert_int_equal(fx_call(NR_faccessat, (uint64_t)dir, fx_string("class"), 2), -RF_EACCES);
    assert_int_equal(fx_call(NR_faccessat, (uint64_t)dir, fx_string("class"), 8), -RF_EINVAL);
}

static void stat_tells_the_kind(void **state)
{
    static const struct {
        const char *path;
        unsigned flags, mode;
    } rows[] = {
        {"/dev/vfio/vfio", 0, LX_S_IFCHR},
        {"/dev/vfio/3", 0, LX_S_IFCHR},
        {NVME, 0, LX_S_IFDIR},
        {NVME "vendor", 0, LX_S_IFREG},
        {NVME "iommu_group", LX_AT_SYMLINK_NOFOLLOW, LX_S_IFLNK},
        {NVME "iommu_group", 0, LX_S_IFDIR},
        {NVME "iommu_group/", LX_AT_SYMLINK_NOFOLLOW, LX_S_IFDIR},
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(fx_call(NR_newfstatat, CWD, fx_string(rows[i].path), buf, rows[i].flags),
                         0);
        assert_int_equal(fx_load64(buf + 16) & LX_S_IFMT, rows[i].mode);
    }
}

static void bad_paths_are_told(void **state)
{
    static char long_name[300], many_links[240];
    static const struct {
        const char *path;
        unsigned flags;
        int error;
    } rows[] = {
        {"", 0, RF_ENOENT},
        {"/nothing", 0, RF_ENOENT},
        {"/dev/nothing", 0, RF_ENOENT},
        {"/dev/vfio/4", LX_O_RDWR, RF_ENOENT},
        {"/dev/vfio/03", LX_O_RDWR, RF_ENOENT},
        {"/dev/null/x", 0, RF_ENOTDIR},
        {NVME "vendor/", 0, RF_ENOTDIR},
        {NVME "vendor", LX_O_RDWR, RF_EACCES},
        {"/dev", LX_O_RDWR, RF_EISDIR},
        {"/dev/new", LX_O_RDWR | LX_O_CREAT, RF_EROFS},
        {"/dev/null", LX_O_CREAT | LX_O_EXCL, RF_EEXIST},
        {"/dev/null", 040000, RF_ENOTDIR},
        {"/proc/self/exe", 0, RF_ENOENT},
        {"/sys/bus/pci/devices/0000:03:00.0/vendor", 0, RF_ENOENT},
        {long_name, 0, RF_ENAMETOOLONG},
        {many_links, 0, RF_ELOOP},
    };
    (void)state;
    memset(long_name, 'a', sizeof(long_name) - 1);
    strcpy(many_links, "/sys/kernel/iommu_groups/7");
    for (unsigned i = 0; i < 5; i++) /* there and back: two links */
        strcat(many_links, "/devices/0000:02:00.1/iommu_group");
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        int rc = fx_open(rows[i].path, rows[i].flags);
        if (rc != -rows[i].error)
            fail_msg("%s: %s, not %s", rows[i].path, rc < 0 ? err_name(rc) : "opened",
                     err_name(rows[i].error));
    }
}

static void the_working_directory_is_the_root(void **state)
{
    (void)state;
    assert_int_equal(fx_call(NR_getcwd, buf, 16), 2);
    assert_int_equal(fx_load64(buf) & 0xffff, '/');
    assert_int_equal(fx_call(NR_getcwd, buf, 1), -RF_ERANGE);
}

static void vfio_files_open_and_close(void **state)
{
    (void)state;
    int container = fx_open("/dev/vfio/vfio", LX_O_RDWR);
    int group = fx_open("/dev/vfio/3", LX_O_RDWR);
    assert_true(container >= 0 && group >= 0);
    assert_int_equal(fx_open("/dev/vfio/3", LX_O_RDWR), -RF_EBUSY);
    assert_int_equal(fx_call(NR_ioctl, (uint64_t)container, 0x3b64, 0), 0); /* GET_API_VERSION */
    assert_int_equal(fx_call(NR_read, (uint64_t)container, buf, 8), -RF_EINVAL);
    assert_int_equal(fx_call(NR_mmap, 0, PAGE_SIZE, FX_RW, LX_MAP_SHARED, (uint64_t)group, 0),
                     -RF_ENODEV);
    assert_int_equal(fx_call(NR_close, (uint64_t)group), 0);
    assert_true(fx_open("/dev/vfio/3", LX_O_RDWR) >= 0);
    /* The rest is closed by the end of the program. */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, fx_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attributes_are_linux_s),    TEST(config_space_is_read_anywhere),
        TEST(links_lead_where_they_say), TEST(directories_are_listed),
        TEST(paths_from_a_directory),    TEST(stat_tells_the_kind),
        TEST(bad_paths_are_told),        TEST(the_working_directory_is_the_root),
        TEST(vfio_files_open_and_close),
    };
    return cmocka_run_group_tests(tests, offer_functions, NULL);
}
