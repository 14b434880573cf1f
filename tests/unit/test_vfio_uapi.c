/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/vfio/uapi.h against the <linux/vfio.h> of the machine that runs the test. Both define the
 * same names: ours live in a function's scope, so that the two do not meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base/mask.h"
#include "lib/base/types.h"

#define NUMBERS(X)                            \
    X(VFIO_API_VERSION)                       \
    X(VFIO_GET_API_VERSION)                   \
    X(VFIO_CHECK_EXTENSION)                   \
    X(VFIO_SET_IOMMU)                         \
    X(VFIO_TYPE1_IOMMU)                       \
    X(VFIO_TYPE1v2_IOMMU)                     \
    X(VFIO_UNMAP_ALL)                         \
    X(VFIO_IOMMU_GET_INFO)                    \
    X(VFIO_IOMMU_MAP_DMA)                     \
    X(VFIO_IOMMU_UNMAP_DMA)                   \
    X(VFIO_IOMMU_DIRTY_PAGES)                 \
    X(VFIO_IOMMU_INFO_PGSIZES)                \
    X(VFIO_IOMMU_INFO_CAPS)                   \
    X(VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)   \
    X(VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL)        \
    X(VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION)    \
    X(VFIO_IOMMU_DIRTY_PAGES_FLAG_START)      \
    X(VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP)       \
    X(VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP) \
    X(VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP)   \
    X(VFIO_DMA_MAP_FLAG_READ)                 \
    X(VFIO_DMA_MAP_FLAG_WRITE)                \
    X(VFIO_DMA_UNMAP_FLAG_ALL)                \
    X(VFIO_GROUP_GET_STATUS)                  \
    X(VFIO_GROUP_SET_CONTAINER)               \
    X(VFIO_GROUP_UNSET_CONTAINER)             \
    X(VFIO_GROUP_GET_DEVICE_FD)               \
    X(VFIO_GROUP_FLAGS_VIABLE)                \
    X(VFIO_GROUP_FLAGS_CONTAINER_SET)         \
    X(VFIO_DEVICE_GET_INFO)                   \
    X(VFIO_DEVICE_GET_REGION_INFO)            \
    X(VFIO_DEVICE_GET_IRQ_INFO)               \
    X(VFIO_DEVICE_SET_IRQS)                   \
    X(VFIO_DEVICE_RESET)                      \
    X(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO)     \
    X(VFIO_DEVICE_PCI_HOT_RESET)              \
    X(VFIO_DEVICE_FEATURE)                    \
    X(VFIO_DEVICE_FLAGS_RESET)                \
    X(VFIO_DEVICE_FLAGS_PCI)                  \
    X(VFIO_REGION_INFO_FLAG_READ)             \
    X(VFIO_REGION_INFO_FLAG_WRITE)            \
    X(VFIO_REGION_INFO_FLAG_MMAP)             \
    X(VFIO_REGION_INFO_FLAG_CAPS)             \
    X(VFIO_REGION_INFO_CAP_SPARSE_MMAP)       \
    X(VFIO_IRQ_INFO_EVENTFD)                  \
    X(VFIO_IRQ_INFO_NORESIZE)                 \
    X(VFIO_IRQ_SET_DATA_NONE)                 \
    X(VFIO_IRQ_SET_DATA_BOOL)                 \
    X(VFIO_IRQ_SET_DATA_EVENTFD)              \
    X(VFIO_IRQ_SET_ACTION_MASK)               \
    X(VFIO_IRQ_SET_ACTION_UNMASK)             \
    X(VFIO_IRQ_SET_ACTION_TRIGGER)            \
    X(VFIO_IRQ_SET_DATA_TYPE_MASK)            \
    X(VFIO_IRQ_SET_ACTION_TYPE_MASK)          \
    X(VFIO_PCI_BAR0_REGION_INDEX)             \
    X(VFIO_PCI_BAR5_REGION_INDEX)             \
    X(VFIO_PCI_ROM_REGION_INDEX)              \
    X(VFIO_PCI_CONFIG_REGION_INDEX)           \
    X(VFIO_PCI_VGA_REGION_INDEX)              \
    X(VFIO_PCI_NUM_REGIONS)                   \
    X(VFIO_PCI_INTX_IRQ_INDEX)                \
    X(VFIO_PCI_MSI_IRQ_INDEX)                 \
    X(VFIO_PCI_MSIX_IRQ_INDEX)                \
    X(VFIO_PCI_ERR_IRQ_INDEX)                 \
    X(VFIO_PCI_REQ_IRQ_INDEX)                 \
    X(VFIO_PCI_NUM_IRQS)

