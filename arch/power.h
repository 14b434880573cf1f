/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_POWER_H
#define RF_ARCH_POWER_H

/* How the machine is left. Chosen once by kmain from firmware and command line. What a CPU's
 * machines do not have halts, and says so. */
enum power_method {
    POWER_HALT,     /* nothing known: stop for ever, console says so */
    POWER_PSCI_HVC, /* SYSTEM_OFF, DEN0022 5.1.10 */
    POWER_PSCI_SMC,
    POWER_DEBUG_EXIT, /* QEMU's isa-debug-exit at port 0xf4: carries the low 7 bits of the status */
    POWER_SEMIHOST, /* SYS_EXIT_EXTENDED: carries the status; only under an emulator or debugger */
};

void power_set_method(enum power_method m);

/* What power_off() calls when the method has not left the machine: registers that only boards know.
 * It returns when that does not, either. */
void power_set_last_resort(void (*off)(void));

/* Leaves the machine; `status` reaches the outside only with POWER_SEMIHOST and
 * POWER_DEBUG_EXIT. */
_Noreturn void power_off(int status);

#endif
