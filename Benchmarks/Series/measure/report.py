"""Lines of the table, and the targets met or missed."""
import os
import platform
import statistics


def heading(command):
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"# {model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; {command}", flush=True)


def number(value):
    return f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"


def row(name, value, unit=""):
    print(f"{name:<74}{number(value):>14} {unit}", flush=True)


def spread(name, values, unit, note):
    """The median of several rounds; least and greatest beside it."""
    row(name, statistics.median(values), f"{unit}  ({number(min(values))} – {number(max(values))}; {note})")


def at_least(name, measured, needed):
    _bar(name, measured, needed, measured >= needed)


def at_most(name, measured, needed):
    _bar(name, measured, needed, measured <= needed)


def _bar(name, measured, needed, met):
    plain = lambda value: f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
    print(f"BAR {name} {plain(measured)} {plain(needed)} {'ok' if met else 'short'}", flush=True)
