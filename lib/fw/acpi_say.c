/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include "lib/base/err.h"

/* What is said of a table: refusals, oddities, names, and claims of addresses. */

#define ADDRESS_SPACE (UINT64_C(1) << 48) /* no register is at or above */

int acpi_refuse(struct acpi_walk *w, struct acpi_span s, int err, const char *fmt, ...)
{
    va_list ap;

    strbuf_init(&w->why, w->why.text, w->why.size);
    strbuf_printf(&w->why, "%s+%#x: ", s.table->name, s.at);
    va_start(ap, fmt);
    strbuf_vprintf(&w->why, fmt, ap);
    va_end(ap);
    return err;
}

void acpi_odd(struct acpi_walk *w, struct acpi_span s, const char *fmt, ...)
{
    char text[160];
    struct strbuf what;
    va_list ap;

    strbuf_init(&what, text, sizeof(text));
    va_start(ap, fmt);
    strbuf_vprintf(&what, fmt, ap);
    va_end(ap);
    hw_odd(w->hw, s.table->name, s.at, text);
}

const char *acpi_name(struct acpi_walk *w, struct acpi_span s, const char *fmt, ...)
{
    char text[64];
    struct strbuf name;
    const char *kept;
    va_list ap;

    strbuf_init(&name, text, sizeof(text));
    va_start(ap, fmt);
    strbuf_vprintf(&name, fmt, ap);
    va_end(ap);
    kept = hw_keep(w->hw, text);
    if (!kept)
        acpi_refuse(w, s, -RF_ENOSPC, "its names need more than the %u bytes that are kept",
                    (unsigned)sizeof(w->hw->text));
    return kept;
}

int acpi_claim(struct acpi_walk *w, struct acpi_span s, struct range r, const char *what)
{
    struct range other;
    const char *claimed = hw_claimed(w->hw, r, &other);

    return claimed ? acpi_refuse(w, s, -RF_EINVAL, "%s %#lx..%#lx overlaps %s %#lx..%#lx", what,
                                 r.start, r.last, claimed, other.start, other.last)
                   : 0;
}

int acpi_registers(struct acpi_walk *w, struct acpi_span s, uint64_t base, uint64_t size,
                   uint64_t align, const char *what, struct range *out)
{
    struct range r;
    int err;

    if (base == 0 || !is_aligned(base, align))
        return acpi_refuse(w, s, -RF_EINVAL, "%s at %#lx, which is no multiple of %#lx", what, base,
                           align);
    if (!range_make(base, size, &r) || r.last >= ADDRESS_SPACE)
        return acpi_refuse(w, s, -RF_EINVAL, "%s at %#lx ends beyond 48 bits", what, base);
    err = acpi_claim(w, s, r, what);
    if (!err)
        *out = r;
    return err;
}
