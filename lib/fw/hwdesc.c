/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/scope.h"

#include "lib/base/err.h"

static const struct hw_idmap *find(const struct hw_idmap *m, unsigned count, uint32_t id)
{
    for (unsigned i = 0; i < count; i++) {
        if (id >= m[i].rid_base && id - m[i].rid_base < m[i].length)
            return &m[i];
    }
    return NULL;
}

static uint32_t output_of(const struct hw_idmap *m, uint32_t id)
{
    return m->single ? m->output_base : m->output_base + (id - m->rid_base);
}

int hwdesc_stream_of(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                     unsigned *iommu, uint32_t *stream)
{
    uint32_t id = rid & host->iommu_map_mask;
    const struct hw_idmap *m = find(host->iommu_map, host->iommu_map_count, id);

    if (!m)
        return hw_unit_by_scope(hw, host->segment, rid, iommu, stream);
    if (m->target < 0 || (unsigned)m->target >= hw->iommu_count)
        return -RF_EINVAL;
    *iommu = (unsigned)m->target;
    *stream = output_of(m, id) & ~hw->iommu[*iommu].sid_ignore;
    return 0;
}

int hwdesc_stream_of_vf(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                        uint16_t pf, unsigned *iommu, uint32_t *stream)
{
    int err;

    if (find(host->iommu_map, host->iommu_map_count, rid & host->iommu_map_mask))
        return hwdesc_stream_of(hw, host, rid, iommu, stream);
    err = hw_unit_by_scope(hw, host->segment, pf, iommu, stream);
    *stream = rid;
    return err;
}

int hwdesc_msi_of(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                  unsigned *frame, uint32_t *device_id)
{
    uint32_t id = rid & host->msi_map_mask;
    const struct hw_idmap *m = find(host->msi_map, host->msi_map_count, id);

    if (!m)
        return -RF_ENODEV;
    if (m->target < 0 || (unsigned)m->target >= hw->msi_count)
        return -RF_EINVAL;
    *frame = (unsigned)m->target;
    *device_id = output_of(m, id);
    return 0;
}

bool hwdesc_iova_is_of(const struct hwdesc *hw, const struct hw_iova *v,
                       const struct hw_pci_host *host, uint16_t rid)
{
    unsigned iommu;
    uint32_t stream;

    if (v->scopes.count != 0)
        return hw_scopes_have(hw, v->scopes, host->segment, rid);
    return hwdesc_stream_of(hw, host, rid, &iommu, &stream) == 0 && iommu == v->iommu &&
           range_has(v->streams, stream);
}

bool hwdesc_firmware_uses(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid)
{
    for (unsigned i = 0; i < hw->iova_count; i++) {
        if (hw->iova[i].in_use && hwdesc_iova_is_of(hw, &hw->iova[i], host, rid))
            return true;
    }
    return false;
}
