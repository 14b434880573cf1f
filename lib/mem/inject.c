/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/inject.h"

/* 64 bits, so that the count never comes round to the 0 that means "off". */
static unsigned long asked;
static unsigned long fail_at;

void inject_after(unsigned k)
{
    asked = 0;
    fail_at = k;
}

unsigned inject_count(void)
{
    return (unsigned)asked;
}

bool inject_hit(void)
{
    return ++asked == fail_at;
}
