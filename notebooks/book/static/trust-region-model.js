/* One update of TRPO for a policy with two parameters, in a finite world, by closed forms.
 *
 * A world is what notebook 04 has: {transitions: [S][A][S], rewards: [S][A], start: [S], gamma,
 * features: [S][2]}. The policy takes action 1 in state s with the probability
 * 1 / (1 + exp(-features[s] . theta)). Every function is pure; tests compare them with the package.
 */
"use strict";

const trustRegionModel = (() => {
  const dot = (x, y) => x.reduce((sum, xi, i) => sum + xi * y[i], 0);
  const times = (A, x) => A.map((row) => dot(row, x));
  const add = (x, y, factor = 1) => x.map((xi, i) => xi + factor * y[i]);
  const transposed = (A) => A[0].map((_, j) => A.map((row) => row[j]));
  const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

  /** The solution x of A x = b, by elimination with pivots. */
  function solve(A, b) {
    const rows = A.map((row, i) => [...row, b[i]]);
    const n = rows.length;
    for (let k = 0; k < n; k++) {
      let pivot = k;
      for (let i = k + 1; i < n; i++)
        if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
      [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
      for (let i = k + 1; i < n; i++)
        rows[i] = add(rows[i], rows[k], -rows[i][k] / rows[k][k]);
    }
    const x = Array(n).fill(0);
    for (let i = n - 1; i >= 0; i--) x[i] = (rows[i][n] - dot(rows[i].slice(0, n), x)) / rows[i][i];
    return x;
  }

  /** pi(a|s), [S][2]. */
  const policy = (world, theta) =>
    world.features.map((phi) => [sigmoid(-dot(phi, theta)), sigmoid(dot(phi, theta))]);

  /** I - gamma P_pi, [S][S]. */
  const evolution = (world, pi) =>
    pi.map((row, s) =>
      pi.map((_, t) => (s === t ? 1 : 0) -
        world.gamma * row.reduce((sum, p, a) => sum + p * world.transitions[s][a][t], 0)));

  /** V(s): equation (2.2). */
  const values = (world, pi) =>
    solve(evolution(world, pi), pi.map((row, s) => dot(row, world.rewards[s])));

  /** A(s, a): equation (2.3). */
  function advantages(world, pi) {
    const V = values(world, pi);
    return world.rewards.map((row, s) =>
      row.map((r, a) => r + world.gamma * dot(world.transitions[s][a], V) - V[s]));
  }

  /** J: equation (2.1). */
  const performance = (world, theta) => dot(world.start, values(world, policy(world, theta)));

  /** rho(s): equation (2.5). */
  const visitation = (world, pi) => solve(transposed(evolution(world, pi)), world.start);

  /** All that an update needs of the old policy, computed once. */
  function at(world, theta) {
    const pi = policy(world, theta);
    const rho = visitation(world, pi);
    return {
      world, theta, pi, rho,
      weights: rho.map((r) => (1 - world.gamma) * r),
      advantages: advantages(world, pi),
      performance: performance(world, theta),
    };
  }

  /** L(theta): equation (2.7). */
  const surrogate = (old, theta) =>
    old.performance + dot(old.rho, policy(old.world, theta).map((row, s) =>
      dot(row, old.advantages[s])));

  /** The mean over the states of KL(old || new), in nats. */
  function meanKl(old, theta) {
    const kl = policy(old.world, theta).map((row, s) =>
      row.reduce((sum, p, a) => sum + old.pi[s][a] * Math.log(old.pi[s][a] / p), 0));
    return dot(old.weights, kl);
  }

  /** F [2][2], the curvature of the mean KL at the old policy: equation (4.3). */
  const fisher = (old) =>
    [0, 1].map((i) => [0, 1].map((j) => old.world.features.reduce((sum, phi, s) =>
      sum + old.weights[s] * old.pi[s][0] * old.pi[s][1] * phi[i] * phi[j], 0)));

  /** g [2], the gradient of L at the old policy: equation (4.2). */
  const gradient = (old) =>
    [0, 1].map((i) => old.world.features.reduce((sum, phi, s) =>
      sum + old.rho[s] * old.pi[s][0] * old.pi[s][1] *
        (old.advantages[s][1] - old.advantages[s][0]) * phi[i], 0));

  /** (F + damping I)^-1 g. */
  const direction = (F, g, damping) =>
    solve(F.map((row, i) => row.map((x, j) => x + (i === j ? damping : 0))), g);

  /** A direction, scaled to the rim of the ellipse: equation (4.7). */
  function toRim(s, F, delta) {
    const alpha = Math.sqrt((2 * delta) / dot(s, times(F, s)));
    return s.map((x) => alpha * x);
  }

  /** The first of the steps ratio^k `full` with KL <= delta and a better L, and its k; or none. */
  function lineSearch(old, full, delta, ratio = 0.5, backtracks = 10) {
    for (let k = 0; k <= backtracks; k++) {
      const step = full.map((x) => ratio ** k * x);
      const theta = add(old.theta, step);
      if (meanKl(old, theta) <= delta && surrogate(old, theta) > old.performance)
        return { step, backtracks: k };
    }
    return { step: [0, 0], backtracks: null };
  }

  /** One update: its models, the steps of natural and plain gradient, and what is accepted. */
  function update(world, theta, delta, damping) {
    const old = at(world, theta);
    const F = fisher(old);
    const g = gradient(old);
    const natural = toRim(direction(F, g, damping), F, delta);
    return { old, F, g, natural, plain: toRim(g, F, delta), ...lineSearch(old, natural, delta) };
  }

  /** `count` points of the rim of the ellipse 1/2 d'Fd = delta around the old policy. */
  function ellipse(old, F, delta, count) {
    const a = Math.sqrt(F[0][0]); // F = C C', C = [[a, 0], [b, c]]
    const b = F[1][0] / a;
    const c = Math.sqrt(F[1][1] - b * b);
    return circle(count).map(([x, y]) => {
      const second = y / c; // C' d = sqrt(2 delta) (x, y)
      const d = [(x - b * second) / a, second];
      return add(old.theta, d, Math.sqrt(2 * delta));
    });
  }

  /** `count` points where the exact mean KL is delta: it is convex, so one on every ray. */
  function contour(old, F, delta, count) {
    return ellipse(old, F, delta, count).map((point) => {
      const ray = add(point, old.theta, -1);
      const kl = (length) => meanKl(old, add(old.theta, ray, length));
      let [low, high] = [0, 1];
      while (kl(high) < delta && high < 1e6) high *= 2;
      for (let i = 0; i < 50; i++) {
        const middle = (low + high) / 2;
        if (kl(middle) < delta) low = middle;
        else high = middle;
      }
      return add(old.theta, ray, low);
    });
  }

  const circle = (count) =>
    Array.from({ length: count }, (_, i) => (2 * Math.PI * i) / count)
      .map((t) => [Math.cos(t), Math.sin(t)]);

  return {
    add, dot, times, solve, policy, values, advantages, performance, visitation, at, surrogate,
    meanKl, fisher, gradient, direction, toRim, lineSearch, update, ellipse, contour,
  };
})();

if (typeof module !== "undefined") module.exports = trustRegionModel;
