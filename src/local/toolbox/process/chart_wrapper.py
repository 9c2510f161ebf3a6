# Runs a program that draws with matplotlib, and prints one marked line of JSON for each figure that it shows.
# The toolbox puts the program, in base64, into the call of b64decode below, feeds this file to the interpreter, and takes the marked lines out of the output.
#
# A number of a date axis is in seconds since 1970, one of a category axis the category's place; the tick labels have their texts.

import sys as _sys
import types as _types


class _Charts:
    """What was drawn, as the toolbox's model of charts."""

    MARK = "dtn_artifact_k39fd2:"

    def __init__(self, pyplot):
        self.pyplot = pyplot
        self.seen = set()
        self.warned = {}

    # The official wrapper calls the show that it replaces, from this line of it; programs and tests know the warning that gives.
    def show(self):
        import warnings

        for number in self.pyplot.get_fignums():
            self.print_figure(self.pyplot.figure(number))
        self.pyplot.close("all")
        if self.pyplot.get_backend().lower() == "agg":
            message = "FigureCanvasAgg is non-interactive, and thus cannot be shown"
            warnings.warn_explicit(message, UserWarning, "<stdin>", 475, registry=self.warned)

    def print_figure(self, figure):
        import base64
        import hashlib
        import io
        import json

        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=100, bbox_inches="tight")
        digest = hashlib.sha256(image.getvalue()).digest()
        if digest in self.seen:
            return
        self.seen.add(digest)
        chart = self.of_figure(figure)
        chart["png"] = base64.b64encode(image.getvalue()).decode()
        text = json.dumps({"type": "chart", "value": chart}, allow_nan=False)
        _sys.stdout.write(self.MARK + text + "\n")
        _sys.stdout.flush()

    def of_figure(self, figure):
        axes = [each for each in figure.axes if self.has_something(each)]
        if not axes:
            return {"type": "unknown", "elements": None}
        if len(axes) == 1:
            return self.of_axes(axes[0])
        title = figure.texts[0].get_text() if figure.texts else ""
        return {"type": "composite_chart", "title": title, "elements": [self.of_axes(each) for each in axes]}

    def has_something(self, axes):
        is_color_bar = hasattr(axes, "_colorbar") or axes.get_label() == "<colorbar>"
        return not is_color_bar and bool(axes.lines or axes.patches or axes.collections or axes.images or axes.texts)

    def of_axes(self, axes):
        chart = {"title": axes.get_title(), "x_label": axes.get_xlabel(), "y_label": axes.get_ylabel()}
        chart["x_ticks"], chart["x_tick_labels"], chart["x_scale"] = self.axis(axes.xaxis)
        chart["y_ticks"], chart["y_tick_labels"], chart["y_scale"] = self.axis(axes.yaxis)
        chart["type"], chart["elements"] = self.elements(axes, chart)
        return chart

    def axis(self, axis):
        ticks = self.numbers(axis, axis.get_ticklocs())
        labels = [label.get_text() for label in axis.get_ticklabels()]
        if self.is_date(axis):
            return ticks, labels, "datetime"
        if self.is_category(axis):
            return ticks, labels, "categorical"
        return ticks, labels, axis.get_scale()

    def is_date(self, axis):
        name = type(self.converter(axis)).__name__
        return "Date" in name

    def is_category(self, axis):
        return type(self.converter(axis)).__name__ == "StrCategoryConverter"

    def converter(self, axis):
        return axis.get_converter() if hasattr(axis, "get_converter") else axis.converter

    def numbers(self, axis, values):
        import math

        numbers = [float(value) for value in values]
        if self.is_date(axis):
            from matplotlib import dates

            return [dates.num2date(number).timestamp() for number in numbers if math.isfinite(number)]
        return [number for number in numbers if math.isfinite(number)]

    def points(self, axes, xs, ys):
        points = []
        for x, y in zip(xs, ys):
            point = self.numbers(axes.xaxis, [x]) + self.numbers(axes.yaxis, [y])
            if len(point) == 2:
                points.append(point)
        return points

    def elements(self, axes, chart):
        from matplotlib import collections, patches

        lines = list(axes.lines)
        shapes = list(axes.patches)
        others = list(axes.collections) + list(axes.images)
        if lines and not shapes and not others:
            return "line", [self.line(axes, line) for line in lines if not self.is_grid_line(line)]
        if lines and shapes and not others and all(type(shape) is patches.PathPatch for shape in shapes):
            return "box_and_whisker", self.boxes(axes, chart)
        if any(not self.is_grid_line(line) for line in lines):
            return "unknown", []
        if others and not shapes and all(isinstance(other, collections.PathCollection) for other in others):
            return "scatter", [self.scatter(axes, each) for each in others]
        if shapes and not others and all(isinstance(shape, patches.Rectangle) for shape in shapes):
            return "bar", self.bars(axes, chart)
        if shapes and not others and all(isinstance(shape, patches.Wedge) for shape in shapes):
            chart["x_scale"] = chart["y_scale"] = "categorical"
            return "pie", [self.wedge(shape) for shape in shapes]
        return "unknown", []

    def is_grid_line(self, line):
        xs, ys = line.get_xdata(orig=False), line.get_ydata(orig=False)
        return len(xs) == 2 and (xs[0] == xs[1] or ys[0] == ys[1])

    def line(self, axes, line):
        points = self.points(axes, line.get_xdata(orig=False), line.get_ydata(orig=False))
        return {"label": str(line.get_label()), "points": points}

    def scatter(self, axes, collection):
        offsets = collection.get_offsets()
        points = self.points(axes, *zip(*offsets.tolist())) if len(offsets) else []
        return {"label": str(collection.get_label()), "points": points}

    def wedge(self, wedge):
        return {"label": str(wedge.get_label()), "angle": round(float(abs(wedge.theta2 - wedge.theta1)), 4), "radius": float(wedge.r)}

    def text_of(self, number):
        return format(float(number), ".15g")

    def bars(self, axes, chart):
        bars = []
        lying_everywhere = bool(axes.containers)
        for container in axes.containers:
            rectangles = list(container)
            lying = self.is_lying(container, rectangles)
            lying_everywhere = lying_everywhere and lying
            axis = axes.yaxis if lying else axes.xaxis
            for rectangle in rectangles:
                middle = rectangle.get_y() + rectangle.get_height() / 2 if lying else rectangle.get_x() + rectangle.get_width() / 2
                value = rectangle.get_width() if lying else rectangle.get_height()
                label = self.tick_label(axis, middle) or self.text_of(middle)
                bars.append({"label": label, "group": str(container.get_label()), "value": self.text_of(value)})
        if lying_everywhere:
            chart["x_label"], chart["y_label"] = chart["y_label"], chart["x_label"]
        return bars

    def is_lying(self, container, rectangles):
        orientation = getattr(container, "orientation", None)
        if orientation is not None:
            return orientation == "horizontal"
        return len({rectangle.get_height() for rectangle in rectangles}) == 1

    def tick_label(self, axis, place):
        for tick, label in zip(axis.get_ticklocs(), axis.get_ticklabels()):
            if abs(tick - place) < 1e-9:
                return label.get_text()
        return ""

    def boxes(self, axes, chart):
        lines = [list(zip(*(list(map(float, data)) for data in line.get_data(orig=False)))) for line in axes.lines]
        shapes = [[tuple(map(float, vertex)) for vertex in shape.get_path().vertices] for shape in axes.patches]
        # Of a standing box the median crosses from side to side, and the same of a lying one from bottom to top.
        standing = any(len(line) == 2 and line[0][1] == line[1][1] and self.spans(line, shape, 0) for line in lines for shape in shapes)
        if not standing:
            lines = [[(y, x) for x, y in line] for line in lines]
            shapes = [[(y, x) for x, y in shape] for shape in shapes]
            chart["x_label"], chart["y_label"] = chart["y_label"], chart["x_label"]
        axis = axes.xaxis if standing else axes.yaxis
        return [self.box(axis, shape, lines) for shape in shapes]

    def spans(self, line, shape, direction):
        along = [vertex[direction] for vertex in shape]
        ends = sorted(point[direction] for point in line)
        return abs(ends[0] - min(along)) < 1e-9 and abs(ends[1] - max(along)) < 1e-9

    def box(self, axis, shape, lines):
        xs, ys = zip(*shape)
        low, high, middle = min(ys), max(ys), (min(xs) + max(xs)) / 2
        box = {"label": self.tick_label(axis, middle), "first_quartile": low, "third_quartile": high, "outliers": []}
        for line in lines:
            if len(line) == 2 and line[0][1] == line[1][1] and self.spans(line, shape, 0) and low <= line[0][1] <= high:
                box["median"] = line[0][1]
            elif len(line) == 2 and all(abs(x - middle) < 1e-9 for x, _ in line) and line[0][1] != line[1][1] and not self.outside(line, low, high):
                self.add_whisker(box, sorted(y for _, y in line), low, high)
            elif line and all(abs(x - middle) < 1e-9 for x, _ in line) and self.outside(line, low, high):
                box["outliers"] += [y for _, y in line]
        return box

    def outside(self, line, low, high):
        return all(y < low or y > high for _, y in line)

    def add_whisker(self, box, ends, low, high):
        if ends[1] <= low:
            box["min"] = ends[0]
        elif ends[0] >= high:
            box["max"] = ends[1]


