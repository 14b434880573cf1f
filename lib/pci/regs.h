/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_REGS_H
#define RF_PCI_REGS_H

#include "lib/base/mask.h"

/* Configuration space header (7.5.1). Offsets in bytes. */
#define PCI_VENDOR_ID       0x00
#define PCI_DEVICE_ID       0x02
#define PCI_COMMAND         0x04
#define PCI_COMMAND_IO      BIT(0)
#define PCI_COMMAND_MEMORY  BIT(1)
#define PCI_COMMAND_MASTER  BIT(2)
#define PCI_COMMAND_SERR    BIT(8)
#define PCI_COMMAND_INTX    BIT(10) /* Interrupt Disable */
#define PCI_STATUS          0x06
#define PCI_STATUS_CAPLIST  BIT(4)
#define PCI_REVISION        0x08
#define PCI_CLASS           0x09
#define PCI_CACHE_LINE      0x0c
#define PCI_HEADER_TYPE     0x0e
#define PCI_HEADER_MULTI    BIT(7)
#define PCI_BAR(n)          (0x10u + 4u * (n))
#define PCI_SUBVENDOR       0x2c
#define PCI_SUBDEVICE       0x2e
#define PCI_ROM             0x30
#define PCI_CAP_POINTER     0x34
#define PCI_INT_LINE        0x3c
#define PCI_INT_PIN         0x3d

#define PCI_CAP_ID_PM    0x01
#define PCI_CAP_ID_MSI   0x05
#define PCI_CAP_ID_PCIE  0x10
#define PCI_CAP_ID_MSIX  0x11
#define PCI_CAP_ID_AF    0x13

#define PCI_EXT_CAP_ID_ACS   0x000d
#define PCI_EXT_CAP_ID_ARI   0x000e
#define PCI_EXT_CAP_ID_ATS   0x000f
#define PCI_EXT_CAP_ID_SRIOV 0x0010
#define PCI_EXT_CAP_ID_PRI   0x0013
#define PCI_EXT_CAP_ID_PASID 0x001b

#define PCI_CFG_SIZE  4096u
#define PCI_CFG_COMPAT 256u

#endif
