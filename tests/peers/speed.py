#!/usr/bin/env python3
"""OpenSeesPy and frogbench on the same cases, one after the other on one core each, in CPU time.

    cargo build --release --example speed
    python3 tests/peers/speed.py [--program target/release/examples/speed] [--seconds 0.05]

Makes a virtual environment with openseespy 3.7.1.2 in `--venv` if there is none (on Debian the wheel
needs `apt-get install libblas3 liblapack3 libgfortran5`). The peer runs `--seconds` of simulated time (two
rails and voids: a tenth of it), with its fastest solver for the case; linear cases with one factorisation.

Cases: the one-rail reference case (60 m, Euler-Bernoulli, 100 kN at 40 m/s); two rails on
flexible bearers with 100 kN and 60 kN, with ballast lumped on bearer elements of 0.1 m, which is what
the peer can do cheaply; and the gaps of `A_5sleepers_40` of tests/data/voids.json under one rail, with dead weight. There the
peer's slice begins 1 m ahead of the middle of the gaps, its ballast springs are unilateral and its ballast dampers are
not (it has no element for the law of that file), and Newton's method factorises in every iteration.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import time

EI, RAIL, PAD, BALLAST = 6.3798e6, 60.21, (150e6, 30e3), (60e6, 80e3)
BAY, BAYS, PER_BAY, STEP, SPEED, START, RAMP = 0.6, 100, 4, 1 / 20000, 40.0, 10.0, 0.1
STEEL = 2.1e11
# Gaps under sleepers, m.
GAPS, GRAVITY = {48: 0.5e-3, 49: 1.5e-3, 50: 2e-3, 51: 1.5e-3, 52: 0.5e-3}, 9.81


def hermite(x, length):
    return (
        1 - 3 * x**2 + 2 * x**3,
        length * (x - 2 * x**2 + x**3),
        3 * x**2 - 2 * x**3,
        length * (x**3 - x**2),
    )


def rail(ops, base, element, section):
    """Beam elements along x on nodes base, base + 1, ..."""
    length = BAY / PER_BAY
    for i in range(BAYS * PER_BAY + 1):
        ops.node(base + i, i * length, 0.0)
        ops.fix(base + i, 1, 0, 0)
    for i in range(BAYS * PER_BAY):
        ops.element("elasticBeamColumn", element + i, base + i, base + i + 1, 76.7e-4, STEEL, EI / STEEL,
                    section, "-mass", RAIL, "-cMass")


def spring(ops, tag, a, b, material):
    ops.element("zeroLength", tag, a, b, "-mat", material, "-dir", 2)


def start(ops):
    ops.wipe()
    ops.model("basic", "-ndm", 2, "-ndf", 3)
    ops.geomTransf("Linear", 1)
    ops.timeSeries("Constant", 1)
    ops.uniaxialMaterial("Elastic", 1, *PAD)


def one_rail(ops):
    start(ops)
    ops.uniaxialMaterial("Elastic", 2, *BALLAST)
    rail(ops, 1, 1, 1)
    for s in range(BAYS + 1):
        sleeper, ground = 10000 + s, 20000 + s
        ops.node(sleeper, s * BAY, 0.0)
        ops.fix(sleeper, 1, 0, 1)
        ops.mass(sleeper, 0.0, 150.0, 0.0)
        ops.node(ground, s * BAY, 0.0)
        ops.fix(ground, 1, 1, 1)
        spring(ops, 50000 + s, sleeper, s * PER_BAY + 1, 1)
        spring(ops, 60000 + s, ground, sleeper, 2)
    return [(1, 100e3)], "BandSPD"


def voids(ops):
    """The same rail on springs that only push, over gaps, at rest under its weight."""
    start(ops)
    rail(ops, 1, 1, 1)
    ops.uniaxialMaterial("Elastic", 2, 0.0, BALLAST[1])
    for s in range(BAYS + 1):
        sleeper, ground = 10000 + s, 20000 + s
        ops.node(sleeper, s * BAY, 0.0)
        ops.fix(sleeper, 1, 0, 1)
        ops.mass(sleeper, 0.0, 150.0, 0.0)
        ops.node(ground, s * BAY, 0.0)
        ops.fix(ground, 1, 1, 1)
        spring(ops, 50000 + s, sleeper, s * PER_BAY + 1, 1)
        # Fails far beyond any load; compression is negative.
        ops.uniaxialMaterial("ElasticPPGap", 100 + s, BALLAST[0], -1e9, -GAPS.get(s, 0.0))
        spring(ops, 60000 + s, ground, sleeper, 100 + s)
        spring(ops, 70000 + s, ground, sleeper, 2)
    ops.pattern("Plain", 2, 1)
    length = BAY / PER_BAY
    for i in range(BAYS * PER_BAY + 1):
        ends = 0.5 if i in (0, BAYS * PER_BAY) else 1.0
        ops.load(1 + i, 0.0, -GRAVITY * RAIL * length * ends, 0.0)
    for s in range(BAYS + 1):
        ops.load(10000 + s, 0.0, -GRAVITY * 150.0, 0.0)
    ops.constraints("Plain")
    ops.numberer("RCM")
    ops.system("BandSPD")
    ops.integrator("LoadControl", 1.0)
    ops.test("NormDispIncr", 1e-9, 100)
    ops.algorithm("Newton")
    ops.analysis("Static")
    if ops.analyze(1) != 0:
        sys.exit("the peer found no equilibrium")
    ops.loadConst("-time", 0.0)
    ops.wipeAnalysis()
    return [(1, 100e3)], "BandSPD"


def two_rails(ops):
    start(ops)
    rails = (1, 1001)
    for r, base in enumerate(rails):
        rail(ops, base, 1 + 1000 * r, 1)
    # Bearer across the track: end, 6 elements, seat, 15, seat, 6, end. All motion is vertical, so
    # that both directions can share the plane of the model.
    segments = [(0.55, 6), (1.5, 15), (0.55, 6)]
    tag = 100000
    for s in range(BAYS + 1):
        first = 10000 + 100 * s
        places, lengths = [0.0], []
        for length, count in segments:
            for _ in range(count):
                places.append(places[-1] + length / count)
                lengths.append(length / count)
        for i, y in enumerate(places):
            ops.node(first + i, y, 0.0)
            ops.fix(first + i, 1, 0, 0)
        share = [0.0] * len(places)
        for i, length in enumerate(lengths):
            ops.element("elasticBeamColumn", tag, first + i, first + i + 1, 0.06, 3e10, 6e6 / 3e10, 1,
                        "-mass", 300 / 2.6, "-cMass")
            tag += 1
            share[i] += length / 2
            share[i + 1] += length / 2
        for i, length in enumerate(share):
            ground = 40000 + 100 * s + i
            ops.node(ground, places[i], 0.0)
            ops.fix(ground, 1, 1, 1)
            ops.uniaxialMaterial("Elastic", tag, 2 * BALLAST[0] / 2.6 * length, 2 * BALLAST[1] / 2.6 * length)
            spring(ops, tag, ground, first + i, tag)
            tag += 1
        for base, seat in zip(rails, (6, 21)):
            spring(ops, tag, first + seat, base + s * PER_BAY, 1)
            tag += 1
    return [(1, 60e3), (1001, 100e3)], "UmfPack"


def run_peer(ops, build, seconds):
    forces, solver = build(ops)
    linear = build is not voids
    # Over the gaps from the beginning, with the load there soon: a slice of the passage that counts.
    start_m, ramp_s = (START, RAMP) if linear else (BAYS * BAY / 2 - 1.0, 0.01)
    ops.constraints("Plain")
    ops.numberer("RCM")
    ops.system(solver)
    ops.integrator("Newmark", 0.5, 0.25)
    if linear:
        ops.test("NormDispIncr", 1e-12, 2)
        ops.algorithm("Linear", "-factorOnce")
    else:
        ops.test("NormDispIncr", 1e-9, 50)
        ops.algorithm("Newton")
    ops.analysis("Transient")
    length = BAY / PER_BAY
    steps = round(seconds / STEP)
    before = time.process_time()
    for n in range(1, steps + 1):
        t = n * STEP
        amplitude = 0.5 * (1 - math.cos(math.pi * min(1.0, t / ramp_s)))
        element = int((start_m + SPEED * t) / length)
        h = hermite((start_m + SPEED * t) / length - element, length)
        if n > 1:
            ops.remove("loadPattern", 1)
        ops.pattern("Plain", 1, 1)
        for base, force in forces:
            f = amplitude * force
            ops.load(base + element, 0.0, -f * h[0], -f * h[1])
            ops.load(base + element + 1, 0.0, -f * h[2], -f * h[3])
        if ops.analyze(1, STEP) != 0:
            sys.exit(f"the peer failed at step {n}")
    return (time.process_time() - before) / (steps * STEP)


def peer(args):
    """Runs in the virtual environment, in a process of its own."""
    import openseespy.opensees as ops

    cases = {"one": (one_rail, 1.0), "two": (two_rails, 0.1), "voids": (voids, 0.1)}
    build, share = cases[args.peer]
    # The peer writes a line for each zero-length element whose ends lie apart.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    print(run_peer(ops, build, args.seconds * share))


def environment(path):
    python = path / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", path], check=True)
        subprocess.run([path / "bin" / "pip", "install", "-q", "openseespy==3.7.1.2"], check=True)
    return python


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="target/release/examples/speed")
    parser.add_argument("--venv", type=pathlib.Path, default=pathlib.Path("target/peer-venv"))
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--peer", choices=["one", "two", "voids"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return peer(args)
    python = environment(args.venv)
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    found = {}
    for name in ("one", "two", "voids"):
        command = [python, __file__, "--peer", name, "--seconds", str(args.seconds)]
        answer = subprocess.run(command, env=alone, check=True, capture_output=True, text=True).stdout
        found[name] = float([w for w in answer.split() if w[0].isdigit()][0])
    ours = json.loads(subprocess.run([args.program], check=True, capture_output=True, text=True).stdout)
    print(f"{'case':44} {'OpenSeesPy':>12} {'ours':>10} {'ratio':>8}   (CPU s per simulated s)")
    for case in ours["cases"]:
        if case.get("peer") not in found:
            continue
        peer_s, our_s = found[case["peer"]], case["us_per_step"] * 20000 * 1e-6
        print(f"{case['name']:44} {peer_s:12.1f} {our_s:10.4f} {peer_s / our_s:8.0f}")


if __name__ == "__main__":
    main()
