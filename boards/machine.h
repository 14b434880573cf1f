/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_MACHINE_H
#define RF_BOARDS_MACHINE_H

#include "arch/mmio.h"
#include "lib/boot/bootinfo.h"
#include "lib/boot/cmdline.h"
#include "lib/fw/hwdesc.h"
#include "lib/iommu/group.h"
#include "lib/irq/msi.h"
#include "lib/pci/pci.h"

/* Who may use a PCI function. */
enum owner {
    OWNER_NOBODY,   /* bus mastering stays off; `why` says why */
    OWNER_KERNEL,   /* bridges */
    OWNER_WORKLOAD, /* offered under /dev/vfio */
};

struct function {
    struct pci_dev *pci;
    char label[40];          /* "nvme 0000:01:00.0" */
    struct iommu_unit *unit; /* NULL: no IOMMU covers it */
    uint32_t stream;
    struct iommu_group *group;
    struct msi_controller *msi;
    enum owner owner;
    const char *why;
};

/* Where the DMA of a host bridge goes, as one write of a root port has shown. */
enum dma_path {
    DMA_UNTESTED, /* firmware's word is all there is; `why` says why */
    DMA_PROVEN,   /* through the IOMMU */
    DMA_REFUTED,  /* around it */
};

struct dma_verdict {
    enum dma_path path;
    const struct pci_dev *port; /* that was told to write; NULL: none */
    const char *why;
};

struct firmware;
struct iommu_driver;

/* The whole machine, filled stage by stage by kmain; read-only for the report. */
struct machine {
    const struct bootinfo *boot;
    const struct firmware *firmware;
    struct cmdline cmd;
    struct hwdesc hw;
    const struct iommu_driver *driver[HW_IOMMUS]; /* parallel to hw.iommu; NULL: none */
    struct iommu_unit *unit[HW_IOMMUS];           /* parallel to hw.iommu; NULL: not driven */
    struct msi_controller *msi[HW_MSI_FRAMES];    /* parallel to hw.msi */
    struct pci_host *host[HW_PCI_HOSTS];          /* parallel to hw.host */
    struct dma_verdict verdict[HW_PCI_HOSTS];     /* parallel to hw.host */
    unsigned function_count;
    struct function *function;
    uint64_t ram_used; /* bytes, before the workload is loaded */
};

/* The machine cannot do what was asked: one line that says what and what to do, every IOMMU
 * blocked, power off with STATUS_REFUSED. */
#define STATUS_REFUSED 78
_Noreturn void stop(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From here on what firmware described and nobody answers to is a stop() that names it. */
void bus_errors_explain(const struct machine *m);

/* Puts a console in the place of one that firmware described and that is none. Nothing when lines
 * are written already. */
void console_fall_back(void);

/* The stages, in this order. Each leaves through stop() when the machine cannot go on. */
void memory_start_early(const struct machine *m); /* page allocator over the early pages, MMU */
void firmware_choose(struct machine *m);          /* of those that the board may have */
void console_start(struct machine *m);            /* from here on lines can be read */
void firmware_read(struct machine *m);      /* the machine's description and the command line */
void memory_start(struct machine *m);       /* all RAM mapped and handed to lib/mem */
void dma_deny(struct machine *m);           /* every IOMMU taken, every stream denied */
void interrupts_start(struct machine *m);   /* interrupt controller, timer, MSI frames */
void devices_find(struct machine *m);       /* PCI walk, BARs, isolation groups, streams */
void devices_prove(struct machine *m);      /* does DMA go where firmware's map says? */
void devices_offer(struct machine *m);      /* VFIO devices for the workload */
void vfs_start(struct machine *m);          /* who tends physical functions for their VFs */
void report_print(const struct machine *m); /* the boot report, text or JSON */
int workload_run(struct machine *m);        /* its exit status */

/* Virtual functions (vfs=). The host is told of them before its walk, they appear when their BARs
 * have addresses, and physical functions are polled while the workload runs. */
void vfs_ask(const struct machine *m, struct pci_host *host);
void vfs_enable(const struct machine *m);
void vfs_poll(void);
void vfs_stop(void);
void vfs_report(void);

void report_text(const struct machine *m);
void report_json(const struct machine *m);

#endif
