/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

#include <getopt.h>
#include <stdlib.h>

#include "lib/base/log.h"

/* inspect [--json] [--svg OUT] [--rid SSSS:BB:DD.F]... FILE... */

enum status {
    STATUS_DONE,
    STATUS_USAGE = 1,  /* wrong arguments, a file that cannot be read or written */
    STATUS_BROKEN = 2, /* a table or tree that is refused */
};

static const char usage[] =
    "usage: inspect [--json] [--svg OUT] [--rid SSSS:BB:DD.F]... FILE...\n"
    "  FILE is a device tree, a raw ACPI table, a folder of them, or the text of acpidump\n";

static struct inspection x;
static struct input in;

/* Oddities are printed with the rest. */
static void drop(void *ctx, const char *text, size_t n)
{
    (void)ctx;
    (void)text;
    (void)n;
}

static bool add_question(const char *text)
{
    unsigned segment, bus, device, function;
    char end;

    if (x.question_count == QUESTIONS ||
        sscanf(text, "%4x:%2x:%2x.%1x%c", &segment, &bus, &device, &function, &end) != 4 ||
        device > 31 || function > 7)
        return false;
    x.question[x.question_count++] = (struct question){
        .segment = (uint16_t)segment,
        .rid = (uint16_t)(bus << 8 | device << 3 | function),
    };
    return true;
}

static int read_machine(char **paths, int count)
{
    char text[300];
    struct strbuf why;
    int err;

    strbuf_init(&why, text, sizeof(text));
    for (int i = 0; i < count; i++) {
        if (!input_add(&in, paths[i], &why)) {
            fprintf(stderr, "inspect: %s\n", text);
            return STATUS_USAGE;
        }
    }
    err = in.tree ? hwdesc_from_dtb(in.tree, in.tree_size, &x.hw, text, sizeof(text))
                  : hwdesc_from_acpi_tables(in.blob, in.count, &x.hw, text, sizeof(text));
    if (!err)
        return STATUS_DONE;
    fprintf(stderr, "inspect: %s%s\n", in.tree ? "DTB: " : "", text);
    return STATUS_BROKEN;
}

static int write_svg(const char *path)
{
    FILE *f = fopen(path, "w");

    if (f)
        print_svg(&x, f);
    if (f && !fclose(f))
        return STATUS_DONE;
    fprintf(stderr, "inspect: %s cannot be written\n", path);
    return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"svg", required_argument, NULL, 's'},
        {"rid", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
    };
    const char *svg = NULL;
    bool json = false, good = true;
    int status;

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        json |= c == 'j';
        svg = c == 's' ? optarg : svg;
        good &= c != '?' && (c != 'r' || add_question(optarg));
    }
    if (!good || optind == argc) {
        fputs(usage, stderr);
        return STATUS_USAGE;
    }
    status = read_machine(argv + optind, argc - optind);
    if (status)
        return status;
    examine(&x);
    (json ? print_json : print_text)(&x, stdout);
    return svg ? write_svg(svg) : STATUS_DONE;
}

int main(int argc, char **argv)
{
    int status;

    log_set_sink(drop, NULL);
    status = run(argc, argv);
    input_free(&in);
    return status;
}
