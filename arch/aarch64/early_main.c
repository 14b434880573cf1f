/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/early.h"

#include "arch/aarch64/cpu_id.h"
#include "arch/aarch64/image.h"
#include "arch/aarch64/layout.h"
#include "arch/mem.h"
#include "lib/boot/handover.h"

/* Devicetree Specification 5.2; the boot protocol limits the size and asks for the alignment. */
#define DTB_MAGIC       0xd00dfeedu
#define DTB_HEADER_SIZE 40u
#define DTB_SIZE_MAX    MIB(2)
#define DTB_ALIGN       8u

static uint32_t dtb_word(const uint32_t *dtb, unsigned i)
{
    return __builtin_bswap32(dtb[i]);
}

/* `size`: as much as what is there may have. */
static const char *check_address(uint64_t pa, uint64_t size, struct range image)
{
    struct range r;

    if (pa == 0)
        return "the boot loader passed none (x0 is 0)";
    if (!is_aligned(pa, DTB_ALIGN))
        return "its address in x0 is not a multiple of 8";
    if (!range_make(pa, size, &r) || r.last >> cpu_pa_bits() != 0 || r.last >> LINEAR_BITS != 0)
        return "its address in x0 is beyond the CPU's physical addresses";
    if (range_has(image, pa))
        return "its address in x0 is inside the kernel";
    return NULL;
}

static const char *check_dtb_header(const uint32_t *dtb, uint64_t pa, struct range image)
{
    uint32_t size = dtb_word(dtb, 1);

    if (dtb_word(dtb, 0) != DTB_MAGIC)
        return "what x0 points to does not start with a device tree's magic number d00dfeed";
    if (size < DTB_HEADER_SIZE || size > DTB_SIZE_MAX)
        return "its totalsize is less than a header or more than 2 MiB";
    if (range_overlaps(image, (struct range){pa, pa + size - 1}))
        return "it overlaps the kernel";
    return NULL;
}

static const char no_table[] = "there is no early page left to map it";

/* The header's page is mapped first: how much there is, is known only then. */
static const char *find_dtb(struct bootinfo *info, uint64_t pa)
{
    const char *error = check_address(pa, DTB_SIZE_MAX, info->image);

    if (error != NULL)
        return error;
    if (!early_map_readonly(pa, DTB_ALIGN))
        return no_table;
    const uint32_t *dtb = paddr_to_ptr(PADDR(pa));
    error = check_dtb_header(dtb, pa, info->image);
    if (error != NULL)
        return error;
    if (!early_map_readonly(pa, dtb_word(dtb, 1)))
        return no_table;
    info->dtb_size = dtb_word(dtb, 1);
    info->dtb = dtb;
    return NULL;
}

/* ringfence.efi tells where the tree is, if there is one. */
static const char *find_handover(struct bootinfo *info, uint64_t pa)
{
    const struct handover *h = paddr_to_ptr(PADDR(pa));

    if (!early_map_readonly(pa, sizeof(*h)))
        return no_table;
    uint64_t dtb = h->dtb;
    const char *error = handover_read(h, info);
    return error != NULL || dtb == 0 ? error : find_dtb(info, dtb);
}

static const char *read_x0(struct bootinfo *info, uint64_t pa)
{
    const char *error = check_address(pa, sizeof(struct handover), info->image);

    if (error != NULL)
        return error;
    if (!early_map_readonly(pa, DTB_ALIGN))
        return no_table;
    const uint32_t *magic = paddr_to_ptr(PADDR(pa));
    return *magic == HANDOVER_MAGIC ? find_handover(info, pa) : find_dtb(info, pa);
}

void early_main(uint64_t x0, unsigned entry_el)
{
    static struct bootinfo info;

    early_map_is_live();
    cpu_set_entry_el(entry_el);
    info.entry_el = entry_el;
    info.image = image_range();
    info.boot_error = read_x0(&info, x0);
    info.early_pages = early_pages_left();
    kmain(&info);
}
