//! The reference track, and how a gate is judged.

use frogbench::track::{BallastLaw, BeamTheory, RailSection, Support, Track};

/// One gate: what the reference says, what we get, how far it may be off.
pub(crate) struct Gate {
    name: String,
    source: &'static str,
    deviation: f64,
    tolerance: f64,
}

/// Collects gates and fails once, with all of them.
#[derive(Default)]
pub(crate) struct Gates {
    failed: Vec<String>,
}

impl Gates {
    /// A relative gate.
    pub(crate) fn relative(
        &mut self,
        name: &str,
        reference: f64,
        got: f64,
        tolerance: f64,
        source: &'static str,
    ) {
        let deviation = (got / reference - 1.0).abs();
        self.judge(
            &Gate {
                name: name.to_owned(),
                source,
                deviation,
                tolerance,
            },
            reference,
            got,
        );
    }

    /// An absolute gate.
    pub(crate) fn absolute(
        &mut self,
        name: &str,
        reference: f64,
        got: f64,
        tolerance: f64,
        source: &'static str,
    ) {
        let deviation = (got - reference).abs();
        self.judge(
            &Gate {
                name: name.to_owned(),
                source,
                deviation,
                tolerance,
            },
            reference,
            got,
        );
    }

    /// A range.
    pub(crate) fn between(
        &mut self,
        name: &str,
        low: f64,
        high: f64,
        got: f64,
        source: &'static str,
    ) {
        let inside = (low..=high).contains(&got);
        println!(
            "{:4} {name:58} reference {low:.6}..{high:.6} ours {got:.6} [{source}]",
            if inside { "ok" } else { "FAIL" },
        );
        if !inside {
            self.failed
                .push(format!("{name}: {got} not in {low}..{high}"));
        }
    }

    fn judge(&mut self, gate: &Gate, reference: f64, got: f64) {
        let good = gate.deviation <= gate.tolerance;
        println!(
            "{:4} {:58} reference {reference:.8} ours {got:.8} deviation {:.2e} of {:.0e} [{}]",
            if good { "ok" } else { "FAIL" },
            gate.name,
            gate.deviation,
            gate.tolerance,
            gate.source
        );
        if !good {
            self.failed.push(format!(
                "{}: reference {reference}, ours {got}, deviation {:.3e} above {:.1e}",
                gate.name, gate.deviation, gate.tolerance
            ));
        }
    }

    /// Fails the test if a gate failed.
    pub(crate) fn verdict(self) {
        assert!(
            self.failed.is_empty(),
            "{} gates failed:\n{}",
            self.failed.len(),
            self.failed.join("\n")
        );
    }
}

/// 60E1 rail of the reference case.
pub(crate) fn rail_60e1() -> RailSection {
    RailSection {
        bending_stiffness_n_m2: 6.3798e6,
        mass_kg_m: 60.21,
        area_m2: 76.70e-4,
        shear_modulus_pa: 8.08e10,
        shear_coefficient: 0.41,
    }
}

/// Support of the reference case.
pub(crate) const SUPPORT: Support = Support {
    pad_stiffness_n_m: 150e6,
    pad_damping_n_s_m: 30e3,
    sleeper_mass_kg: 150.0,
    ballast_stiffness_n_m: 60e6,
    ballast_damping_n_s_m: 80e3,
    gap_m: 0.0,
};

/// Reference track: 60 m, Euler-Bernoulli, linear ballast, free ends.
pub(crate) fn reference_track() -> Track {
    Track {
        rail: vec![rail_60e1(); 100],
        beam: BeamTheory::EulerBernoulli,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports: vec![SUPPORT; 101],
        ballast: BallastLaw::Linear,
        gravity_m_s2: 0.0,
    }
}

/// Largest value.
pub(crate) fn max(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

/// Smallest value.
pub(crate) fn min(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}
