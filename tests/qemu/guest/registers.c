/* SPDX-License-Identifier: BSD-2-Clause */
/* A system call changes the result and what the architecture says, and no other register: on the
 * quick way, on the whole way (a number that is not known), and with a signal's handler between. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Loads the registers from *r, makes the call that they say, and stores them back. */
struct registers {
    uint64_t general[32];
    uint64_t vector[4];
};
void call_with(struct registers *r);

#if defined(__aarch64__)
enum { NUMBER = 8, RESULT = 0, ARG0 = 0, ARG1 = 1, COUNT = 31, GETPPID = 173, KILL = 129 };
#define CLOBBERED 0u
__asm__(
    ".text\n"
    "call_with:\n"
    "    stp x29, x30, [sp, #-112]!\n"
    "    stp x19, x20, [sp, #16]\n"
    "    stp x21, x22, [sp, #32]\n"
    "    stp x23, x24, [sp, #48]\n"
    "    stp x25, x26, [sp, #64]\n"
    "    stp x27, x28, [sp, #80]\n"
    "    str x0, [sp, #96]\n"
    "    ldp q0, q31, [x0, #256]\n"
    "    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
    "    ldr x\\n, [x0, #8 * \\n]\n"
    "    .endr\n"
    "    ldr x0, [x0]\n"
    "    svc #0\n"
    "    stp x0, x1, [sp, #-16]!\n"
    "    ldr x0, [sp, #112]\n"
    "    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
    "    str x\\n, [x0, #8 * \\n]\n"
    "    .endr\n"
    "    stp q0, q31, [x0, #256]\n"
    "    ldp x1, x2, [sp], #16\n"
    "    stp x1, x2, [x0]\n"
    "    ldp x19, x20, [sp, #16]\n"
    "    ldp x21, x22, [sp, #32]\n"
    "    ldp x23, x24, [sp, #48]\n"
    "    ldp x25, x26, [sp, #64]\n"
    "    ldp x27, x28, [sp, #80]\n"
    "    ldp x29, x30, [sp], #112\n"
    "    ret\n");
#else
/* general: rax, rdi, rsi, then these in order. */
#define OTHERS    "rdx,r10,r8,r9,rbx,rbp,r12,r13,r14,r15,rcx,r11"
enum { NUMBER = 0, RESULT = 0, ARG0 = 1, ARG1 = 2, COUNT = 15, GETPPID = 110, KILL = 62 };
#define CLOBBERED (1u << 13 | 1u << 14)
__asm__(".text\n"
        "call_with:\n"
        "    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rdi\n"
        "    movups 256(%rdi), %xmm0\n"
        "    movups 272(%rdi), %xmm15\n"
        "    .set at, 24\n"
        "    .irp n, " OTHERS "\n"
        "    mov at(%rdi), %\\n\n"
        "    .set at, at + 8\n"
        "    .endr\n"
        "    mov (%rdi), %rax\n"
        "    mov 16(%rdi), %rsi\n"
        "    mov 8(%rdi), %rdi\n"
        "    syscall\n"
        "    push %rdi\n"
        "    mov 8(%rsp), %rdi\n"
        "    .set at, 24\n"
        "    .irp n, " OTHERS "\n"
        "    mov %\\n, at(%rdi)\n"
        "    .set at, at + 8\n"
        "    .endr\n"
        "    movups %xmm0, 256(%rdi)\n"
        "    movups %xmm15, 272(%rdi)\n"
        "    mov %rax, (%rdi)\n"
        "    mov %rsi, 16(%rdi)\n"
        "    pop 8(%rdi)\n"
        "    pop %rdi; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "    ret\n");
#endif

static volatile sig_atomic_t handled;
static volatile double noise = 3;

static void handler(int signal)
{
    noise = noise / (signal + handled); /* uses registers of its own */
    handled++;
}

static int keeps_registers(const char *name, uint64_t number, uint64_t arg0, uint64_t arg1,
                           long result)
{
    struct registers before, after;

    for (unsigned i = 0; i < COUNT; i++)
        before.general[i] = 0x1111111111111111u * (i % 15 + 1) + i;
    for (unsigned i = 0; i < 4; i++)
        before.vector[i] = 0x0123456789abcdefu * (i + 1);
    before.general[ARG0] = arg0;
    before.general[ARG1] = arg1;
    before.general[NUMBER] = number;
    after = before;
    call_with(&after);
    if ((long)after.general[RESULT] != result) {
        printf("%s: result %ld\n", name, (long)after.general[RESULT]);
        return 0;
    }
    for (unsigned i = 0; i < COUNT; i++)
        if (i != RESULT && !(CLOBBERED >> i & 1) && after.general[i] != before.general[i]) {
            printf("%s: register %u has changed\n", name, i);
            return 0;
        }
    return memcmp(before.vector, after.vector, sizeof(before.vector)) == 0;
}

int main(void)
{
    int good;

    signal(SIGUSR1, handler);
    good = keeps_registers("quick", GETPPID, 0, 0, getppid()) &&
           keeps_registers("unknown", 511, 1, 2, -38) &&
           keeps_registers("signal", KILL, (uint64_t)getpid(), SIGUSR1, 0);
    printf("registers: %s, %d signal\n", good ? "kept" : "lost", (int)handled);
    return good && handled == 1 ? 0 : 1;
}