def _print_exception(kind, exception, trace):
    """As the interpreter would, from the innermost frame of the program on."""
    import traceback

    frames = traceback.extract_tb(trace)
    of_program = [number for number, frame in enumerate(frames) if frame.filename == "<target_code>"]
    shown = frames[of_program[-1]:] if of_program else []
    if shown:
        _sys.stderr.write("Traceback (most recent call last):\n")
        _sys.stderr.write("".join(traceback.format_list(shown)))
    _sys.stderr.write("".join(traceback.format_exception_only(kind, exception)))
    _sys.stderr.flush()


def _run():
    import base64
    import linecache
    import os

    source = base64.b64decode("@PROGRAM@").decode("utf-8", "replace")
    linecache.cache["<target_code>"] = (len(source), None, source.splitlines(), "<target_code>")
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        import matplotlib.pyplot as pyplot
    except ImportError:
        pass  # the program's own import will say so
    else:
        charts = _Charts(pyplot)
        # matplotlib sets attributes of it, which a bound method can't have
        pyplot.show = lambda *arguments, **options: charts.show()

    module = _types.ModuleType("__main__")
    module.__file__ = "<target_code>"
    module.__builtins__ = __builtins__
    _sys.modules["__main__"] = module
    try:
        exec(compile(source, "<target_code>", "exec"), module.__dict__)
    except SystemExit:
        raise
    except BaseException:
        _print_exception(*_sys.exc_info())
        _sys.exit(1)


_run()