#define MEMBERS(X)                                                \
    X(vfio_info_cap_header, id)                                   \
    X(vfio_info_cap_header, version)                              \
    X(vfio_info_cap_header, next)                                 \
    X(vfio_iommu_type1_info, argsz)                               \
    X(vfio_iommu_type1_info, flags)                               \
    X(vfio_iommu_type1_info, iova_pgsizes)                        \
    X(vfio_iommu_type1_info, cap_offset)                          \
    X(vfio_iova_range, start)                                     \
    X(vfio_iova_range, end)                                       \
    X(vfio_iommu_type1_info_cap_iova_range, header)               \
    X(vfio_iommu_type1_info_cap_iova_range, nr_iovas)             \
    X(vfio_iommu_type1_info_cap_iova_range, reserved)             \
    X(vfio_iommu_type1_info_cap_iova_range, iova_ranges)          \
    X(vfio_iommu_type1_info_dma_avail, header)                    \
    X(vfio_iommu_type1_info_dma_avail, avail)                     \
    X(vfio_iommu_type1_dma_map, argsz)                            \
    X(vfio_iommu_type1_dma_map, flags)                            \
    X(vfio_iommu_type1_dma_map, vaddr)                            \
    X(vfio_iommu_type1_dma_map, iova)                             \
    X(vfio_iommu_type1_dma_map, size)                             \
    X(vfio_iommu_type1_dma_unmap, argsz)                          \
    X(vfio_iommu_type1_dma_unmap, flags)                          \
    X(vfio_iommu_type1_dma_unmap, iova)                           \
    X(vfio_iommu_type1_dma_unmap, size)                           \
    X(vfio_iommu_type1_dma_unmap, data)                           \
    X(vfio_bitmap, pgsize)                                        \
    X(vfio_bitmap, size)                                          \
    X(vfio_bitmap, data)                                          \
    X(vfio_iommu_type1_dirty_bitmap, argsz)                       \
    X(vfio_iommu_type1_dirty_bitmap, flags)                       \
    X(vfio_iommu_type1_dirty_bitmap, data)                        \
    X(vfio_iommu_type1_dirty_bitmap_get, iova)                    \
    X(vfio_iommu_type1_dirty_bitmap_get, size)                    \
    X(vfio_iommu_type1_dirty_bitmap_get, bitmap)                  \
    X(vfio_iommu_type1_info_cap_migration, flags)                 \
    X(vfio_iommu_type1_info_cap_migration, pgsize_bitmap)         \
    X(vfio_iommu_type1_info_cap_migration, max_dirty_bitmap_size) \
    X(vfio_group_status, argsz)                                   \
    X(vfio_group_status, flags)                                   \
    X(vfio_device_info, argsz)                                    \
    X(vfio_device_info, flags)                                    \
    X(vfio_device_info, num_regions)                              \
    X(vfio_device_info, num_irqs)                                 \
    X(vfio_device_info, cap_offset)                               \
    X(vfio_region_info, argsz)                                    \
    X(vfio_region_info, flags)                                    \
    X(vfio_region_info, index)                                    \
    X(vfio_region_info, cap_offset)                               \
    X(vfio_region_info, size)                                     \
    X(vfio_region_info, offset)                                   \
    X(vfio_region_sparse_mmap_area, offset)                       \
    X(vfio_region_sparse_mmap_area, size)                         \
    X(vfio_region_info_cap_sparse_mmap, header)                   \
    X(vfio_region_info_cap_sparse_mmap, nr_areas)                 \
    X(vfio_region_info_cap_sparse_mmap, reserved)                 \
    X(vfio_region_info_cap_sparse_mmap, areas)                    \
    X(vfio_irq_info, argsz)                                       \
    X(vfio_irq_info, flags)                                       \
    X(vfio_irq_info, index)                                       \
    X(vfio_irq_info, count)                                       \
    X(vfio_irq_set, argsz)                                        \
    X(vfio_irq_set, flags)                                        \
    X(vfio_irq_set, index)                                        \
    X(vfio_irq_set, start)                                        \
    X(vfio_irq_set, count)                                        \
    X(vfio_irq_set, data)

struct fact {
    const char *name;
    uint64_t value;
};

#define NUMBER(name)       {#name, name},
#define MEMBER(type, name) {#type "." #name, offsetof(struct type, name)},
#define FACTS              {NUMBERS(NUMBER) MEMBERS(MEMBER)}

#define FACT_MAX 256

static size_t keep(struct fact *out, const struct fact *facts, size_t n)
{
    assert_true(n <= FACT_MAX);
    for (size_t i = 0; i < n; i++)
        out[i] = facts[i];
    return n;
}

static size_t our_facts(struct fact *out)
{
#include "lib/vfio/uapi.h"
    const struct fact facts[] = FACTS;

    return keep(out, facts, ARRAY_SIZE(facts));
}

#include <linux/vfio.h>

static size_t linux_facts(struct fact *out)
{
    const struct fact facts[] = FACTS;

    return keep(out, facts, ARRAY_SIZE(facts));
}

static void numbers_and_layouts_are_linux(void **state)
{
    static struct fact ours[FACT_MAX], theirs[FACT_MAX];
    size_t n = our_facts(ours);

    (void)state;
    assert_int_equal(linux_facts(theirs), n);
    for (size_t i = 0; i < n; i++) {
        if (ours[i].value != theirs[i].value)
            fail_msg("%s is 0x%lx here and 0x%lx in <linux/vfio.h>", ours[i].name, ours[i].value,
                     theirs[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_layouts_are_linux)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
