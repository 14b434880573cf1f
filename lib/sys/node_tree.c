/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/node.h"
#include "lib/sys/proc.h"
#include "lib/sys/vfio.h"

/* The tree. Read it from the end: a directory is defined after what is in it. */

#define DIRECTORY    (LX_S_IFDIR | 0555)
#define LINK         (LX_S_IFLNK | 0777)
#define CHAR_DEVICE  (LX_S_IFCHR | 0666)
#define DEVICE(a, b) ((a) << 8 | (b))

/* ---- /dev */

static int open_container(const struct node *n, unsigned flags, struct file **out)
{
    (void)n;
    return vfio_open_container(flags, out);
}

static int open_group(const struct node *n, unsigned flags, struct file **out)
{
    return vfio_open_group(n->id, flags, out);
}

static const struct node_type container = {
    .mode = CHAR_DEVICE, .open = open_container, .rdev = DEVICE(10, 196)};
static const struct node_type group_file = {.mode = LX_S_IFCHR | 0600, .open = open_group};

static bool numbered(unsigned i, const struct node_type *type, char *name, struct node *out)
{
    struct strbuf s;
    *out = (struct node){.type = type};
    if (!group_number(i, &out->id))
        return false;
    strbuf_init(&s, name, NODE_NAME);
    strbuf_printf(&s, "%u", out->id);
    return true;
}

static bool group_file_child(const struct node *dir, unsigned i, char *name, struct node *out)
{
    (void)dir;
    return numbered(i, &group_file, name, out);
}

static const struct node_entry vfio_entries[] = {{"vfio", &container}, {0}};
static const struct node_type dev_vfio = {
    .mode = DIRECTORY, .entries = vfio_entries, .child = group_file_child};

static const struct node_type dev_null = {
    .mode = CHAR_DEVICE, .open = null_open, .rdev = DEVICE(1, 3)};
static const struct node_type dev_zero = {
    .mode = CHAR_DEVICE, .open = zero_open, .rdev = DEVICE(1, 5)};
static const struct node_type dev_random = {
    .mode = CHAR_DEVICE, .open = random_open, .rdev = DEVICE(1, 9)};

static const struct node_entry dev_entries[] = {
    {"null", &dev_null},      {"zero", &dev_zero}, {"random", &dev_random},
    {"urandom", &dev_random}, {"vfio", &dev_vfio}, {0},
};
static const struct node_type dev = {.mode = DIRECTORY, .entries = dev_entries};

/* ---- /proc */

static void exe_text(const struct node *n, struct strbuf *s)
{
    (void)n;
    strbuf_printf(s, "%s%s", proc_name()[0] == '/' ? "" : "/", proc_name());
}

static const struct node_type exe = {.mode = LINK, .text = exe_text};
static const struct node_type pagemap = {.mode = PAGEMAP_MODE, .open = pagemap_open};
static const struct node_entry self_entries[] = {{"exe", &exe}, {"pagemap", &pagemap}, {0}};
static const struct node_type self = {.mode = DIRECTORY, .entries = self_entries};
static const struct node_entry proc_entries[] = {{"self", &self}, {0}};
static const struct node_type proc = {.mode = DIRECTORY, .entries = proc_entries};

/* ---- /sys/bus/pci */

static const struct node_type pci_devices = {.mode = DIRECTORY, .child = pci_child};
static const struct node_type empty = {.mode = DIRECTORY};
static const struct node_entry drivers_entries[] = {{"vfio-pci", &empty}, {0}};
static const struct node_type pci_drivers = {.mode = DIRECTORY, .entries = drivers_entries};
static const struct node_entry pci_entries[] = {
    {"devices", &pci_devices}, {"drivers", &pci_drivers}, {0}};
static const struct node_type pci = {.mode = DIRECTORY, .entries = pci_entries};
static const struct node_entry bus_entries[] = {{"pci", &pci}, {0}};
static const struct node_type bus = {.mode = DIRECTORY, .entries = bus_entries};

/* ---- /sys/kernel/iommu_groups */

static const struct node_type group_devices = {.mode = DIRECTORY, .child = group_member};
static const struct node_entry group_entries[] = {{"devices", &group_devices}, {0}};
static const struct node_type group = {.mode = DIRECTORY, .entries = group_entries};

static bool group_child(const struct node *dir, unsigned i, char *name, struct node *out)
{
    (void)dir;
    return numbered(i, &group, name, out);
}

static const struct node_type iommu_groups = {.mode = DIRECTORY, .child = group_child};
static const struct node_entry kernel_entries[] = {{"iommu_groups", &iommu_groups}, {0}};
static const struct node_type kernel = {.mode = DIRECTORY, .entries = kernel_entries};

/* ---- / */

static const struct node_entry sys_entries[] = {{"bus", &bus}, {"kernel", &kernel}, {0}};
static const struct node_type sys = {.mode = DIRECTORY, .entries = sys_entries};
static const struct node_entry root_entries[] = {
    {"dev", &dev}, {"proc", &proc}, {"sys", &sys}, {0}};
const struct node_type node_root = {.mode = DIRECTORY, .entries = root_entries};
