/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_IGB_FIXTURE_H
#define RF_TESTS_DRIVER_IGB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "arch/mmu.h"
#include "drivers/net/igb_pf/igb_pf.h"
#include "lib/base/err.h"
#include "lib/mem/inject.h"
#include "tests/model/igb/model.h"

/* What the tests of the physical function's driver share: the model of its port, the driver on it,
 * and virtual functions, whose place the test takes. */

#define REGS      UINT64_C(0x10000000)
#define BROADCAST 0xffffffffffffull
#define OWN       0xfe3412005452ull /* 52:54:00:12:34:fe, first byte lowest */

/* A virtual function's registers (datasheet 8.26, its mailbox 7.10). */
#define CTRL       0x0000u
#define CTRL_RST   (1u << 26)
#define VMBMEM(i)  (0x0800u + 4u * (i))
#define V2PMAILBOX 0x0c40u
#define REQ        (1u << 0)
#define VFU        (1u << 2)
#define PFSTS      (1u << 4)
#define PFACK      (1u << 5)
#define RSTI       (1u << 6)
#define RSTD       (1u << 7)

#define ACK  0x80000000u
#define NACK 0x40000000u
#define CTS  0x20000000u

static struct igb_pf *pf;

static inline struct igb_pf_config config(unsigned vfs)
{
    struct igb_pf_config cfg = {.name = "0000:01:00.0", .vfs = vfs};

    assert_int_equal(mmu_map_device(PADDR(REGS), IGB_MODEL_SIZE, &cfg.regs), 0);
    return cfg;
}

static inline int setup(void **state)
{
    (void)state;
    host_reset();
    host_arena_init(PADDR(MIB(512)), MIB(2));
    igb_model_init(REGS);
    pf = NULL;
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    inject_after(0);
    if (pf)
        igb_pf_stop(pf);
    host_mmio_reset();
    return 0;
}

static inline void start(unsigned vfs)
{
    const struct igb_pf_config cfg = config(vfs);

    assert_int_equal(igb_pf_start(&cfg, &pf), 0);
}

/* The next moment at which it looks. */
static inline void poll(void)
{
    host_clock_advance(1000000);
    igb_pf_poll(pf);
}

/* --- as a virtual function ------------------------------------------------------------------- */

static inline void put_message(unsigned vf, const uint32_t *words, unsigned count)
{
    igb_vf_write(vf, V2PMAILBOX, VFU);
    assert_true(igb_vf_read(vf, V2PMAILBOX) & VFU);
    for (unsigned i = 0; i < count; i++)
        igb_vf_write(vf, VMBMEM(i), words[i]);
    igb_vf_write(vf, V2PMAILBOX, REQ);
}

/* The first word of the answer. */
static inline uint32_t ask(unsigned vf, uint32_t word, uint32_t second)
{
    uint32_t words[2] = {word, second};

    put_message(vf, words, 2);
    poll();
    assert_int_equal(igb_vf_read(vf, V2PMAILBOX) & (PFSTS | PFACK), PFSTS | PFACK);
    return igb_vf_read(vf, VMBMEM(0));
}

static inline uint64_t mac_of(unsigned vf)
{
    uint64_t address = 0;

    memcpy(&address, igb_pf_mac(pf, vf), 6);
    return address;
}

static inline void reset_vf(unsigned vf)
{
    igb_vf_write(vf, CTRL, CTRL_RST);
    assert_int_equal(ask(vf, 1, 0), 1 | ACK | CTS);
}

#endif
