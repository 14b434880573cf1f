# SPDX-License-Identifier: BSD-2-Clause
CROSS       := aarch64-linux-gnu-
DEBIAN_ARCH := arm64

# Linked for one virtual address; the tiny code model has the image within 1 MiB.
KERNEL_ARCH_CFLAGS  := -fno-pie -mcmodel=tiny -mstrict-align -mno-outline-atomics
KERNEL_ARCH_LDFLAGS := -static -no-pie
SDK_ARCH_CFLAGS     := -mno-outline-atomics

# The Linux boot protocol takes the memory image.
IMAGE_FORMAT := -O binary

# ringfence.efi runs at any address.
LOADER_ARCH_CFLAGS := -fPIE -fvisibility=hidden -mcmodel=small
PE_MACHINE := 0xaa64
ELF_RELATIVE := 1027
