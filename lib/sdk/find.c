/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringfence/device.h>

#define DEVICES   "/sys/bus/pci/devices"
#define FOUND_MAX 256

struct wish {
    const char *file[2];
    uint32_t value[2], mask[2];
    unsigned count;
};

static int read_hex(const char *bdf, const char *file, uint32_t *out)
{
    char path[96], text[16] = "";
    int fd;

    snprintf(path, sizeof(path), DEVICES "/%s/%s", bdf, file);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    if (read(fd, text, sizeof(text) - 1) < 0)
        text[0] = 0;
    close(fd);
    *out = (uint32_t)strtoul(text, NULL, 16);
    return 0;
}

static int matches(const char *bdf, const struct wish *w)
{
    uint32_t v;

    for (unsigned i = 0; i < w->count; i++)
        if (read_hex(bdf, w->file[i], &v) || (v & w->mask[i]) != w->value[i])
            return 0;
    return 1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int find(const struct wish *w, unsigned n, char bdf[16])
{
    static char found[FOUND_MAX][16];
    unsigned count = 0;
    struct dirent *e;
    DIR *d = opendir(DEVICES);

    if (!d)
        return -1;
    while ((e = readdir(d)) != NULL && count < FOUND_MAX)
        if (e->d_name[0] != '.' && strlen(e->d_name) < 16 && matches(e->d_name, w))
            strcpy(found[count++], e->d_name);
    closedir(d);
    if (n >= count) {
        errno = ENODEV;
        return -1;
    }
    qsort(found, count, sizeof(found[0]), by_name);
    strcpy(bdf, found[n]);
    return 0;
}

int rf_find_class(uint32_t class_code, uint32_t mask, unsigned n, char bdf[16])
{
    struct wish w = {{"class"}, {class_code}, {mask}, 1};

    return find(&w, n, bdf);
}

int rf_find_id(uint16_t vendor, uint16_t device, unsigned n, char bdf[16])
{
    struct wish w = {{"vendor", "device"}, {vendor, device}, {0xffff, 0xffff}, 2};

    return find(&w, n, bdf);
}
