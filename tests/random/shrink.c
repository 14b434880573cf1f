/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/shrink.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/types.h"
#include "tests/random/verdict.h"

struct outcome *outcome;

void outcome_start(void)
{
    outcome =
        mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcome == MAP_FAILED)
        abort();
}

/* ---- in the process that runs a program ------------------------------------------------------ */

void verdict_fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(outcome->why, sizeof(outcome->why), fmt, args);
    va_end(args);
    _exit(1);
}

/* No program takes long: one that does will never end. */
#define PROGRAM_SECONDS 60

void verdict_step(unsigned index)
{
    if (index == 0)
        alarm(PROGRAM_SECONDS);
    outcome->step = index;
}

/* ---- in the process that watches ------------------------------------------------------------- */

bool run_apart(void (*fn)(const void *arg), const void *arg)
{
    int status = 0;
    pid_t child;

    outcome->why[0] = '\0';
    fflush(NULL);
    child = fork();
    if (child == 0) {
        fn(arg);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (WIFSIGNALED(status) && !outcome->why[0])
        snprintf(outcome->why, sizeof(outcome->why), "%s", strsignal(WTERMSIG(status)));
    return status == 0;
}

static void run_one(const void *arg)
{
    program_run(arg);
}

bool program_holds(const struct program *p)
{
    return run_apart(run_one, p);
}

/* p without n steps from `first` on. */
static struct program without(const struct program *p, unsigned first, unsigned n)
{
    struct program q = {malloc(p->count * sizeof(*p->step)), p->count - n};

    memcpy(q.step, p->step, first * sizeof(*p->step));
    memcpy(q.step + first, p->step + first + n, (p->count - first - n) * sizeof(*p->step));
    return q;
}

static bool leave_out(struct program *p, unsigned first, unsigned n)
{
    struct program q = without(p, first, n);

    if (program_holds(&q)) {
        free(q.step);
        return false;
    }
    free(p->step);
    *p = q;
    return true;
}

/* One round with pieces of n steps; the machine stays. True when something could go. */
static bool round_of(struct program *p, unsigned n)
{
    bool any = false;

    for (unsigned end = p->count; end > 1; end = end > n ? end - n : 1) {
        unsigned first = end > n ? MAX(end - n, 1u) : 1;

        any |= leave_out(p, first, end - first);
    }
    return any;
}

void program_shrink(struct program *p)
{
    for (unsigned n = MAX(p->count / 2, 1u);; n = MAX(n / 2, 1u)) {
        bool any = round_of(p, n);

        if (n == 1 && !any)
            return;
    }
}
