/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/pci.h"

#include <string.h>

uint32_t pci_read(const struct pci_dev *d, unsigned off, unsigned width)
{
    return d->host->ops->read(d->host, d->rid, off, width);
}

void pci_write(const struct pci_dev *d, unsigned off, unsigned width, uint32_t v)
{
    d->host->ops->write(d->host, d->rid, off, width, v);
}

struct pci_dev *pci_find(struct pci_host *const *hosts, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        struct pci_dev *d;

        TAILQ_FOREACH (d, &hosts[i]->devs, link) {
            if (strcmp(d->name, name) == 0)
                return d;
        }
    }
    return NULL;
}
