/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/gic.h"

#include "arch/aarch64/sysreg.h"
#include "arch/barrier.h"
#include "lib/base/mask.h"

#define PFR0_GIC MASK(27, 24) /* of ID_AA64PFR0_EL1; 0: no system registers */
#define SRE_SRE  BIT(0)

#define MPIDR_AFFINITY (MASK(39, 32) | MASK(23, 0))

/* register, name in ICC_<name>_EL1 */
#define GIC_REGISTERS(X) \
    X(PMR, pmr)          \
    X(BPR1, bpr1)        \
    X(CTLR, ctlr)        \
    X(IGRPEN1, igrpen1)  \
    X(AP1R0, ap1r0)      \
    X(AP1R1, ap1r1)      \
    X(AP1R2, ap1r2)      \
    X(AP1R3, ap1r3)

bool gic_cpu_start(void)
{
    if (FIELD_GET(PFR0_GIC, SYSREG_READ(id_aa64pfr0_el1)) == 0)
        return false;
    SYSREG_WRITE(icc_sre_el1, SYSREG_READ(icc_sre_el1) | SRE_SRE);
    isb();
    return SYSREG_READ(icc_sre_el1) & SRE_SRE;
}

uint64_t gic_cpu_acknowledge(void)
{
    uint64_t id = SYSREG_READ(icc_iar1_el1);

    dma_sync();
    return id;
}

void gic_cpu_end(uint32_t id)
{
    dma_sync();
    SYSREG_WRITE(icc_eoir1_el1, id);
    isb();
}

uint64_t gic_cpu_read(enum gic_register r)
{
    switch (r) {
#define READ(reg, name) \
    case GIC_##reg:     \
        return SYSREG_READ(icc_##name##_el1);
        GIC_REGISTERS(READ)
#undef READ
    }
    return 0;
}

void gic_cpu_write(enum gic_register r, uint64_t v)
{
    switch (r) {
#define WRITE(reg, name)                   \
    case GIC_##reg:                        \
        SYSREG_WRITE(icc_##name##_el1, v); \
        break;
        GIC_REGISTERS(WRITE)
#undef WRITE
    }
    isb();
}

uint64_t gic_cpu_affinity(void)
{
    return SYSREG_READ(mpidr_el1) & MPIDR_AFFINITY;
}
