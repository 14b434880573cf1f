/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_CASES_VFIO_H
#define RF_TESTS_CASES_VFIO_H

#include "tests/unit/cases.h"
#include "tests/unit/fake_vfio.h"

/* Calls that have to succeed, or to be refused, with what they report. */

static inline uint64_t unmapped(uint64_t iova, uint64_t size)
{
    uint64_t bytes;

    assert_int_equal(unmap_dma(0, iova, size, &bytes), 0);
    return bytes;
}

static inline void unmap_is_refused(uint64_t iova, uint64_t size)
{
    uint64_t bytes;

    assert_int_equal(unmap_dma(0, iova, size, &bytes), -RF_EINVAL);
}

static inline uint64_t unmapped_all(void)
{
    uint64_t bytes;

    assert_int_equal(unmap_dma(VFIO_DMA_UNMAP_FLAG_ALL, 0, 0, &bytes), 0);
    return bytes;
}

/* A case that sets nothing up has an attached container without a device. */
static inline int cases_run_vfio(const char *group_name, const struct foreign_case *cases,
                                 size_t count)
{
    return cases_run(group_name, cases, count, vfio_up_attached, vfio_down);
}

#endif
