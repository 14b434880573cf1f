/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_PROGRAM_H
#define RF_TESTS_RANDOM_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A program: a machine, and steps of a workload and its devices on it. A step's arguments do not
 * depend on the steps before it, so that any of them can be left out and the rest keeps its
 * meaning; a step that makes no sense where it stands (an ioctl on a closed file) does nothing.
 *
 * As text a step is a line "name argument=value ...". */
enum op {
    OP_MACHINE, /* always the first step */
    OP_OPEN_CONTAINER,
    OP_CLOSE_CONTAINER,
    OP_OPEN_GROUP,
    OP_CLOSE_GROUP,
    OP_SET_CONTAINER,
    OP_UNSET_CONTAINER,
    OP_SET_IOMMU,
    OP_OPEN_DEVICE,
    OP_CLOSE_DEVICE,
    OP_MAP,
    OP_UNMAP,
    OP_IRQS,
    OP_IRQS_OFF,
    OP_RESET,
    OP_COMMAND,
    OP_DIRTY,
    OP_DMA,
    OP_POLL,
    OP_EVENT,
    OP_GERROR,
    OP_MMAP,
    OP_MUNMAP,
    OP_MPROTECT,
    OP_MREMAP,
    OP_FORGET,
    OP_TOUCH,
    /* These hold for the step that follows. */
    OP_STARVE,
    OP_STICK,
    OP_CERROR,
    OPS,
};

#define STEP_ARGS 6
struct step {
    enum op op;
    uint64_t arg[STEP_ARGS];
};

/* The arguments of each kind of step, by name. */
enum {
    MACHINE_IOMMU,
    MACHINE_FEATURES,
    MACHINE_PARK,
    MACHINE_PACE,
    MACHINE_GRANULE,
    MACHINE_EVENTS
};
enum { MAP_CONTAINER, MAP_IOVA, MAP_SIZE, MAP_VADDR, MAP_FLAGS };
enum { UNMAP_CONTAINER, UNMAP_IOVA, UNMAP_SIZE, UNMAP_FLAGS };
enum { IRQS_DEVICE, IRQS_INDEX, IRQS_START, IRQS_COUNT, IRQS_EVENTS };
enum { DMA_STREAM, DMA_IOVA, DMA_WRITE };
enum { SPACE_PAGE, SPACE_COUNT, SPACE_PROT, SPACE_TO = SPACE_PROT };
enum { DIRTY_CONTAINER, DIRTY_OPERATION, DIRTY_IOVA, DIRTY_SIZE };

/* Bits of MACHINE_FEATURES: what the first unit and the workload are like. Those of a kind of IOMMU
 * begin at bit 2. */
enum feature {
    NON_COHERENT = 1 << 0,
    UNSAFE_ALLOWED = 1 << 1, /* allow-unsafe-interrupts */

    HAS_RANGES = 1 << 2, /* SMMUv3: IDR3.RIL */
    HAS_TWO_LEVEL = 1 << 3,
    HAS_ASID16 = 1 << 4,
    HAS_HYP = 1 << 5,
    HAS_ATS = 1 << 6,
    HAS_BTM = 1 << 7,
    HAS_MSI = 1 << 8,
    IS_MMU_700 = 1 << 9,
    PAGE0_ONLY = 1 << 10,
    FORGETS = 1 << 11, /* its caches drop entries on their own */

    VTD_KEEPS_NO_ABSENCE = 1 << 2, /* CAP.CM = 0 */
    VTD_WRITE_BUFFER = 1 << 3,     /* what is not coherent is the chipset: CAP.RWBF */
    VTD_WHOLE_DOMAINS = 1 << 4,    /* CAP.PSI = 0 */
    VTD_X2APIC = 1 << 5,
    VTD_SNOOP_CONTROL = 1 << 6,
    VTD_LATE_STATUS = 1 << 7, /* of a wait that was aborted */

    SMMUV2_INDEXING = 1 << 2,  /* no stream matching */
    SMMUV2_BIG_PAGES = 1 << 3, /* of registers */
    SMMUV2_KEEPS_ROUTES = 1 << 4,
    SMMUV2_GENERIC = 1 << 5, /* not MMU-500 */

    FEATURES = 1 << 12,
};

struct program {
    struct step *step;
    unsigned count;
};

/* The program of a seed; the caller frees p->step, as that of program_read. */
void program_random(struct program *p, uint64_t seed, unsigned count);

/* False, with a line on stderr: the text is not a program. */
bool program_read(struct program *p, FILE *f);
void program_print(const struct program *p, FILE *f);

/* One step as text, without a newline. */
#define STEP_TEXT 160
void step_text(const struct step *s, char text[STEP_TEXT]);

/* ---- where things are ------------------------------------------------------------------------ */

#define CONTAINERS 2u
#define GROUPS     3u /* each has one device; the first one's uses two stream ids */
#define STREAMS    4u
#define UNITS      2u
#define VECTORS    8u /* of MSI-X; 4 of MSI */

/* The workload's memory. It begins with one block of 2 MiB. */
#define USER_BASE  UINT64_C(0x7f0000000)
#define USER_BLOCK 512u
#define USER_PAGES 576u

/* Where the workload has the registers of its devices, those of BAR 2, for others to use; and where
 * they are. */
#define USER_REGISTERS UINT64_C(0x7f8000000)
#define REGISTERS_STEP UINT64_C(0x100000) /* from one device's to the next one's */
#define REGISTERS_SIZE UINT64_C(0x40000)
#define BAR2           UINT64_C(0x40100000)

#define RAM_BASE       UINT64_C(0x20000000)
#define RAM_SIZE       UINT64_C(0x800000)
#define DIRECT_BASE    (RAM_BASE + RAM_SIZE) /* a DIRECT window of the second group */
#define DIRECT_SIZE    UINT64_C(0x10000)
#define BRIDGE_BASE    UINT64_C(0x10000000) /* a RESERVED window of the third group */
#define BRIDGE_SIZE    UINT64_C(0x10000000)
#define DOORBELLS      UINT64_C(0x08000000) /* SW_MSI */
#define DOORBELLS_SIZE UINT64_C(0x100000)
#define INTERRUPTS     UINT64_C(0xfee00000) /* VT-d; 1 MiB */

#endif
