/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

/* build/host/inspect as a user runs it: what it prints, and its exit status. */

#define INSPECT "build/host/inspect "
#define DATA    "build/host/data/"
#define SCRATCH "build/host/data/scratch"

static char output[0x10000];

/* Runs a shell command; its output, both streams, is in `output`. */
static int shell(const char *fmt, ...)
{
    char command[1200];
    size_t n = 0;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while (n < sizeof(output) - 1) {
        size_t part = fread(output + n, 1, sizeof(output) - 1 - n, f);

        if (part == 0)
            break;
        n += part;
    }
    output[n] = '\0';
    int status = pclose(f);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* --- machines whose description is known to the last word ------------------------------------ */

static void expected_json(void **state)
{
    static const struct {
        const char *name, *arguments;
    } machines[] = {
        {"virt", "--rid 0003:00:01.0 " DATA "virt.dtb"},
        {"gicv3",
         "--rid 0000:02:00.0 --rid 0000:00:01.0 --rid 0000:01:00.0 --rid 0001:0f:1f.7 " DATA
         "gicv3.dtb"},
        {"nested", "--rid 0000:20:00.7 --rid 0000:28:00.0 --rid 0000:30:00.0 --rid 0000:00:00.0 "
                   "--rid 0007:20:00.7 " DATA "nested.dtb"},
        {"pc", "--rid 0000:00:02.0 --rid 0000:00:14.0 --rid 0000:00:1f.2 --rid 0000:01:00.0 " DATA
               "acpi/pc/*.aml"},
        {"server",
         "--rid 0000:7f:1f.7 --rid 0000:80:00.0 --rid 0000:c0:00.0 --rid 0001:00:01.0 " DATA
         "acpi/server/*.aml"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(machines); i++) {
        int status = shell(INSPECT "--json %s | python3 -m json.tool "
                                   "--indent 2 | diff tests/data/inspect/%s.json - 2>&1",
                           machines[i].arguments, machines[i].name);

        if (status != 0)
            fail_msg("%s:\n%s", machines[i].name, output);
    }
}

static void text(void **state)
{
    static const char *const lines[] = {
        "verdict  isolated, with these limits\n",
        "iommu    smmuv3@9050000: smmuv3, registers 0x9050000..0x906ffff, coherent\n",
        "  has    0000:80:00.0-0000:bf:1f.7\n",
        "msi      its@8080000: its, registers 0x8080000..0x809ffff, tells devices apart\n",
        "oddity   IORT+0x100: maps overlap by one id",
        "rid      0000:00:1f.0: smmuv3@9050000 stream 0xf8; MSIs to its@8080000 as device "
        "0x100f8\n",
    };

    (void)state;
    assert_int_equal(shell(INSPECT "--rid 0000:00:1f.0 " DATA "acpi/server/*.aml"), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
        if (!strstr(output, lines[i]))
            fail_msg("no line \"%s\" in:\n%s", lines[i], output);
    }
}

static void dma_that_is_not_coherent(void **state)
{
    (void)state;
    assert_int_equal(
        shell("sed '/dma-coherent;/d' tests/data/virt.dts | dtc -q -I dts -O dtb -o " SCRATCH
              ".dtb && " INSPECT SCRATCH ".dtb"),
        0);
    assert_non_null(
        strstr(output, "limit  DMA behind pcie@10000000 does not see the CPU's caches"));
}

static void picture(void **state)
{
    (void)state;
    assert_int_equal(shell(INSPECT "--svg " SCRATCH ".svg " DATA "virt.dtb"), 0);
    assert_int_equal(shell("python3 -c 'import xml.dom.minidom as m; "
                           "d = m.parse(\"" SCRATCH ".svg\"); "
                           "print(len(d.getElementsByTagName(\"rect\")) > 8)' 2>&1"),
                     0);
    assert_string_equal(output, "True\n");
}

/* --- the same machine in other clothes ------------------------------------------------------- */

static void same_as_files(const char *arguments)
{
    static char files[sizeof(output)];

    assert_int_equal(shell(INSPECT "--json " DATA "acpi/pc/*.aml 2>&1"), 0);
    strcpy(files, output);
    assert_int_equal(shell(INSPECT "--json %s 2>&1", arguments), 0);
    assert_string_equal(output, files);
}

static void a_folder(void **state)
{
    (void)state;
    assert_int_equal(shell("rm -rf " SCRATCH " && mkdir -p " SCRATCH "/dynamic && cp " DATA
                           "acpi/pc/*.aml " SCRATCH),
                     0);
    same_as_files(SCRATCH);
}

static void acpidump_text(void **state)
{
    (void)state;
    assert_int_equal(shell("for t in " DATA "acpi/pc/*.aml; do head -c 4 $t; echo ' @ 0x0000'; "
                           "od -Ax -tx1 -v $t | sed -n 's/^\\([0-9a-f]*\\) /    \\1: /p'; echo; "
                           "done >" SCRATCH ".txt"),
                     0);
    same_as_files(SCRATCH ".txt");
}

/* --- what is refused ------------------------------------------------------------------------- */

static void refusals(void **state)
{
    static const struct {
        const char *command;
        int status;
        const char *line; /* all of the output begins with it */
    } cases[] = {
        {INSPECT, 1, "usage: inspect"},
        {INSPECT "--nonsense " DATA "virt.dtb", 1, "build/host/inspect: unrecognized option"},
        {INSPECT "--rid 0000:00:20.0 " DATA "virt.dtb", 1, "usage: inspect"},
        {INSPECT "--rid 0000:00:1f.8 " DATA "virt.dtb", 1, "usage: inspect"},
        {INSPECT "--rid 00:1f.2 " DATA "virt.dtb", 1, "usage: inspect"},
        {INSPECT "--rid 0000:00:1f.2x " DATA "virt.dtb", 1, "usage: inspect"},
        {INSPECT "/nowhere", 1, "inspect: /nowhere cannot be read\n"},
        {INSPECT DATA "virt.dtb " DATA "nested.dtb", 1, "inspect: a device tree stands alone"},
        {INSPECT DATA "virt.dtb " DATA "acpi/pc/dmar.aml", 1,
         "inspect: a device tree stands alone"},
        {INSPECT "--svg /nowhere/x.svg " DATA "virt.dtb >/dev/null", 1,
         "inspect: /nowhere/x.svg cannot be written\n"},
        {"head -c 100 " DATA "acpi/pc/dmar.aml >" SCRATCH ".t; " INSPECT SCRATCH ".t", 2,
         "inspect: DMAR+0x4: the header says 168 bytes, there are 100\n"},
        {"sed 's/TESTS/TESTX/' " DATA "acpi/pc/dmar.aml >" SCRATCH ".t; " INSPECT SCRATCH ".t", 2,
         "inspect: DMAR+0x9: the checksum is wrong"},
        {"printf '' >" SCRATCH ".t; " INSPECT SCRATCH ".t", 2,
         "inspect: ?+0: a table of 0 bytes, the header alone has 36\n"},
        {"head -c 100 " DATA "virt.dtb >" SCRATCH ".t; " INSPECT SCRATCH ".t", 2,
         "inspect: DTB: the blob is damaged"},
        {"printf 'DMAR @ 0x0\\n  0000: zz\\n' >" SCRATCH ".t; " INSPECT SCRATCH ".t", 1,
         "inspect: line 2 is no line of an acpidump\n"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        int status = shell("(%s) 2>&1", cases[i].command);

        if (status != cases[i].status || strncmp(output, cases[i].line, strlen(cases[i].line)) != 0)
            fail_msg("%s: status %d, %s", cases[i].command, status, output);
    }
}

/* --- tables of real machines ----------------------------------------------------------------- */

static const char *corpus_folder(void)
{
    const char *corpus = getenv("RF_CORPUS");

    return corpus ? corpus : "../shared/corpus";
}

/* Every file gives a description that is JSON. */
static void real_machines(void **state)
{
    const char *corpus = corpus_folder();

    (void)state;
    if (shell("ls %s/dmar %s/dtb 2>/dev/null", corpus, corpus) != 0) {
        print_message("skipped: no tables in %s\n", corpus);
        skip();
    }
    int status = shell("for f in %s/*/*.bin %s/*/*.dtb; do " INSPECT "--json --svg " SCRATCH
                       ".svg --rid 0000:00:1f.2 --rid 0000:01:00.0 \"$f\" "
                       "|| { echo \"status $?: $f\" >&2; exit 1; }; done 2>&1 >" SCRATCH ".json && "
                       "python3 -c 'import json; n = [json.loads(l)[\"verdict\"] for l in "
                       "open(\"" SCRATCH ".json\")]; print(len(n), \"machines\")' 2>&1",
                       corpus, corpus);
    if (status != 0)
        fail_msg("%s", output);
    print_message("%s", output);
}

/* Host bridge windows, doorbells, what 40 bits reach, and the MSI frame through its parent's
 * ranges. The first line is the machine's name. */
static void expect_overdrive(const char *description, const char *expected)
{
    if (shell(INSPECT "%s | tail -n +2 | diff tests/data/inspect/%s.txt - 2>&1", description,
              expected) != 0)
        fail_msg("%s:\n%s", description, output);
}

static void overdrive(void **state)
{
    (void)state;
    expect_overdrive(DATA "overdrive.dtb", "overdrive");
}

/* The same units, streams, frame and reach; windows of the host bridge are in AML. */
static void overdrive_by_acpi(void **state)
{
    (void)state;
    expect_overdrive("--rid 0000:01:00.0 " DATA "acpi/overdrive/*.aml", "overdrive-acpi");
}

static void overdrive_of_amd(void **state)
{
    static const char *const revisions[] = {"b0", "b1"};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(revisions); i++) {
        char path[300];

        snprintf(path, sizeof(path), "%s/dtb/amd_amd-overdrive-rev-%s.dtb", corpus_folder(),
                 revisions[i]);
        if (access(path, R_OK) != 0) {
            print_message("skipped: no %s (RF_CORPUS names the folder)\n", path);
            skip();
        }
        expect_overdrive(path, "overdrive");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expected_json),
        cmocka_unit_test(text),
        cmocka_unit_test(dma_that_is_not_coherent),
        cmocka_unit_test(picture),
        cmocka_unit_test(a_folder),
        cmocka_unit_test(acpidump_text),
        cmocka_unit_test(refusals),
        cmocka_unit_test(real_machines),
        cmocka_unit_test(overdrive),
        cmocka_unit_test(overdrive_of_amd),
        cmocka_unit_test(overdrive_by_acpi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
