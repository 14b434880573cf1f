/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"

const char *err_name(int err)
{
#define NAME_CASE(name, number) \
    case number:                \
        return #name;

    switch (err < 0 ? -err : err) {
        RF_ERRORS(NAME_CASE)
    }
#undef NAME_CASE
    return "E?";
}
