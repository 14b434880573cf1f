/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/inspect/inspect.h"

/* A picture: host bridges with what is behind them, the IOMMUs that they pass, memory; below it a
 * map of the IOVA space of each host bridge, in bands that are as wide as their logarithm. */

#define WIDTH    960u
#define LEFT     20u
#define BOX      240u
#define ROW      46u
#define UNIT_X   360u
#define MEMORY_X 700u
#define BAND_H   26u

static void print_escaped(const char *s, FILE *f)
{
    for (; *s; s++) {
        if (*s == '<' || *s == '&')
            fputs(*s == '<' ? "&lt;" : "&amp;", f);
        else
            fputc(*s, f);
    }
}

static void box(FILE *f, unsigned left, unsigned top, const char *kind, const char *text)
{
    fprintf(f, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"30\" rx=\"4\"/>", kind,
            left, top, BOX);
    fprintf(f, "<text x=\"%u\" y=\"%u\">", left + 10, top + 20);
    print_escaped(text, f);
    fputs("</text>\n", f);
}

static void arrow(FILE *f, unsigned x1, unsigned y1, unsigned x2, unsigned y2)
{
    fprintf(f, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" marker-end=\"url(#tip)\"/>\n", x1,
            y1 + 15, x2 - 6, y2 + 15);
}

static unsigned row(unsigned i)
{
    return 50 + ROW * i;
}

/* Whether some function of the host is, or may be, behind the unit. */
static bool passes(const struct hwdesc *hw, const struct hw_pci_host *h, unsigned iommu)
{
    if (hw->iommu[iommu].kind == HW_VTD)
        return hw->iommu[iommu].segment == h->segment;
    for (unsigned i = 0; i < h->iommu_map_count; i++) {
        if (h->iommu_map[i].target == (int)iommu)
            return true;
    }
    return false;
}

static void draw_machine(const struct hwdesc *hw, FILE *f)
{
    for (unsigned i = 0; i < hw->iommu_count; i++) {
        box(f, UNIT_X, row(i), hw->iommu[i].disabled ? "off" : "unit", hw->iommu[i].name);
        arrow(f, UNIT_X + BOX, row(i), MEMORY_X, row(0));
    }
    for (unsigned n = 0; n < hw->host_count; n++) {
        box(f, LEFT, row(n), "host", hw->host[n].name);
        for (unsigned i = 0; i < hw->iommu_count; i++) {
            if (passes(hw, &hw->host[n], i))
                arrow(f, LEFT + BOX, row(n), UNIT_X, row(i));
        }
    }
    box(f, MEMORY_X, row(0), "memory", "memory");
}

/* 0 to 63 bits over the width of the picture. */
static unsigned scale(uint64_t x)
{
    const unsigned lg2 = x ? 63u - (unsigned)__builtin_clzll(x) : 0;
    const unsigned fraction = lg2 > 8 ? (unsigned)(x >> (lg2 - 8) & 0xff) : 0;

    return LEFT + (lg2 * 256 + fraction) * (WIDTH - 2 * LEFT) / (64 * 256);
}

static void band(FILE *f, struct range r, unsigned top, const char *kind, const char *what)
{
    const unsigned left = scale(r.start), right = scale(r.last);

    fprintf(f,
            "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><title>0x%lx..0x%lx ",
            kind, left, top, right > left ? right - left : 1, BAND_H, (unsigned long)r.start,
            (unsigned long)r.last);
    print_escaped(what, f);
    fputs("</title></rect>\n", f);
}

static void draw_map(const struct inspection *x, const struct hw_pci_host *h, unsigned top, FILE *f)
{
    fprintf(f, "<text x=\"%u\" y=\"%u\">IOVAs behind ", LEFT, top - 6);
    print_escaped(h->name, f);
    fputs("</text>\n", f);
    for (unsigned i = 0; i < x->usable_count; i++) {
        if (x->usable[i].host == h)
            band(f, x->usable[i].r, top, "free", "free");
    }
    for (unsigned i = 0; i < x->window_count; i++) {
        const struct window *w = &x->window[i];

        if (w->host == h || w->iova)
            band(f, w->r, top, window_type(w), w->origin);
    }
}

void print_svg(const struct inspection *x, FILE *f)
{
    const struct hwdesc *hw = &x->hw;
    const unsigned rows = hw->iommu_count > hw->host_count ? hw->iommu_count : hw->host_count;
    const unsigned maps = row(rows) + 30, height = maps + 60 * hw->host_count + 20;

    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\">\n"
            "<style>text{font:13px sans-serif}line{stroke:#555}rect{stroke:#333;fill:#ddd}"
            ".unit{fill:#bde5b8}.off{fill:#f4b6b6}.host{fill:#cfe0f5}.memory{fill:#fff3c4}"
            ".free{fill:#bde5b8}.reserved{fill:#bbb}.direct{fill:#f4b6b6}"
            ".msi,.sw-msi{fill:#f7c873}</style>\n"
            "<defs><marker id=\"tip\" markerWidth=\"8\" markerHeight=\"8\" refX=\"6\" refY=\"3\" "
            "orient=\"auto\"><path d=\"M0,0 L6,3 L0,6 z\"/></marker></defs>\n"
            "<text x=\"%u\" y=\"30\">",
            WIDTH, height, LEFT);
    print_escaped(hw->model, f);
    fprintf(f, ": %s</text>\n", verdict_text(x->verdict));
    draw_machine(hw, f);
    for (unsigned i = 0; i < hw->host_count; i++)
        draw_map(x, &hw->host[i], maps + 60 * i, f);
    fputs("</svg>\n", f);
}
