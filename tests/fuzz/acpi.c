/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>

#include "lib/base/types.h"
#include "lib/fw/hwdesc.h"
#include "tests/fuzz/input.h"

/* ACPI tables whose headers are right and whose bodies may say anything; and a root pointer in a
 * memory of such bytes. They are read or refused, and what they give can be asked. */

#define HEADER 36u
#define TABLES 8u

static struct hwdesc hw;

static bool some_bridge(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first, uint8_t *last)
{
    (void)ctx;
    *first = (uint8_t)(rid + segment);
    *last = (uint8_t)(*first + 3);
    return rid % 3 != 0;
}

static void ask(const struct hw_pci_host *host)
{
    static const uint16_t rids[] = {0x0000, 0x0008, 0x0100, 0x7fff, 0xff00, 0xffff};

    for (unsigned i = 0; i < ARRAY_SIZE(rids); i++) {
        unsigned unit = HW_IOMMUS, frame = HW_MSI_FRAMES;
        uint32_t stream, id;

        if (hwdesc_stream_of(&hw, host, rids[i], &unit, &stream) == 0 && unit >= hw.iommu_count)
            abort();
        if (hwdesc_msi_of(&hw, host, rids[i], &frame, &id) == 0 && frame >= hw.msi_count)
            abort();
    }
}

static void ask_all(void)
{
    for (unsigned i = 0; i < hw.host_count; i++)
        ask(&hw.host[i]);
    hwdesc_resolve_scopes(&hw, some_bridge, NULL);
    for (unsigned i = 0; i < hw.host_count; i++)
        ask(&hw.host[i]);
}

static void check(int err, const char *why)
{
    if (!err)
        ask_all();
    else if (why[0] == '\0')
        abort(); /* a refusal says why */
}

/* --- tables -------------------------------------------------------------------------------- */

/* A table of its own block, so that a read beyond it is found. */
static struct acpi_blob make_table(struct input *in)
{
    static const char *const signatures[] = {"APIC", "MCFG", "DMAR", "IORT",
                                             "SPCR", "GTDT", "FACP", "DSDT"};
    const char *signature = signatures[input_u8(in) % ARRAY_SIZE(signatures)];
    const uint32_t size = HEADER + input_u16(in) % 1024;
    uint8_t *p = malloc(size), sum = 0;

    input_bytes(in, p, size);
    memcpy(p, signature, 4);
    for (unsigned i = 0; i < 4; i++)
        p[4 + i] = (uint8_t)(size >> 8 * i);
    p[9] = 0;
    for (uint32_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + p[i]);
    p[9] = (uint8_t)-sum;
    return (struct acpi_blob){p, size};
}

static void read_tables(struct input *in)
{
    struct acpi_blob blob[TABLES];
    char why[160] = "";
    unsigned count = 0;

    while (count < TABLES && in->left != 0)
        blob[count++] = make_table(in);
    check(hwdesc_from_acpi_tables(blob, count, &hw, why, sizeof(why)), why);
    while (count > 0)
        free((void *)blob[--count].data);
}

/* --- a root pointer ------------------------------------------------------------------------ */

#define BASE 0x1000u

static const void *map(void *ctx, uint64_t pa, size_t size)
{
    const struct input *memory = ctx;

    return pa >= BASE && pa - BASE <= memory->left && size <= memory->left - (pa - BASE)
               ? memory->at + (pa - BASE)
               : NULL;
}

static void read_memory(struct input *in)
{
    const struct acpi_memory memory = {map, in};
    char why[160] = "";

    check(hwdesc_from_acpi(&memory, BASE, &hw, why, sizeof(why)), why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};

    if (input_u8(&in) % 8 == 0)
        read_memory(&in);
    else
        read_tables(&in);
    return 0;
}
