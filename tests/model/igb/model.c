/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/igb/model.h"

#include <string.h>

#include "arch/host/host.h"

#define REGS (IGB_MODEL_SIZE / 4)

enum {
    R_CTRL = 0x0000,
    R_CTRL_EXT = 0x0018,
    R_MDIC = 0x0020,
    R_RCTL = 0x0100,
    R_TCTL = 0x0400,
    R_VMBMEM = 0x0800,
    R_P2V = 0x0c00,
    R_V2P = 0x0c40,
    R_MBVFICR = 0x0c80,
    R_VFLRE = 0x0c88,
    R_VFRE = 0x0c8c,
    R_VFTE = 0x0c90,
    R_IMS = 0x1508,
    R_IMC = 0x150c,
    R_EIMS = 0x1524,
    R_EIMC = 0x1528,
    R_DTXSWC = 0x3500,
    R_RAL = 0x5400,
    R_MRQC = 0x5818,
    R_VT_CTL = 0x581c,
    R_VMOLR = 0x5ad0,
    R_RXDCTL = 0xc028,
    R_TXDCTL = 0xe028,
};

enum { /* bits */
       B_CTRL_SLU = 6,
       B_CTRL_RST = 26,
       B_EXT_PFRSTD = 14,
       B_MDIC_READY = 28,
       B_RCTL_RXEN = 1,
       B_TCTL_EN = 1,
       B_RAH_AV = 31,
       B_VT_NO_DEFAULT = 29,
       B_LOOPBACK = 31,
       B_VMOLR_AUPE = 24,
       B_VMOLR_BAM = 27,
       B_QUEUE_ON = 25,
       P2V_STS = 0,
       P2V_ACK = 1,
       P2V_VFU = 2,
       P2V_PFU = 3,
       P2V_RVFU = 4,
       V2P_REQ = 0,
       V2P_ACK = 1,
       V2P_VFU = 2,
       V2P_PFU = 3,
       V2P_PFSTS = 4,
       V2P_PFACK = 5,
       V2P_RSTI = 6,
       V2P_RSTD = 7,
};

#define BROADCAST 0xffffffffffffull
#define ADDRESSES 24u
#define QUEUES    16u

static struct {
    uint32_t reg[REGS];
    unsigned accesses;
    bool link_wanted;
} igb;

struct igb_faults igb_faults;

static uint32_t *at(uint32_t off)
{
    return &igb.reg[off / 4];
}

static bool has(uint32_t off, unsigned n)
{
    return *at(off) >> n & 1;
}

static void set(uint32_t off, unsigned n, bool on)
{
    *at(off) = (*at(off) & ~(1u << n)) | (uint32_t)on << n;
}

/* --- resets ---------------------------------------------------------------------------------- */

/* With what firmware of the port could have left on. */
void igb_model_reset(void)
{
    uint64_t address = igb_faults.address ? igb_faults.address : 0xfe3412005452;

    memset(igb.reg, 0, sizeof(igb.reg));
    *at(R_RAL) = (uint32_t)address;
    *at(R_RAL + 4) = 1u << B_RAH_AV | 1u << 18 | (uint32_t)(address >> 32);
    *at(R_IMS) = *at(R_EIMS) = UINT32_MAX;
    *at(R_VFRE) = *at(R_VFTE) = 0xff;
    set(R_RXDCTL, B_QUEUE_ON, true);
    set(R_TXDCTL, B_QUEUE_ON, true);
    for (unsigned n = 0; n < IGB_MODEL_VFS; n++)
        set(R_V2P + 4 * n, V2P_RSTI, true);
    igb.link_wanted = false;
}

void igb_vf_flr(unsigned vf)
{
    set(R_VFRE, vf, false);
    set(R_VFTE, vf, false);
    for (unsigned q = vf; q < QUEUES; q += IGB_MODEL_VFS) {
        *at(R_RXDCTL + 0x40 * q) = 0;
        *at(R_TXDCTL + 0x40 * q) = 0;
    }
    set(R_VFLRE, vf, true);
}

