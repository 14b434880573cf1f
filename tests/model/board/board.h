/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_BOARD_H
#define RF_TESTS_MODEL_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a board has beside its IOMMU, as far as the kernel needs it to boot: a console, an interrupt
 * controller with a frame for messages, and PCI. There is one of each, as in a real machine;
 * *_map() puts it at its addresses and resets it. */

/* ---- PL011 (DDI 0183) ------------------------------------------------------------------------ */

void board_pl011_map(uint64_t base);
/* What was sent since then, terminated. */
const char *board_pl011_text(void);

/* ---- GICv2 (IHI 0048B) of one CPU, with a GICv2m frame --------------------------------------- */

struct board_gic {
    uint64_t dist, cpu, frame;
    uint32_t lines;               /* GICD_TYPER.ITLinesNumber */
    uint32_t spi_base, spi_count; /* of the frame */
    uint32_t timer; /* a private interrupt: pending while the clock's wake-up is due */
};
void board_gic_map(const struct board_gic *g);
/* The level of a wired interrupt. */
void board_gic_wire(uint32_t id, bool (*is_raised)(const void *ctx), const void *ctx);
/* Interrupts with that number that the CPU took. */
unsigned board_gic_taken(uint32_t id);
/* A device writes data to this physical address: true when that was the frame's doorbell. */
bool board_gic_ring(uint64_t paddr, uint32_t data);
/* Messages that raised an interrupt. */
unsigned board_gic_rings(void);

/* ---- PCI: a host bridge, a root port with a slot, behind it a device that copies memory -------
 */

struct board_pci {
    uint64_t ecam, ecam_size;
    uint64_t mem32, mem32_size, mem64, mem64_size; /* windows; bus addresses are the CPU's */
    /* An access of the device's: true, and where it leads, when it is let through. */
    bool (*dma)(void *ctx, uint32_t rid, uint64_t iova, bool write, uint64_t *paddr);
    void *ctx;
};
void board_pci_map(const struct board_pci *p);

/* The device's registers, at the start of BAR 0: it copies COUNT bytes (a multiple of 8) from SRC
 * to DST when START is written, some time later, and sends its first message then. STATUS: 1 busy,
 * 2 done, 4 an access was refused. */
enum { COPY_ID = 0x00, COPY_SRC = 0x08, COPY_DST = 0x10, COPY_COUNT = 0x18, COPY_START = 0x20 };
enum { COPY_STATUS = 0x24 };
#define COPY_ID_VALUE  0x52464350u
#define COPY_RID       0x100u
#define BOARD_PORT_RID 0x10u

/* Time goes on: the device does what it was told. */
void board_pci_work(void);
/* The device tries one access at once, whatever it was told. */
bool board_pci_try(uint64_t iova, bool write);

#endif
