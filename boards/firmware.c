/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/power.h"
#include "boards/board.h"
#include "lib/base/log.h"

static const enum power_method power_of_psci[] = {
    [HW_PSCI_HVC] = POWER_PSCI_HVC,
    [HW_PSCI_SMC] = POWER_PSCI_SMC,
};

static const enum power_method power_of_exit[] = {
    [EXIT_SEMIHOSTING] = POWER_SEMIHOST,
    [EXIT_DEBUG_PORT] = POWER_DEBUG_EXIT,
};

void firmware_choose(struct machine *m)
{
    const struct firmware *const *f = board.firmware;

    while (f[1] && !(*f)->is_there(m->boot))
        f++;
    m->firmware = *f;
}

void firmware_read(struct machine *m)
{
    char why[200];
    int err;

    m->firmware->describe(m, why, sizeof(why));
    power_set_method(m->hw.psci == HW_PSCI_NONE ? POWER_HALT : power_of_psci[m->hw.psci]);
    err = cmdline_parse(m->hw.bootargs, &m->cmd, why, sizeof(why));
    if (m->cmd.exit != EXIT_POWER_OFF) /* also known when a later word was refused */
        power_set_method(power_of_exit[m->cmd.exit]);
    if (err)
        stop("command line refused: %s", why);
    log_set_level((enum log_level)m->cmd.log_level);
}
