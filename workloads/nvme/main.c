/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "workloads/nvme/nvme.h"
#include "workloads/nvme/sha256.h"
#include "workloads/nvme/tar.h"

/* Reads the file on an NVMe disk and prints its SHA-256; writes, flushes and reads back the disk's
 * last blocks; and asks the disk to write where it may not. */

#define PROGRESS_FROM (1u << 20)  /* bytes; shorter reads need no bar */
#define NEVER_MAPPED  (1ul << 24) /* so far above the disk's memory */

#define DISKS 4u

struct options {
    const char *bdf[DISKS];
    unsigned disks;
    int polled, keep_to_the_rules;
};

static void progress(uint64_t done, uint64_t total)
{
    static const char bar[] = "########################################";
    int filled = (int)(done * 40 / total);

    if (total < PROGRESS_FROM)
        return;
    printf("\rnvme: [%-40.*s] %3d%%%s", filled, bar, (int)(done * 100 / total),
           done == total ? "\n" : "");
    fflush(stdout);
}

static int hash_blocks(struct nvme *n, uint64_t first, uint64_t size, struct sha256 *s)
{
    uint64_t done = 0;

    while (done < size) {
        uint64_t bytes = size - done < NVME_TRANSFER ? size - done : NVME_TRANSFER;
        uint32_t count = (uint32_t)((bytes + n->block_size - 1) / n->block_size);
        int status = nvme_read(n, first + done / n->block_size, count);

        if (status) {
            printf("nvme: read failed, status 0x%x\n", (unsigned)status);
            return -1;
        }
        sha256_update(s, n->data, bytes);
        done += bytes;
        progress(done, size);
    }
    return 0;
}

static int read_file(struct nvme *n)
{
    struct tar_file file;
    struct sha256 s;
    char hex[65];

    if (nvme_read(n, 0, 1) || tar_first(n->data, &file)) {
        printf("nvme: the disk does not start with a tar archive\n");
        return -1;
    }
    sha256_init(&s);
    if (hash_blocks(n, TAR_BLOCK / n->block_size, file.size, &s))
        return -1;
    sha256_hex(&s, hex);
    printf("nvme: sha256 %s %s (%llu bytes)\n", hex, file.name, (unsigned long long)file.size);
    return 0;
}

static void fill(uint8_t *p, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)((i * 7 + seed) ^ (i >> 8));
}

static int is_filled(const uint8_t *p, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != (uint8_t)((i * 7 + seed) ^ (i >> 8)))
            return 0;
    return 1;
}

static int write_and_read_back(struct nvme *n)
{
    uint32_t count = 16 * NVME_PAGE / n->block_size;
    uint32_t bytes = count * n->block_size;
    uint64_t block = n->blocks - count;

    fill(n->data, bytes, 42);
    if (nvme_write(n, block, count) || nvme_flush(n)) {
        printf("nvme: write or flush failed\n");
        return -1;
    }
    memset(n->data, 0, bytes);
    if (nvme_read(n, block, count) || !is_filled(n->data, bytes, 42)) {
        printf("nvme: what was written does not read back\n");
        return -1;
    }
    printf("nvme: wrote, flushed and read back %u bytes at block %llu\n", bytes,
           (unsigned long long)block);
    return 0;
}

/* The disk is told to write one block where nothing was ever mapped. Whatever it says of it, none
 * of the memory that it may reach otherwise has changed. */
static int break_the_rules(struct nvme *n)
{
    uint64_t target = n->iova + NEVER_MAPPED;
    int status;

    fill(n->data, NVME_TRANSFER, 7);
    printf("nvme: asking the disk to write to IOVA 0x%llx, which was never mapped\n",
           (unsigned long long)target);
    fflush(stdout);
    status = nvme_read_to(n, 0, target);
    if (!is_filled(n->data, NVME_TRANSFER, 7)) {
        printf("nvme: ESCAPED: memory has changed\n");
        return -1;
    }
    printf("nvme: the disk answered with status 0x%x; memory is unchanged\n", (unsigned)status);
    return 0;
}

static int usage(const char *name)
{
    printf("usage: %s [--device BDF]... [--polled] [--obey]\n"
           "  --device  a disk, e.g. 0000:01:00.0; without it the first NVMe disk\n"
           "  --polled  look at the completion queue instead of waiting for interrupts\n"
           "  --obey    leave out the forbidden write\n",
           name);
    return 2;
}

static int parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--polled") == 0)
            o->polled = 1;
        else if (strcmp(argv[i], "--obey") == 0)
            o->keep_to_the_rules = 1;
        else if (strcmp(argv[i], "--device") == 0 && i + 1 < argc && o->disks < DISKS)
            o->bdf[o->disks++] = argv[++i];
        else
            return -1;
    }
    return 0;
}

static int work(struct nvme *n, const struct options *o)
{
    if (read_file(n) || write_and_read_back(n))
        return -1;
    return o->keep_to_the_rules ? 0 : break_the_rules(n);
}

static int open_disk(struct nvme *n, const char *bdf, int polled)
{
    if (nvme_open(n, bdf, polled))
        return -1;
    printf("nvme: %s, model %s, %llu blocks of %u bytes, %s\n", n->dev.bdf, n->model,
           (unsigned long long)n->blocks, n->block_size, polled ? "polled" : "interrupts by MSI-X");
    return 0;
}

/* All disks are open while each works in turn. */
static int use_disks(const struct options *o)
{
    static struct nvme disk[DISKS];
    unsigned open = 0;
    int failed = 0;

    while (!failed && open < o->disks) {
        failed = open_disk(&disk[open], o->bdf[open], o->polled);
        open += !failed;
    }
    for (unsigned i = 0; !failed && i < open; i++)
        failed = work(&disk[i], o);
    while (open > 0)
        nvme_close(&disk[--open]);
    return failed;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    char bdf[16];

    if (parse(argc, argv, &o))
        return usage(argv[0]);
    if (o.disks == 0) {
        if (rf_find_class(0x010802, 0xffffff, 0, bdf)) {
            printf("nvme: no NVMe disk was given to this workload (%s)\n", strerror(errno));
            return 1;
        }
        o.bdf[o.disks++] = bdf;
    }
    return use_disks(&o) ? 1 : 0;
}
