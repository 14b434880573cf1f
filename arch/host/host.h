/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_HOST_H
#define RF_HOST_HOST_H

#include "arch/user.h"
#include "lib/base/range.h"

/* The machine that tests run on: the contracts of arch/ over a piece of this process's memory, a
 * clock that moves only when told, and device models. Everything is global, as in a real machine.
 */

/* Back to the state at program start: no RAM, no models, no hooks, parking off, clock at 1 s. */
void host_reset(void);

/* ---- RAM (mem.c) */

/* One zeroed piece of RAM at physical addresses [base, base + size), page aligned, which are not
 * the process's addresses. Replaces an earlier one. */
void host_arena_init(paddr_t base, uint64_t size);
void host_arena_fini(void);
bool host_arena_has(struct range r);

/* ---- time (clock.c) */

void host_clock_advance(uint64_t ns);

/* What clock_set_wakeup() was last told; UINT64_MAX: never. */
uint64_t host_clock_wakeup(void);

/* fn is called after each step of the clock: models that work on their own do it there. */
void host_clock_hook(void (*fn)(void *ctx), void *ctx);

/* ---- registers (mmio.c) */

/* A device model; off is from the start of its window, width in bytes. */
struct host_mmio_ops {
    uint64_t (*read)(void *ctx, uint64_t off, unsigned width);
    void (*write)(void *ctx, uint64_t off, unsigned width, uint64_t v);
};

/* From now on accesses to physical addresses [base, base + size) go to the model. An access that no
 * model takes whole, or that is not aligned to its width, aborts the test with a message, or is a
 * bus error where somebody asked for these (arch/cpu.h). */
void host_mmio_register(uint64_t base, uint64_t size, const struct host_mmio_ops *ops, void *ctx);
void host_mmio_reset(void);

/* Accesses that the device refuses from now on; NULL, and after a reset: none. */
void host_mmio_refuse(bool (*refuses)(uint64_t addr, unsigned width));

/* ---- what hardware sees of dma_store* (park.c) */

/* Parking: a store does not reach memory at once, but at a random later moment and in random order
 * (stores to the same place keep theirs), at the latest at dma_wmb(), dma_mb() or dma_sync().
 * dma_load* sees the stores of its own CPU. So a model that reads memory between two stores, or at
 * a doorbell without a barrier before it, finds what real hardware might find. The same seed gives
 * the same run. Off at start. */
void host_park_enable(uint64_t seed);
void host_park_disable(void);
size_t host_park_count(void);

/* Maybe makes some parked stores visible; every dma_store*, dma_load* and mmio access does it too.
 */
void host_park_step(void);

/* fn is called after each store that became visible. */
void host_store_hook(void (*fn)(void *ctx, paddr_t pa, unsigned width), void *ctx);

/* fn is called for dma_clean() and dma_inval(). */
enum host_cache_op { HOST_CACHE_CLEAN, HOST_CACHE_INVAL };
void host_cache_hook(void (*fn)(void *ctx, enum host_cache_op op, paddr_t pa, size_t n), void *ctx);

/* fn is called at the end of dma_sync(): what was cleaned before is in memory now. */
void host_sync_hook(void (*fn)(void *ctx), void *ctx);

/* ---- the CPU (cpu.c, user.c, mmu.c) */

/* fn is cpu_idle(): it makes an interrupt pending. Without one cpu_idle() moves the clock to the
 * wake-up, and aborts when there is none. */
void host_idle_hook(void (*fn)(void *ctx), void *ctx);

/* fn is the workload: it looks at and changes r, and says in *out how it trapped. */
void host_user_hook(void (*fn)(void *ctx, struct user_regs *r, struct user_trap *out), void *ctx);

struct host_mmu_counts {
    unsigned activations;
    unsigned syncs; /* mmu_user_sync() with something to do */
    unsigned code_syncs;
    paddr_t user_root; /* of the last activation */
};
struct host_mmu_counts host_mmu_counts(void);

/* ---- the ways out (panic.c) */

/* Runs fn(ctx). The panic's message when it panicked, else NULL. A panic outside aborts the test.
 */
const char *host_panic_catch(void (*fn)(void *ctx), void *ctx);

/* The same for power_off(): true, and its status, when it was called. */
bool host_power_off_catch(void (*fn)(void *ctx), void *ctx, int *status);

#endif
