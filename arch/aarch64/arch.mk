# SPDX-License-Identifier: BSD-2-Clause
CROSS       := aarch64-linux-gnu-
DEBIAN_ARCH := arm64

KERNEL_ARCH_CFLAGS := -mstrict-align -mno-outline-atomics
SDK_ARCH_CFLAGS    := -mno-outline-atomics

# The Linux boot protocol takes the memory image.
IMAGE_FORMAT := -O binary
