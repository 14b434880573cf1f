# SPDX-License-Identifier: BSD-2-Clause
ARCH        := aarch64
BOARD_SETUP := firmware
BOOTS       := efi
