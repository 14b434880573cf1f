/* SPDX-License-Identifier: BSD-2-Clause */
/* A handler that repairs what faulted and returns: the program goes on where it was, with all its
 * registers, those of floating point and the thread pointer too. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

static char *page;
static volatile sig_atomic_t hits;
static __thread int mine = 42;
static char text[64];

static void repair(int signal, siginfo_t *info, void *context)
{
    double third = 1.0 / (hits + 3);

    (void)context;
    if (signal == SIGSEGV && info->si_addr == page + 100)
        hits++;
    snprintf(text, sizeof(text), "%.3f %.3f", third, third * third);
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

/* Sums that live in registers, as nothing is called, when the middle step faults. */
static double sum(volatile char *fault_at)
{
    double sum = 0, product = 1;

    for (int i = 0; i < 40; i++) {
        sum += i * 0.25;
        product *= 1 + i * 0.001;
        if (i == 20)
            *fault_at = (char)i;
    }
    return sum + product;
}

static int is_same_after_fault(void)
{
    static char harmless;

    mprotect(page, 4096, PROT_NONE);
    return sum(page + 100) == sum(&harmless);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = repair, .sa_flags = SA_SIGINFO};
    int same = 1;

    page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || sigaction(SIGSEGV, &action, NULL))
        return 1;
    errno = 7;
    for (int i = 0; i < 10; i++)
        same &= is_same_after_fault();
    printf("faults repaired: %d, last by %s\n", (int)hits, text);
    printf("registers after the handler: %s\n", same ? "the same" : "changed");
    printf("thread-local after the handler: %d, errno %d\n", mine, errno);
    return same && hits == 10 && mine == 42 ? 0 : 1;
}
