/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_INSPECT_H
#define RF_BOARDS_INSPECT_H

#include <stdio.h>

#include "lib/base/strbuf.h"
#include "lib/fw/hwdesc.h"
#include "lib/iommu/window.h"

/* What the kernel would do on a machine, told from its device tree or ACPI tables on another one:
 * the readers are the kernel's own (lib/fw, lib/iommu). */

#define BLOBS     512
#define LIMITS    128
#define WINDOWS   256
#define IOVAS     64
#define QUESTIONS 64

/* --- input.c: the tables that were given ---------------------------------------------------- */
struct input {
    void *tree; /* NULL: ACPI tables */
    size_t tree_size;
    unsigned count;
    struct acpi_blob blob[BLOBS];
    void *owned[BLOBS];
};

/* Adds a table that the input then owns. False: too many. */
bool input_own(struct input *in, void *data, size_t size, struct strbuf *why);
void input_free(struct input *in);

/* --- acpidump.c: tables out of its text. False: there are none, or a line is broken ---------- */
bool acpidump_is(const char *text, size_t size);
bool acpidump_read(struct input *in, const char *text, size_t size, struct strbuf *why);

/* --- load.c: files to tables ---------------------------------------------------------------- */
/* Adds a file or the files of a directory: a device tree, a raw table, or acpidump's text. False:
 * it cannot be read, or does not go with the others; `why` tells. The caller frees the input. */
bool input_add(struct input *in, const char *path, struct strbuf *why);

/* --- examine.c: what it means -------------------------------------------------------------- */
enum verdict {
    VERDICT_ISOLATED,
    VERDICT_LIMITED, /* isolated with these limits */
    VERDICT_NOT,
};

/* A reserved window, and whose it is. */
struct window {
    struct range r;
    enum resv_type type;
    const char *origin;
    const struct hw_iova *iova;     /* of these functions, or NULL ... */
    const struct hw_pci_host *host; /* of all behind this host bridge, or NULL: of all */
};

/* IOVAs that a workload would get for a device behind `host`. */
struct usable {
    const struct hw_pci_host *host;
    struct range r;
};

/* One requester: which unit and stream it has, and where its MSIs go. */
struct question {
    uint16_t segment, rid;
    int iommu; /* index; -1: none, or not known: `why` tells */
    const char *why;
    uint32_t stream;
    int msi; /* index; -1: none */
    uint32_t device_id;
};

struct inspection {
    struct hwdesc hw;
    enum verdict verdict;
    unsigned limit_count;
    char limit[LIMITS][200];
    unsigned window_count;
    struct window window[WINDOWS];
    unsigned usable_count;
    struct usable usable[IOVAS];
    unsigned question_count;
    struct question question[QUESTIONS];
};

/* Fills everything but hw and the questions' ids, which are there. */
void examine(struct inspection *x);
void ask(const struct hwdesc *hw, struct question *q);
bool isolates(const struct hwdesc *hw, const struct hw_msi_frame *f);

const char *verdict_text(enum verdict v); /* "isolated", "limited", "not" */
const char *iommu_kind(enum hw_iommu_kind k);
const char *msi_kind(enum hw_msi_kind k);
const char *window_type(const struct window *w);

/* --- names.c: who is meant, one line each; false when there is no n-th --------------------- */
#define NAME_SIZE 64
typedef char name_t[NAME_SIZE];
bool covered_name(const struct hwdesc *hw, unsigned iommu, unsigned n, name_t out);
bool window_owner(const struct hwdesc *hw, const struct window *w, unsigned n, name_t out);
void rid_name(uint16_t segment, uint16_t rid, name_t out);

/* --- the three ways to say it -------------------------------------------------------------- */
void print_text(const struct inspection *x, FILE *f);
void print_json(const struct inspection *x, FILE *f);
void print_svg(const struct inspection *x, FILE *f);

#endif
