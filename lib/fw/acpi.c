/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include <string.h>

#include "lib/base/err.h"

/* The entry: checks the tables, reads those that are known in the order in which they build on one
 * another, and puts together what they say of the same things. */

#define OEM_ID_AT    10u
#define OEM_ID       6u
#define OEM_TABLE_ID 8u

#define RIDS 0x10000u

static const struct acpi_reader {
    const char *signature;
    int (*read)(struct acpi_walk *w, const struct acpi_table *t);
} readers[] = {
    {"APIC", acpi_madt}, {"MCFG", acpi_mcfg}, {"DMAR", acpi_dmar}, {"IORT", acpi_iort},
    {"SPCR", acpi_spcr}, {"GTDT", acpi_gtdt}, {"FACP", acpi_fadt}, {"DSDT", acpi_dsdt},
};

static bool has_signature(const uint8_t *data, const char *signature)
{
    return memcmp(data, signature, ACPI_SIGNATURE) == 0;
}

bool acpi_is_read(const uint8_t *signature)
{
    for (unsigned i = 0; i < ARRAY_SIZE(readers); i++) {
        if (has_signature(signature, readers[i].signature))
            return true;
    }
    return false;
}

/* A second table of a kind would say the same again, or something else. */
static int read_kind(struct acpi_walk *w, const struct acpi_reader *reader,
                     const struct acpi_table *tables, unsigned count)
{
    bool found = false;

    for (const struct acpi_table *t = tables; t < tables + count; t++) {
        if (!has_signature(t->data, reader->signature))
            continue;
        if (found)
            return acpi_refuse(w, acpi_whole(t), -RF_EINVAL, "there are two of these tables");
        found = true;
        int err = reader->read(w, t);
        if (err)
            return err;
    }
    return 0;
}

/* "OEMID TABLEID" of a header (5.2.6), which are padded with blanks or zeroes. */
static int read_model(struct acpi_walk *w, const struct acpi_table *t)
{
    struct acpi_span s = acpi_part(acpi_whole(t), OEM_ID_AT, OEM_ID + OEM_TABLE_ID);
    char text[OEM_ID + 1 + OEM_TABLE_ID + 1];
    unsigned n = 0;

    for (unsigned i = 0; i < OEM_ID + OEM_TABLE_ID; i++) {
        const uint8_t c = acpi_u8(s, i);

        if (i == OEM_ID && n != 0)
            text[n++] = ' ';
        if (c > ' ' && c < 0x7f)
            text[n++] = (char)c;
    }
    text[n] = '\0';
    return (w->hw->model = acpi_name(w, s, "%s", text)) ? 0 : -RF_ENOSPC;
}

int acpi_common_msi(const struct hwdesc *hw)
{
    for (unsigned i = 0; i < hw->msi_count; i++) {
        if (hw->msi[i].kind != HW_MSI_ITS)
            return (int)i;
    }
    return -1;
}

static void finish_hosts(struct hwdesc *hw)
{
    const int msi = acpi_common_msi(hw);

    for (struct hw_pci_host *h = hw->host; h < hw->host + hw->host_count; h++) {
        h->coherent |= hw->lapic.last != 0; /* all DMA of an x86 machine is */
        if (h->msi_map_count == 0 && msi >= 0)
            h->msi_map[h->msi_map_count++] = (struct hw_idmap){.length = RIDS, .target = msi};
    }
}

static int read_tables(struct acpi_walk *w, const struct acpi_table *tables, unsigned count)
{
    int err = count ? read_model(w, &tables[0]) : 0;

    for (unsigned i = 0; i < ARRAY_SIZE(readers) && !err; i++)
        err = read_kind(w, &readers[i], tables, count);
    if (!err)
        finish_hosts(w->hw);
    return err;
}

int hwdesc_from_acpi_tables(const struct acpi_blob *blobs, unsigned count, struct hwdesc *out,
                            char *why, size_t why_size)
{
    struct acpi_walk w = {.hw = out};
    struct acpi_table tables[ACPI_TABLES];
    unsigned used = 0;

    hw_init(out);
    strbuf_init(&w.why, why, why_size);
    for (const struct acpi_blob *b = blobs; b < blobs + count; b++) {
        if (b->size >= ACPI_SIGNATURE && !acpi_is_read(b->data))
            continue;
        if (used == ACPI_TABLES) {
            strbuf_printf(&w.why, "more than %u tables", ACPI_TABLES);
            return -RF_ENOSPC;
        }
        int err = acpi_check_table(&w, b->data, b->size, &tables[used++]);
        if (err)
            return err;
    }
    return read_tables(&w, tables, used);
}
