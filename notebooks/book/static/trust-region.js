/* Draws one update of TRPO and lets the reader move it: in every element .trust-region, the model of
 * trust-region-model.js in the world of trust-region-world.js, of the parts of trust-region-parts.js.
 * An element with data-compact shows the picture, delta and the step alone. */
"use strict";

(() => {
  const model = trustRegionModel;
  const world = trustRegionWorld;
  const { make, path, levelLines, slider, paint } = trustRegionParts;
  const HALF = [1.75, 5.1]; // half the frame, in theta
  const MAP = [60, 84]; // cells of the map in the background
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  class Explorer {
    constructor(home) {
      this.home = home;
      this.compact = home.hasAttribute("data-compact");
      this.start = { theta: [...world.theta], delta: 0.5, damping: 0, map: "L" };
      Object.assign(this, this.start, { centre: [0, -1.9], trail: [] });
      this.size = [480, 480];
      this.build();
      this.draw();
      new MutationObserver(() => this.draw()).observe(document.documentElement, {
        attributes: true, attributeFilter: ["data-theme"],
      });
    }

    build() {
      const [width, height] = this.size;
      this.canvas = make("canvas", { width: MAP[0] * 4, height: MAP[1] * 4, "aria-hidden": "true" });
      this.picture = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
      this.levels = make("path", { class: "levels" });
      this.walked = make("path", { class: "trail" });
      this.exact = make("path", { class: "exact" });
      this.ellipse = make("path", { class: "ellipse" });
      this.lines = Object.fromEntries(["plain", "natural", "accepted"].map((name) =>
        [name, make("path", { class: name })]));
      this.ends = {
        plain: make("rect", { class: "plain end", width: 12, height: 12 }),
        natural: make("circle", { class: "natural end", r: 7 }),
        accepted: make("polygon", { class: "accepted end", points: "0,-9 9,0 0,9 -9,0" }),
      };
      this.star = make("path", { class: "old", d: path(Array.from({ length: 10 }, (_, i) => {
        const r = i % 2 ? 5 : 12;
        return [r * Math.sin((Math.PI * i) / 5), -r * Math.cos((Math.PI * i) / 5)];
      })) });
      this.picture.append(this.levels, this.walked, this.ellipse, this.exact,
        ...Object.values(this.lines), ...Object.values(this.ends), this.star);
      this.frame = make("div", { class: "frame" }, this.canvas, this.picture);
      this.home.replaceChildren(make("div", { class: "drawing" }, this.frame, this.legend()),
        this.panel());
      this.listen();
    }

    legend() {
      const names = {
        old: "old policy", exact: "KL = δ, exact", ellipse: "quadratic model",
        plain: "plain gradient", natural: "natural gradient", accepted: "accepted step",
      };
      return make("ul", { class: "legend" }, ...Object.entries(names).map(([name, text]) =>
        make("li", { class: name }, text)));
    }

    panel() {
      const changed = (name) => (value) => { this[name] = value; this.draw(); };
      const logarithm = slider("delta", "radius δ", [-2.5, 0, 0.05, Math.log10(this.delta)],
        (x) => `${(10 ** x).toPrecision(2)} nats`, (x) => { this.delta = 10 ** x; this.draw(); });
      const coordinate = (i, min, max) => slider(`theta${i + 1}`, `θ${"₁₂"[i]}`,
        [min, max, 0.05, this.theta[i]], (x) => x.toFixed(2).replace("-", "−"),
        (x) => this.moveTo(i ? [this.theta[0], x] : [x, this.theta[1]]));
      const damping = slider("damping", "damping λ", [0, 2, 0.05, 0], (x) => x.toFixed(2),
        changed("damping"));
      this.knobs = { delta: logarithm, damping, theta: [coordinate(0, -3, 6), coordinate(1, -8, 14)] };
      const step = make("button", { type: "button", class: "step" }, "Take the step");
      step.addEventListener("click", () => this.takeStep());
      const reset = make("button", { type: "button" }, "Start again");
      reset.addEventListener("click", () => this.reset());
      const buttons = make("div", { class: "buttons" }, step, reset);
      this.report = make("table", { class: "numbers" });
      if (this.compact) return make("div", { class: "panel" }, logarithm.node, buttons);
      return make("div", { class: "panel" }, logarithm.node, damping.node,
        ...this.knobs.theta.map((knob) => knob.node), this.maps(), buttons, this.report);
    }

    maps() {
      const group = make("fieldset", {}, make("legend", {}, "map"));
      for (const [value, text] of [["L", "surrogate L"], ["J", "performance J"]]) {
        const input = make("input", { type: "radio", name: "trust-region-map", value });
        input.checked = value === this.map;
        input.addEventListener("change", () => { this.map = value; this.draw(); });
        group.append(make("label", {}, input, text));
      }
      return group;
    }

    listen() {
      const there = (event) => {
        const box = this.picture.getBoundingClientRect();
        const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
        return [0, 1].map((i) => this.centre[i] + HALF[i] * (i ? 1 - 2 * share[1] : 2 * share[0] - 1));
      };
      this.star.addEventListener("pointerdown", (event) => {
        this.star.setPointerCapture(event.pointerId);
        event.preventDefault();
        const drag = (e) => { this.trail = []; this.theta = there(e); this.draw(); };
        this.star.addEventListener("pointermove", drag);
        this.star.addEventListener("pointerup", () => {
          this.star.removeEventListener("pointermove", drag);
          this.moveTo(this.theta);
        }, { once: true });
      });
    }

    moveTo(theta) {
      this.trail = [];
      this.glide(theta, 0);
    }

    reset() {
      Object.assign(this, this.start, { theta: [...this.start.theta], trail: [] });
      this.knobs.delta.set(Math.log10(this.delta));
      this.knobs.damping.set(this.damping);
      this.centre = [0, -1.9];
      for (const input of this.home.querySelectorAll("[type=radio]"))
        input.checked = input.value === this.map;
      this.draw();
    }

    takeStep() {
      const { step } = this.made;
      this.trail = [...this.trail, this.theta];
      this.glide(model.add(this.theta, step), 500);
    }

    /** Where the frame stands for a policy: as now, or around it where it comes near the rim. */
    centreFor(theta) {
      const far = theta.some((x, i) => Math.abs(x - this.centre[i]) > 0.6 * HALF[i]);
      return far ? [...theta] : this.centre;
    }

    /** Moves policy and frame, in some milliseconds, at once for those who want no motion. */
    glide(theta, milliseconds) {
      const from = { theta: this.theta, centre: this.centre };
      const to = { theta, centre: this.centreFor(theta) };
      const begun = performance.now();
      cancelAnimationFrame(this.pending);
      const frame = (now) => {
        const t = calm.matches || !milliseconds ? 1 : Math.min(1, (now - begun) / milliseconds);
        const eased = t * t * (3 - 2 * t);
        for (const key of ["theta", "centre"])
          this[key] = model.add(from[key], model.add(to[key], from[key], -1), eased);
        this.draw();
        if (t < 1) this.pending = requestAnimationFrame(frame);
      };
      if (milliseconds && !calm.matches) this.pending = requestAnimationFrame(frame);
      else frame(begun);
    }

    place(theta) {
      return this.size.map((size, i) => {
        const share = (theta[i] - this.centre[i]) / HALF[i];
        return (size / 2) * (1 + (i ? -share : share));
      });
    }

    draw() {
      const made = model.update(world, this.theta, this.delta, this.damping);
      const { old, F } = made;
      this.made = made;
      this.knobs.theta.forEach((knob, i) => knob.set(this.theta[i]));
      this.drawMap(old);
      const placed = (points) => path(points.map((p) => this.place(p)));
      this.ellipse.setAttribute("d", placed(model.ellipse(old, F, this.delta, 120)));
      this.exact.setAttribute("d", placed(model.contour(old, F, this.delta, 120)));
      this.walked.setAttribute("d", this.trail.length
        ? path([...this.trail, this.theta].map((p) => this.place(p)), false) : "");
      const steps = { plain: made.plain, natural: made.natural, accepted: made.step };
      const origin = this.place(this.theta);
      for (const [name, step] of Object.entries(steps)) {
        const end = this.place(model.add(this.theta, step));
        this.lines[name].setAttribute("d", path([origin, end], false));
        const corner = name === "plain" ? end.map((x) => x - 6) : end;
        this.ends[name].setAttribute("transform", `translate(${corner})`);
      }
      this.star.setAttribute("transform", `translate(${origin})`);
      this.say(steps);
    }

    /** The map in the background, and its level lines. */
    drawMap(old) {
      const value = this.map === "L"
        ? (theta) => model.surrogate(old, theta) : (theta) => model.performance(world, theta);
      const corner = (i, k) => this.centre[k] - HALF[k] + (2 * HALF[k] * i) / MAP[k];
      const values = Array.from({ length: MAP[1] + 1 }, (_, j) =>
        Array.from({ length: MAP[0] + 1 }, (_, i) => value([corner(i, 0), corner(j, 1)])));
      const grid = ([i, j]) => this.place([corner(i, 0), corner(j, 1)]);
      this.levels.setAttribute("d", levelLines(values, grid));
      const style = getComputedStyle(this.home);
      const [low, high] = ["--map-low", "--map-high"].map((name) =>
        style.getPropertyValue(name).trim().split(" ").map(Number));
      paint(this.canvas, values, (value) => {
        const share = Math.min(1, Math.max(0, (value + 12) / 16));
        return low.map((x, k) => x + share * (high[k] - x));
      });
    }

    /** The numbers of the steps, in the table and in the picture's description. */
    say(steps) {
      const number = (x) => x.toFixed(3).replace("-", "−");
      const { old } = this.made;
      const names = { plain: "plain gradient", natural: "natural gradient", accepted: "accepted step" };
      const rows = Object.entries(steps).map(([name, step]) => {
        const end = model.add(this.theta, step);
        return [name, model.meanKl(old, end), model.surrogate(old, end) - old.performance,
          model.performance(world, end) - old.performance];
      });
      const head = ["step", "KL", "L gained", "J gained"].map((text) =>
        make("th", { scope: "col" }, text));
      const body = rows.map(([name, ...numbers]) => make("tr", { class: name },
        make("th", { scope: "row" }, names[name]),
        ...numbers.map((x, i) => make("td", i || x <= this.delta ? {} : { class: "over" }, number(x)))));
      this.report.replaceChildren(make("caption", {}, this.sentence()),
        make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
      this.picture.setAttribute("aria-label",
        `The trust region for δ = ${this.delta.toPrecision(2)}. ${this.sentence()}`);
    }

    sentence() {
      const { backtracks, old } = this.made;
      const J = `J = ${old.performance.toFixed(2).replace("-", "−")}. `;
      if (backtracks === null) return `${J}No step is accepted.`;
      if (backtracks === 0) return `${J}The full step is accepted.`;
      return `${J}Accepted after ${backtracks} ${backtracks === 1 ? "halving" : "halvings"}.`;
    }
  }

  for (const home of document.querySelectorAll(".trust-region")) new Explorer(home);
})();
