/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

static void clean_entry(const struct smmuv3_live *l)
{
    if (l->s->unit.caps.coherent)
        return;
    dma_clean(l->words, STE_SIZE);
    dma_sync();
}

/* CMD_CFGI_STE drops the stream's cached CDs as well (4.3.1). */
static int commit_ste(struct smmuv3_live *l)
{
    clean_entry(l);
    return smmuv3_command_sync(l->s, smmuv3_cmd_cfgi_ste(l->sid, true));
}

/* A descriptor that no entry points to cannot be cached (3.21.3). */
static int commit_unreachable_cd(struct smmuv3_live *l)
{
    clean_entry(l);
    return 0;
}

static int write_ste(struct smmuv3 *s, uint32_t sid, uint64_t *ste,
                     const uint64_t target[STE_WORDS])
{
    struct smmuv3_live live = {
        .words = ste, .used = smmuv3_ste_used, .commit = commit_ste, .s = s, .sid = sid};

    return smmuv3_live_write(&live, target);
}

static void write_cd(struct smmuv3 *s, uint64_t *cd, const struct iommu_domain *d)
{
    struct smmuv3_live live = {
        .words = cd, .used = smmuv3_cd_used, .commit = commit_unreachable_cd, .s = s};
    uint64_t target[CD_WORDS];

    smmuv3_cd_s1(d, target);
    (void)smmuv3_live_write(&live, target); /* its commit cannot fail */
}

static bool ste_denies(const uint64_t *ste)
{
    return FIELD_GET(STE0_CONFIG, dma_load64(&ste[0])) == STE_CONFIG_ABORT;
}

int smmuv3_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d)
{
    struct smmuv3 *s = smmuv3_of(u);
    uint64_t target[STE_WORDS];
    uint64_t *ste, *cd;
    int err = smmuv3_strtab_make_ste(s, sid, &ste);

    if (err)
        return err;
    if (!ste_denies(ste))
        return trace(-RF_EBUSY);
    cd = smmuv3_cd_alloc(s);
    if (!cd)
        return trace(-RF_ENOMEM);
    write_cd(s, cd, d);
    smmuv3_ste_s1(ptr_to_paddr(cd), u->caps.coherent, target);
    err = write_ste(s, sid, ste, target);
    /* The SMMU may hold either entry, and commands no longer complete: only all can be denied. The
     * descriptor is not used again, whoever still reads it. */
    if (err)
        iommu_unit_kill(u, "a stream could not be attached");
    return err;
}

int smmuv3_detach(struct iommu_unit *u, uint32_t sid)
{
    struct smmuv3 *s = smmuv3_of(u);
    uint64_t *ste = smmuv3_strtab_ste(s, sid);
    uint64_t deny[STE_WORDS];
    paddr_t cd;
    int err;

    if (!ste || ste_denies(ste))
        return 0;
    cd = PADDR(dma_load64(&ste[0]) & STE0_S1CONTEXTPTR);
    smmuv3_ste_abort(deny);
    err = write_ste(s, sid, ste, deny);
    if (err)
        return err;
    smmuv3_cd_free(s, cd);
    return 0;
}
