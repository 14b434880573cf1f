/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/hostile/attempt.h"

#define INSTRUCTION(name, text)                                                           \
    static void name(uintptr_t a)                                                         \
    {                                                                                     \
        __asm__ volatile(text : "+a"(a) : "d"(0xcf9), "c"(0xc0000080) : "memory", "rbx"); \
    }

INSTRUCTION(read_cr3, "movq %%cr3, %0")
INSTRUCTION(write_cr0, "movq %0, %%cr0")
INSTRUCTION(write_cr4, "movq %0, %%cr4")
INSTRUCTION(read_msr, "rdmsr")
INSTRUCTION(write_msr, "wrmsr")
INSTRUCTION(load_idt, "lidt (%%rsp)")
INSTRUCTION(load_gdt, "lgdt (%%rsp)")
INSTRUCTION(load_task, "ltr %w0")
INSTRUCTION(mask_interrupts, "cli")
INSTRUCTION(halt, "hlt")
INSTRUCTION(invalidate_tlb, "invlpg (%0)")
INSTRUCTION(port_in, "inb %%dx, %%al")
INSTRUCTION(port_out, "movb $6, %%al; outb %%al, %%dx")
INSTRUCTION(port_string, "movq %%rsp, %%rsi; outsb")
INSTRUCTION(return_from_call, "sysretq")
INSTRUCTION(enter_by_sysenter, "sysenter")
INSTRUCTION(linux_32bit_call, "int $0x80")
INSTRUCTION(device_vector, "int $0x40")
INSTRUCTION(page_fault_vector, "int $14")
INSTRUCTION(call_hypervisor, "vmcall")

/* The system call would return to an address that sysret takes for the kernel's. */
INSTRUCTION(call_at_the_edge, "pushq $0; movq $0x7fffffffffff, %%rbx; jmp *%%rbx")

/* I/O privilege that popf does not give: the port access after it still traps. */
INSTRUCTION(raise_iopl, "pushfq; orq $0x3000, (%%rsp); popfq; cli")

const struct instruction instructions[] = {
    {"mov from cr3", read_cr3},
    {"mov to cr0", write_cr0},
    {"mov to cr4", write_cr4},
    {"rdmsr", read_msr},
    {"wrmsr", write_msr},
    {"lidt", load_idt},
    {"lgdt", load_gdt},
    {"ltr", load_task},
    {"cli", mask_interrupts},
    {"hlt", halt},
    {"invlpg", invalidate_tlb},
    {"in from 0xcf9", port_in},
    {"out to 0xcf9 (reset)", port_out},
    {"outs", port_string},
    {"sysret", return_from_call},
    {"sysenter", enter_by_sysenter},
    {"int 0x80 (32-bit call)", linux_32bit_call},
    {"int 0x40 (a device's vector)", device_vector},
    {"int 14 (the page fault's)", page_fault_vector},
    {"vmcall", call_hypervisor},
    {"jump to the last byte of its half", call_at_the_edge},
    {"popf with IOPL 3, then cli", raise_iopl},
};

const size_t instruction_count = sizeof(instructions) / sizeof(instructions[0]);

/* The kernel's linear map of RAM, of its image, the APIC and the IOMMU, the kernel's heap; the null
 * page; an address that is not canonical; the last page of each half. */
const uintptr_t foreign[] = {
    0xffff800000200000, 0xffff800000100000, 0xffff8000fee00000,
    0xffff8000fed90000, 0xffffc00000000000, 0x0000000000000000,
    0x0100000000000000, 0x00007ffffffff000, 0xfffffffffffff000,
};
const size_t foreign_count = sizeof(foreign) / sizeof(foreign[0]);

const struct place targets[] = {
    {"the kernel's image", 0x00100000},   {"the first page of RAM", 0x00000000},
    {"the ACPI tables", 0x3ffe0000},      {"the IOMMU's registers", 0xfed90000},
    {"the IOAPIC", 0xfec00000},           {"configuration space", 0xb0000000},
    {"another device's BAR", 0xfea00000}, {"the top of the address space", 0xfffffffffffff000},
};
const size_t target_count = sizeof(targets) / sizeof(targets[0]);

const struct place own_windows[] = {
    {"the interrupt window", 0xfee00000},
};
const size_t window_count = sizeof(own_windows) / sizeof(own_windows[0]);

/* Requests in remappable format (VT-d 5.1.2.2): bit 4, the data added to a handle, here 48 and 0.
 * (In compatibility format QEMU lets them all pass, which hardware does not.) */
const uint64_t doorbells[2] = {0xfee00018 | 48 << 5, 0xfee00018};

const uint32_t foreign_interrupts[] = {27, 79, 120, 143, 1023, 0xffff};
const size_t foreign_interrupt_count = sizeof(foreign_interrupts) / sizeof(foreign_interrupts[0]);
