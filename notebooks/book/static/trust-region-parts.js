/* What the picture of the trust region is made of: elements, sliders, level lines, colours. */
"use strict";

const trustRegionParts = (() => {
  const { add } = trustRegionModel;
  const SVG = "http://www.w3.org/2000/svg";

  /** An element with its attributes and children. */
  function make(name, attributes = {}, ...children) {
    const svg = ["svg", "g", "path", "circle", "rect", "line", "text", "polygon"].includes(name);
    const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const path = (points, closed = true) =>
    "M" + points.map((p) => p.map((x) => x.toFixed(2)).join(",")).join("L") + (closed ? "Z" : "");

  /** Where a level line enters and leaves a cell with these values at its corners. */
  function cuts(corners, values, level) {
    return corners.flatMap((from, k) => {
      const next = (k + 1) % 4;
      const [a, b] = [values[k] - level, values[next] - level];
      return a < 0 === b < 0 ? [] : [add(from, add(corners[next], from, -1), a / (a - b))];
    });
  }

  /** The level lines of values[j][i] at every whole number, as a path: marching squares. */
  function levelLines(values, place) {
    let lines = "";
    for (let j = 0; j + 1 < values.length; j++)
      for (let i = 0; i + 1 < values[0].length; i++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const here = corners.map(([x, y]) => values[y][x]);
        for (let level = Math.ceil(Math.min(...here)); level <= Math.max(...here); level++) {
          const ends = cuts(corners, here, level).map(place);
          for (let k = 0; k + 1 < ends.length; k += 2) lines += path([ends[k], ends[k + 1]], false);
        }
      }
    return lines;
  }

  /** A slider with its label and its value in words. */
  function slider(name, label, [min, max, step, value], say, changed) {
    const id = `trust-region-${name}-${Math.random().toString(36).slice(2)}`;
    const input = make("input", { type: "range", id, min, max, step, value });
    const shown = make("output", { for: id });
    const show = () => {
      shown.textContent = say(Number(input.value));
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.addEventListener("input", () => { show(); changed(Number(input.value)); });
    show();
    return {
      node: make("div", { class: "knob" }, make("label", { for: id }, label), input, shown),
      set(x) { input.value = x; show(); },
    };
  }

  /** Fills a canvas with the colours of values[j][i], j upwards, smooth between them. */
  function paint(canvas, values, colour) {
    const [rows, columns] = [values.length, values[0].length];
    const image = new ImageData(columns, rows);
    [...values].reverse().flat().forEach((value, at) =>
      image.data.set([...colour(value), 255], 4 * at));
    const small = new OffscreenCanvas(columns, rows);
    small.getContext("2d").putImageData(image, 0, 0);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    const inner = [0.5, 0.5, columns - 1, rows - 1]; // from the middle of a corner to that of another
    context.drawImage(small, ...inner, 0, 0, canvas.width, canvas.height);
  }

  return { make, path, levelLines, slider, paint };
})();
