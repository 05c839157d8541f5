#!/usr/bin/env python3
"""Independent solution of a reference case of `frogbench passage`: sparse finite elements, Newmark's
average acceleration in displacement form, scipy's factorisation and filters. Shares nothing with the
Rust code but the file format.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python tests/peers/one_rail.py CASE.toml [CASE.toml ...]

Prints {"FILE": {"rail_peak_mm": ...}} with the keys of `frogbench passage --format json`.
"""
import json
import sys
import tomllib

import numpy as np
import scipy.signal
import scipy.sparse as sp
import scipy.sparse.linalg as sl


class Element:
    """Two-node beam, exact in statics; phi = 0 is Euler-Bernoulli."""

    def __init__(self, track, length):
        self.l, self.ei, self.m = length, track["bending_stiffness_n_m2"], track["mass_kg_m"]
        self.phi = self.rotary = 0.0
        if track["rail"] == "timoshenko":
            area = track.get("area_m2", self.m / 7850.0)
            shear = track["shear_area_m2"] if "shear_area_m2" in track else track["kappa"] * area
            ga = shear * track.get("shear_modulus_pa", 8.08e10)
            self.phi = 12 * self.ei / (ga * length**2)
            self.rotary = self.m * (self.ei / 2.1e11) / area

    def shape(self, x):
        l, p = self.l, self.phi
        return np.array([
            1 - 3 * x**2 + 2 * x**3 + p * (1 - x),
            l * (x - 2 * x**2 + x**3 + p / 2 * (x - x**2)),
            3 * x**2 - 2 * x**3 + p * x,
            l * (x**3 - x**2 - p / 2 * (x - x**2)),
        ]) / (1 + p)

    def rotation(self, x):
        l, p = self.l, self.phi
        return np.array([
            -6 * (x - x**2) / l, 1 - 4 * x + 3 * x**2 + p * (1 - x),
            6 * (x - x**2) / l, 3 * x**2 - 2 * x + p * x,
        ]) / (1 + p)

    def matrices(self):
        l, p = self.l, self.phi
        k = self.ei / (l**3 * (1 + p)) * np.array([
            [12, 6 * l, -12, 6 * l], [6 * l, (4 + p) * l * l, -6 * l, (2 - p) * l * l],
            [-12, -6 * l, 12, -6 * l], [6 * l, (2 - p) * l * l, -6 * l, (4 + p) * l * l]])
        m = np.zeros((4, 4))
        for x, w in zip(*np.polynomial.legendre.leggauss(6)):
            n, r = self.shape((x + 1) / 2), self.rotation((x + 1) / 2)
            m += w / 2 * l * (self.m * np.outer(n, n) + self.rotary * np.outer(r, r))
        return k, m

    def local(self, x):
        """Compliance of a unit load at x with both nodes clamped, by two shorter elements. Without
        shear the interpolation by shape functions is kept, as in the definition of the case."""
        if self.phi == 0 or x <= 0 or x >= 1:
            return 0.0
        parts = []
        for share in (x, 1 - x):
            part = Element.__new__(Element)
            part.__dict__.update(self.__dict__, l=self.l * share, phi=self.phi / share**2)
            parts.append(part.matrices()[0])
        return np.linalg.inv(parts[0][2:, 2:] + parts[1][:2, :2])[0, 0]


class Track:
    def __init__(self, track):
        self.bays, self.per, self.bay = track["bays"], track["elements_per_bay"], track["bay_m"]
        self.element = Element(track, self.bay / self.per)
        nodes = self.bays * self.per + 1
        size = 2 * nodes + self.bays + 1
        k, m, c = (sp.lil_matrix((size, size)) for _ in range(3))
        ke, me = self.element.matrices()
        for e in range(nodes - 1):
            i = slice(2 * e, 2 * e + 4)
            k[i, i] += ke
            m[i, i] += me
        for s in range(self.bays + 1):
            a, b = 2 * s * self.per, 2 * nodes + s
            for matrix, pad, bed in (
                (k, track["pad_stiffness_n_m"], track["ballast_stiffness_n_m"]),
                (c, track["pad_damping_n_s_m"], track["ballast_damping_n_s_m"]),
            ):
                matrix[a, a] += pad
                matrix[b, b] += pad + bed
                matrix[a, b] -= pad
                matrix[b, a] -= pad
            m[b, b] += track["sleeper_mass_kg"]
        self.k, self.m, self.c = k.tocsc(), m.tocsc(), c.tocsc()
        self.size, self.sleeper0 = size, 2 * nodes

    def place(self, x):
        position = x / self.element.l
        e = min(int(position), self.bays * self.per - 1)
        shape = self.element.shape(position - e)
        return slice(2 * e, 2 * e + 4), shape, self.element.local(position - e)


def static(track, x, force):
    at, shape, local = track.place(x)
    f = np.zeros(track.size)
    f[at] = force * shape
    u = sl.spsolve(track.k, f)
    return u, shape @ u[at] + local * force


