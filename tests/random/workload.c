/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/workload.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/mem/page.h"
#include "lib/pci/regs.h"
#include "tests/random/machine.h"
#include "tests/random/verdict.h"

/* ---- memory ---------------------------------------------------------------------------------- */

#define ARG      UINT64_C(0x10000)
#define ARG_SIZE 4096u

static struct {
    _Alignas(8) uint8_t arg[ARG_SIZE];
    uint64_t page[USER_PAGES];
    struct vfio_container *container[CONTAINERS];
    struct vfio_group *group[GROUPS];
    int events; /* references */
} user;

uint64_t workload_page(unsigned i)
{
    return user.page[i];
}

bool workload_renew(unsigned i)
{
    paddr_t fresh = page_alloc(0);

    if (!paddr_valid(fresh))
        return false;
    (void)page_unref(PADDR(user.page[i]));
    user.page[i] = fresh.v;
    return true;
}

static int copy_check(uint64_t uaddr, size_t n)
{
    return uaddr < ARG || n > ARG_SIZE || uaddr - ARG > ARG_SIZE - n ? -RF_EFAULT : 0;
}

static int copy_in(void *dst, uint64_t uaddr, size_t n)
{
    if (copy_check(uaddr, n))
        return -RF_EFAULT;
    memcpy(dst, user.arg + (uaddr - ARG), n);
    return 0;
}

static int copy_out(uint64_t uaddr, const void *src, size_t n)
{
    if (copy_check(uaddr, n))
        return -RF_EFAULT;
    memcpy(user.arg + (uaddr - ARG), src, n);
    return 0;
}

static void unpin(paddr_t pa, uint64_t size, bool ok)
{
    for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
        if (ok)
            (void)page_unref(paddr_add(pa, at));
        else
            page_quarantine(paddr_add(pa, at), 0);
    }
}

static int pin(uint64_t uaddr, uint64_t size, bool write,
               int (*piece)(void *ctx, paddr_t pa, uint64_t size), void *ctx)
{
    uint64_t pages = write ? USER_READONLY : USER_PAGES;
    uint64_t first = (uaddr - USER_BASE) / PAGE_SIZE, n = size / PAGE_SIZE;
    int err = 0;

    if (uaddr < USER_BASE || first >= pages || n > pages - first)
        return -RF_EFAULT;
    for (uint64_t i = first; i < first + n; i++) {
        err = piece(ctx, PADDR(user.page[i]), PAGE_SIZE);
        if (!err)
            page_ref(PADDR(user.page[i]));
        else
            while (i-- > first)
                unpin(PADDR(user.page[i]), PAGE_SIZE, true);
        if (err)
            return err;
    }
    return 0;
}

static struct vfio_device *registers(uint64_t uaddr, uint64_t size, bool write, uint64_t *offset)
{
    (void)uaddr, (void)size, (void)write, (void)offset;
    return NULL; /* it maps none */
}

/* ---- descriptors ----------------------------------------------------------------------------- */

enum { FD_CONTAINER = 3, FD_EVENT = 100 };

static int event_get(int fd, void **event)
{
    if (fd != FD_EVENT)
        return -RF_EBADF;
    user.events++;
    *event = &user.events;
    return 0;
}

static void event_put(void *event)
{
    if (event != &user.events || --user.events < 0)
        verdict_fail("an event is given back that nobody holds");
}

static void event_signal(void *event)
{
    (void)event;
}

static int container_of_fd(int fd, struct vfio_container **out)
{
    unsigned c = (unsigned)(fd - FD_CONTAINER);

    if (c >= CONTAINERS || !user.container[c])
        return -RF_EBADF;
    *out = user.container[c];
    return 0;
}

static int install_device(struct vfio_device *dev)
{
    (void)dev;
    return 0;
}

