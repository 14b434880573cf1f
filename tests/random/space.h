/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_SPACE_H
#define RF_TESTS_RANDOM_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* The workload's own memory, USER_PAGES pages from USER_BASE on, which it maps, unmaps, protects,
 * moves and forgets by system calls (lib/sys/vm.h, as it ships) while devices use it; and what the
 * reference knows of each page. */

void space_start(void);
void space_stop(void);

/* Where page i is; 0: not there yet, or nothing is mapped. */
uint64_t space_page(unsigned i);

/* Memory comes when it is used first. Learns where pages in and around [vaddr, vaddr + size) are
 * by now: those that have come hold nothing of anybody else, and get a content of their own. */
void space_look(uint64_t vaddr, uint64_t size);

/* The program uses that memory. */
void space_touch(uint64_t vaddr, uint64_t size);

/* May it be read, or written, all of it? */
bool space_allows(uint64_t vaddr, uint64_t size, bool write);

/* How many of its pages are this one, 0 or 1. */
unsigned space_uses(uint64_t pa);

/* The page holds what the program wrote there, and nobody else. */
bool space_is_intact(uint64_t pa);

/* The table agrees with the reference about page i. */
void space_check(unsigned i);

/* ---- steps ----------------------------------------------------------------------------------- */

void step_mmap(const uint64_t *arg);
void step_munmap(const uint64_t *arg);
void step_mprotect(const uint64_t *arg);
void step_mremap(const uint64_t *arg);
void step_forget(const uint64_t *arg);
void step_touch(const uint64_t *arg);

#endif
