/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

/* One object in a line. Addresses are strings, because JSON's numbers have 53 bits; `end` is the
 * last byte. README.md says what each member means. */

static void print_string(const char *s, FILE *f)
{
    fputc('"', f);
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            fprintf(f, "\\u%04x", c);
        else
            fputc(c, f);
    }
    fputc('"', f);
}

static const char *bool_text(bool b)
{
    return b ? "true" : "false";
}

/* Between the elements of a list. */
static void comma(unsigned n, FILE *f)
{
    if (n != 0)
        fputs(",", f);
}

static void print_limits(const struct inspection *x, FILE *f)
{
    fputs("\"limits\":[", f);
    for (unsigned i = 0; i < x->limit_count; i++) {
        comma(i, f);
        print_string(x->limit[i], f);
    }
    fputs("]", f);
}

static uint16_t segment_of(const struct hwdesc *hw, unsigned iommu)
{
    for (unsigned i = 0; i < hw->host_count && hw->iommu[iommu].kind != HW_VTD; i++) {
        for (unsigned n = 0; n < hw->host[i].iommu_map_count; n++) {
            if (hw->host[i].iommu_map[n].target == (int)iommu)
                return hw->host[i].segment;
        }
    }
    return hw->iommu[iommu].segment;
}

static void print_units(const struct hwdesc *hw, FILE *f)
{
    fputs(",\"iommus\":[", f);
    for (unsigned i = 0; i < hw->iommu_count; i++) {
        const struct hw_iommu *u = &hw->iommu[i];
        name_t name;

        comma(i, f);
        fprintf(f,
                "{\"kind\":\"%s\",\"base\":\"0x%lx\",\"segment\":%u,\"coherent\":%s,"
                "\"enabled\":%s,\"all\":%s,\"scopes\":[",
                iommu_kind(u->kind), (unsigned long)u->regs.start, segment_of(hw, i),
                bool_text(u->coherent), bool_text(!u->disabled), bool_text(u->include_all));
        for (unsigned n = 0; covered_name(hw, i, n, name); n++) {
            comma(n, f);
            print_string(name, f);
        }
        fputs("]}", f);
    }
    fputs("]", f);
}

static void print_hosts(const struct hwdesc *hw, FILE *f)
{
    fputs(",\"pci_hosts\":[", f);
    for (unsigned i = 0; i < hw->host_count; i++) {
        const struct hw_pci_host *h = &hw->host[i];

        comma(i, f);
        fprintf(f, "{\"segment\":%u,\"bus_start\":%u,\"bus_end\":%u,\"ecam\":\"0x%lx\"}",
                h->segment, h->bus_first, h->bus_last, (unsigned long)h->ecam.start);
    }
    fputs("],\"msi\":[", f);
    for (unsigned i = 0; i < hw->msi_count; i++) {
        const struct hw_msi_frame *m = &hw->msi[i];

        comma(i, f);
        fprintf(f,
                "{\"kind\":\"%s\",\"base\":\"0x%lx\",\"spi_base\":%u,\"spi_count\":%u,"
                "\"isolates\":%s}",
                msi_kind(m->kind), (unsigned long)m->regs.start, m->spi_base, m->spi_count,
                bool_text(isolates(hw, m)));
    }
    fputs("]", f);
}

static void print_range(struct range r, FILE *f)
{
    fprintf(f, "\"start\":\"0x%lx\",\"end\":\"0x%lx\"", (unsigned long)r.start,
            (unsigned long)r.last);
}

static void print_windows(const struct inspection *x, FILE *f)
{
    fputs(",\"reserved\":[", f);
    for (unsigned i = 0; i < x->window_count; i++) {
        const struct window *w = &x->window[i];
        name_t owner;

        comma(i, f);
        fputs("{", f);
        print_range(w->r, f);
        fprintf(f, ",\"type\":\"%s\",\"origin\":", window_type(w));
        print_string(w->origin, f);
        fputs(",\"devices\":[", f);
        for (unsigned n = 0; window_owner(&x->hw, w, n, owner); n++) {
            comma(n, f);
            print_string(owner, f);
        }
        fputs("]}", f);
    }
    fputs("],\"iova\":[", f);
    for (unsigned i = 0; i < x->usable_count; i++) {
        comma(i, f);
        fputs("{", f);
        print_range(x->usable[i].r, f);
        fputs(",\"host\":", f);
        print_string(x->usable[i].host->name, f);
        fputs("}", f);
    }
    fputs("]", f);
}

static void print_oddities(const struct hwdesc *hw, FILE *f)
{
    fputs(",\"oddities\":[", f);
    for (unsigned i = 0; i < hw->oddity_count && i < HW_ODDITIES; i++) {
        comma(i, f);
        fputs("{\"table\":", f);
        print_string(hw->oddity[i].table, f);
        fprintf(f, ",\"offset\":%u,\"what\":", hw->oddity[i].offset);
        print_string(hw->oddity[i].what, f);
        fputs("}", f);
    }
    fputs("]", f);
}

/* What is not known is null. */
static void print_answer(const struct hwdesc *hw, const struct question *q, FILE *f)
{
    name_t name;

    rid_name(q->segment, q->rid, name);
    fprintf(f, "{\"rid\":\"%s\"", name);
    if (q->iommu >= 0)
        fprintf(f, ",\"iommu\":\"0x%lx\",\"stream\":%u",
                (unsigned long)hw->iommu[q->iommu].regs.start, q->stream);
    else
        fputs(",\"iommu\":null,\"stream\":null", f);
    if (q->msi >= 0)
        fprintf(f, ",\"msi_base\":\"0x%lx\",\"device_id\":%u",
                (unsigned long)hw->msi[q->msi].regs.start, q->device_id);
    else
        fputs(",\"msi_base\":null,\"device_id\":null", f);
    if (q->why) {
        fputs(",\"why\":", f);
        print_string(q->why, f);
    }
    fputs("}", f);
}

void print_json(const struct inspection *x, FILE *f)
{
    fprintf(f, "{\"verdict\":\"%s\",", verdict_text(x->verdict));
    print_limits(x, f);
    print_units(&x->hw, f);
    print_hosts(&x->hw, f);
    print_windows(x, f);
    print_oddities(&x->hw, f);
    fputs(",\"rids\":[", f);
    for (unsigned i = 0; i < x->question_count; i++) {
        comma(i, f);
        print_answer(&x->hw, &x->question[i], f);
    }
    fputs("]}\n", f);
}
