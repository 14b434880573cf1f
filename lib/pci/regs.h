/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_REGS_H
#define RF_PCI_REGS_H

#include "lib/base/mask.h"

/* Configuration space header (7.5.1). Offsets in bytes. */
#define PCI_VENDOR_ID      0x00
#define PCI_DEVICE_ID      0x02
#define PCI_COMMAND        0x04
#define PCI_COMMAND_IO     BIT(0)
#define PCI_COMMAND_MEMORY BIT(1)
#define PCI_COMMAND_MASTER BIT(2)
#define PCI_COMMAND_SERR   BIT(8)
#define PCI_COMMAND_INTX   BIT(10) /* Interrupt Disable */
#define PCI_STATUS         0x06
#define PCI_STATUS_CAPLIST BIT(4)
#define PCI_REVISION       0x08
#define PCI_CLASS          0x09
#define PCI_CACHE_LINE     0x0c
#define PCI_HEADER_TYPE    0x0e
#define PCI_HEADER_MULTI   BIT(7)
#define PCI_BAR(n)         (0x10u + 4u * (n))
#define PCI_SUBVENDOR      0x2c
#define PCI_SUBDEVICE      0x2e
#define PCI_ROM            0x30
#define PCI_CAP_POINTER    0x34
#define PCI_INT_LINE       0x3c
#define PCI_INT_PIN        0x3d

#define PCI_HEADER_NORMAL 0
#define PCI_HEADER_BRIDGE 1

/* BARs (7.5.1.2.1) */
#define PCI_BAR_IO        BIT(0)
#define PCI_BAR_TYPE      MASK(2, 1)
#define PCI_BAR_TYPE_64   2u
#define PCI_BAR_TYPE_RSVD 3u
#define PCI_BAR_PREFETCH  BIT(3)
#define PCI_BAR_MEM_ADDR  MASK(63, 4)
#define PCI_BAR_IO_ADDR   MASK(31, 2)
#define PCI_ROM_ENABLE    BIT(0)

/* Bridges (7.5.1.3) */
#define PCI_BUS_PRIMARY      0x18
#define PCI_BUS_SECONDARY    0x19
#define PCI_BUS_SUBORDINATE  0x1a
#define PCI_IO_BASE          0x1c /* 16 bits: base and limit */
#define PCI_MEM_BASE         0x20
#define PCI_MEM_LIMIT        0x22
#define PCI_PREF_BASE        0x24
#define PCI_PREF_LIMIT       0x26
#define PCI_PREF_TYPE        MASK(3, 0)
#define PCI_PREF_TYPE_64     1u
#define PCI_PREF_BASE_UPPER  0x28
#define PCI_PREF_LIMIT_UPPER 0x2c
#define PCI_IO_UPPER         0x30
#define PCI_BRIDGE_ROM       0x38
#define PCI_WINDOW_ADDR      MASK(15, 4) /* bits 31:20 of the address */

#define PCI_CAP_ID_PM     0x01
#define PCI_CAP_ID_VPD    0x03
#define PCI_CAP_ID_MSI    0x05
#define PCI_CAP_ID_VENDOR 0x09
#define PCI_CAP_ID_SSVID  0x0d
#define PCI_CAP_ID_PCIE   0x10
#define PCI_CAP_ID_MSIX   0x11
#define PCI_CAP_ID_AF     0x13

/* Power Management (7.5.2) */
#define PCI_PM_CTRL          0x04
#define PCI_PM_STATE         MASK(1, 0)
#define PCI_PM_D3HOT         3u
#define PCI_PM_NO_SOFT_RESET BIT(3)

/* MSI (7.7.1). Where data and mask are depends on the 64-bit bit. */
#define PCI_MSI_CTRL         0x02
#define PCI_MSI_ENABLE       BIT(0)
#define PCI_MSI_MMC          MASK(3, 1)
#define PCI_MSI_MME          MASK(6, 4)
#define PCI_MSI_64           BIT(7)
#define PCI_MSI_MASKABLE     BIT(8)
#define PCI_MSI_ADDR         0x04
#define PCI_MSI_ADDR_UPPER   0x08
#define PCI_MSI_DATA(is_64)  ((is_64) ? 0x0cu : 0x08u)
#define PCI_MSI_MASKS(is_64) ((is_64) ? 0x10u : 0x0cu)

/* MSI-X (7.7.2) */
#define PCI_MSIX_CTRL       0x02
#define PCI_MSIX_SIZE       MASK(10, 0)
#define PCI_MSIX_MASK_ALL   BIT(14)
#define PCI_MSIX_ENABLE     BIT(15)
#define PCI_MSIX_TABLE      0x04
#define PCI_MSIX_PBA        0x08
#define PCI_MSIX_BIR        MASK(2, 0)
#define PCI_MSIX_OFFSET     MASK(31, 3)
#define PCI_MSIX_ENTRY_SIZE 16u
#define PCI_MSIX_ENTRY_MASK BIT(0) /* in Vector Control */

