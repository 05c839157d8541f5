#!/usr/bin/env python3
"""Second independent solution of reference cases of `frogbench passage`, and cases drawn to the edges of
what they may be: short and long tracks, 1 to 8 elements per bay, soft and stiff supports, every way to
give the shear area, dips near the ends of the run, windows partly outside it, the first and the last
sleeper, 1 to 100 m/s, steps of 10 to 200 us.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python tests/peers/edge_cases.py draw DIRECTORY COUNT SEED   # writes edge-NNN.toml
    venv/bin/python tests/peers/edge_cases.py solve CASE.toml ...         # prints their results as JSON

Beam matrices come from Gauss integration of strains (not from closed forms), unknowns are numbered along
the track (banded Cholesky), accelerations are the primary unknowns of Newmark's scheme, and the contact is
solved by Newton's method on the approach. Nothing is shared with tests/peers/one_rail.py or the Rust code.
"""
import json
import pathlib
import sys
import tomllib

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded
from scipy.signal import butter, sosfiltfilt
from scipy.sparse import csr_matrix

E_PA = 2.1e11  # of rail steel: second moment, and so rotary inertia, from the bending stiffness


class Beam:
    """Element of a rail: exact for loads at its nodes."""

    def __init__(self, t):
        self.length = t["bay_m"] / t["elements_per_bay"]
        self.ei, self.mass = t["bending_stiffness_n_m2"], t["mass_kg_m"]
        self.ga, self.rho_i = np.inf, 0.0
        if t["rail"] == "timoshenko":
            area = t.get("area_m2", self.mass / 7850.0)
            shear_area = t["shear_area_m2"] if "shear_area_m2" in t else t["kappa"] * area
            self.ga = shear_area * t.get("shear_modulus_pa", 8.08e10)
            self.rho_i = self.mass * self.ei / E_PA / area
        self.shapes = self.basis(self.length)[0]

    def basis(self, length):
        """Deflection, rotation, curvature and shear of the four end motions, each as polynomial
        coefficients (cubic deflection; rotation = slope less a constant shear)."""
        a = np.zeros((4, 4))
        k = 0.0 if np.isinf(self.ga) else self.ei / self.ga
        # w = c0 + c1 x + c2 x^2 + c3 x^3; equilibrium makes the shear -6 k c3 (positive angle slope - theta).
        def rows(x):
            return [1, x, x**2, x**3], [0, 1, 2 * x, 3 * x**2 + 6 * k]
        a[0], a[1] = rows(0.0)
        a[2], a[3] = rows(length)
        return np.linalg.inv(a), k

    def deflection(self, x):
        return np.array([1, x, x * x, x**3]) @ self.shapes

    def matrices(self):
        length = self.length
        c, k = self.basis(length)
        stiffness, mass = np.zeros((4, 4)), np.zeros((4, 4))
        points, weights = np.polynomial.legendre.leggauss(5)
        for p, w in zip(points, weights):
            x, w = (p + 1) / 2 * length, w / 2 * length
            n = np.array([1, x, x**2, x**3]) @ c
            r = np.array([0, 1, 2 * x, 3 * x**2 + 6 * k]) @ c
            curvature = np.array([0, 0, 2, 6 * x]) @ c
            shear = np.array([0, 0, 0, -6 * k]) @ c
            stiffness += w * self.ei * np.outer(curvature, curvature)
            if k > 0:
                stiffness += w * self.ga * np.outer(shear, shear)
            mass += w * (self.mass * np.outer(n, n) + self.rho_i * np.outer(r, r))
        return stiffness, mass

    def clamped(self, x):
        """Deflection under a unit force at x between clamped nodes; counts with shear only."""
        if np.isinf(self.ga) or x <= 0 or x >= self.length:
            return 0.0
        total = np.zeros((2, 2))
        for length, sign in ((x, 1.0), (self.length - x, -1.0)):
            bend = sign * length**2 / 2 / self.ei
            flexibility = [[length**3 / 3 / self.ei + length / self.ga, bend], [bend, length / self.ei]]
            total += np.linalg.inv(flexibility)
        return np.linalg.inv(total)[0, 0]


