#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders what a program printed on a terminal (text with ANSI colours, on stdin) as an SVG picture.

Usage: render-svg.py TITLE <TEXT >SVG; tools/pictures.sh calls it
"""
import html
import re
import sys
import unicodedata

CELL = 8.4
LINE = 19
PAD = 16
BAR = 28
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff",
           "36": "#76e3ea", "90": "#8b949e"}
PLAIN = "#e6edf3"


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def runs(line):
    """(text, colour, bold) for each stretch of a line between two escape sequences."""
    colour, bold = PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        sequence = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not sequence:
            if part:
                yield part, colour, bold
            continue
        for code in (sequence.group(1) or "0").split(";"):
            if code in ("0", ""):
                colour, bold = PLAIN, False
            elif code == "1":
                bold = True
            elif code == "2":
                colour = COLOURS["90"]
            else:
                colour = COLOURS.get(code, colour)


def main():
    title = sys.argv[1] if len(sys.argv) > 1 else ""
    lines = sys.stdin.read().rstrip("\n").split("\n")
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    across = max(map(width, plain)) * CELL + 2 * PAD
    down = len(lines) * LINE + 2 * PAD + BAR
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across:.0f}" height="{down}" '
        f'viewBox="0 0 {across:.0f} {down}" role="img" aria-label="{html.escape(title)}">',
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
        f'<text x="{across / 2:.0f}" y="19" fill="#8b949e" text-anchor="middle" '
        f'font-family="sans-serif" font-size="12">{html.escape(title)}</text>',
        '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" '
        'xml:space="preserve">',
    ]
    for number, line in enumerate(lines):
        y = BAR + PAD + number * LINE + 6
        column = 0
        for text, colour, bold in runs(line):
            # Each stretch is stretched to its cells, so that columns meet in any font.
            cells = width(text)
            weight = ' font-weight="bold"' if bold else ""
            if text.strip():
                out.append(
                    f'<text x="{PAD + column * CELL:.1f}" y="{y}" fill="{colour}"{weight} '
                    f'textLength="{cells * CELL:.1f}" lengthAdjust="spacingAndGlyphs">'
                    f"{html.escape(text)}</text>")
            column += cells
    out.append("</g></svg>")
    print("\n".join(out))


main()
