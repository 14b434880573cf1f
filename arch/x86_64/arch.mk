# SPDX-License-Identifier: BSD-2-Clause
CROSS       :=
DEBIAN_ARCH := amd64

KERNEL_ARCH_CFLAGS := -mno-red-zone -fcf-protection=none
SDK_ARCH_CFLAGS    := -fcf-protection=none

# PVH takes an ELF.
IMAGE_FORMAT := --strip-all
