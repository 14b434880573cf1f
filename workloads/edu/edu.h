/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EDU_EDU_H
#define EDU_EDU_H

#include <stdint.h>

#include <ringfence/device.h>

/* QEMU's educational device (docs/specs/edu): one DMA engine with a 4 KiB buffer, one MSI. */

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
#define EDU_BUFFER 4096u

struct edu {
    struct rf_device dev;
    volatile uint8_t *regs;
};

/* 0, or -1 after one printed line. */
int edu_open(struct edu *e);
void edu_close(struct edu *e);

/* It still answers as an edu. */
int edu_is_alive(const struct edu *e);

/* The engine copies n bytes from iova into its buffer, or from its buffer to iova; each takes the
 * device a tenth of a second. Returns when it is over. -1: it is not over after a second. */
int edu_read_memory(struct edu *e, uint64_t iova, uint32_t n);
int edu_write_memory(struct edu *e, uint64_t iova, uint32_t n);

/* Starts the copy and does not wait. */
void edu_start_write(struct edu *e, uint64_t iova, uint32_t n);

/* The same, and it raises its interrupt when it is over. */
void edu_start_ringing(struct edu *e, uint64_t iova, uint32_t n);

/* Raises the device's interrupt; edu_acknowledge lets it fall. */
void edu_raise(struct edu *e);
void edu_acknowledge(struct edu *e);

#endif
