/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_VTD_STRUCTS_H
#define RF_DRIVERS_VTD_STRUCTS_H

#include "lib/base/mask.h"

/* Structures in memory (VT-d 6.5.2 and chapter 9). The digit in a name is the 64-bit word the field
 * is in; bit numbers are within that word. A field that is not here is always written as 0. Every
 * structure is valid by bit 0 of its first word. */
#define ENTRY_P   BIT(0)
#define ENTRY_PTR MASK(63, 12)

/* Root entry (9.1): word 0 points to the context table of the bus. Scalable mode (9.2): word 0 for
 * the devices below 16, word 1 for those above. */
#define ROOT_WORDS 2u

/* Context entry (9.3). TT stays 0: untranslated requests go through the second stage, all others
 * are blocked. */
#define CTX_WORDS 2u
#define CTX1_AW   MASK(2, 0)
#define CTX1_DID  MASK(23, 8)

/* Scalable-mode context entry (9.4). RID_PASID stays 0: requests without PASID go by entry 0 of the
 * PASID table. DTE, PASIDE and PRE stay 0: no ATS, no PASIDs, no page requests. PDTS stays 0: the
 * directory has 128 entries. */
#define SM_CTX_WORDS 4u

/* PASID-table entry (9.6). */
#define PASID_WORDS  8u
#define PASID0_AW    MASK(4, 2)
#define PASID0_PGTT  MASK(8, 6)
#define PGTT_FS      1u
#define PGTT_SS      2u
#define PASID1_DID   MASK(15, 0)
#define PASID1_PWSNP BIT(23)
#define PASID1_PGSNP BIT(24)
#define PASID2_FSPM  MASK(3, 2) /* 0: 4 levels */

/* IRTE, interrupt remapping table entry (9.10). DLM stays 0 (fixed: no SMI, NMI or INIT), DM 0
 * (physical), RH 0, FPD 0. */
#define IRTE_WORDS      2u
#define IRTE0_TM        BIT(4) /* level triggered */
#define IRTE0_V         MASK(23, 16)
#define IRTE0_DST       MASK(63, 32)
#define IRTE0_DST_XAPIC MASK(47, 40)
#define IRTE1_SID       MASK(15, 0)
#define IRTE1_SVT       MASK(19, 18)
#define SVT_SID         1u /* SID, all 16 bits as SQ is 0 */
#define SVT_BUS         2u /* SID is the first bus and the last bus */

/* Remappable MSI (5.1.2.2). */
#define MSI_ADDR_BASE  UINT64_C(0xfee00000)
#define MSI_ADDR_LAST  UINT64_C(0xfeefffff)
#define MSI_HANDLE_15  BIT(2)
#define MSI_SHV        BIT(3) /* the data is added to the handle */
#define MSI_REMAPPABLE BIT(4)
#define MSI_HANDLE     MASK(19, 5)
#define MSI_HANDLE_LOW MASK(14, 0)
/* What a compatible MSI says (5.1.2.1): the destination, whose upper bits are where FEUADDR has
 * them. */
#define MSI_DEST      MASK(19, 12)
#define MSI_DEST_HIGH MASK(63, 40)
#define MSI_VECTOR    MASK(7, 0)

/* Invalidation descriptors (6.5.2). All are 128 bits here; of a 256-bit slot the rest is 0. */
#define DESC_WORDS     2u
#define DESC0_TYPE     MASK(3, 0)
#define DESC_CONTEXT   1u
#define DESC_IOTLB     2u
#define DESC_IEC       4u
#define DESC_WAIT      5u
#define DESC_PIOTLB    6u
#define DESC_PASID     7u
#define DESC0_G        MASK(5, 4)
#define G_GLOBAL       1u /* of contexts and IOTLB */
#define G_DOMAIN       2u
#define G_DEVICE       3u
#define G_PAGE         3u
#define G_PIOTLB_PASID 2u
#define G_PIOTLB_PAGE  3u
#define G_PASID_ONE    1u
#define G_PASID_ALL    3u
#define DESC0_DID      MASK(31, 16)
#define CONTEXT0_SID   MASK(47, 32)
#define IOTLB0_DW      BIT(6)
#define IOTLB0_DR      BIT(7)
#define PAGES1_AM      MASK(5, 0)
#define PAGES1_IH      BIT(6)
#define PAGES1_ADDR    MASK(63, 12)
#define IEC0_SELECT    BIT(4)
#define IEC0_IM        MASK(31, 27)
#define IEC0_INDEX     MASK(47, 32)
#define WAIT0_SW       BIT(5)
#define WAIT0_DATA     MASK(63, 32)

#endif
