/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_TRAP_H
#define RF_X86_64_TRAP_H

#include "lib/base/strbuf.h"
#include "lib/base/types.h"

/* A vector and its error code in words (SDM 3A 6.15). Pure decoding. */
enum trap_kind {
    TRAP_OTHER,
    TRAP_PAGE_FAULT,
    TRAP_INTERRUPT,
};

struct trap {
    enum trap_kind kind;
    const char *name;
    bool write;
    bool execute;
    bool present;  /* page fault: a page was there, and did not allow it */
    bool reserved; /* page fault: the tables are wrong */
    int signal;    /* what Linux would deliver */
};

struct trap trap_decode(uint64_t vector, uint64_t error);

/* "page fault, not present, write to 0x10"; "general protection, error code 0x18". */
void trap_describe(const struct trap *t, uint64_t error, uint64_t address, struct strbuf *out);

#endif