class Rail:
    def __init__(self, t):
        self.t, self.beam = t, Beam(t)
        per, bays = t["elements_per_bay"], t["bays"]
        self.nodes = per * bays + 1
        self.at, self.sleeper, n = [], [], 0
        for node in range(self.nodes):
            self.at.append(n)
            n += 2
            if node % per == 0:
                self.sleeper.append(n)
                n += 1
        self.size = n
        entries = {"k": [], "m": [], "c": []}
        ke, me = self.beam.matrices()
        for e in range(self.nodes - 1):
            dofs = [self.at[e], self.at[e] + 1, self.at[e + 1], self.at[e + 1] + 1]
            for i in range(4):
                for j in range(4):
                    entries["k"].append((dofs[i], dofs[j], ke[i, j]))
                    entries["m"].append((dofs[i], dofs[j], me[i, j]))
        for s, b in enumerate(self.sleeper):
            a = self.at[s * per]
            for key, pad, bed in (("k", "pad_stiffness_n_m", "ballast_stiffness_n_m"),
                                  ("c", "pad_damping_n_s_m", "ballast_damping_n_s_m")):
                p = t[pad]
                entries[key] += [(a, a, p), (a, b, -p), (b, a, -p), (b, b, p + t[bed])]
            entries["m"].append((b, b, t["sleeper_mass_kg"]))
        def matrix(key):
            i, j, v = zip(*entries[key])
            return csr_matrix((v, (i, j)), (n, n))
        self.k, self.m, self.c = matrix("k"), matrix("m"), matrix("c")

    def factor(self, matrix):
        coo, band = matrix.tocoo(), 4
        lower = np.zeros((band + 1, self.size))
        for i, j, v in zip(coo.row, coo.col, coo.data):
            if i >= j:
                lower[i - j, j] += v
        return cholesky_banded(lower, lower=True, check_finite=False), True

    def place(self, x):
        l = self.beam.length
        e = min(int(x / l), self.nodes - 2)
        a = self.at[e]
        dofs = np.array([a, a + 1, self.at[e + 1], self.at[e + 1] + 1])
        return dofs, self.beam.deflection(x - e * l), self.beam.clamped(x - e * l)

    def static(self, x, force):
        dofs, n, clamped = self.place(x)
        f = np.zeros(self.size)
        f[dofs] = force * n
        u = cho_solve_banded(self.factor(self.k), f)
        return u, n @ u[dofs] + clamped * force


def solve(case):
    t, load, run, report = case["track"], case["load"], case["run"], case["report"]
    wheel, dip = load["kind"] == "wheel", case.get("dip")
    rail, h, v = Rail(t), run["step_s"], run["speed_m_s"]
    steps = round((run["end_m"] - run["start_m"]) / v / h)
    weight = load["static_n"] if wheel else load["force_n"]
    # Newmark with beta 1/4, gamma 1/2: (M + h/2 C + h^2/4 K) a = f - C v* - K u*.
    factor = rail.factor(rail.m + h / 2 * rail.c + h * h / 4 * rail.k)
    u, du, a = np.zeros(rail.size), np.zeros(rail.size), np.zeros(rail.size)
    force = 0.0
    if wheel:
        u, under = rail.static(run["start_m"], weight)
        hertz, mass, force = load["hertz_n_m15"], load["mass_kg"], weight
        z, dz, az = under + (weight / hertz) ** (2 / 3), 0.0, 0.0
    s = round(report["at_m"] / t["bay_m"])
    over, sleeper = rail.at[s * t["elements_per_bay"]], rail.sleeper[s]
    rows = np.zeros((steps, 6))
    for step in range(1, steps + 1):
        time = step * h
        x = run["start_m"] + v * time
        dofs, n, clamped = rail.place(x)
        us, vs = u + h * du + h * h / 4 * a, du + h / 2 * a
        f = -(rail.k @ us) - (rail.c @ vs)
        if wheel:
            free = cho_solve_banded(factor, f, check_finite=False)
            e = np.zeros(rail.size)
            e[dofs] = n
            unit = cho_solve_banded(factor, e, check_finite=False)
            z_star, dz_star = z + h * dz + h * h / 4 * az, dz + h / 2 * az
            drop = 0.0
            if dip:
                inside = 1 - abs(x - dip["at_m"]) / dip["half_length_m"]
                drop = max(inside, 0.0) ** 2 * dip["total_angle_rad"] * dip["half_length_m"] / 4
            overlap = z_star + h * h / 4 * weight / mass - drop - n @ (us + h * h / 4 * free)[dofs]
            soft = h * h / 4 * (n @ unit[dofs]) + clamped + h * h / 4 / mass
            d = max(overlap, 0.0)
            for _ in range(100):
                if d <= 0:
                    break
                change = (d + soft * hertz * d**1.5 - overlap) / (1 + 1.5 * soft * hertz * d**0.5)
                d = max(d - change, 0.0)
                if abs(change) < 1e-17:
                    break
            force = hertz * d**1.5
            a = free + force * unit
            az = (weight - force) / mass
            z, dz = z_star + h * h / 4 * az, dz_star + h / 2 * az
        else:
            ramp = load.get("ramp_s", 0.0)
            force = weight * (1 - np.cos(np.pi * time / ramp)) / 2 if time < ramp else weight
            f[dofs] += force * n
            a = cho_solve_banded(factor, f, check_finite=False)
        u, du = us + h * h / 4 * a, vs + h / 2 * a
        rows[step - 1] = x, u[over], u[sleeper], n @ u[dofs] + clamped * force, a[sleeper], force
    return results(case, rail, rows, weight, steps)


