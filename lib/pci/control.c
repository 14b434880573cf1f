/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/item.h"
#include "lib/pci/regs.h"

/* Bits of the command register (7.5.1.1.3). A bridge forwards requests upstream only with its own
 * Bus Master bit, and accesses downstream only with its Memory bit (7.5.1.3), so a bit is on in the
 * bridges above exactly while a function behind them has it. */

static bool has_bit(const struct pci_dev *d, uint32_t bit)
{
    uint32_t command = pci_read(d, PCI_COMMAND, 2);

    return command != 0xffff && (command & bit); /* all ones: the function is gone */
}

/* One that is gone may take the write when it comes back: then nothing else is on. */
static void set_bit(const struct pci_dev *d, uint32_t bit, bool on)
{
    uint32_t command = pci_read(d, PCI_COMMAND, 2);

    if (command == 0xffff)
        command = PCI_COMMAND_INTX;
    pci_write(d, PCI_COMMAND, 2, on ? command | bit : command & ~bit);
}

static bool is_needed(const struct pci_dev *bridge, uint32_t bit)
{
    const struct pci_dev *d;

    TAILQ_FOREACH (d, &bridge->host->devs, link) {
        if (!d->is_bridge && pci_is_below(d, bridge) && has_bit(d, bit))
            return true;
    }
    return false;
}

/* On from the root down, off from the function up: there is never a bridge that forwards for
 * nobody, nor a function that is on behind a bridge that is not. */
static void switch_on(const struct pci_dev *d, uint32_t bit)
{
    if (d->parent)
        switch_on(d->parent, bit);
    set_bit(d, bit, true);
}

static void switch_off(const struct pci_dev *d, uint32_t bit)
{
    set_bit(d, bit, false);
    for (const struct pci_dev *b = d->parent; b && !is_needed(b, bit); b = b->parent)
        set_bit(b, bit, false);
}

static void switch_bit(const struct pci_dev *d, uint32_t bit, bool on)
{
    if (on)
        switch_on(d, bit);
    else
        switch_off(d, bit);
}

void pci_set_bus_master(const struct pci_dev *d, bool on)
{
    switch_bit(d, PCI_COMMAND_MASTER, on);
}

void pci_set_memory(const struct pci_dev *d, bool on)
{
    switch_bit(d, PCI_COMMAND_MEMORY, on);
}

bool pci_bus_master(const struct pci_dev *d)
{
    return has_bit(d, PCI_COMMAND_MASTER);
}

bool pci_memory(const struct pci_dev *d)
{
    return has_bit(d, PCI_COMMAND_MEMORY);
}
