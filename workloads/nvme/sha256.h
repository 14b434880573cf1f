/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NVME_SHA256_H
#define NVME_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4). */
struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t n);
/* 64 hex digits and a terminator. */
void sha256_hex(struct sha256 *s, char out[65]);

#endif
