/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FUZZ_INPUT_H
#define RF_TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What libFuzzer calls with each input. A finding is a sanitizer's report, a failed assertion (it
 * ends the process), or an input that takes too long. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input that is taken from front to back; when it is used up, everything is zero. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline void input_bytes(struct input *in, void *out, size_t n)
{
    size_t part = n < in->left ? n : in->left;

    memset(out, 0, n);
    memcpy(out, in->at, part);
    in->at += part;
    in->left -= part;
}

static inline uint8_t input_u8(struct input *in)
{
    uint8_t v;

    input_bytes(in, &v, sizeof(v));
    return v;
}

static inline uint16_t input_u16(struct input *in)
{
    uint16_t v;

    input_bytes(in, &v, sizeof(v));
    return v;
}

static inline uint32_t input_u32(struct input *in)
{
    uint32_t v;

    input_bytes(in, &v, sizeof(v));
    return v;
}

static inline uint64_t input_u64(struct input *in)
{
    uint64_t v;

    input_bytes(in, &v, sizeof(v));
    return v;
}

#endif
