/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/user.h"
#include "arch/x86_64/layout.h"
#include "lib/base/err.h"

/* struct sigcontext of x86-64. The signal mask follows it in struct ucontext and is not ours; then
 * the floating-point registers, to which the context has a pointer: a program may set it to 0,
 * which asks for fresh ones. */
struct sigcontext {
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    uint16_t cs, gs, fs, ss;
    uint64_t error, vector, old_mask, cr2;
    uint64_t fp; /* user address */
    uint64_t reserved[8];
};

/* FXSAVE's area (SDM 1 table 10-2). */
struct fp_area {
    uint16_t fcw, fsw;
    uint8_t ftw, reserved;
    uint16_t fop;
    uint64_t fip, fdp;
    uint32_t mxcsr, mxcsr_mask;
    uint8_t registers[480];
};
_Static_assert(sizeof(struct fp_area) == 512, "FXSAVE");

struct context {
    struct sigcontext regs;
    uint64_t signal_mask;
    uint8_t fp[sizeof(struct fp_area)];
};
_Static_assert(sizeof(struct sigcontext) == 256, "struct sigcontext");
_Static_assert(sizeof(struct context) == USER_CONTEXT_SIZE, "inline/user.h");

#define FCW_RESET   0x37f
#define MXCSR_RESET 0x1f80
#define MXCSR_MASK  0xffbf /* where the CPU tells none: without DAZ */

/* fp.S */
void fp_save(void *area);
void fp_load(const void *area);
void user_fp_init(void);

static _Alignas(16) struct fp_area area;

void user_fp_init(void)
{
    area = (struct fp_area){.fcw = FCW_RESET, .mxcsr = MXCSR_RESET};
    fp_load(&area);
}

void user_save_context(const struct user_regs *r, uint64_t fault_address, void *context,
                       uint64_t uaddr)
{
    struct context *c = context;

    c->regs = (struct sigcontext){
        .r8 = r->r8,
        .r9 = r->r9,
        .r10 = r->r10,
        .r11 = r->r11,
        .r12 = r->r12,
        .r13 = r->r13,
        .r14 = r->r14,
        .r15 = r->r15,
        .rdi = r->rdi,
        .rsi = r->rsi,
        .rbp = r->rbp,
        .rbx = r->rbx,
        .rdx = r->rdx,
        .rax = r->rax,
        .rcx = r->rcx,
        .rsp = r->rsp,
        .rip = r->rip,
        .rflags = r->rflags,
        .cs = SELECTOR_USER_CODE,
        .ss = SELECTOR_USER_DATA,
        .error = r->error,
        .vector = r->vector,
        .cr2 = fault_address,
        .fp = uaddr + offsetof(struct context, fp),
    };
    fp_save(&area);
    memcpy(c->fp, &area, sizeof(area));
}

/* Bits of MXCSR that the CPU does not have would make the load fault. */
static void load_fp(const struct context *c)
{
    fp_save(&area);
    uint32_t mask = area.mxcsr_mask != 0 ? area.mxcsr_mask : MXCSR_MASK;

    memcpy(&area, c->fp, sizeof(area));
    area.mxcsr &= mask;
    fp_load(&area);
}

int user_load_context(struct user_regs *r, const void *context)
{
    const struct context *c = context;
    const struct sigcontext *s = &c->regs;

    if (s->fp != 0)
        load_fp(c);
    else
        user_fp_init();
    *r = (struct user_regs){
        .r8 = s->r8,
        .r9 = s->r9,
        .r10 = s->r10,
        .r11 = s->r11,
        .r12 = s->r12,
        .r13 = s->r13,
        .r14 = s->r14,
        .r15 = s->r15,
        .rdi = s->rdi,
        .rsi = s->rsi,
        .rbp = s->rbp,
        .rbx = s->rbx,
        .rdx = s->rdx,
        .rax = s->rax,
        .rcx = s->rcx,
        .rsp = s->rsp,
        .rip = s->rip,
        .rflags = s->rflags, /* user_run() takes its own bits only */
    };
    return 0;
}

/* The return address is in the frame already, at the stack pointer. */
void user_enter_call(struct user_regs *r, const struct user_call *call)
{
    r->rdi = call->a;
    r->rsi = call->b;
    r->rdx = call->c;
    r->rax = 0;
    r->rsp = call->sp;
    r->rip = call->fn;
    r->rflags = 0;
}
