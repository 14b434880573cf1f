/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/mem.h"
#include "arch/user.h"
#include "boards/driver.h"
#include "lib/base/log.h"
#include "lib/iommu/domain.h"
#include "lib/iommu/fault.h"
#include "lib/irq/irq.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"
#include "lib/sys/sys.h"

extern const char __image_start[], __data_end[];

static void poll(void)
{
    iommu_fault_poll();
    vfs_poll();
}

/* For benchmarks: with an emulator that counts one nanosecond an instruction, boot_ns is the number
 * of instructions from reset to the workload's first. */
static void print_start_stats(void)
{
    struct page_stats s;

    page_get_stats(&s);
    log_info("stats: boot_ns=%lu image_bytes=%lu ram_used_bytes=%lu", clock_now_ns(),
             (uint64_t)(__data_end - __image_start),
             (s.total_pages - s.free_pages) * PAGE_SIZE + s.metadata_bytes);
}

/* What can be lost, at one moment. */
struct held {
    uint64_t pages, quarantined, objects;
    unsigned interrupts, domains;
};

static struct held held_now(void)
{
    struct page_stats s;

    page_get_stats(&s);
    return (struct held){
        .pages = s.total_pages - s.free_pages,
        .quarantined = s.quarantined_pages,
        .objects = heap_count(),
        .interrupts = irq_count(),
        .domains = iommu_domain_count(),
    };
}

/* Of each: before the workload was loaded, and after it has ended. */
static void print_held(const struct held *a, const struct held *b)
{
    log_info("stats: held before/after: pages=%lu/%lu quarantined=%lu/%lu objects=%lu/%lu "
             "interrupts=%u/%u domains=%u/%u",
             a->pages, b->pages, a->quarantined, b->quarantined, a->objects, b->objects,
             a->interrupts, b->interrupts, a->domains, b->domains);
}

static void print_end_stats(const struct machine *m)
{
    log_info("stats: busy_ns=%lu", clock_now_ns() - cpu_idle_ns());
    for (unsigned i = 0; i < m->hw.iommu_count; i++) {
        struct unit_stats s;

        if (!m->unit[i])
            continue;
        m->driver[i]->stats(m->unit[i], &s);
        log_info("stats: %s commands=%lu syncs=%lu events=%lu", m->hw.iommu[i].name, s.commands,
                 s.syncs, s.events);
    }
}

int workload_run(struct machine *m)
{
    static const char *argv[CMDLINE_ARGS + 1];
    struct sys_config cfg = {
        .argv = argv,
        .argc = m->cmd.argc + 1,
        .envp = m->cmd.env,
        .elf_machine = USER_ELF_MACHINE,
    };
    const struct held before = m->cmd.stats ? held_now() : (struct held){0};
    const char *why = NULL;
    struct held after;
    int status;

    if (!m->hw.has_initrd)
        stop("no workload: give a static ELF as the initrd (QEMU: -initrd FILE)");
    argv[0] = m->cmd.name ? m->cmd.name : "workload";
    for (unsigned i = 0; i < m->cmd.argc; i++)
        argv[i + 1] = m->cmd.argv[i];
    cfg.elf = paddr_to_ptr(PADDR(m->hw.initrd.start));
    cfg.elf_size = range_size(m->hw.initrd);
    cfg.poll = poll;
    if (sys_load(&cfg, &why))
        stop("workload refused: %s", why);
    if (m->cmd.stats)
        sys_set_start_hook(print_start_stats);
    status = sys_run();
    after = held_now();
    vfs_stop();
    iommu_fault_flush();
    if (m->cmd.stats) {
        print_end_stats(m);
        print_held(&before, &after);
    }
    /* At every level: boards/run takes a machine that goes off without it for a failure. */
    log_err("workload exited with status %d", status);
    return status;
}