/* --- mailboxes ------------------------------------------------------------------------------- */

static void write_p2v(unsigned vf, uint32_t v)
{
    const uint32_t mine = R_P2V + 4 * vf, other = R_V2P + 4 * vf;

    if (v >> P2V_STS & 1)
        set(other, V2P_PFSTS, true);
    if (v >> P2V_ACK & 1)
        set(other, V2P_PFACK, true);
    if (v >> P2V_RVFU & 1) {
        set(mine, P2V_VFU, false);
        set(other, V2P_VFU, false);
    }
    bool takes = (v >> P2V_PFU & 1) && !has(mine, P2V_VFU);
    set(mine, P2V_PFU, takes);
    set(other, V2P_PFU, takes);
}

static void write_v2p(unsigned vf, uint32_t v)
{
    const uint32_t mine = R_V2P + 4 * vf, other = R_P2V + 4 * vf;

    if (v >> V2P_REQ & 1)
        set(R_MBVFICR, vf, true);
    if (v >> V2P_ACK & 1)
        set(R_MBVFICR, 16 + vf, true);
    bool takes = (v >> V2P_VFU & 1) && !has(mine, V2P_PFU);
    set(mine, V2P_VFU, takes);
    set(other, P2V_VFU, takes);
}

uint32_t igb_vf_read(unsigned vf, uint32_t reg)
{
    uint32_t v;

    if (reg >= R_VMBMEM && reg < R_VMBMEM + 64)
        return *at(reg + 64 * vf);
    if (reg != R_V2P)
        return 0;
    v = *at(R_V2P + 4 * vf);
    *at(R_V2P + 4 * vf) &= ~(1u << V2P_PFSTS | 1u << V2P_PFACK | 1u << V2P_RSTD);
    return v;
}

/* The words change only for who has them. */
void igb_vf_write(unsigned vf, uint32_t reg, uint32_t v)
{
    if (reg == R_V2P)
        write_v2p(vf, v);
    else if (reg == R_CTRL && v >> B_CTRL_RST & 1)
        igb_vf_flr(vf);
    else if (reg >= R_VMBMEM && reg < R_VMBMEM + 64 && has(R_V2P + 4 * vf, V2P_VFU))
        *at(reg + 64 * vf) = v;
}

/* --- the physical function's registers ------------------------------------------------------- */

static void write_ctrl(uint32_t v)
{
    *at(R_CTRL) = v;
    if (v >> B_CTRL_SLU & 1)
        igb.link_wanted = true;
    if (!(v >> B_CTRL_RST & 1) || igb_faults.reset_hangs)
        return;
    igb_model_reset();
}

static void write_ctrl_ext(uint32_t v)
{
    *at(R_CTRL_EXT) = v;
    for (unsigned n = 0; (v >> B_EXT_PFRSTD & 1) && n < IGB_MODEL_VFS; n++) {
        set(R_V2P + 4 * n, V2P_RSTI, false);
        set(R_V2P + 4 * n, V2P_RSTD, true);
    }
}

static bool is_word(uint32_t off, unsigned *vf)
{
    *vf = (off - R_VMBMEM) / 64;
    return off >= R_VMBMEM && off < R_VMBMEM + 64 * IGB_MODEL_VFS;
}

static void write_reg(uint32_t off, uint32_t v)
{
    unsigned vf;

    if (off == R_CTRL)
        write_ctrl(v);
    else if (off == R_CTRL_EXT)
        write_ctrl_ext(v);
    else if (off == R_MDIC)
        *at(off) = v | (igb_faults.phy_silent ? 0 : 1u << B_MDIC_READY);
    else if (off == R_IMC || off == R_EIMC)
        *at(off == R_IMC ? R_IMS : R_EIMS) &= ~v;
    else if (off == R_MBVFICR || off == R_VFLRE)
        *at(off) &= ~v;
    else if (off >= R_P2V && off < R_P2V + 4 * IGB_MODEL_VFS)
        write_p2v((off - R_P2V) / 4, v);
    else if (!is_word(off, &vf) || has(R_P2V + 4 * vf, P2V_PFU))
        *at(off) = v;
}

