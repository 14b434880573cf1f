/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_GIC_H
#define RF_ARCH_GIC_H

#include "lib/base/types.h"

/* The CPU's end of a GICv3 or later, which is a set of system registers (IHI 0069 12.2): only in an
 * AArch64 kernel. drivers/irq/gicv3 drives it. */
enum gic_register {
    GIC_PMR,
    GIC_BPR1,
    GIC_CTLR,
    GIC_IGRPEN1,
    GIC_AP1R0, /* active priorities; the CPU has 1, 2 or 4 of these, by CTLR.PRIbits */
    GIC_AP1R1,
    GIC_AP1R2,
    GIC_AP1R3,
};

/* Makes the registers accessible (ICC_SRE_EL1). False: this CPU has none, or a higher exception
 * level does not allow it. */
bool gic_cpu_start(void);

/* Acknowledges: ICC_IAR1_EL1. What is done because of it comes after it. */
uint64_t gic_cpu_acknowledge(void);

/* Ends what was acknowledged: ICC_EOIR1_EL1. It comes after what was done for it. */
void gic_cpu_end(uint32_t id);

/* ICC_<name>_EL1. A write is in effect when it returns. */
uint64_t gic_cpu_read(enum gic_register r);
void gic_cpu_write(enum gic_register r, uint64_t v);

/* Aff3 in bits 39:32, Aff2 to Aff0 in bits 23:0, as MPIDR_EL1 and GICD_IROUTER have them. */
uint64_t gic_cpu_affinity(void);

#endif
