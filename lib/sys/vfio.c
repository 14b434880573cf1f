/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/vfio.h"

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/eventfd.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"
#include "lib/vfio/vfio.h"

struct vfio_file {
    struct file file;
    union {
        struct vfio_container *container;
        struct vfio_group *group;
        struct vfio_device *device;
    };
};

static struct vfio_file *vfio_file(struct file *f)
{
    return CONTAINER_OF(f, struct vfio_file, file);
}

static struct vfio_file *make(const struct file_ops *ops, unsigned flags)
{
    struct vfio_file *v = heap_alloc(sizeof(*v));
    if (v != NULL)
        file_init(&v->file, ops, flags);
    return v;
}

/* Opens the object behind a fresh file, or frees the file. */
static int finish(struct vfio_file *v, int rc, struct file **out)
{
    if (rc != 0)
        heap_free(v);
    else
        *out = &v->file;
    return rc;
}

static void char_device_stat(struct file *f, struct file_stat *st)
{
    (void)f;
    st->mode = LX_S_IFCHR | 0600;
}

/* ---- container */

static int64_t container_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
    return vfio_container_ioctl(vfio_file(f)->container, cmd, arg);
}

static void container_release(struct file *f)
{
    vfio_container_close(vfio_file(f)->container);
    heap_free(vfio_file(f));
}

static const struct file_ops container_ops = {
    .name = "vfio container",
    .ioctl = container_ioctl,
    .stat = char_device_stat,
    .release = container_release,
};

int vfio_open_container(unsigned flags, struct file **out)
{
    struct vfio_file *v = make(&container_ops, flags);
    return v == NULL ? -RF_ENOMEM : finish(v, vfio_container_open(&v->container), out);
}

/* ---- group */

static int64_t group_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
    return vfio_group_ioctl(vfio_file(f)->group, cmd, arg);
}

static void group_release(struct file *f)
{
    vfio_group_close(vfio_file(f)->group);
    heap_free(vfio_file(f));
}

static const struct file_ops group_ops = {
    .name = "vfio group",
    .ioctl = group_ioctl,
    .stat = char_device_stat,
    .release = group_release,
};

int vfio_open_group(unsigned id, unsigned flags, struct file **out)
{
    struct vfio_file *v = make(&group_ops, flags);
    return v == NULL ? -RF_ENOMEM : finish(v, vfio_group_open(id, &v->group), out);
}

/* ---- device */

static int64_t device_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    return vfio_device_read(vfio_file(f)->device, uaddr, n, pos);
}

static int64_t device_write(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    return vfio_device_write(vfio_file(f)->device, uaddr, n, pos);
}

static int64_t device_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
    return vfio_device_ioctl(vfio_file(f)->device, cmd, arg);
}

static int device_mmap(struct file *f, uint64_t offset, uint64_t size)
{
    return vfio_device_mmap(vfio_file(f)->device, offset, size);
}

static int device_page(struct file *f, uint64_t offset, paddr_t *pa)
{
    return vfio_device_page(vfio_file(f)->device, offset, pa);
}

static void device_release(struct file *f)
{
    vfio_device_close(vfio_file(f)->device);
    heap_free(vfio_file(f));
}

static const struct file_ops device_ops = {
    .name = "device registers",
    .read = device_read,
    .write = device_write,
    .ioctl = device_ioctl,
    .mmap = device_mmap,
    .page = device_page,
    .release = device_release,
};

/* ---- what lib/vfio asks of this layer */

static int event_get(int fd, void **event)
{
    struct file *f = fd_get(fd);
    if (f == NULL)
        return -RF_EBADF;
    if (eventfd_of(f) == NULL)
        return -RF_EINVAL;
    file_get(f);
    *event = f;
    return 0;
}

static void event_put(void *event)
{
    file_put(event);
}

static void event_signal(void *event)
{
    eventfd_signal(event);
}

static int container_of_fd(int fd, struct vfio_container **out)
{
    struct file *f = fd_get(fd);
    if (f == NULL)
        return -RF_EBADF;
    if (f->ops != &container_ops)
        return -RF_EBADFD;
    *out = vfio_file(f)->container;
    return 0;
}

static int install_device(struct vfio_device *dev)
{
    struct vfio_file *v = make(&device_ops, LX_O_RDWR);
    if (v == NULL)
        return -RF_ENOMEM;
    v->device = dev;
    v->file.positional = true;
    int fd = fd_install(&v->file, true, 0);
    if (fd < 0)
        heap_free(v);
    return fd;
}

/* dev NULL: any device's. */
static bool maps_registers(const struct vma *v, const struct vfio_device *dev)
{
    return v->file != NULL && v->file->ops == &device_ops &&
           (dev == NULL || vfio_file(v->file)->device == dev);
}

static struct vfio_device *registers(uint64_t uaddr, uint64_t size, bool write, uint64_t *offset)
{
    const struct vma *v = vm_find(uaddr);
    struct range r;
    if (v == NULL || !maps_registers(v, NULL) || !range_make(uaddr, size, &r) ||
        !range_contains(v->r, r) || (v->prot & (write ? PT_WRITE : PT_READ)) == 0)
        return NULL;
    *offset = v->offset + (uaddr - v->r.start);
    return vfio_file(v->file)->device;
}

static void zap(struct vfio_device *dev)
{
    for (struct vma *v = vm_from(0); v != NULL; v = vm_next(v)) {
        if (maps_registers(v, dev))
            vm_drop_pages(v->r);
    }
}

void vfio_files_init(void)
{
    static const struct vfio_env env = {
        .copy_in = copy_in,
        .copy_out = copy_out,
        .pin = vm_pin,
        .registers = registers,
        .unpin = vm_unpin,
        .event_get = event_get,
        .event_put = event_put,
        .event_signal = event_signal,
        .container_of_fd = container_of_fd,
        .install_device = install_device,
        .zap = zap,
    };
    vfio_set_env(&env);
}

/* Areas hold references on device files: without them the descriptors' are the last. */
void vfio_files_close(void)
{
    for (struct vma *v = vm_from(0); v != NULL;) {
        struct vma *next = vm_next(v);
        if (maps_registers(v, NULL))
            vm_remove(v->r);
        v = next;
    }
    fd_close_all();
    vfio_shutdown();
}
