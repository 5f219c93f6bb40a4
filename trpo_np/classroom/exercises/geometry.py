"""Checks of steps within the trust region, the Gaussian metric, damping, and a plane of CG."""

import numpy as np

from trpo_np.classroom.checks import Check, Mistake, case

# ---- Exercise 4.6: the natural gradient step by substitution -----------------------------------


def _by_substitution(C, g, delta):
    g_u = np.linalg.solve(C, g)
    u = np.sqrt(2 * delta) * g_u / np.linalg.norm(g_u)
    d = np.linalg.solve(C.T, u)
    return np.array([g_u, u, d])


def _factors():
    cases = []
    for seed, P, delta in ((46, 3, 0.01), (47, 4, 0.2)):
        rng = np.random.default_rng(seed)
        B = rng.standard_normal((P, P))
        cases.append((np.linalg.cholesky(B @ B.T + 0.3 * np.eye(P)), rng.standard_normal(P), delta))
    return cases


def _from(C, g, delta, g_u, back=None):
    """The three lines with another first one, or another way back."""
    u = np.sqrt(2 * delta) * g_u / np.linalg.norm(g_u)
    return np.array([g_u, u, np.linalg.solve(C.T, u) if back is None else back(u)])


check_substitution = Check(
    "Exercise 4.6",
    _by_substitution,
    _factors,
    (
        Mistake(
            lambda C, g, delta: _from(C, g, delta, np.linalg.solve(C.T, g)),
            "the first line has C the wrong way round: gᵀd = gᵀC⁻ᵀu, and the transpose of gᵀC⁻ᵀ is "
            "what stands before u",
        ),
        Mistake(
            lambda C, g, delta: _from(C, g, delta, C.T @ g),
            "you treat g like a step, as u = Cᵀd; a gradient goes over with the inverse: "
            "gᵀd must come out the same",
        ),
        Mistake(
            lambda C, g, delta: _from(C, g, delta, C @ g),
            "ĝ needs the inverse of C: solve u = Cᵀd for d first, and put that into gᵀd",
        ),
        Mistake(
            lambda C, g, delta: _from(
                C, g, delta, np.linalg.solve(C, g), lambda u: np.linalg.solve(C, u)
            ),
            "the way back to d has C where it should have its transpose: u = Cᵀd",
        ),
        Mistake(
            lambda C, g, delta: _from(C, g, delta, np.linalg.solve(C, g), lambda u: C.T @ u),
            "the last line goes forward once more; d is what Cᵀ makes u of, so Cᵀ has to be undone",
        ),
        Mistake(
            lambda C, g, delta: np.array(
                [
                    (b := np.linalg.solve(C, g)),
                    2 * delta * b / np.linalg.norm(b),
                    np.linalg.solve(C.T, 2 * delta * b / np.linalg.norm(b)),
                ]
            ),
            "a root is missing in the length of u: ½ ‖u‖² = δ",
        ),
        Mistake(
            lambda C, g, delta: np.array(
                [
                    (b := np.linalg.solve(C, g)),
                    np.sqrt(2 * delta) * b / np.linalg.norm(g),
                    np.linalg.solve(C.T, np.sqrt(2 * delta) * b / np.linalg.norm(g)),
                ]
            ),
            "u is ĝ made as long as the ball allows: divide by the length of ĝ, not by that of g",
        ),
    ),
    "(4.5) once more: C⁻ᵀC⁻¹g = F⁻¹g, and ‖ĝ‖² = gᵀF⁻¹g.",
    look="(4.5)",
)

# ---- Exercise 5.9: the metric of the normal distribution ---------------------------------------


def _gaussian_metric(log_std, u):
    d = log_std.shape[1]
    return np.concatenate([u[:, :d] / np.exp(2 * log_std), 2 * u[:, d:]], axis=1)


def _tangents():
    cases = []
    for seed, N, d in ((64, 3, 2), (65, 4, 3), (66, 5, 1)):
        rng = np.random.default_rng(seed)
        cases.append((0.5 * rng.standard_normal((N, d)) - 0.3, rng.standard_normal((N, 2 * d))))
    return cases


def _scaled(first, second):
    """The product with a diagonal metric, from functions of σ for the means and for log σ."""

    def product(log_std, u):
        sigma = np.exp(log_std)
        return np.concatenate([first(sigma), second(sigma)], axis=1) * u

    return product


def _two(sigma):
    return np.full_like(sigma, 2.0)


check_gaussian_metric = Check(
    "Exercise 5.9",
    _gaussian_metric,
    _tangents,
    (
        Mistake(
            _scaled(lambda sigma: 1 / sigma, _two),
            "the means are divided by σ; the metric has 1/σ²",
        ),
        Mistake(
            _scaled(lambda sigma: sigma**2, _two),
            "the means are multiplied by σ²; a narrow policy changes fast, so it is 1/σ²",
        ),
        Mistake(
            _scaled(lambda sigma: sigma**-2, lambda sigma: sigma**-2),
            "the second half is divided by σ² as well: for log σ the metric is 2, whatever σ is",
        ),
        Mistake(
            _scaled(lambda sigma: sigma**-2, np.ones_like),
            "the second half has lost its 2: the variance of z² - 1 is 3 - 2 + 1",
        ),
        Mistake(
            _scaled(lambda sigma: sigma**-2, lambda sigma: 2 * sigma**-2),
            "this is the metric of (m, σ), where 2/σ² stands; for log σ it is 2",
        ),
        Mistake(
            _scaled(lambda sigma: np.log(sigma) ** -2, _two),
            "you divide by the square of log σ: σ is np.exp(log_std)",
        ),
        Mistake(
            lambda log_std, u: u[:, : log_std.shape[1]] / np.exp(2 * log_std),
            "the second half, for log σ, is missing: the result has the shape of u",
        ),
        Mistake(
            lambda log_std, u: u * _gaussian_metric(log_std, u),
            "this is uᵀMu before its sum: M u has u in it once",
        ),
    ),
    "M u with 2d multiplications, and no matrix.",
    look="(5.7)",
)

