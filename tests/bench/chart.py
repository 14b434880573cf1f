# SPDX-License-Identifier: BSD-2-Clause
"""Draws the table of `make bench`: each row's count as a part of Linux's, on a logarithmic scale."""
from html import escape
from math import log10

LEFT, RIGHT, BAR, ROW, TOP = 430, 860, 9, 34, 64
LEAST = 0.0001  # of Linux's count: where the scale begins
COLOURS = ("#1f6f8b", "#c8553d")


def x_of(part):
    return LEFT + (RIGHT - LEFT) * (log10(max(part, LEAST)) - log10(LEAST)) / -log10(LEAST)


def grid(bottom):
    for exponent in range(int(log10(LEAST)), 1):
        x = x_of(10 ** exponent)
        yield f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>'
        yield (f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">'
               f'{100 * 10 ** exponent:g} %</text>')


def bar(y, part, colour, label):
    yield (f'<rect x="{LEFT}" y="{y}" width="{x_of(part) - LEFT:.1f}" height="{BAR}" '
           f'fill="{colour}"/>')
    yield f'<text x="{RIGHT + 8}" y="{y + BAR}">{label}</text>'


def budget_mark(y, part):
    x = x_of(min(part, 1))
    return f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 2 * BAR}" stroke="#000" stroke-width="2"/>'


def chart(table, boards, results):
    """The SVG's text. Rows without a figure of Linux are left out."""
    rows = [row for row in table["rows"] if "linux" in row]
    bottom = TOP + ROW * len(rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{RIGHT + 180}" height="{bottom + 30}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="#fff"/>',
           '<text x="10" y="20" font-size="15">What a call costs, as a part of what Linux spends</text>']
    for i, board in enumerate(boards):
        out.append(f'<text x="{10 + 110 * i}" y="42" fill="{COLOURS[i]}">&#9632; {board}</text>')
    out.append(f'<text x="{10 + 110 * len(boards)}" y="42">| budget</text>')
    out.extend(grid(bottom))
    for number, row in enumerate(rows):
        y = TOP + ROW * number
        out.append(f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(row["name"])}</text>')
        for i, board in enumerate(boards):
            if board in results:
                ours, linux = results[board][row["id"]], row["linux"][i]
                out.extend(bar(y + BAR * i, ours / linux, COLOURS[i], f"{ours:,.0f} of {linux:,}"))
        if "budget" in row:
            out.append(budget_mark(y, row["budget"] / max(row["linux"])))
    out.append(f'<text x="10" y="{bottom + 18}" fill="#555">Linux 7.2 as Debian builds it, same '
               'emulator, same count; logarithmic scale</text>')
    return "\n".join(out + ["</svg>", ""])
