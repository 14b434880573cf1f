/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_PCI_FIXTURE_H
#define RF_TESTS_PCI_FIXTURE_H

#include "tests/unit/fake_pci.h"

/* What a test starts with: a host bridge without windows, or with the usual ones. */
static inline int fake_setup(void **state)
{
    (void)state;
    fake_init();
    return 0;
}

static inline int fake_setup_windows(void **state)
{
    fake_setup(state);
    fake_usual_windows();
    return 0;
}

static inline int fake_teardown(void **state)
{
    (void)state;
    fake_fini();
    return 0;
}

#endif
