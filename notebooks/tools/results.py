"""Makes the tables of the READMEs, and the picture of the learning curves, from committed results.

    python notebooks/tools/results.py

The results lie in notebooks/measurements, by `python -m trpo_np sweep`: the first lines of each
file tell the commands. tables.py says what marks a table. A file that is not there leaves its
table, and its picture, as they are.
"""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.ticker import EngFormatter, MaxNLocator
from tables import GOALS, number, with_tables

from trpo_np.experiments.compare import groups_of
from trpo_np.experiments.plots import INK, QUIET, STYLE, curves
from trpo_np.experiments.results import read_curves, read_results
from trpo_np.experiments.statistics import interquartile_mean
from trpo_np.training.files import write

ROOT = Path(__file__).parent.parent.parent
PAGES = ("README.md", "tests/benchmarks/README.md", "notebooks/README.md")
MEASUREMENTS = "notebooks/measurements"
#: The picture's name, and the files that it is made from.
PICTURES = {"learning_curves": ("one_preset.csv",)}


def picture(paths: list[Path]) -> tuple[plt.Figure, str]:
    """The learning curves, one panel an environment that has a goal, and their alt text."""
    panels: dict[str, dict[str, list]] = {}
    for path in paths:
        points = read_curves(path)
        for group in groups_of(read_results(path)):
            if group.env_id not in GOALS:
                continue
            label = group.label.removeprefix(f"{group.env_id} ")
            panels.setdefault(group.env_id, {})[label] = [points[r["run"]] for r in group.rows]
    labels = list(dict.fromkeys(label for lines in panels.values() for label in lines))
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(down, across, figsize=(4.4 * across, 4.1 * down), squeeze=False)
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        for ax, (env_id, lines) in zip(axes.flat, panels.items(), strict=False):
            panel(ax, env_id, lines, labels)
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
        figure.supxlabel("environment steps", fontsize=14)
        figure.supylabel("mean return of recent episodes", fontsize=14)
        if len(labels) > 1:
            handles = dict(zip(labels, figure.axes[0].lines, strict=False))
            figure.legend(handles.values(), handles, loc="outside upper left", ncols=len(labels))
    return figure, alt_of(panels)


def panel(ax: plt.Axes, env_id: str, lines: dict[str, list], labels: list[str]) -> None:
    """Draws an environment's curves, and the return from which on it counts as learned."""
    for label in labels:
        if label in lines:
            curves(ax, lines[label], label)
        else:
            ax.plot([], [])  # so that a label has the same colour in every panel
    ax.axhline(GOALS[env_id], color=INK, linestyle=":", linewidth=2)
    seeds = " and ".join(str(n) for n in dict.fromkeys(len(runs) for runs in lines.values()))
    ax.set_title(env_id, loc="left", fontweight="bold", pad=26)
    below = f"{seeds} seeds; dotted: learned, ≥ {number(GOALS[env_id], 'g')}"
    ax.text(*(0, 1.03, below), transform=ax.transAxes, fontsize=13, color=QUIET, in_layout=False)
    ax.set(xlabel="", ylabel="")
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2.5, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))


def alt_of(panels: dict[str, dict[str, list]]) -> str:
    """What the picture shows, with where each curve ends."""
    ends = [
        f"{env_id} {label} at {number(interquartile_mean([run[-1][1] for run in runs]), '.0f')}"
        for env_id, lines in panels.items()
        for label, runs in lines.items()
    ]
    return (
        "Learning curves, one panel an environment: the interquartile mean over seeds of the "
        "return of recent episodes, with its 95 % bootstrap interval. "
        f"They end with {', '.join(ends)}."
    )


def main(root: Path = ROOT) -> None:
    """Brings the pages and the pictures up to date."""
    folder = root / MEASUREMENTS
    for page in map(root.joinpath, PAGES):
        if page.exists():
            text = page.read_text(encoding="utf-8")
            new = with_tables(text, folder)
            if new != text:
                write(page, lambda file, new=new: file.write(new.encode()))
                print(page)
    for name, files in PICTURES.items():
        paths = [folder / file for file in files]
        if not all(path.exists() for path in paths):
            print(f"{name}.png stays as it is: {', '.join(files)} is not there.")
            continue
        figure, alt = picture(paths)
        target = root / "figures" / f"{name}.png"
        write(target, lambda file, figure=figure: figure.savefig(file, format="png"))
        write(target.with_suffix(".txt"), lambda file, alt=alt: file.write(f"{alt}\n".encode()))
        plt.close(figure)
        print(target)


if __name__ == "__main__":
    main()
