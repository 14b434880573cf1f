/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "arch/power.h"
#include "boards/machine.h"
#include "lib/base/log.h"
#include "lib/iommu/unit.h"

_Noreturn void stop(const char *fmt, ...)
{
    char text[256];
    struct iommu_unit *u;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    log_err("cannot start: %s", text);
    LIST_FOREACH (u, &iommu_units, link)
        u->ops->quiesce(u);
    power_off(STATUS_REFUSED);
}
