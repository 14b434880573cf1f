/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/workload.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/pci/regs.h"
#include "lib/sys/vm.h"
#include "tests/random/machine.h"
#include "tests/random/reference.h"
#include "tests/random/space.h"
#include "tests/random/verdict.h"

/* ---- memory ---------------------------------------------------------------------------------- */

static struct {
    _Alignas(8) uint8_t arg[WORKLOAD_ARG_SIZE];
    struct vfio_container *container[CONTAINERS];
    struct vfio_group *group[GROUPS];
    int events; /* references */
} user;

static int copy_check(uint64_t uaddr, size_t n)
{
    return uaddr < WORKLOAD_ARG || n > WORKLOAD_ARG_SIZE ||
                   uaddr - WORKLOAD_ARG > WORKLOAD_ARG_SIZE - n
               ? -RF_EFAULT
               : 0;
}

static int copy_in(void *dst, uint64_t uaddr, size_t n)
{
    if (copy_check(uaddr, n))
        return -RF_EFAULT;
    memcpy(dst, user.arg + (uaddr - WORKLOAD_ARG), n);
    return 0;
}

static int copy_out(uint64_t uaddr, const void *src, size_t n)
{
    if (copy_check(uaddr, n))
        return -RF_EFAULT;
    memcpy(user.arg + (uaddr - WORKLOAD_ARG), src, n);
    return 0;
}

/* Registers are not in the program's space here. */
static int pin(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *piece)
{
    return ref_registers(uaddr, PAGE_SIZE) >= 0 ? -RF_ENXIO : vm_pin(uaddr, size, write, pa, piece);
}

/* A device's registers are mapped as long as it is open. */
static struct vfio_device *registers(uint64_t uaddr, uint64_t size, bool write, uint64_t *offset)
{
    int d = ref_registers(uaddr, size);

    (void)write;
    if (d < 0)
        return NULL;
    *offset = UINT64_C(2) << VFIO_REGION_SHIFT | (uaddr - USER_REGISTERS) % REGISTERS_STEP;
    return machine.device[d];
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

void workload_start(void)
{
    static const struct vfio_env env = {
        .copy_in = copy_in,
        .copy_out = copy_out,
        .pin = pin,
        .registers = registers,
        .unpin = vm_unpin,
        .event_get = event_get,
        .event_put = event_put,
        .event_signal = event_signal,
        .container_of_fd = container_of_fd,
        .install_device = install_device,
        .zap = zap,
    };

    memset(&user, 0, sizeof(user));
    space_start();
    vfio_set_env(&env);
}

void workload_stop(void)
{
    if (user.events)
        verdict_fail("%d events are still held", user.events);
    space_stop();
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

uint64_t workload_put(const void *arg, size_t n)
{
    memcpy(user.arg, arg, n);
    return WORKLOAD_ARG;
}

void *workload_got(void)
{
    return user.arg;
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

    return vfio_group_ioctl(user.group[g], VFIO_GROUP_SET_CONTAINER, workload_put(&fd, sizeof(fd)));
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
                            workload_put(name, strlen(name) + 1));
}

void workload_close_device(unsigned d)
{
    vfio_device_close(machine.device[d]);
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
    return vfio_device_ioctl(machine.device[d], VFIO_DEVICE_SET_IRQS, workload_put(&a, sizeof(a)));
}

long workload_irqs_off(unsigned d, unsigned index)
{
    struct vfio_irq_set set = {
        .argsz = sizeof(set),
        .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
        .index = index,
    };

    return vfio_device_ioctl(machine.device[d], VFIO_DEVICE_SET_IRQS,
                             workload_put(&set, sizeof(set)));
}

long workload_reset(unsigned d)
{
    return vfio_device_ioctl(machine.device[d], VFIO_DEVICE_RESET, 0);
}

long workload_command(unsigned d, uint16_t value)
{
    uint64_t at = (uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << VFIO_REGION_SHIFT | PCI_COMMAND;

    return vfio_device_write(machine.device[d], workload_put(&value, sizeof(value)), sizeof(value),
                             at);
}
