/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOSTILE_ATTEMPT_H
#define HOSTILE_ATTEMPT_H

#include <stddef.h>
#include <stdint.h>

/* Prints one line for an attempt and remembers whether it got through. */
void attempt(int refused, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* How many got through. */
unsigned escaped(void);

/* Runs fn(address) and returns the signal that ended it, 0: it came back. */
int trap(void (*fn)(uintptr_t address), uintptr_t address);

/* Addresses that are not the workload's (machine_*.c): kernel, devices, the null page, no address.
 */
extern const uintptr_t foreign[];
extern const size_t foreign_count;

/* ---- of the machine (machine_*.c): QEMU's, and this CPU */

struct place {
    const char *name;
    uint64_t at;
};

/* Physical addresses, tried as IOVAs. */
extern const struct place targets[];
extern const size_t target_count;

/* IOVAs where nothing can be mapped. */
extern const struct place own_windows[];
extern const size_t window_count;

/* Where a device rings, and what it may write there: interrupts of others. */
extern const uint64_t doorbells[2];
extern const uint32_t foreign_interrupts[];
extern const size_t foreign_interrupt_count;

/* Instructions of this CPU that only a kernel may execute. */
struct instruction {
    const char *name;
    void (*fn)(uintptr_t a);
};
extern const struct instruction instructions[];
extern const size_t instruction_count;

void attack_cpu(void);       /* instructions and addresses */
void attack_calls(void);     /* system calls with bad pointers */
void attack_vfio(void);      /* configuration space, MSI-X table, maps, groups */
void attack_dma(void);       /* a device that is told to go where it may not */
void attack_lifetimes(void); /* what is used after its end */

void exhaust_console(void); /* by refused requests */
void exhaust_memory(void);  /* of the kernel, and all other; does not come back */

struct rf_device;
void attack_config(const struct rf_device *d); /* every byte of configuration space */

#endif
