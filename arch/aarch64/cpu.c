/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/cpu_id.h"

#include "arch/aarch64/sysreg.h"
#include "arch/barrier.h"
#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/base/strbuf.h"
#include "lib/pt/arm_size.h"

/* MIDR_EL1 */
#define MIDR_IMPLEMENTER MASK(31, 24)
#define MIDR_VARIANT     MASK(23, 20)
#define MIDR_PARTNUM     MASK(15, 4)
#define MIDR_REVISION    MASK(3, 0)
#define IMPLEMENTER_ARM  0x41

#define MMFR0_PARANGE MASK(3, 0)
#define MMFR1_PAN     MASK(23, 20)
#define MMFR2_E0PD    MASK(63, 60)

static unsigned entry_el;

void cpu_set_entry_el(unsigned el)
{
    entry_el = el;
}

static const char *arm_core_name(unsigned part)
{
    static const struct {
        uint16_t part;
        const char *name;
    } cores[] = {
        {0xd03, "Cortex-A53"},  {0xd04, "Cortex-A35"},  {0xd05, "Cortex-A55"},
        {0xd07, "Cortex-A57"},  {0xd08, "Cortex-A72"},  {0xd09, "Cortex-A73"},
        {0xd0a, "Cortex-A75"},  {0xd0b, "Cortex-A76"},  {0xd0c, "Neoverse N1"},
        {0xd40, "Neoverse V1"}, {0xd41, "Cortex-A78"},  {0xd47, "Cortex-A710"},
        {0xd49, "Neoverse N2"}, {0xd4f, "Neoverse V2"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cores); i++)
        if (cores[i].part == part)
            return cores[i].name;
    return NULL;
}

void cpu_describe(char *text, size_t n)
{
    uint64_t midr = SYSREG_READ(midr_el1);
    const char *name = NULL;
    struct strbuf s;

    if (FIELD_GET(MIDR_IMPLEMENTER, midr) == IMPLEMENTER_ARM)
        name = arm_core_name((unsigned)FIELD_GET(MIDR_PARTNUM, midr));
    strbuf_init(&s, text, n);
    if (name != NULL)
        strbuf_printf(&s, "%s r%up%u", name, (unsigned)FIELD_GET(MIDR_VARIANT, midr),
                      (unsigned)FIELD_GET(MIDR_REVISION, midr));
    else
        strbuf_printf(&s, "MIDR 0x%08lx", midr);
    strbuf_printf(&s, ", entered at EL%u, %u-bit physical addresses", entry_el, cpu_pa_bits());
    if (FIELD_GET(MMFR1_PAN, SYSREG_READ(id_aa64mmfr1_el1)) != 0)
        strbuf_printf(&s, ", PAN");
    if (FIELD_GET(MMFR2_E0PD, SYSREG_READ(id_aa64mmfr2_el1)) != 0)
        strbuf_printf(&s, ", E0PD");
}

unsigned cpu_pa_bits(void)
{
    return arm_size_bits(FIELD_GET(MMFR0_PARANGE, SYSREG_READ(id_aa64mmfr0_el1)));
}

int cpu_check(void)
{
    if (SYSREG_READ(cntfrq_el0) == 0) {
        log_err("CNTFRQ_EL0 is 0: firmware did not set the timer's frequency, and no time-out can "
                "be measured; use firmware that sets it");
        return -RF_ENODEV;
    }
    return 0;
}

static uint64_t idle_ns;

void cpu_idle(void)
{
    uint64_t begun = clock_now_ns();

    dma_sync();
    __asm__ volatile("wfi" ::: "memory");
    idle_ns += clock_now_ns() - begun;
}

/* Any interrupt that is pending ends wfi at once: then this polls. */
void cpu_sleep_until(uint64_t ns)
{
    while (clock_now_ns() < ns) {
        clock_set_wakeup(ns);
        cpu_idle();
    }
    clock_set_wakeup(UINT64_MAX);
}

uint64_t cpu_idle_ns(void)
{
    return idle_ns;
}
