/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/edu/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int say(int good, const char *what)
{
    printf("edu: %s: %s\n", what, good ? "ok" : "ESCAPED or broken");
    return good ? 0 : 1;
}

uint8_t *fresh(const struct trial *t, size_t n)
{
    return aligned_alloc(t->size, n * t->size);
}

int is_all(const uint8_t *p, uint8_t value, size_t n)
{
    while (n > 0 && *p == value)
        p++, n--;
    return n == 0;
}

void load(struct trial *t, uint8_t value, uint32_t n)
{
    memset(t->memory, value, n);
    edu_read_memory(&t->edu, t->iova, n);
    memset(t->memory, CANARY, t->size);
}
