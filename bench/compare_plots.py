# SPDX-License-Identifier: Apache-2.0
"""The plots of compare_report.py, by gnuplot: bars with the least and the greatest of the rounds,
and curves: distributions and what changes over time, of the last round; growth, by the medians."""
import re
import statistics
import subprocess

HEAD = """set terminal svg size 1100,420 dynamic background "white" noenhanced
set output "{file}"
set title "{title}"
set key outside right noenhanced
""" + "".join(f'set linetype {number} linecolor rgb "{color}"\n' for number, color in enumerate(
    ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f",
     "#bcbd22", "#17becf", "#000000", "#aec7e8", "#ffbb78", "#98df8a"), start=1))

BARS = HEAD + """
set ylabel "{unit}"
set grid ytics
set style data histograms
set style histogram errorbars gap 1 lw 1
set style fill solid 0.6 border -1
set xtics rotate by -25 noenhanced
set datafile missing "?"
{scale}
$bars << end
{data}
end
plot {plots}
"""

CURVES = HEAD + """
set xlabel "{xlabel}"
set ylabel "{ylabel}"
set grid
{logscale}
{data}
plot {plots}
"""


def run_gnuplot(script, folder):
    subprocess.run(["gnuplot"], input=script, text=True, check=True, cwd=folder)


def file_name(*words):
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(words)) + ".svg"


def bar(values):
    """Median, least and greatest; a gap where there is nothing."""
    values = list(values)
    if not values:
        return "? ? ?"
    return f"{statistics.median(values)} {min(values)} {max(values)}"


def scale(by_case):
    """Logarithmic where small bars could not be seen beside large ones."""
    values = [value for measured in by_case.values() for rounds in measured.ways.values()
              for value in rounds.values() if value > 0]
    if max(values) < 30 * min(values):
        return "set yrange [0:*]"
    return f"set logscale y\nset yrange [{min(values) / 2}:{max(values) * 2}]"


def draw_bars(title, file, metric, by_case, folder):
    """`by_case`: case -> Measured of this metric."""
    ways = list(dict.fromkeys(way for measured in by_case.values() for way in measured.ways))
    rows = [f'"{case}" ' + " ".join(bar(measured.ways.get(way, {}).values()) for way in ways)
            for case, measured in by_case.items()]
    plots = ", ".join(f'$bars using {2 + 3 * i}:{3 + 3 * i}:{4 + 3 * i}:xtic(1) title "{way}"'
                      for i, way in enumerate(ways))
    unit = next(iter(by_case.values())).unit
    run_gnuplot(BARS.format(file=file, title=title, unit=f"{metric}, {unit}",
                            scale=scale(by_case), data="\n".join(rows), plots=plots), folder)


def grows_by(metric):
    """What its x is the number of, or None if it is no curve of growth."""
    return metric.rpartition("_by_")[2] if "_by_" in metric else None


def medians(curves):
    """Of each x over the rounds."""
    values = {}
    for x, y in (point for curve in curves for point in curve):
        values.setdefault(x, []).append(y)
    return [(x, statistics.median(values[x])) for x in sorted(values)]


def look(metric, unit):
    """Labels of both axes, gnuplot's style and scale."""
    if by := grows_by(metric):
        return by, f"{metric.removesuffix('_by_' + by)}, {unit}", "linespoints", "set logscale x"
    if metric.endswith("_cdf"):
        return f"{metric.removesuffix('_cdf')}, {unit}", "percent", "steps", "set logscale x"
    figure = f"{metric.removesuffix('_over_time')}, {unit}"
    return "seconds", figure, "lines", "set logscale y"


def draw_curves(title, file, metric, unit, ways, folder):
    pick = medians if grows_by(metric) else lambda curves: curves[-1]
    blocks = [f"$way{i} << end\n" + "\n".join(f"{x} {y}" for x, y in pick(curves)) + "\nend"
              for i, curves in enumerate(ways.values())]
    xlabel, ylabel, style, logscale = look(metric, unit)
    plots = ", ".join(f'$way{i} with {style} title "{way}"' for i, way in enumerate(ways))
    run_gnuplot(CURVES.format(file=file, title=title, xlabel=xlabel, ylabel=ylabel,
                              logscale=logscale, data="\n".join(blocks), plots=plots), folder)


def draw(section, cases, curves, folder):
    """Draws all plots of a section; yields their titles and files."""
    by_metric = {}
    for case, metrics in cases.items():
        for metric, measured in metrics.items():
            by_metric.setdefault(metric, {})[case] = measured
    for metric, by_case in by_metric.items():
        ways = [rounds for measured in by_case.values() for rounds in measured.ways.items()]
        if len({way for way, _ in ways}) < 2 or not any(any(it.values()) for _, it in ways):
            continue  # nothing beside it, or nothing to see
        title, file = f"{section}: {metric}", file_name(section, metric)
        draw_bars(title, file, metric, by_case, folder)
        yield title, file
    for case, metrics in curves.items():
        for metric, (unit, ways) in metrics.items():
            title, file = f"{section}: {case}, {metric}", file_name(section, case, metric)
            draw_curves(title, file, metric, unit, ways, folder)
            yield title, file
