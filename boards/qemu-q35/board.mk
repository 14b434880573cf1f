# SPDX-License-Identifier: BSD-2-Clause
ARCH := x86_64
