# SPDX-License-Identifier: BSD-2-Clause
CROSS       :=
DEBIAN_ARCH := amd64

# Linked at 0; start-up code relocates it.
KERNEL_ARCH_CFLAGS  := -fPIE -fvisibility=hidden -mcmodel=small -mno-red-zone -fcf-protection=none
KERNEL_ARCH_LDFLAGS := -static-pie -Wl,--no-dynamic-linker,-z,notext,-z,pack-relative-relocs
SDK_ARCH_CFLAGS     := -fcf-protection=none

# PVH takes an ELF.
IMAGE_FORMAT := --strip-all

# ringfence.efi is compiled as the kernel is.
PE_MACHINE := 0x8664
ELF_RELATIVE := 8
