/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_ESR_H
#define RF_AARCH64_ESR_H

#include "lib/base/strbuf.h"
#include "lib/base/types.h"

/* ESR_EL1 in words (DDI 0487 D24.2.40). Pure decoding. */
enum esr_kind {
    ESR_OTHER,
    ESR_PAGE_FAULT, /* address size, translation, access flag, permission */
    ESR_ABORT,      /* a data or instruction abort of another kind */
};

struct esr {
    enum esr_kind kind;
    const char *class_name;
    const char *status; /* aborts: what was wrong; else NULL */
    int level;          /* of the table walk, or -1 */
    bool write;
    bool execute;
    bool has_address; /* FAR_EL1 is valid */
    int signal;       /* what Linux would deliver */
};

struct esr esr_decode(uint64_t syndrome);

/* The one that is not a mishap, and has to be fast. */
bool esr_is_svc(uint64_t syndrome);

/* A load or store of the kernel that something on the bus refused. */
bool esr_is_external_abort(uint64_t syndrome);

/* "data abort, translation fault, level 3, write to 0x10"; the address only if there is one. */
void esr_describe(const struct esr *e, uint64_t address, struct strbuf *out);

#endif
