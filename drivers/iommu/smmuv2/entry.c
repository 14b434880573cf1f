/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

/* Stream mapping: an SMR says which streams group n is for, its S2CR what becomes of them. A stream
 * that matches several SMRs is unpredictable, so that never two valid ones have a stream in common:
 * with the same bits ignored everywhere, that is to say never the same id. Without SMRs the stream
 * id is n.
 *
 * A group that is not in use denies twice: its SMR is not valid, and its S2CR says fault. With
 * extended ids the valid bit is in S2CR, and SMR has none. */

static bool in_range(const struct smmuv2 *s, uint32_t sid)
{
    return s->feat.matching ? (sid & ~(uint32_t)s->feat.sid_bits & ~s->cfg.sid_ignore) == 0
                            : sid < s->feat.groups;
}

int smmuv2_entry_of(const struct smmuv2 *s, uint32_t sid)
{
    for (unsigned i = 0; i < s->feat.groups; i++)
        if (s->entries[i].used && s->entries[i].sid == sid)
            return (int)i;
    return -1;
}

static int free_group(const struct smmuv2 *s)
{
    for (unsigned i = 0; i < s->feat.groups; i++)
        if (!s->entries[i].used)
            return (int)i;
    log_warn_limited("%s: all %u stream matching registers are in use", s->cfg.name,
                     s->feat.groups);
    return -RF_ENOSPC;
}

int smmuv2_entry_alloc(const struct smmuv2 *s, uint32_t sid)
{
    if (!in_range(s, sid)) {
        log_err("%s: stream %x is beyond its %u-bit stream ids", s->cfg.name, sid,
                s->unit.caps.sid_bits);
        return -RF_ERANGE;
    }
    return s->feat.matching ? free_group(s) : (int)sid;
}

/* ---- registers ------------------------------------------------------------------------------- */

static void write_smr(const struct smmuv2 *s, unsigned i, uint32_t value)
{
    if (s->feat.matching)
        mmio_write32(&s->global0, SMMU_SMR(i), value);
}

static void write_s2cr(const struct smmuv2 *s, unsigned i, uint64_t value)
{
    mmio_write32(&s->global0, SMMU_S2CR(i), (uint32_t)value);
}

/* Never one that is valid and leads nowhere yet, or somewhere else. The valid bit goes first. */
static void deny(const struct smmuv2 *s, unsigned i, bool extended)
{
    const uint64_t fault = FIELD_PREP(S2CR_TYPE, S2CR_FAULT);

    if (!extended) {
        write_smr(s, i, 0);
        write_s2cr(s, i, fault);
        return;
    }
    write_s2cr(s, i, fault);
    write_smr(s, i, 0);
}

void smmuv2_entry_deny(struct smmuv2 *s, unsigned i)
{
    deny(s, i, s->feat.extended);
    s->entries[i].used = false;
}

void smmuv2_entries_deny(struct smmuv2 *s, bool extended)
{
    for (unsigned i = 0; i < s->feat.groups; i++) {
        deny(s, i, extended);
        s->entries[i].used = false;
    }
}

int smmuv2_entries_check_denied(const struct smmuv2 *s)
{
    for (unsigned i = 0; i < s->feat.groups; i++) {
        uint32_t s2cr = mmio_read32(&s->global0, SMMU_S2CR(i));

        if (FIELD_GET(S2CR_TYPE, s2cr) == S2CR_FAULT)
            continue;
        log_err("%s: S2CR%u cannot be made to fault (it reads %08x): firmware keeps it for itself",
                s->cfg.name, i, s2cr);
        return -RF_ENXIO;
    }
    return 0;
}

/* All transactions count as unprivileged: leaves allow that, and a device cannot choose. */
static uint64_t translate(unsigned bank)
{
    return FIELD_PREP(S2CR_TYPE, S2CR_TRANSLATE) | FIELD_PREP(S2CR_CBNDX, bank) |
           FIELD_PREP(S2CR_PRIVCFG, PRIVCFG_UNPRIV);
}

static uint32_t match(const struct smmuv2 *s, uint32_t sid)
{
    return s->cfg.sid_ignore << SMR_MASK_SHIFT | sid;
}

/* Where the registers lead is settled before the valid bit, which comes last. */
static void publish(const struct smmuv2 *s, unsigned i, uint32_t sid, unsigned bank)
{
    if (!s->feat.extended) {
        write_s2cr(s, i, translate(bank));
        write_smr(s, i, match(s, sid) | (uint32_t)SMR_VALID);
        return;
    }
    write_smr(s, i, match(s, sid));
    write_s2cr(s, i, translate(bank) | (s->feat.matching ? S2CR_EXIDVALID : 0));
}

static bool holds(const struct smmuv2 *s, unsigned i, uint32_t sid, unsigned bank)
{
    uint32_t s2cr = mmio_read32(&s->global0, SMMU_S2CR(i));
    uint32_t smr = s->feat.matching ? mmio_read32(&s->global0, SMMU_SMR(i)) : 0;
    uint32_t want = s->feat.matching ? match(s, sid) : 0;

    if (s->feat.matching && !s->feat.extended)
        want |= (uint32_t)SMR_VALID;
    return FIELD_GET(S2CR_TYPE, s2cr) == S2CR_TRANSLATE && FIELD_GET(S2CR_CBNDX, s2cr) == bank &&
           smr == want;
}

int smmuv2_entry_translate(struct smmuv2 *s, unsigned i, uint32_t sid, unsigned bank)
{
    publish(s, i, sid, bank);
    if (!holds(s, i, sid, bank)) {
        deny(s, i, s->feat.extended);
        log_err("%s: SMR%u and S2CR%u do not hold what is written: firmware keeps them; stream %x "
                "stays blocked",
                s->cfg.name, i, i, sid);
        return -RF_EIO;
    }
    s->entries[i] = (struct smmuv2_entry){.used = true, .bank = (uint8_t)bank, .sid = sid};
    return 0;
}

/* ---- which bits there are -------------------------------------------------------------------- */

/* A bit that does not exist reads as 0. ID and MASK by turns: where both are set, ID may read as
 * anything. The group is not valid meanwhile. */
void smmuv2_entries_probe(struct smmuv2 *s)
{
    const uint32_t all = (uint32_t)(s->feat.extended ? SMR_BITS_EX : SMR_BITS);

    if (!s->feat.matching)
        return;
    write_smr(s, 0, all);
    s->feat.sid_bits = (uint16_t)(mmio_read32(&s->global0, SMMU_SMR(0)) & all);
    write_smr(s, 0, all << SMR_MASK_SHIFT);
    s->feat.ignorable = (uint16_t)(mmio_read32(&s->global0, SMMU_SMR(0)) >> SMR_MASK_SHIFT & all);
    write_smr(s, 0, 0);
    s->unit.caps.sid_bits =
        (uint8_t)MIN(s->unit.caps.sid_bits, (unsigned)__builtin_popcount(s->feat.sid_bits));
}

int smmuv2_entries_check_bits(const struct smmuv2 *s)
{
    uint32_t cannot = s->cfg.sid_ignore & ~(uint32_t)s->feat.ignorable;

    if (!cannot)
        return 0;
    log_err(
        "%s: refused: firmware wants bits 0x%x of stream ids ignored (stream-match-mask), which "
        "it cannot",
        s->cfg.name, cannot);
    return -RF_ENXIO;
}
