/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/pci/pci.h"
#include "lib/sys/node.h"
#include "lib/sys/uaccess.h"
#include "lib/vfio/vfio.h"

/* What a driver program reads in /sys about a PCI function before it opens it. The numbers are
 * those that were found at boot; only `config` asks the function itself. */

#define ATTRIBUTE (LX_S_IFREG | 0444)
#define LINK      (LX_S_IFLNK | 0777)

static const struct pci_dev *pci_of(const struct node *n)
{
    return vfio_device_pci(n->dev);
}

#define HEX_ATTRIBUTE(name, digits, field)                                  \
    static void name##_text(const struct node *n, struct strbuf *s)         \
    {                                                                       \
        strbuf_printf(s, "0x%0" #digits "x\n", (unsigned)pci_of(n)->field); \
    }                                                                       \
    static const struct node_type name = {.mode = ATTRIBUTE, .text = name##_text}

HEX_ATTRIBUTE(vendor, 4, vendor);
HEX_ATTRIBUTE(device, 4, device);
HEX_ATTRIBUTE(subsystem_vendor, 4, subvendor);
HEX_ATTRIBUTE(subsystem_device, 4, subdevice);
HEX_ATTRIBUTE(class, 6, class_code);
HEX_ATTRIBUTE(revision, 2, revision);

/* ---- resource */

/* Linux's flags of a resource, with the BAR's own low bits. */
#define RESOURCE_IO       0x100u
#define RESOURCE_MEM      0x200u
#define RESOURCE_PREFETCH 0x2000u
#define RESOURCE_ALIGN    0x40000u
#define RESOURCE_MEM_64   0x100000u

static unsigned long resource_flags(const struct pci_bar *b)
{
    if (b->io)
        return RESOURCE_ALIGN | RESOURCE_IO | 1;
    return RESOURCE_ALIGN | RESOURCE_MEM | (b->prefetchable ? RESOURCE_PREFETCH | 8 : 0) |
           (b->is_64 ? RESOURCE_MEM_64 | 4 : 0);
}

/* First and last address as the CPU sees them, and flags; the seventh line is the expansion ROM,
 * which is not offered. */
static void resource_text(const struct node *n, struct strbuf *s)
{
    for (unsigned i = 0; i < 7; i++) {
        const struct pci_bar *b = i < 6 ? &pci_of(n)->bar[i] : NULL;
        bool known = b != NULL && b->present && paddr_valid(b->cpu);
        strbuf_printf(s, "0x%016lx 0x%016lx 0x%016lx\n", known ? (unsigned long)b->cpu.v : 0,
                      known ? (unsigned long)(b->cpu.v + b->size - 1) : 0,
                      known ? resource_flags(b) : 0);
    }
}
static const struct node_type resource = {.mode = ATTRIBUTE, .text = resource_text};

/* ---- links */

static void iommu_group_text(const struct node *n, struct strbuf *s)
{
    strbuf_printf(s, "../../../../kernel/iommu_groups/%u", vfio_device_group_id(n->dev));
}
static const struct node_type iommu_group = {.mode = LINK, .text = iommu_group_text};

static void driver_text(const struct node *n, struct strbuf *s)
{
    (void)n;
    strbuf_printf(s, "../../drivers/vfio-pci");
}
static const struct node_type driver = {.mode = LINK, .text = driver_text};

static void member_text(const struct node *n, struct strbuf *s)
{
    strbuf_printf(s, "../../../../bus/pci/devices/%s", pci_of(n)->name);
}
static const struct node_type member = {.mode = LINK, .text = member_text};

/* ---- config */

struct config_file {
    struct file file;
    struct node node;
};

static unsigned config_size(const struct node *n)
{
    return pci_of(n)->is_pcie ? 4096 : 256;
}

static const struct node *config_node(struct file *f)
{
    return &CONTAINER_OF(f, struct config_file, file)->node;
}

static int64_t config_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    const struct node *node = config_node(f);
    uint64_t size = config_size(node);
    uint64_t end = pos >= size ? pos : pos + MIN(n, size - pos);
    for (uint64_t off = pos; off < end;) {
        uint32_t word = pci_read(pci_of(node), (unsigned)align_down(off, 4), 4);
        uint64_t part = MIN(end - off, 4 - (off & 3));
        if (copy_out(uaddr + (off - pos), (const uint8_t *)&word + (off & 3), part) != 0)
            return off != pos ? (int64_t)(off - pos) : -RF_EFAULT;
        off += part;
    }
    return (int64_t)(end - pos);
}

static void config_stat(struct file *f, struct file_stat *st)
{
    node_stat(config_node(f), st);
    st->size = config_size(config_node(f));
}

static void config_release(struct file *f)
{
    heap_free(CONTAINER_OF(f, struct config_file, file));
}

static const struct file_ops config_ops = {
    .name = "config space", .read = config_read, .stat = config_stat, .release = config_release};

static int config_open(const struct node *n, unsigned flags, struct file **out)
{
    if ((flags & LX_O_ACCMODE) != LX_O_RDONLY)
        return -RF_EACCES;
    struct config_file *c = heap_alloc(sizeof(*c));
    if (c == NULL)
        return -RF_ENOMEM;
    file_init(&c->file, &config_ops, flags);
    c->file.seekable = true;
    c->node = *n;
    *out = &c->file;
    return 0;
}
static const struct node_type config = {.mode = ATTRIBUTE, .open = config_open};

/* ---- directories */

static const struct node_entry device_entries[] = {
    {"class", &class},
    {"config", &config},
    {"device", &device},
    {"driver", &driver},
    {"iommu_group", &iommu_group},
    {"resource", &resource},
    {"revision", &revision},
    {"subsystem_device", &subsystem_device},
    {"subsystem_vendor", &subsystem_vendor},
    {"vendor", &vendor},
    {0},
};
const struct node_type node_pci_device = {.mode = LX_S_IFDIR | 0555, .entries = device_entries};

static bool is_in_group(const struct vfio_device *dev, const unsigned *group)
{
    return group == NULL || vfio_device_group_id(dev) == *group;
}

/* The i-th function, of one group or of all. */
static bool nth(unsigned i, const unsigned *group, const struct node_type *type, char *name,
                struct node *out)
{
    for (struct vfio_device *d = vfio_device_next(NULL); d != NULL; d = vfio_device_next(d)) {
        if (!is_in_group(d, group) || i-- != 0)
            continue;
        *out = (struct node){.type = type, .dev = d, .id = vfio_device_group_id(d)};
        strncpy(name, pci_of(out)->name, NODE_NAME - 1);
        name[NODE_NAME - 1] = '\0';
        return true;
    }
    return false;
}

bool pci_child(const struct node *dir, unsigned i, char name[NODE_NAME], struct node *out)
{
    (void)dir;
    return nth(i, NULL, &node_pci_device, name, out);
}

bool group_member(const struct node *dir, unsigned i, char name[NODE_NAME], struct node *out)
{
    return nth(i, &dir->id, &member, name, out);
}

static bool is_first_of_group(const struct vfio_device *dev)
{
    struct vfio_device *d = vfio_device_next(NULL);
    while (d != dev && vfio_device_group_id(d) != vfio_device_group_id(dev))
        d = vfio_device_next(d);
    return d == dev;
}

bool group_number(unsigned i, unsigned *id)
{
    for (struct vfio_device *d = vfio_device_next(NULL); d != NULL; d = vfio_device_next(d)) {
        if (!is_first_of_group(d) || i-- != 0)
            continue;
        *id = vfio_device_group_id(d);
        return true;
    }
    return false;
}
