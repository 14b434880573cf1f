/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/state.h"

/* Fault reasons: those of requests with the names of their conditions (VT-d 7.1.3), those of
 * interrupts (5.1.4.1), which have none there. */
#define BUG      "a defect of this kernel; please report it with this record"
#define BAD_RAM  "the unit cannot reach kernel memory; check the machine's memory and interconnect"
#define NOT_OPEN "attach the device first; if it is attached, check the scopes of the DMAR table"
#define MAP_IT                                                                          \
    "map it with VFIO_IOMMU_MAP_DMA before the device uses it; if it was mapped, look " \
    "for a device that still works on memory after the unmap"
#define MAP_RIGHT "map it, or map it with the right that the device needs"
#define ATS_OFF   "ATS and PASID are off; check that the device's capabilities are disabled"
#define NOT_ITS   "the device wrote an interrupt that is not its own: distrust it"
#define NO_CODE   "a device may only read and write"
#define INTERRUPT "interrupt fault"

static const struct vtd_reason reasons[] = {
    {0x01, "LRT.2", "the device's bus has no context table", NOT_OPEN},
    {0x02, "LCT.2", "the device's context entry is not present", NOT_OPEN},
    {0x03, "LCT.4", "the context entry is invalid", BUG},
    {0x04, "LGN.1", "the address is above what the unit translates", MAP_IT},
    {0x05, "LGN.2", "the address is not mapped for writing", MAP_RIGHT},
    {0x06, "LGN.3", "the address is not mapped for reading", MAP_RIGHT},
    {0x07, "LSS.1", "the unit could not read a page table", BAD_RAM},
    {0x08, "LRT.1", "the unit could not read the root table", BAD_RAM},
    {0x09, "LCT.1", "the unit could not read a context table", BAD_RAM},
    {0x0a, "LRT.3", "the root entry has reserved bits set", BUG},
    {0x0b, "LCT.3", "the context entry has reserved bits set", BUG},
    {0x0c, "LSS.2", "a page-table entry has reserved bits set", BUG},
    {0x0d, "LCT.5", "the device asked for, or used, a translation by ATS", ATS_OFF},
    {0x0e, "LGN.4", "the mapping leads to where interrupts are written", BUG},
    {0x20, INTERRUPT, "the interrupt request has reserved bits set", NOT_ITS},
    {0x21, INTERRUPT, "no interrupt has this number", NOT_ITS},
    {0x22, INTERRUPT, "the interrupt is not in use", NOT_ITS},
    {0x23, INTERRUPT, "the unit could not read the interrupt table", BAD_RAM},
    {0x24, INTERRUPT, "the interrupt's entry has reserved bits set", BUG},
    {0x25, INTERRUPT, "the interrupt is not in the remappable format", NOT_ITS},
    {0x26, INTERRUPT, "the interrupt belongs to another device", NOT_ITS},
    {0x27, INTERRUPT, "the unit could not read a posted descriptor", BUG},
    {0x28, INTERRUPT, "a posted descriptor has reserved bits set", BUG},
    {0x29, INTERRUPT, "an access to where interrupts are written that is none",
     "interrupts are raised by writes of four bytes only"},
    {0x2a, INTERRUPT, "the unit wants entries with wide APIC ids", BUG},
    {0x2b, INTERRUPT, "the unit wants its remapping to be on", BUG},
    {0x30, "RTA.1", "the root table address is invalid", BUG},
    {0x31, "RTA.2", "a request with PASID, and the table mode is legacy", ATS_OFF},
    {0x32, "RTA.3", "a page request, and the table mode is legacy", ATS_OFF},
    {0x33, "RTA.4", "the table mode aborts all", BUG},
    {0x34, "RTA.5", "the device asked to execute", NO_CODE},
    {0x38, "SRT.1", "the unit could not read the root table", BAD_RAM},
    {0x39, "SRT.2", "the device's bus has no context table", NOT_OPEN},
    {0x3a, "SRT.3", "the root entry has reserved bits set", BUG},
    {0x40, "SCT.1", "the unit could not read a context table", BAD_RAM},
    {0x41, "SCT.2", "the device's context entry is not present", NOT_OPEN},
    {0x42, "SCT.3", "the context entry has reserved bits set", BUG},
    {0x43, "SCT.4", "the context entry is invalid", BUG},
    {0x44, "SCT.5", "the device asked for, or used, a translation by ATS", ATS_OFF},
    {0x45, "SCT.6", "the request carries a PASID", ATS_OFF},
    {0x46, "SCT.7", "the PASID is beyond the table", ATS_OFF},
    {0x47, "SCT.8", "the device asked for a page", ATS_OFF},
    {0x48, "SCT.9", "the request carries the PASID that stands for none", ATS_OFF},
    {0x49, "SCT.10", "a translated request carries a PASID", ATS_OFF},
    {0x50, "SPD.1", "the unit could not read the PASID directory", BAD_RAM},
    {0x51, "SPD.2", "the PASID directory entry is not present", BUG},
    {0x52, "SPD.3", "the PASID directory entry has reserved bits set", BUG},
    {0x58, "SPT.1", "the unit could not read the PASID table", BAD_RAM},
    {0x59, "SPT.2", "the PASID-table entry is not present", BUG},
    {0x5a, "SPT.3", "the PASID-table entry has reserved bits set", BUG},
    {0x5b, "SPT.4", "the PASID-table entry is invalid", BUG},
    {0x5c, "SPT.5", "the device asked to execute", NO_CODE},
    {0x5d, "SPT.6", "the device asked as supervisor", ATS_OFF},
    {0x60, "SPT.9", "a translated request is above the table of permissions", ATS_OFF},
    {0x70, "SFS.1", "the unit could not read a first-stage table", BAD_RAM},
    {0x71, "SFS.2", "the address is not mapped", MAP_IT},
    {0x72, "SFS.3", "a first-stage entry has reserved bits set", BUG},
    {0x73, "SFS.4", "the unit could not read the first-stage root", BAD_RAM},
    {0x74, "SFS.5", "a first-stage entry leads beyond the second stage", BUG},
    {0x75, "SFS.6", "the second stage does not let the first-stage root be read", BUG},
    {0x76, "SFS.7", "the second stage does not let a first-stage entry be read", BUG},
    {0x77, "SFS.8", "the second stage does not let a first-stage entry be written", BUG},
    {0x78, "SSS.1", "the unit could not read a second-stage table", BAD_RAM},
    {0x79, "SSS.2", "the address is not mapped for this access", MAP_RIGHT},
    {0x7a, "SSS.3", "a second-stage entry has reserved bits set", BUG},
    {0x7b, "SSS.4", "the unit could not read the second-stage root", BAD_RAM},
    {0x7c, "SSS.5", "the second stage needs a bit set, and walks do not snoop", BUG},
    {0x7d, "SSS.6", "a bit of a second-stage entry could not be set", BUG},
    {0x80, "SGN.1", "the address is not canonical", MAP_IT},
    {0x81, "SGN.2", "the mapping is for supervisors", BUG},
    {0x82, "SGN.3", "the mapping does not allow execution", NO_CODE},
    {0x83, "SGN.4", "the address is above what the unit takes", MAP_IT},
    {0x84, "SGN.5", "the address is above the second stage", MAP_IT},
    {0x85, "SGN.6", "the mapping does not allow writing",
     "map it with VFIO_DMA_MAP_FLAG_WRITE if the device has to write there"},
    {0x86, "SGN.7", "the mapping does not allow reading",
     "map it with VFIO_DMA_MAP_FLAG_READ if the device has to read there"},
    {0x87, "SGN.8", "the mapping leads to where interrupts are written", BUG},
    {0x89, "SGN.10", "the PASID is larger than the unit knows", ATS_OFF},
    {0x90, "SFS.9", "the first stage needs a bit set, and walks do not snoop", BUG},
    {0x91, "SFS.10", "a bit of a first-stage entry could not be set", BUG},
};

const struct vtd_reason *vtd_find_reason(uint8_t code)
{
    static const struct vtd_reason unknown = {
        0, "unknown fault reason", "the number is not in the specification this driver knows",
        "look it up in the specification of the machine's processor"};

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
        if (reasons[i].code == code)
            return &reasons[i];
    return &unknown;
}
