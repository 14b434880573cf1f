/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* LPIs in the redistributor (IHI 0069 5.1): their configuration is read when they are switched on,
 * all of it, and kept. */

#define ID_BITS_MIN 13u /* minus one: 8192 LPIs */
#define PEND_BYTES  2048u

uint8_t lpi_read_config(struct gicv3_model *m, uint32_t lpi)
{
    uint64_t at = keep(m->propbaser, 51, 12) + (lpi - LPI_FIRST), word;

    if (!model_read64(m->shadow, at & ~7ull, &word)) {
        model_broken(&m->watch, "no memory at %#lx, where LPI %u is configured", at, lpi);
        return 0;
    }
    uint8_t v = (uint8_t)(word >> 8 * (at & 7));
    if (!bit(v, 1))
        model_broken(&m->watch, "the configuration of LPI %u is %#x, without its RES1", lpi, v);
    return v;
}

void lpis_switch(struct gicv3_model *m, bool on)
{
    m->lpis_on = on;
    if (!on)
        return;
    if (bits(m->propbaser, 4, 0) != ID_BITS_MIN)
        model_broken(&m->watch, "GICR_PROPBASER.IDbits is %lu", bits(m->propbaser, 4, 0));
    if (keep(m->pendbaser, 51, 16) != keep(m->pendbaser, 51, 12) || !bit(m->pendbaser, 62))
        model_broken(&m->watch, "GICR_PENDBASER is %#lx", m->pendbaser);
    check_zero(m, keep(m->pendbaser, 51, 16), PEND_BYTES, "the table of pending LPIs");
    for (uint32_t i = 0; i < LPIS; i++)
        m->config[i] = lpi_read_config(m, LPI_FIRST + i);
}
