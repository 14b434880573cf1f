/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_BOOT_OVERDRIVE_H
#define RF_TESTS_DRIVER_BOOT_OVERDRIVE_H

#include "boards/board.h"
#include "tests/driver/boot_fixture.h"
#include "tests/model/smmuv2/model.h"

/* An AMD Overdrive of models, switched on and booted. */

#define RAM_BASE UINT64_C(0x8000000000)
#define RAM_SIZE MIB(64)
#define INITRD   (RAM_BASE + MIB(48))
#define DTB      (RAM_BASE + MIB(56))
#define DTB_MAX  MIB(1)
#define TABLES   (RAM_BASE + MIB(58)) /* ACPI's */

/* ---- the board ------------------------------------------------------------------------------- */

static const uint64_t smmu_base[] = {0xe0200000, 0xe0600000, 0xe0800000, 0xe0a00000, 0xe0c00000};
static const uint32_t smmu_irq[] = {364, 368, 367, 365, 363};
enum { PCIE_SMMU = 3, FIRST_SMMU = 0 /* in the trees */ };

static struct machine_models {
    struct smmuv2_model *smmu[ARRAY_SIZE(smmu_base)];
    bool around;  /* DMA does not go through the SMMU that the tree names */
    bool refused; /* a stranger's access was refused; from then on each is */
    bool no_pci;  /* nothing is where the tree has the host bridge */
    bool one;     /* all requesters come with stream 0 */
} models;

/* By iommu-map streams are requesters, unless all are one. */
static inline bool through_smmu(void *ctx, uint32_t rid, uint64_t iova, bool write, uint64_t *paddr)
{
    uint32_t sid = models.one ? 0 : rid;
    struct smmuv2_model_result r = smmuv2_model_dma(models.smmu[PCIE_SMMU], sid, iova, write);

    (void)ctx;
    *paddr = models.around ? iova : r.paddr;
    return models.around || r.passed;
}

/* Another requester of the same host bridge, which nobody opens, tries at every access to a
 * register of the SMMU. */
#define STRANGER 0x200u

static inline void attack(void *ctx)
{
    uint64_t paddr;
    bool passed = through_smmu(NULL, STRANGER, RAM_BASE + MIB(40), true, &paddr);

    (void)ctx;
    if (passed && models.refused)
        fail_msg("stream 0x%x got to memory again", STRANGER);
    models.refused |= !passed;
}

static inline bool smmu_interrupts(const void *smmu)
{
    return smmuv2_model_interrupts(smmu);
}

static inline void power_on(void)
{
    static const struct board_gic gic = {.dist = 0xe1110000,
                                         .cpu = 0xe112f000,
                                         .frame = 0xe1180000,
                                         .lines = 15,
                                         .spi_base = 64,
                                         .spi_count = 256,
                                         .timer = 27};
    static const struct board_pci pci = {.ecam = 0xf0000000,
                                         .ecam_size = 0x8000000,
                                         .mem32 = 0x40000000,
                                         .mem32_size = 0x80000000,
                                         .mem64 = UINT64_C(0x100000000),
                                         .mem64_size = UINT64_C(0x7f00000000),
                                         .dma = through_smmu};

    host_reset();
    host_arena_init(PADDR(RAM_BASE), RAM_SIZE);
    page_reset();
    board_pl011_map(0xe1010000);
    board_gic_map(&gic);
    if (!models.no_pci)
        board_pci_map(&pci);
    for (size_t i = 0; i < ARRAY_SIZE(smmu_base); i++) {
        models.smmu[i] = smmuv2_model_new(&smmuv2_model_mmu401);
        smmuv2_model_map(models.smmu[i], smmu_base[i]);
        board_gic_wire(smmu_irq[i], smmu_interrupts, models.smmu[i]);
    }
    models.around = models.refused = false;
    if (!models.one)
        model_on_access(smmuv2_model_watch(models.smmu[PCIE_SMMU]), attack, NULL);
}

/* The device works while the CPU sleeps; without work the clock goes on to the wake-up. */
static inline void idle(void *ctx)
{
    (void)ctx;
    board_pci_work();
    host_clock_advance(MIN(host_clock_wakeup() - clock_now_ns(), UINT64_C(1000000)));
}

/* ---- boots ----------------------------------------------------------------------------------- */

static struct bootinfo boot;

static inline bool load(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f)
        return false;
    boot.dtb = paddr_to_ptr(PADDR(DTB));
    boot.dtb_size = (uint32_t)fread(paddr_to_ptr(PADDR(DTB)), 1, DTB_MAX, f);
    fclose(f);
    return boot.dtb_size > 0;
}

/* The stranger gives up when the workload begins. */
static inline void first_workload(void *ctx, struct user_regs *r, struct user_trap *out)
{
    model_on_access(smmuv2_model_watch(models.smmu[PCIE_SMMU]), NULL, NULL);
    workload(ctx, r, out);
}

/* What ringfence.efi hands over: memory as UEFI tells it, the workload, the command line; and a
 * tree, or (NULL) what the caller adds. */
static inline bool prepare(const char *tree)
{
    power_on();
    fx_make_program();
    boot = (struct bootinfo){
        .image = {RAM_BASE, RAM_BASE + MIB(4) - 1},
        .early_pages = {RAM_BASE + MIB(2), RAM_BASE + MIB(4) - 1},
        .entry_el = 2,
        .initrd = {INITRD, INITRD + sizeof(fx_program) - 1},
        .has_initrd = true,
        .bootargs = "",
    };
    boot.ram.r[boot.ram.count++] = (struct range){RAM_BASE, RAM_BASE + RAM_SIZE - 1};
    if (tree && !load(tree))
        return false;
    memcpy(paddr_to_ptr(PADDR(INITRD)), &fx_program, sizeof(fx_program));
    host_user_hook(first_workload, NULL);
    host_idle_hook(idle, NULL);
    return true;
}

static inline void run_kmain(void *ctx)
{
    (void)ctx;
    kmain(&boot);
}

/* From kmain to power-off: the status. Nothing was done that the specification forbids, and whoever
 * was not let in is denied. */
static inline int boot_once(void)
{
    int status = -1;
    uint64_t paddr;

    assert_true(host_power_off_catch(run_kmain, NULL, &status));
    for (size_t i = 0; i < ARRAY_SIZE(smmu_base); i++)
        if (model_violation(smmuv2_model_watch(models.smmu[i])))
            fail_msg("%s", model_violation(smmuv2_model_watch(models.smmu[i])));
    assert_true(models.around || models.one ||
                !through_smmu(NULL, STRANGER, RAM_BASE, true, &paddr));
    return status;
}

#endif
