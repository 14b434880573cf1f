/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_INLINE_MEM_H
#define RF_HOST_INLINE_MEM_H

#include "lib/base/types.h"

/* In the test arena; anything else ends the test. */
void *paddr_to_ptr(paddr_t pa);
paddr_t ptr_to_paddr(const void *p);

#endif
