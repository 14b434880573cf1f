# SPDX-License-Identifier: BSD-2-Clause
ARCH        := x86_64
BOARD_SETUP := firmware
BOOTS       := efi