static void zap(struct vfio_device *dev)
{
    (void)dev;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void take_memory(void)
{
    paddr_t block = page_alloc(9), tail = page_alloc(6);
    unsigned n = USER_PAGES - USER_BLOCK;

    if (!paddr_valid(block) || !paddr_valid(tail))
        verdict_fail("no memory for the workload");
    page_split(block, 9);
    page_split(tail, 6);
    for (unsigned i = 0; i < USER_BLOCK; i++)
        user.page[i] = block.v + i * PAGE_SIZE;
    for (unsigned i = 0; i < n; i++)
        user.page[USER_BLOCK + i] = tail.v + (n - 1 - i) * PAGE_SIZE;
}

void workload_start(void)
{
    static const struct vfio_env env = {
        .copy_in = copy_in,
        .copy_out = copy_out,
        .pin = pin,
        .registers = registers,
        .unpin = unpin,
        .event_get = event_get,
        .event_put = event_put,
        .event_signal = event_signal,
        .container_of_fd = container_of_fd,
        .install_device = install_device,
        .zap = zap,
    };

    memset(&user, 0, sizeof(user));
    take_memory();
    vfio_set_env(&env);
}

void workload_stop(void)
{
    if (user.events)
        verdict_fail("%d events are still held", user.events);
    for (unsigned i = 0; i < USER_PAGES; i++)
        (void)page_unref(PADDR(user.page[i]));
}

bool workload_has_container(unsigned c)
{
    return user.container[c];
}

bool workload_has_group(unsigned g)
{
    return user.group[g];
}

struct vfio_container *workload_container(unsigned c)
{
    return user.container[c];
}

/* ---- calls ----------------------------------------------------------------------------------- */

static uint64_t put_arg(const void *arg, size_t n)
{
    memcpy(user.arg, arg, n);
    return ARG;
}

long workload_open_container(unsigned c)
{
    return vfio_container_open(&user.container[c]);
}

void workload_close_container(unsigned c)
{
    struct vfio_container *gone = user.container[c];

    user.container[c] = NULL;
    vfio_container_close(gone);
}

long workload_open_group(unsigned g)
{
    return vfio_group_open(g, &user.group[g]);
}

void workload_close_group(unsigned g)
{
    struct vfio_group *gone = user.group[g];

    user.group[g] = NULL;
    vfio_group_close(gone);
}

long workload_set_container(unsigned g, unsigned c)
{
    int32_t fd = FD_CONTAINER + (int)c;

    return vfio_group_ioctl(user.group[g], VFIO_GROUP_SET_CONTAINER, put_arg(&fd, sizeof(fd)));
}

long workload_unset_container(unsigned g)
{
    return vfio_group_ioctl(user.group[g], VFIO_GROUP_UNSET_CONTAINER, 0);
}

long workload_set_iommu(unsigned c)
{
    return vfio_container_ioctl(user.container[c], VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
}

long workload_open_device(unsigned d)
{
    const char *name = machine.fn[d].pci.name;

    return vfio_group_ioctl(user.group[d], VFIO_GROUP_GET_DEVICE_FD,
                            put_arg(name, strlen(name) + 1));
}

void workload_close_device(unsigned d)
{
    vfio_device_close(machine.device[d]);
}

long workload_map(const uint64_t *arg)
{
    struct vfio_iommu_type1_dma_map m = {
        .argsz = sizeof(m),
        .flags = (uint32_t)arg[MAP_FLAGS],
        .vaddr = arg[MAP_VADDR],
        .iova = arg[MAP_IOVA],
        .size = arg[MAP_SIZE],
    };

    return vfio_container_ioctl(user.container[arg[MAP_CONTAINER]], VFIO_IOMMU_MAP_DMA,
                                put_arg(&m, sizeof(m)));
}

long workload_unmap(const uint64_t *arg, uint64_t *bytes)
{
    struct vfio_iommu_type1_dma_unmap u = {
        .argsz = sizeof(u),
        .flags = (uint32_t)arg[UNMAP_FLAGS],
        .iova = arg[UNMAP_IOVA],
        .size = arg[UNMAP_SIZE],
    };
    long result = vfio_container_ioctl(user.container[arg[UNMAP_CONTAINER]], VFIO_IOMMU_UNMAP_DMA,
                                       put_arg(&u, sizeof(u)));

    memcpy(&u, user.arg, sizeof(u));
    *bytes = u.size;
    return result;
}

long workload_irqs(const uint64_t *arg)
{
    unsigned d = (unsigned)arg[IRQS_DEVICE];
    struct {
        struct vfio_irq_set set;
        int32_t fd[VECTORS];
    } a = {.set = {.argsz = sizeof(a),
                   .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                   .index = (uint32_t)arg[IRQS_INDEX],
                   .start = (uint32_t)arg[IRQS_START],
                   .count = (uint32_t)arg[IRQS_COUNT]}};

    for (unsigned i = 0; i < VECTORS; i++)
        a.fd[i] = arg[IRQS_EVENTS] >> i & 1 ? FD_EVENT : -1;
    return vfio_device_ioctl(machine.device[d], VFIO_DEVICE_SET_IRQS, put_arg(&a, sizeof(a)));
}

long workload_irqs_off(unsigned d, unsigned index)
{
    struct vfio_irq_set set = {
        .argsz = sizeof(set),
        .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
        .index = index,
    };

    return vfio_device_ioctl(machine.device[d], VFIO_DEVICE_SET_IRQS, put_arg(&set, sizeof(set)));
}

long workload_reset(unsigned d)
{
    return vfio_device_ioctl(machine.device[d], VFIO_DEVICE_RESET, 0);
}

long workload_command(unsigned d, uint16_t value)
{
    uint64_t at = (uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << VFIO_REGION_SHIFT | PCI_COMMAND;

    return vfio_device_write(machine.device[d], put_arg(&value, sizeof(value)), sizeof(value), at);
}

/* ---- GET_INFO -------------------------------------------------------------------------------- */

static void take_cap(const struct vfio_info_cap_header *cap, struct workload_info *out)
{
    if (cap->id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL) {
        out->avail = ((const struct vfio_iommu_type1_info_dma_avail *)(const void *)cap)->avail;
    } else if (cap->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
        const struct vfio_iommu_type1_info_cap_iova_range *r = (const void *)cap;

        out->count = r->nr_iovas;
        memcpy(out->range, r->iova_ranges,
               MIN(r->nr_iovas, ARRAY_SIZE(out->range)) * sizeof(out->range[0]));
    }
}

long workload_info(unsigned c, struct workload_info *out)
{
    struct vfio_iommu_type1_info info = {.argsz = ARG_SIZE};
    long result =
        vfio_container_ioctl(user.container[c], VFIO_IOMMU_GET_INFO, put_arg(&info, sizeof(info)));
    const struct vfio_info_cap_header *cap;

    *out = (struct workload_info){0};
    memcpy(&info, user.arg, sizeof(info));
    out->pgsizes = info.iova_pgsizes;
    for (uint32_t at = info.cap_offset; !result && at; at = cap->next) {
        cap = (const void *)(user.arg + at);
        take_cap(cap, out);
    }
    return result;
}
