/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/descriptor.h"

#include "arch/x86_64/layout.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/mask.h"
#include "lib/base/types.h"

/* Segments (SDM 3A 3.4.5). In 64-bit mode only type, privilege and L are looked at. */
#define CODE64(dpl) (UINT64_C(0x00209a0000000000) | (uint64_t)(dpl) << 45)
#define DATA(dpl)   (UINT64_C(0x0000920000000000) | (uint64_t)(dpl) << 45)

static uint64_t gdt[] = {
    0, CODE64(0), DATA(0), 0, DATA(3), CODE64(3), 0, 0, /* the last two: the task state */
};
#define GDT_TASK (SELECTOR_TASK / 8)

/* The 64-bit task state (SDM 3A 8.7): stacks for ring 0, and no I/O permission bitmap, so that the
 * workload has no port. */
struct task_state {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));

#pragma GCC visibility push(hidden)
struct task_state task_state; /* vectors.S sets rsp[0] */
extern char vectors[], vector_fatal[], syscall_entry[];
extern char fatal_stack_top[];
#pragma GCC visibility pop

_Static_assert(offsetof(struct task_state, rsp) == 4, "vectors.S");

/* Interrupt gates (SDM 3A 6.14.1). */
struct gate {
    uint16_t offset_low, selector;
    uint8_t stack, type;
    uint16_t offset_mid;
    uint32_t offset_high, reserved;
};
static struct gate idt[256];

#define GATE_INTERRUPT 0x8e /* present, DPL 0 */
#define GATE_USER      0x60 /* DPL 3: the workload may raise it itself */
#define VECTOR_BYTES   16   /* of each entry in vectors.S */

#define VECTOR_NMI           2
#define VECTOR_BREAKPOINT    3
#define VECTOR_OVERFLOW      4
#define VECTOR_MACHINE_CHECK 18

/* What `syscall` clears: all that could disturb the kernel (TF, IF, DF, IOPL, NT, AC and the
 * arithmetic flags). */
#define FMASK_VALUE 0x47fd5

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static void set_task_descriptor(void)
{
    uint64_t base = (uint64_t)&task_state, limit = sizeof(task_state) - 1;

    gdt[GDT_TASK] =
        limit | (base & MASK(23, 0)) << 16 | UINT64_C(0x89) << 40 | (base >> 24 & MASK(7, 0)) << 56;
    gdt[GDT_TASK + 1] = base >> 32;
}

static void set_gate(unsigned vector, const char *entry, uint8_t stack, uint8_t type)
{
    uint64_t offset = (uint64_t)entry;

    idt[vector] = (struct gate){
        .offset_low = (uint16_t)offset,
        .selector = SELECTOR_KERNEL_CODE,
        .stack = stack,
        .type = type,
        .offset_mid = (uint16_t)(offset >> 16),
        .offset_high = (uint32_t)(offset >> 32),
    };
}

/* Those that come at any moment, also between the two instructions of an entry that change the
 * stack, get one of their own. */
static void set_gates(void)
{
    static const uint8_t fatal[] = {VECTOR_NMI, VECTOR_DOUBLE_FAULT, VECTOR_MACHINE_CHECK};

    for (unsigned i = 0; i < ARRAY_SIZE(idt); i++)
        set_gate(i, vectors + (size_t)i * VECTOR_BYTES, 0, GATE_INTERRUPT);
    for (unsigned i = 0; i < ARRAY_SIZE(fatal); i++)
        set_gate(fatal[i], vector_fatal + (size_t)fatal[i] * VECTOR_BYTES, 1, GATE_INTERRUPT);
    idt[VECTOR_BREAKPOINT].type |= GATE_USER;
    idt[VECTOR_OVERFLOW].type |= GATE_USER;
}

static void load(void)
{
    struct table_pointer g = {sizeof(gdt) - 1, (uint64_t)gdt};
    struct table_pointer i = {sizeof(idt) - 1, (uint64_t)idt};

    __asm__ volatile("lgdt %0\n\tlidt %1\n\tltr %w2\n\tlldt %w3"
                     :
                     : "m"(g), "m"(i), "r"(SELECTOR_TASK), "r"(0)
                     : "memory");
}

void descriptor_load(void)
{
    task_state.ist[0] = (uint64_t)fatal_stack_top;
    task_state.io_map = sizeof(task_state);
    set_task_descriptor();
    set_gates();
    load();
    msr_write(MSR_STAR, (uint64_t)SELECTOR_USER_BASE << 48 | (uint64_t)SELECTOR_KERNEL_CODE << 32);
    msr_write(MSR_LSTAR, (uint64_t)syscall_entry);
    msr_write(MSR_FMASK, FMASK_VALUE);
    msr_write(MSR_SYSENTER_CS, 0); /* sysenter faults */
}
