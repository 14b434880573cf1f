/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/upage.h"

#define NONE                                             \
    {                                                    \
        [0 ... UPAGE_PLACES - 1] = {.page = UPAGE_NONE } \
    }

struct upage upage_table[UPAGE_WAYS][UPAGE_PLACES] = {[0 ... UPAGE_WAYS - 1] = NONE};

void upage_remember(uint64_t uaddr, enum upage_way way, uint8_t *byte)
{
    *upage_place(uaddr, way) =
        (struct upage){uaddr >> PAGE_LG2, (uintptr_t)byte - (uaddr & (PAGE_SIZE - 1))};
}

void upage_forget(void)
{
    for (unsigned i = 0; i < UPAGE_PLACES; i++)
        upage_table[UPAGE_READ][i].page = upage_table[UPAGE_WRITE][i].page = UPAGE_NONE;
}