def results(case, rail, rows, weight, steps):
    run, report = case["run"], case["report"]
    struck = case.get("dip") if case["load"]["kind"] == "wheel" else None
    x, over, sleeper, under, acceleration, force = rows.T
    slack = 1e-9
    if struck:
        first = struck["at_m"] - 0.5e-3 * run["speed_m_s"]
        last = struck["at_m"] + 50e-3 * run["speed_m_s"]
    else:
        first, last = report["window_m"]
    inside = (x >= first - slack) & (x <= last + slack)
    bay = case["track"]["bay_m"]
    s = round(report["at_m"] / bay)
    half = 0.5 * bay if s < case["track"]["bays"] else -0.5 * bay
    u, static_over = rail.static(s * bay, weight)
    out = {
        "rail_peak_mm": over.max() * 1e3,
        "sleeper_peak_mm": sleeper.max() * 1e3,
        "under_load_mm.mean": under[inside].mean() * 1e3,
        "under_load_mm.min": under[inside].min() * 1e3,
        "under_load_mm.max": under[inside].max() * 1e3,
        "sleeper_acceleration_peak_m_s2": np.abs(acceleration[inside]).max(),
        "static_over_sleeper_mm": static_over * 1e3,
        "static_midspan_mm": rail.static(s * bay + half, weight)[1] * 1e3,
        "static_sleeper_mm": u[rail.sleeper[s]] * 1e3,
        "steps": steps,
    }
    if struck:
        at, v = struck["at_m"], run["speed_m_s"]
        late = lambda seconds: (x >= at - slack) & (x <= at + seconds * v + slack)
        sos = butter(2, 90, fs=1 / run["step_s"], output="sos")
        out["p1_kn"] = force[late(2.5e-3)].max() / 1e3
        out["p2_kn"] = sosfiltfilt(sos, force)[late(30e-3)].max() / 1e3
    return {key: float(value) for key, value in out.items()}


