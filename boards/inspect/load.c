/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX   (64u << 20)
#define PATH_SIZE  1024
#define TREE_MAGIC "\xd0\x0d\xfe\xed"

/* Whole, whatever its size is said to be: files of sysfs do not tell. */
static void *read_all(FILE *f, size_t *size)
{
    char *data = NULL;
    size_t room = 0;

    *size = 0;
    for (;;) {
        if (*size == room) {
            char *more = room < FILE_MAX ? realloc(data, room + 0x10000) : NULL;

            if (!more)
                break;
            data = more;
            room += 0x10000;
        }
        size_t n = fread(data + *size, 1, room - *size, f);
        if (n == 0)
            return data;
        *size += n;
    }
    free(data);
    return NULL;
}

static void *read_file(const char *path, size_t *size, struct strbuf *why)
{
    FILE *f = fopen(path, "rb");
    void *data = f ? read_all(f, size) : NULL;
    const bool failed = !data || ferror(f);

    if (f)
        fclose(f);
    if (!failed)
        return data;
    free(data);
    strbuf_printf(why, "%s cannot be read", path);
    return NULL;
}

static bool take_tree(struct input *in, void *data, size_t size, struct strbuf *why)
{
    if (in->tree || in->count != 0) {
        strbuf_printf(why, "a device tree stands alone: give one FILE, or ACPI tables");
        free(data);
        return false;
    }
    in->tree = data;
    in->tree_size = size;
    return true;
}

static bool add_file(struct input *in, const char *path, struct strbuf *why)
{
    size_t size = 0;
    void *data = read_file(path, &size, why);
    bool good;

    if (!data)
        return false;
    if (size >= 4 && memcmp(data, TREE_MAGIC, 4) == 0)
        return take_tree(in, data, size, why);
    if (in->tree) {
        strbuf_printf(why, "a device tree stands alone: give one FILE, or ACPI tables");
        free(data);
        return false;
    }
    if (!acpidump_is(data, size))
        return input_own(in, data, size, why);
    good = acpidump_read(in, data, size, why);
    free(data);
    return good;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Its files, in the order of their names; folders in it (sysfs has `data` and `dynamic`) hold
 * nothing that is read. */
static bool add_folder(struct input *in, const char *path, struct strbuf *why)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    bool good = n >= 0;

    if (!good)
        strbuf_printf(why, "%s cannot be read", path);
    for (int i = 0; i < n; i++) {
        char file[PATH_SIZE];

        snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
        if (good && !is_folder(file))
            good = add_file(in, file, why);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return good;
}

bool input_add(struct input *in, const char *path, struct strbuf *why)
{
    return is_folder(path) ? add_folder(in, path, why) : add_file(in, path, why);
}