/* PCI Express (7.5.3) */
#define PCI_EXP_FLAGS          0x02
#define PCI_EXP_FLAGS_VERSION  MASK(3, 0)
#define PCI_EXP_FLAGS_TYPE     MASK(7, 4)
#define PCI_EXP_FLAGS_SLOT     BIT(8)
#define PCI_EXP_FLAGS_MESSAGE  MASK(13, 9) /* Interrupt Message Number */
#define PCI_EXP_DEVCAP         0x04
#define PCI_EXP_DEVCAP_FLR     BIT(28)
#define PCI_EXP_DEVCTL         0x08
#define PCI_EXP_DEVCTL_PHANTOM BIT(9)
#define PCI_EXP_DEVCTL_FLR     BIT(15)
#define PCI_EXP_DEVSTA         0x0a
#define PCI_EXP_DEVSTA_PENDING BIT(5)
#define PCI_EXP_SLTCAP         0x14
#define PCI_EXP_SLTCAP_HPC     BIT(6)  /* Hot-Plug Capable */
#define PCI_EXP_SLTCAP_NCCS    BIT(18) /* No Command Completed Support */
#define PCI_EXP_SLTCTL         0x18
#define PCI_EXP_SLTCTL_CCIE    BIT(4)                 /* Command Completed Interrupt Enable */
#define PCI_EXP_SLTCTL_HPIE    BIT(5)                 /* Hot-Plug Interrupt Enable */
#define PCI_EXP_SLTCTL_EVENTS  (MASK(4, 0) | BIT(12)) /* the enables of single events */
#define PCI_EXP_SLTSTA         0x1a
#define PCI_EXP_SLTSTA_CC      BIT(4) /* Command Completed */
#define PCI_EXP_DEVCAP2        0x24
#define PCI_EXP_DEVCAP2_ARI    BIT(5) /* ARI Forwarding Supported */
#define PCI_EXP_DEVCTL2        0x28
#define PCI_EXP_DEVCTL2_ARI    BIT(5)

enum pci_port_type {
    PCI_PORT_ENDPOINT = 0,
    PCI_PORT_LEGACY_ENDPOINT = 1,
    PCI_PORT_ROOT = 4,
    PCI_PORT_UPSTREAM = 5,
    PCI_PORT_DOWNSTREAM = 6,
    PCI_PORT_PCIE_TO_PCI = 7,
    PCI_PORT_PCI_TO_PCIE = 8,
    PCI_PORT_RC_ENDPOINT = 9,
    PCI_PORT_RC_EVENT = 10,
};

/* Advanced Features (Conventional PCI Advanced Capabilities ECN) */
#define PCI_AF_CAP       0x03
#define PCI_AF_CAP_TP    BIT(0)
#define PCI_AF_CAP_FLR   BIT(1)
#define PCI_AF_CTRL      0x04
#define PCI_AF_CTRL_FLR  BIT(0)
#define PCI_AF_STATUS    0x05
#define PCI_AF_STATUS_TP BIT(0)

/* Extended capabilities: the header (7.6.3) */
#define PCI_EXT_CAP_ID    MASK(15, 0)
#define PCI_EXT_CAP_NEXT  MASK(31, 20)
#define PCI_EXT_CAP_FIRST 0x100u

/* Access Control Services (7.7.8) */
#define PCI_ACS_CAP  0x04
#define PCI_ACS_CTRL 0x06
#define PCI_ACS_SV   BIT(0) /* Source Validation */
#define PCI_ACS_TB   BIT(1) /* Translation Blocking */
#define PCI_ACS_RR   BIT(2) /* P2P Request Redirect */
#define PCI_ACS_CR   BIT(3) /* P2P Completion Redirect */
#define PCI_ACS_UF   BIT(4) /* Upstream Forwarding */

/* What lets a function reach memory by another way than plain requests. */
#define PCI_ATS_CTRL     0x06
#define PCI_ATS_ENABLE   BIT(15)
#define PCI_PASID_CTRL   0x06
#define PCI_PASID_ENABLE BIT(0)
#define PCI_PRI_CTRL     0x04
#define PCI_PRI_ENABLE   BIT(0)

/* Single Root I/O Virtualization (9.3.3) */
#define PCI_SRIOV_CTRL      0x08
#define PCI_SRIOV_VF_ENABLE BIT(0)
#define PCI_SRIOV_VF_MEMORY BIT(3)
#define PCI_SRIOV_ARI       BIT(4) /* ARI Capable Hierarchy */
#define PCI_SRIOV_INITIAL   0x0c   /* InitialVFs */
#define PCI_SRIOV_TOTAL     0x0e   /* TotalVFs */
#define PCI_SRIOV_NUM       0x10   /* NumVFs */
#define PCI_SRIOV_OFFSET    0x14   /* First VF Offset */
#define PCI_SRIOV_STRIDE    0x16   /* VF Stride */
#define PCI_SRIOV_DEVICE    0x1a   /* VF Device ID */
#define PCI_SRIOV_PAGES     0x1c   /* Supported Page Sizes; bit n: 2^(n+12) bytes */
#define PCI_SRIOV_PAGE_SIZE 0x20   /* System Page Size, one such bit */
#define PCI_SRIOV_PAGE_4K   BIT(0)
#define PCI_SRIOV_BAR(n)    (0x24u + 4u * (n))
#define PCI_SRIOV_SIZE      0x40u

#define PCI_EXT_CAP_ID_ACS   0x000d
#define PCI_EXT_CAP_ID_ARI   0x000e
#define PCI_EXT_CAP_ID_ATS   0x000f
#define PCI_EXT_CAP_ID_SRIOV 0x0010
#define PCI_EXT_CAP_ID_PRI   0x0013
#define PCI_EXT_CAP_ID_PASID 0x001b

#define PCI_CFG_SIZE   4096u
#define PCI_CFG_COMPAT 256u

#endif