def solve(case):
    t, load, run, report = case["track"], case["load"], case["run"], case["report"]
    dip = case.get("dip")
    track = Track(t)
    dt, v = run["step_s"], run["speed_m_s"]
    steps = round((run["end_m"] - run["start_m"]) / v / dt)
    wheel = load["kind"] == "wheel"
    weight = load["static_n"] if wheel else load["force_n"]
    a0, a1 = 4 / dt**2, 2 / dt
    lu = sl.splu((track.k + a0 * track.m + a1 * track.c).tocsc())
    u = np.zeros(track.size)
    force = 0.0
    if wheel:
        u, under = static(track, run["start_m"], weight)
        hertz, mass = load["hertz_n_m15"], load["mass_kg"]
        z = under + (weight / hertz) ** (2 / 3)
        dz = ddz = 0.0
        force = weight
    du, ddu = np.zeros(track.size), np.zeros(track.size)
    s = round(report["at_m"] / t["bay_m"])
    rail, sleeper = 2 * s * track.per, track.sleeper0 + s
    out = np.zeros((steps, 6))
    for n in range(steps):
        time = (n + 1) * dt
        x = run["start_m"] + v * time
        at, shape, local = track.place(x)
        b = track.m @ (a0 * u + 4 / dt * du + ddu) + track.c @ (a1 * u + du)
        if wheel:
            free = lu.solve(b)
            unit = np.zeros(track.size)
            unit[at] = shape
            unit = lu.solve(unit)
            depth = 0.0
            if dip:
                inside = 1 - abs(x - dip["at_m"]) / dip["half_length_m"]
                if inside > 0:
                    depth = dip["total_angle_rad"] * dip["half_length_m"] / 4 * inside**2
            z_free = z + dt * dz + dt**2 / 4 * ddz + dt**2 / 4 * weight / mass
            soft = shape @ unit[at] + local + dt**2 / 4 / mass
            gap = z_free - shape @ free[at] - depth
            low, high = 0.0, max(gap, 0.0)
            for _ in range(200):
                d = (low + high) / 2
                if d + soft * hertz * d**1.5 > gap:
                    high = d
                else:
                    low = d
                if high - low < 1e-18:
                    break
            force = hertz * low**1.5
            z_new = z_free - dt**2 / 4 / mass * force
            acc = a0 * (z_new - z) - 4 / dt * dz - ddz
            dz += dt / 2 * (acc + ddz)
            z, ddz = z_new, acc
            new = free + force * unit
        else:
            ramp = load.get("ramp_s", 0.0)
            force = weight * (0.5 * (1 - np.cos(np.pi * time / ramp)) if time < ramp else 1.0)
            b[at] += force * shape
            new = lu.solve(b)
        acc = a0 * (new - u) - 4 / dt * du - ddu
        du = du + dt / 2 * (acc + ddu)
        u, ddu = new, acc
        out[n] = x, u[rail], u[sleeper], shape @ u[at] + local * force, ddu[sleeper], force
    return evaluate(case, track, out, weight, steps)


def evaluate(case, track, out, weight, steps):
    run, report, dip = case["run"], case["report"], case.get("dip")
    x, rail, sleeper, under, acc, force = out.T
    if dip and case["load"]["kind"] == "force":
        dip = None
    if dip:
        tau = (x - dip["at_m"]) / run["speed_m_s"]
        window = (tau >= -0.0005) & (tau <= 0.05)
    else:
        window = (x >= report["window_m"][0]) & (x <= report["window_m"][1])
    u, over = static(track, report["at_m"], weight)
    _, between = static(track, report["at_m"] + track.bay / 2, weight)
    s = round(report["at_m"] / track.bay)
    got = {
        "rail_peak_mm": rail.max() * 1e3,
        "sleeper_peak_mm": sleeper.max() * 1e3,
        "under_load_mm": {
            "mean": under[window].mean() * 1e3,
            "min": under[window].min() * 1e3,
            "max": under[window].max() * 1e3,
        },
        "sleeper_acceleration_peak_m_s2": np.abs(acc[window]).max(),
        "static_over_sleeper_mm": over * 1e3,
        "static_midspan_mm": between * 1e3,
        "static_sleeper_mm": u[track.sleeper0 + s] * 1e3,
        "steps": steps,
    }
    if dip:
        rate = 1 / run["step_s"]
        got["p1_kn"] = force[(tau >= 0) & (tau <= 0.0025)].max() / 1e3
        late = (tau >= 0) & (tau <= 0.03)
        # "A second-order Butterworth run forward and backward": butter(2), 6 dB at the corner in all.
        sos = scipy.signal.butter(2, 90, fs=rate, output="sos")
        got["p2_kn"] = scipy.signal.sosfiltfilt(sos, force)[late].max() / 1e3
    return got


if __name__ == "__main__":
    result = {}
    for name in sys.argv[1:]:
        with open(name, "rb") as file:
            result[name] = solve(tomllib.load(file))
    print(json.dumps(result, indent=1))
