/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

int smmuv2_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d)
{
    struct smmuv2 *s = smmuv2_of(u);
    int entry, bank, err;

    if (smmuv2_entry_of(s, sid) >= 0)
        return trace(-RF_EBUSY);
    entry = smmuv2_entry_alloc(s, sid);
    if (entry < 0)
        return entry;
    bank = smmuv2_bank_get(s, d);
    if (bank < 0)
        return bank;
    err = smmuv2_entry_translate(s, (unsigned)entry, sid, (unsigned)bank);
    if (!err)
        s->banks[bank].streams++;
    else /* where the stream leads is not known: the bank stays on, and all is denied */
        iommu_unit_kill(u, "a stream could not be attached");
    return err;
}

/* Transactions that were let in before may be on their way by translations that they hold: the
 * invalidation waits for them. The bank goes off only then, as a bank that is off lets pass. */
int smmuv2_detach(struct iommu_unit *u, uint32_t sid)
{
    struct smmuv2 *s = smmuv2_of(u);
    int entry = smmuv2_entry_of(s, sid);
    unsigned bank;
    int err;

    if (entry < 0)
        return 0;
    bank = s->entries[entry].bank;
    smmuv2_entry_deny(s, (unsigned)entry);
    err = smmuv2_invalidate_bank(s, bank);
    if (err)
        return err;
    if (--s->banks[bank].streams == 0)
        smmuv2_bank_put(s, bank);
    return 0;
}
