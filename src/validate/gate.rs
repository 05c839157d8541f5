//! One gate: what a reference says, what the model gives, how far it may be off.

use serde::Serialize;

/// A comparison of the model with a reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// What is compared.
    pub name: String,
    /// Value of the reference.
    pub reference: f64,
    /// Value of the model.
    pub got: f64,
    /// Unit of both; "1" for ratios.
    pub unit: &'static str,
    /// Largest deviation allowed: relative to the reference, or absolute where that is zero.
    pub tolerance: f64,
    /// Where the reference comes from.
    pub source: String,
    /// Whether the model is within the tolerance.
    pub pass: bool,
}

impl Gate {
    fn new(
        name: impl Into<String>,
        unit: &'static str,
        reference: f64,
        got: f64,
        tolerance: f64,
        source: impl Into<String>,
    ) -> Self {
        let mut gate = Self {
            name: name.into(),
            reference,
            got,
            unit,
            tolerance,
            source: source.into(),
            pass: false,
        };
        // No number is within no tolerance.
        gate.pass = gate.deviation() <= tolerance;
        gate
    }

    /// The same gate with another reference, judged again; the tolerance stays as it is.
    #[must_use]
    pub fn with_reference(self, reference: f64) -> Self {
        Self::new(
            self.name,
            self.unit,
            reference,
            self.got,
            self.tolerance,
            self.source,
        )
    }

    /// Magnitude of the deviation, as the tolerance counts it.
    pub fn deviation(&self) -> f64 {
        let difference = (self.got - self.reference).abs();
        if self.reference == 0.0 {
            difference
        } else {
            difference / self.reference.abs()
        }
    }

    /// Deviation as a share of the tolerance; 1 where no deviation is allowed and there is one.
    pub fn used(&self) -> f64 {
        let deviation = self.deviation();
        if self.tolerance > 0.0 {
            deviation / self.tolerance
        } else if deviation > 0.0 {
            f64::INFINITY
        } else {
            0.0
        }
    }
}

/// Collects the gates of a section.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gates {
    gates: Vec<Gate>,
}

impl Gates {
    /// A value against a reference, with a relative tolerance.
    pub fn relative(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        (reference, got): (f64, f64),
        tolerance: f64,
        source: impl Into<String>,
    ) {
        self.gates
            .push(Gate::new(name, unit, reference, got, tolerance, source));
    }

    /// A value against a reference, with a tolerance in its unit.
    pub fn absolute(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        (reference, got): (f64, f64),
        tolerance: f64,
        source: impl Into<String>,
    ) {
        let relative = if reference == 0.0 {
            tolerance
        } else {
            tolerance / reference.abs()
        };
        self.relative(name, unit, (reference, got), relative, source);
    }

    /// A deviation, or a count of what must not be, that may reach `tolerance`; negative is better
    /// than none.
    pub fn at_most(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        got: f64,
        tolerance: f64,
        source: impl Into<String>,
    ) {
        // Not `max`: it would take a NaN for nothing.
        let got = if got < 0.0 { 0.0 } else { got };
        self.relative(name, unit, (0.0, got), tolerance, source);
    }

    /// A range, as its middle and half its width.
    pub fn between(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        (low, high): (f64, f64),
        got: f64,
        source: impl Into<String>,
    ) {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let source = format!("{low} to {high}: {}", source.into());
        self.absolute(name, unit, (middle, got), half, source);
    }

    /// The gates so far.
    pub fn into_inner(self) -> Vec<Gate> {
        self.gates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(fill: impl FnOnce(&mut Gates)) -> Gate {
        let mut gates = Gates::default();
        fill(&mut gates);
        gates.into_inner().remove(0)
    }

    #[test]
    fn gates_can_fail() {
        assert!(one(|g| g.relative("a", "mm", (2.0, 2.001), 1e-3, "")).pass);
        assert!(!one(|g| g.relative("a", "mm", (2.0, 2.003), 1e-3, "")).pass);
        assert!(!one(|g| g.relative("a", "mm", (2.0, f64::NAN), 1e-3, "")).pass);
        assert!(!one(|g| g.at_most("a", "1", f64::NAN, 1e-3, "")).pass);
        assert!(!one(|g| g.at_most("a", "1", f64::INFINITY, 1e-3, "")).pass);
        assert!(one(|g| g.at_most("a", "1", -5.0, 0.0, "")).pass);
        assert!(!one(|g| g.at_most("a", "1", 1.0, 0.0, "")).pass);
        assert!(one(|g| g.absolute("a", "ms", (0.0, 0.1), 0.2, "")).pass);
        assert!(!one(|g| g.absolute("a", "ms", (2.0, 2.3), 0.2, "")).pass);
        assert!(one(|g| g.between("a", "1", (0.8, 1.05), 1.049, "")).pass);
        assert!(!one(|g| g.between("a", "1", (0.8, 1.05), 1.051, "")).pass);
        assert!(!one(|g| g.between("a", "1", (0.8, 1.05), 0.799, "")).pass);
    }
}
