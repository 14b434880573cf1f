/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_IORT_BYTES_H
#define RF_TESTS_IORT_BYTES_H

#include "tests/unit/acpi_fixture.h"

/* Nodes of an IORT (DEN 0049E.e) as bytes, for lists that begin at IORT_FIRST. */

#define IORT_FIRST        48u
#define IORT_FIXED(count) U32(count), U32(IORT_FIRST), U32(0)
#define NODE(type, len, revision, maps, maps_at) \
    U8(type), U16(len), U8(revision), U32(0), U32(maps), U32(maps_at)
#define MAP(in, last, out, target, flags) U32(in), U32(last), U32(out), U32(target), U32(flags)

#define ITS_GROUP_SIZE 24u
#define ITS_GROUP(its) NODE(0, ITS_GROUP_SIZE, 1, 0, 0), U32(1), U32(its)

#define SMMUV3_SIZE(maps) (68u + 20u * (maps))
#define SMMUV3(maps, base, flags, model)                                                        \
    NODE(4, SMMUV3_SIZE(maps), 4, maps, 68), U64(base), U32(flags), U32(0), U64(0), U32(model), \
        U32(106), U32(107), U32(109), U32(108), U32(0), U32(0)

#define SMMUV2_SIZE(maps) (76u + 20u * (maps))
#define SMMUV2(maps, base, span, model)                                                         \
    NODE(3, SMMUV2_SIZE(maps), 3, maps, 76), U64(base), U64(span), U32(model), U32(2), U32(60), \
        U32(0), U32(0), U32(0), U32(0), U32(333), U32(1), U32(0), U32(0)

#define RC_SIZE(maps) (40u + 20u * (maps))
#define ROOT_COMPLEX(maps, segment, cca, limit)                                                \
    NODE(2, RC_SIZE(maps), 4, maps, 40), U32(cca), U8(0), U16(0), U8(3), U32(0), U32(segment), \
        U8(limit), U16(0), U8(0), U32(0)

#define RMR_SIZE(maps, ranges) (28u + 20u * (maps) + 20u * (ranges))
#define RMR(maps, ranges, flags) \
    NODE(6, RMR_SIZE(maps, ranges), 3, maps, 28), U32(flags), U32(ranges), U32(28 + 20 * (maps))
#define RMR_RANGE(base, size) U64(base), U64(size), U32(0)

#endif