def draw(rng):
    """A case that may be any of those that a file can describe, and no longer than some seconds of work."""
    log = lambda low, high: float(np.exp(rng.uniform(np.log(low), np.log(high))))
    digits = lambda value, n=5: float(f"{value:.{n}g}")
    timoshenko = rng.random() < 0.5
    track = {"rail": "timoshenko" if timoshenko else "euler-bernoulli"}
    track["bending_stiffness_n_m2"] = digits(log(1e6, 1.2e7))
    track["mass_kg_m"] = digits(rng.uniform(30, 80))
    if timoshenko:
        way = rng.integers(3)
        if way == 0:
            track["shear_area_m2"] = digits(rng.uniform(1.5e-3, 4e-3))
        else:
            track["kappa"] = digits(rng.uniform(0.3, 0.9))
        if way > 0 or rng.random() < 0.5:
            track["area_m2"] = digits(rng.uniform(4e-3, 1e-2))
        if rng.random() < 0.5:
            track["shear_modulus_pa"] = digits(rng.uniform(7e10, 9e10))
    track["pad_stiffness_n_m"] = digits(log(1e7, 3e9))
    track["pad_damping_n_s_m"] = 0.0 if rng.random() < 0.1 else digits(log(1e3, 2e5))
    track["sleeper_mass_kg"] = digits(log(20, 500))
    track["ballast_stiffness_n_m"] = digits(log(4e6, 1e9))
    track["ballast_damping_n_s_m"] = 0.0 if rng.random() < 0.1 else digits(log(3e3, 4e5))
    track["bay_m"] = digits(rng.choice([0.5, 0.6, 0.65, rng.uniform(0.3, 0.9)]), 4)
    track["bays"] = int(rng.choice([20, 25, 33, 60, 101, 200], p=[0.3, 0.2, 0.2, 0.15, 0.1, 0.05]))
    track["elements_per_bay"] = int(rng.integers(1, 9))
    element = track["bay_m"] / track["elements_per_bay"]
    wave = 2 * np.pi * (track["bending_stiffness_n_m2"] / track["mass_kg_m"]) ** 0.25
    band = min(2000.0, (wave / 4 / element) ** 2 / (2 * np.pi) * 0.99)
    length = track["bays"] * track["bay_m"]
    series = 1 / (1 / track["pad_stiffness_n_m"] + 1 / track["ballast_stiffness_n_m"])
    mass = track["mass_kg_m"] + track["sleeper_mass_kg"] / track["bay_m"]
    critical = (4 * series / track["bay_m"] * track["bending_stiffness_n_m2"] / mass**2) ** 0.25
    run = {"speed_m_s": digits(min(log(1, 100), 0.8 * critical), 4)}
    run["step_s"] = float(rng.choice([1e-5, 2e-5, 5e-5, 1e-4, 2e-4]))
    if band < 2000.0 or rng.random() < 0.1:
        run["bandwidth_hz"] = digits(min(band, 0.45 / run["step_s"]), 4)
    way = min(length, 8_000 * run["speed_m_s"] * run["step_s"])
    start = 0.0 if rng.random() < 0.15 else rng.uniform(0, length - way)
    end = length if rng.random() < 0.15 and way == length else min(length, start + way)
    run["start_m"], run["end_m"] = digits(start, 6), digits(end, 6)
    if rng.random() < 0.5:
        load = {"kind": "force", "force_n": digits(log(1e3, 3e5))}
        if rng.random() < 0.85:
            load["ramp_s"] = digits(log(1e-3, 5.0))
    else:
        load = {"kind": "wheel", "mass_kg": digits(log(100, 2000)), "static_n": digits(log(1e4, 1.5e5)),
                "hertz_n_m15": digits(log(3e10, 2e11))}
    case = {"format": 1, "track": track, "load": load}
    way = run["end_m"] - run["start_m"]
    after = 0.031 * run["speed_m_s"]
    if load["kind"] == "wheel" and rng.random() < 0.7 and way > 2.5 * after:
        half = digits(min(log(0.05, 3), 0.4 * (way - after)), 4)
        at = rng.uniform(run["start_m"] + half * 1.001, run["end_m"] - after)
        case["dip"] = {"at_m": digits(at, 6), "half_length_m": half,
                       "total_angle_rad": 0.0 if rng.random() < 0.05 else digits(log(1e-3, 0.03))}
    case["run"] = run
    near = rng.random()
    last = track["bays"]
    middle = (run["start_m"] + run["end_m"]) / 2 / track["bay_m"]
    s = 0 if near < 0.1 else last if near < 0.2 else int(np.clip(middle + rng.integers(-5, 6), 0, last))
    a, b = sorted(rng.uniform(run["start_m"], run["end_m"], 2))
    if rng.random() < 0.15:
        a = max(0.0, run["start_m"] - 1)
    if rng.random() < 0.15:
        b = run["end_m"] + 1
    b = max(b, a + 5 * run["speed_m_s"] * run["step_s"])
    case["report"] = {"at_m": s * track["bay_m"], "window_m": [digits(a, 8), digits(b, 8)]}
    return case


def text_of(case):
    def value(v):
        if isinstance(v, str):
            return f'"{v}"'
        if isinstance(v, list):
            return "[" + ", ".join(value(x) for x in v) + "]"
        return repr(v)
    lines = [f"format = {case['format']}"]
    for group, fields in case.items():
        if isinstance(fields, dict):
            lines += [f"[{group}]"] + [f"{k} = {value(v)}" for k, v in fields.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        directory, count, seed = pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
        rng = np.random.default_rng(seed)
        for i in range(count):
            (directory / f"edge-{i:03}.toml").write_text(text_of(draw(rng)))
    else:
        solved = {}
        for name in sys.argv[2:]:
            with open(name, "rb") as file:
                solved[pathlib.Path(name).name] = solve(tomllib.load(file))
        print(json.dumps(solved, indent=1))
