/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel's memory image. KERNEL is its file. */

    .section .rodata.kernel, "a"
    .balign 64
    .global loader_kernel, loader_kernel_size
    .hidden loader_kernel, loader_kernel_size
loader_kernel_size:
    .quad   loader_kernel_end - loader_kernel
    .balign 64
loader_kernel:
    .incbin KERNEL
loader_kernel_end:
    .section .note.GNU-stack, "", %progbits