# ---- Exercise 5.11: damping in the eigenvectors ------------------------------------------------


def _damped_direction(mu, U, g, lam):
    return U @ ((U.T @ g) / (mu + lam))


def _spectra():
    cases = []
    for seed, P, zeros, lam in ((67, 5, 2, 0.1), (68, 4, 1, 0.5)):
        rng = np.random.default_rng(seed)
        U = np.linalg.qr(rng.standard_normal((P, P)))[0]
        mu = np.concatenate([np.zeros(zeros), rng.uniform(0.02, 2, P - zeros)])
        cases.append((mu, U, rng.standard_normal(P), lam))
    rng = np.random.default_rng(69)
    U = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    cases.append((np.array([0.05, 0.4, 1.3]), U, rng.standard_normal(3), 0.2))
    return [case("with a singular F", *x) for x in cases[:2]] + [
        case("with a regular F", *cases[2])
    ]


check_damped_direction = Check(
    "Exercise 5.11",
    _damped_direction,
    _spectra,
    (
        Mistake(
            lambda mu, U, g, lam: (U.T @ g) / (mu + lam),
            "these are the coordinates x in the eigenvectors; s = U x leads back",
        ),
        Mistake(
            lambda mu, U, g, lam: U @ (g / (mu + lam)),
            "g is divided as it is: first go over to the eigenvectors, c = Uᵀg",
        ),
        Mistake(
            lambda mu, U, g, lam: U.T @ ((U @ g) / (mu + lam)),
            "U and its transpose are exchanged: the eigenvectors are the columns, so c = Uᵀg and "
            "s = U x",
        ),
        Mistake(
            lambda mu, U, g, lam: U @ ((U.T @ g) * (mu + lam)),
            "you multiply with F + λI; the system asks for its inverse",
        ),
        Mistake(
            lambda mu, U, g, lam: U @ ((U.T @ g) / np.maximum(mu, lam)),
            "you lift only the eigenvalues below λ up to λ; damping adds λ to every one",
        ),
        Mistake(
            lambda mu, U, g, lam: U @ ((U.T @ g) * mu / (mu + lam)),
            "μ/(μ + λ) is the share that damping leaves of F⁻¹g, and there is a 1/μ in F⁻¹g; "
            "without an inverse: c/(μ + λ)",
        ),
        Mistake(
            lambda mu, U, g, lam: g / (mu + lam),
            "F is not diagonal in these coordinates: divide in the eigenvectors, between Uᵀ and U",
        ),
    ),
    "Large eigenvalues hardly notice λ; where μ is far below it, s is g over λ.",
    look="(5.12)",
)

# ---- Exercise 7.6: the lowest point of a plane -------------------------------------------------


def _plane_step(F, r, p):
    rFr, rFp, pFp = r @ F @ r, r @ F @ p, p @ F @ p
    u = (r @ r) / (rFr - rFp**2 / pFp)
    return np.array([u, -u * rFp / pFp])


def _planes():
    cases = []
    for seed, n in ((76, 3), (77, 5)):
        rng = np.random.default_rng(seed)
        B, r, p = rng.standard_normal((n, n)), *rng.standard_normal((2, n))
        cases.append((B @ B.T + 0.5 * np.eye(n), r, p - (p @ r) / (r @ r) * r))
    return cases


check_plane_step = Check(
    "Exercise 7.6",
    _plane_step,
    _planes,
    (
        Mistake(
            lambda F, r, p: np.array([(r @ r) / (r @ F @ r), 0.0]),
            "this is steepest descent's step, along r alone",
        ),
        Mistake(
            lambda F, r, p: np.array(
                [(r @ r) / (r @ F @ r), -(r @ r) / (r @ F @ r) * (r @ F @ p) / (p @ F @ p)]
            ),
            "u is that of the line along r: in the plane the first equation has v rᵀFp in it, too",
        ),
        Mistake(
            lambda F, r, p: _plane_step(F, r, p) * [1, -1],
            "the sign of v is turned: the second equation is u rᵀFp + v pᵀFp = 0",
        ),
        Mistake(
            lambda F, r, p: np.array([_plane_step(F, r, p)[0], -(r @ F @ p) / (p @ F @ p)]),
            "your second number is v/u, the coefficient of p when r has the coefficient 1; v "
            "itself has a factor u",
        ),
        Mistake(
            lambda F, r, p: _plane_step(np.eye(len(r)), r, p),
            "F does not enter: the products in the equations are rᵀFr, rᵀFp and pᵀFp",
        ),
        Mistake(
            lambda F, r, p: -_plane_step(F, r, p),
            "both signs are turned: the gradient at x is minus the residual",
        ),
        Mistake(
            lambda F, r, p: (s := _plane_step(F, r, p))[0] * r + s[1] * p,
            "this is the step u r + v p itself; the two numbers are asked for",
        ),
    ),
    "One plane, two numbers, and v/u is β.",
    look="(7.6)",
)
