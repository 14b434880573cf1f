/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/abi.h"

static const struct sys_abi *const abis[] = {&abi_arm64, &abi_x86};
static const struct sys_abi *current = &abi_arm64;

const struct sys_abi *abi_find(uint16_t machine)
{
    for (unsigned i = 0; i < ARRAY_SIZE(abis); i++) {
        if (abis[i]->machine == machine)
            return abis[i];
    }
    return NULL;
}

const struct sys_abi *abi(void)
{
    return current;
}

void abi_set(const struct sys_abi *a)
{
    current = a;
}
