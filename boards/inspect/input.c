/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

#include <stdlib.h>

bool input_own(struct input *in, void *data, size_t size, struct strbuf *why)
{
    if (in->count == BLOBS) {
        strbuf_printf(why, "more than %u tables", BLOBS);
        free(data);
        return false;
    }
    in->owned[in->count] = data;
    in->blob[in->count++] = (struct acpi_blob){data, size};
    return true;
}

void input_free(struct input *in)
{
    free(in->tree);
    while (in->count > 0)
        free(in->owned[--in->count]);
}
