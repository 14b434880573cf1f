/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "workloads/hostile/attempt.h"

/* Tries every escape that a user program can try, a line each; exits 0 if all were refused. */

static unsigned tried, through;
static jmp_buf back;

void attempt(int refused, const char *fmt, ...)
{
    char what[120];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    printf("hostile: %-72s %s\n", what, refused ? "refused" : "ESCAPED");
    tried++;
    through += !refused;
}

unsigned escaped(void)
{
    return through;
}

static void on_signal(int number)
{
    longjmp(back, number);
}

int trap(void (*fn)(uintptr_t address), uintptr_t address)
{
    int number = setjmp(back);

    if (number == 0)
        fn(address);
    return number;
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    struct sigaction action = {.sa_handler = on_signal};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}

static void attack_all(void)
{
    attack_cpu();
    attack_calls();
    attack_vfio();
    attack_dma();
    attack_lifetimes();
}

static const struct {
    const char *name;
    void (*run)(void);
} attacks[] = {{"all", attack_all}, {"console", exhaust_console}, {"memory", exhaust_memory}};

/* hostile [all | console | memory] */
int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "all";

    setvbuf(stdout, NULL, _IOLBF, 0);
    catch_signals();
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
        if (strcmp(wanted, attacks[i].name) == 0)
            attacks[i].run();
    printf("hostile: %u attempts, %u escaped\n", tried, through);
    return through || !tried ? 1 : 0;
}
