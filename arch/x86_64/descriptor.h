/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_DESCRIPTOR_H
#define RF_X86_64_DESCRIPTOR_H

/* Loads the kernel's own GDT, task state, IDT and system-call entry. From here on every exception
 * is reported. */
void descriptor_load(void);

#endif
