/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_SLOT_H
#define RF_PCI_SLOT_H

#include "arch/mmio.h"
#include "lib/pci/pci.h"

/* A root port with a hot-plug slot sends an interrupt for every command that the slot completes,
 * and a write to Slot Control is a command whatever it changes (6.7.3.2, 7.5.3.10). So software can
 * make such a port write one message to memory, at any address, with no device behind it. */
struct pci_slot {
    const struct pci_dev *port; /* pci_slot_can_send() */
    const struct mmio *table;   /* its MSI-X table, used when it has no MSI */
    uint16_t entry;             /* of the table, by pci_slot_send */
    uint16_t command, control;  /* as pci_slot_send found them */
};

/* True for a root port with a slot that is hot-plug capable and tells when a command completed, and
 * with MSI, or MSI-X whose table has an address. */
bool pci_slot_can_send(const struct pci_dev *d);

/* Switches the port's bus mastering on and lets it write `data` (16 bits) to `address` (a multiple
 * of 4) once. The write is posted: it may arrive later. -RF_EINVAL: the message does not fit the
 * port's registers, which then are as before. */
int pci_slot_send(struct pci_slot *s, uint64_t address, uint32_t data);

/* After a pci_slot_send that returned 0: Slot Control and the command register are as found, no
 * completed command is pending, MSI and MSI-X are off, their address and data 0. Nothing that the
 * port wrote is on its way any more. Waits at most 1 s for each of two commands. */
void pci_slot_restore(const struct pci_slot *s);

#endif
