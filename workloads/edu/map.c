/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/edu/trial.h"

#include <string.h>

/* Mappings: inside, outside, with too few rights, gone, another device's. */

#define FIRMWARE      0x60000000ul /* what the tree of tests/qemu/rows reserves for the device ... */
#define FIRMWARE_SIZE 0x10000ul    /* ... and maps to itself */

int trial_copy(struct trial *t)
{
    for (unsigned i = 0; i < 256; i++)
        t->memory[i] = (uint8_t)(i * 3);
    edu_read_memory(&t->edu, t->iova, 256);
    edu_write_memory(&t->edu, t->iova + 4096, 256);
    return say(memcmp(t->memory, t->memory + 4096, 256) == 0, "copy there and back");
}

int trial_outside_write(struct trial *t)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, t->iova + t->size, 64);
    edu_write_memory(&t->edu, t->iova - 4096, 64);
    return say(is_all(t->memory, CANARY, t->size), "write outside every mapping");
}

/* The device's buffer still holds what it had: nothing came in. */
int trial_outside_read(struct trial *t)
{
    load(t, 0xee, 64);
    edu_read_memory(&t->edu, t->iova + t->size, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    return say(!is_all(t->memory, CANARY, 64) &&
                   (is_all(t->memory, 0xee, 64) || is_all(t->memory, 0, 64)),
               "read outside every mapping");
}

int trial_read_only(struct trial *t)
{
    uint8_t *page = fresh(t, 1);
    uint64_t iova = t->iova + 0x100000;

    memset(page, CANARY, t->size);
    load(t, 0xee, 64);
    if (rf_dma_map(&t->edu.dev, page, iova, t->size, RF_DMA_READ))
        return say(0, "read-only map");
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(page, CANARY, t->size), "write to a read-only mapping");
}

/* A read has put the translation into the IOMMU's cache, with its rights. */
int trial_read_only_cached(struct trial *t)
{
    uint8_t *page = fresh(t, 1);
    uint64_t iova = t->iova + 0x100000;

    memset(page, CANARY, t->size);
    if (rf_dma_map(&t->edu.dev, page, iova, t->size, RF_DMA_READ))
        return say(0, "read-only map");
    edu_read_memory(&t->edu, iova + 64, 64);
    load(t, 0xee, 64);
    edu_read_memory(&t->edu, iova + 128, 1);
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(page, CANARY, t->size), "write to a read-only mapping that was read");
}

int trial_after_unmap(struct trial *t)
{
    uint8_t *page = fresh(t, 1);
    uint64_t iova = t->iova + 0x100000;
    int before;

    load(t, 0xee, 64);
    if (rf_dma_map(&t->edu.dev, page, iova, t->size, RF_DMA_READ | RF_DMA_WRITE))
        return say(0, "map");
    edu_write_memory(&t->edu, iova, 64); /* the translation is cached from here on */
    before = is_all(page, 0xee, 64);
    rf_dma_unmap(&t->edu.dev, iova, t->size);
    memset(page, CANARY, t->size);
    edu_write_memory(&t->edu, iova, 64);
    return say(before && is_all(page, CANARY, t->size), "write after unmap");
}

/* The memory moves to another page at the same IOVA: the old page is out of reach. */
int trial_after_remap(struct trial *t)
{
    uint8_t *pages = fresh(t, 2);
    uint64_t iova = t->iova + 0x100000;

    load(t, 0xee, 64);
    memset(pages, CANARY, 2 * t->size);
    rf_dma_map(&t->edu.dev, pages, iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
    edu_write_memory(&t->edu, iova, 64);
    rf_dma_unmap(&t->edu.dev, iova, t->size);
    memset(pages, CANARY, 2 * t->size);
    rf_dma_map(&t->edu.dev, pages + t->size, iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(pages, CANARY, t->size) && is_all(pages + t->size, 0xee, 64),
               "write after the IOVA moved to another page");
}

int trial_aperture(struct trial *t)
{
    static const uint64_t far[] = {1ul << 39, (1ul << 47) + 4096, 1ul << 48, 1ul << 52, ~0ul << 12};

    load(t, 0xee, 64);
    for (unsigned i = 0; i < sizeof(far) / sizeof(far[0]); i++)
        edu_write_memory(&t->edu, far[i], 64);
    return say(is_all(t->memory, CANARY, t->size), "write above the aperture");
}

/* What firmware had mapped for the device stays mapped, to itself, and nothing can be put there. */
int trial_firmware(struct trial *t)
{
    uint8_t *page = fresh(t, 1);

    load(t, 0xee, 64);
    edu_write_memory(&t->edu, FIRMWARE, 64);
    load(t, 0x11, 64);
    edu_read_memory(&t->edu, FIRMWARE + FIRMWARE_SIZE - 64, 64);
    edu_read_memory(&t->edu, FIRMWARE, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    return say(is_all(t->memory, 0xee, 64) &&
                   rf_dma_map(&t->edu.dev, page, FIRMWARE, t->size, RF_DMA_READ),
               "memory that firmware mapped for the device");
}

int trial_firmware_end(struct trial *t)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, FIRMWARE + FIRMWARE_SIZE, 64);
    edu_write_memory(&t->edu, FIRMWARE - 64, 64);
    return say(is_all(t->memory, CANARY, t->size), "write around the firmware's memory");
}

/* Memory mapped for the disk is not the edu's: each device has its own table. */
int trial_foreign_map(struct trial *t)
{
    struct rf_device disk;
    uint64_t iova = t->iova + 0x100000;
    uint8_t *memory;
    char bdf[16];

    load(t, 0xee, 64);
    if (rf_find_class(0x010802, 0xffffff, 0, bdf) || rf_open(&disk, bdf))
        return say(0, "opening the disk");
    memory = rf_dma_alloc(&disk, iova, t->size);
    memset(memory, CANARY, t->size);
    edu_write_memory(&t->edu, iova, 64);
    return say(is_all(memory, CANARY, t->size), "write to what is mapped for another device");
}