static uint64_t on_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    igb.accesses++;
    return width != 4 || igb_faults.gone ? UINT32_MAX : *at((uint32_t)off);
}

static void on_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    igb.accesses++;
    if (width == 4 && !igb_faults.gone)
        write_reg((uint32_t)off, (uint32_t)v);
}

void igb_model_init(uint64_t base)
{
    static const struct host_mmio_ops ops = {on_read, on_write};

    memset(&igb, 0, sizeof(igb));
    igb_faults = (struct igb_faults){0};
    igb_model_reset();
    *at(R_MBVFICR) = 0xff;
    host_mmio_register(base, IGB_MODEL_SIZE, &ops, NULL);
}

/* --- frames ---------------------------------------------------------------------------------- */

static uint64_t address_of(unsigned n)
{
    return (uint64_t)(*at(R_RAL + 8 * n + 4) & 0xffff) << 32 | *at(R_RAL + 8 * n);
}

/* Pools by address: 7.10.3.2. */
static unsigned by_address(uint64_t address)
{
    unsigned pools = 0;

    for (unsigned n = 0; n < ADDRESSES; n++)
        if (has(R_RAL + 8 * n + 4, B_RAH_AV) && address_of(n) == address)
            pools |= *at(R_RAL + 8 * n + 4) >> 18 & 0xff;
    for (unsigned n = 0; address == BROADCAST && n < IGB_MODEL_VFS; n++)
        pools |= (unsigned)has(R_VMOLR + 4 * n, B_VMOLR_BAM) << n;
    if (pools == 0 && !has(R_VT_CTL, B_VT_NO_DEFAULT))
        pools = 1u << (*at(R_VT_CTL) >> 7 & 7);
    return pools;
}

unsigned igb_model_receivers(uint64_t address, unsigned size)
{
    unsigned pools = by_address(address) & *at(R_VFRE);

    if ((*at(R_MRQC) & 7) != 3 || !has(R_RCTL, B_RCTL_RXEN))
        return 0;
    for (unsigned n = 0; n < IGB_MODEL_VFS; n++)
        if (!has(R_VMOLR + 4 * n, B_VMOLR_AUPE) || size + 4 > (*at(R_VMOLR + 4 * n) & 0x3fff))
            pools &= ~(1u << n);
    return pools;
}

bool igb_model_sends(unsigned vf, uint64_t sender)
{
    bool own = false;

    for (unsigned n = 0; n < ADDRESSES; n++)
        own |= has(R_RAL + 8 * n + 4, B_RAH_AV) && address_of(n) == sender &&
               (*at(R_RAL + 8 * n + 4) >> (18 + vf) & 1);
    return has(R_TCTL, B_TCTL_EN) && has(R_VFTE, vf) && (own || !has(R_DTXSWC, vf));
}

bool igb_model_switches(void)
{
    return has(R_DTXSWC, B_LOOPBACK);
}

bool igb_model_link_wanted(void)
{
    return igb.link_wanted;
}

uint32_t igb_model_interrupts(void)
{
    return *at(R_IMS) | *at(R_EIMS);
}

uint32_t igb_model_queues(void)
{
    uint32_t on = 0;

    for (unsigned q = 0; q < QUEUES; q++)
        on |= (uint32_t)has(R_RXDCTL + 0x40 * q, B_QUEUE_ON) << q |
              (uint32_t)has(R_TXDCTL + 0x40 * q, B_QUEUE_ON) << (16 + q);
    return on;
}

unsigned igb_model_accesses(void)
{
    unsigned n = igb.accesses;

    igb.accesses = 0;
    return n;
}
