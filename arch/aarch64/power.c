/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/power.h"

#include "lib/base/log.h"
#include "lib/base/types.h"

#define PSCI_SYSTEM_OFF 0x84000008u /* DEN0022 5.1.10 */

/* Semihosting for AArch64, "SYS_EXIT_EXTENDED (0x20)" */
#define SYS_EXIT_EXTENDED           0x20u
#define ADP_STOPPED_APPLICATIONEXIT UINT64_C(0x20026)

static enum power_method method = POWER_HALT;
static void (*last_resort)(void);

void power_set_method(enum power_method m)
{
    method = m;
}

void power_set_last_resort(void (*off)(void))
{
    last_resort = off;
}

/* SMCCC: a call may change x0 to x17. */
#define PSCI_CALL(conduit, function)                                                           \
    do {                                                                                       \
        register uint64_t x0_ __asm__("x0") = (function);                                      \
        __asm__ volatile(conduit " #0"                                                         \
                         : "+r"(x0_)                                                           \
                         :                                                                     \
                         : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", \
                           "x12", "x13", "x14", "x15", "x16", "x17", "memory");                \
    } while (0)

static void semihost_exit(int status)
{
    const uint64_t block[2] = {ADP_STOPPED_APPLICATIONEXIT, (uint64_t)(unsigned)status};
    register uint64_t x0 __asm__("x0") = SYS_EXIT_EXTENDED;
    register const uint64_t *x1 __asm__("x1") = block;

    __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

void power_off(int status)
{
    switch (method) {
    case POWER_PSCI_HVC:
        PSCI_CALL("hvc", PSCI_SYSTEM_OFF);
        break;
    case POWER_PSCI_SMC:
        PSCI_CALL("smc", PSCI_SYSTEM_OFF);
        break;
    case POWER_SEMIHOST:
        semihost_exit(status);
        break;
    case POWER_HALT:
    case POWER_DEBUG_EXIT:
        break;
    }
    if (last_resort)
        last_resort();
    log_err("halted with status %d: there is no way to switch this machine off", status);
    for (;;)
        __asm__ volatile("wfi");
}
