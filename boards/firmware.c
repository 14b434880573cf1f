/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/power.h"
#include "boards/machine.h"
#include "lib/base/log.h"

static const enum power_method power_of_psci[] = {
    [HW_PSCI_NONE] = POWER_HALT,
    [HW_PSCI_HVC] = POWER_PSCI_HVC,
    [HW_PSCI_SMC] = POWER_PSCI_SMC,
};

void firmware_read(struct machine *m)
{
    char why[200];
    int err;

    if (!m->boot->dtb)
        stop("no device tree (%s): boot with one, its address in x0", m->boot->dtb_error);
    if (hwdesc_from_dtb(m->boot->dtb, m->boot->dtb_size, &m->hw, why, sizeof(why)))
        stop("device tree refused: %s", why);
    power_set_method(power_of_psci[m->hw.psci]);
    err = cmdline_parse(m->hw.bootargs, &m->cmd, why, sizeof(why));
    if (m->cmd.exit_semihosting) /* also known when a later word was refused */
        power_set_method(POWER_SEMIHOST);
    if (err)
        stop("command line refused: %s", why);
    log_set_level((enum log_level)m->cmd.log_level);
}
