# SPDX-License-Identifier: BSD-2-Clause
ARCH  := aarch64
# A plain program for QEMU, which starts it at EL3: what firmware would have to do start.S does. RAM
# begins at 1 TiB, where QEMU leaves a device tree.
BOOTS := elf
BOARD_LDFLAGS := -Wl,--defsym=LOAD_AT=0x10000200000,--defsym=BARE_DTB=0x10000000000,--defsym=BARE_GICD=0x40060000
