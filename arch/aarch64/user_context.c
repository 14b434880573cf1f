/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/user.h"
#include "lib/base/err.h"

/* struct sigcontext of aarch64: registers, then records that each begin with a magic number and a
 * size. Only the floating-point record is written; others in a context to be loaded are skipped. */

struct record {
    uint32_t magic;
    uint32_t size;
};

struct fp_record {
    struct record head;
    uint32_t fpsr, fpcr;
    uint8_t v[32][16];
};
#define FP_MAGIC 0x46508001u

struct sigcontext {
    uint64_t fault_address;
    uint64_t x[31];
    uint64_t sp, pc, pstate;
    _Alignas(16) uint8_t records[4096];
};
_Static_assert(sizeof(struct sigcontext) == USER_CONTEXT_SIZE, "inline/user.h");

/* fp.S: all of v0..v31, then FPSR and FPCR. */
void fp_save(uint8_t (*v)[16], uint32_t *fpsr, uint32_t *fpcr);
void fp_load(const uint8_t (*v)[16], uint32_t fpsr, uint32_t fpcr);

void user_save_context(const struct user_regs *r, uint64_t fault_address, void *context,
                       uint64_t uaddr)
{
    (void)uaddr;
    struct sigcontext *c = context;
    struct fp_record *fp = (struct fp_record *)c->records;

    memset(c, 0, sizeof(*c));
    c->fault_address = fault_address;
    memcpy(c->x, r->x, sizeof(c->x));
    c->sp = r->sp;
    c->pc = r->pc;
    c->pstate = r->pstate;
    fp->head = (struct record){FP_MAGIC, sizeof(*fp)};
    fp_save(fp->v, &fp->fpsr, &fp->fpcr);
}

static const struct fp_record *find_fp(const struct sigcontext *c)
{
    size_t at = 0;

    while (sizeof(c->records) - at >= sizeof(struct fp_record)) {
        const struct record *r = (const struct record *)&c->records[at];
        if (r->magic == FP_MAGIC && r->size == sizeof(struct fp_record))
            return (const struct fp_record *)r;
        if (r->size < sizeof(*r) || r->size % 16 != 0 || r->size > sizeof(c->records) - at)
            break;
        at += r->size;
    }
    return NULL;
}

int user_load_context(struct user_regs *r, const void *context)
{
    const struct sigcontext *c = context;
    const struct fp_record *fp = find_fp(c);

    if (fp == NULL)
        return -RF_EINVAL;
    fp_load(fp->v, fp->fpsr, fp->fpcr);
    memcpy(r->x, c->x, sizeof(r->x));
    r->sp = c->sp;
    r->pc = c->pc;
    r->pstate = c->pstate; /* user_run() takes the unprivileged bits only */
    return 0;
}

void user_enter_call(struct user_regs *r, const struct user_call *call)
{
    r->x[0] = call->a;
    r->x[1] = call->b;
    r->x[2] = call->c;
    r->x[30] = call->back;
    r->sp = call->sp;
    r->pc = call->fn;
    r->pstate = 0;
}
