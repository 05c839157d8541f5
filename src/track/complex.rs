//! Complex numbers, as far as harmonic responses need them.

use std::ops::{Add, Mul, Neg, Sub};

/// Real and imaginary part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Complex(pub(crate) f64, pub(crate) f64);

impl Complex {
    pub(crate) fn inverse(self) -> Self {
        let scale = self.0 * self.0 + self.1 * self.1;
        Self(self.0 / scale, -self.1 / scale)
    }

    pub(crate) fn scale(self, factor: f64) -> Self {
        Self(self.0 * factor, self.1 * factor)
    }

    /// Stiffness of two springs in series.
    pub(crate) fn in_series_with(self, other: Self) -> Self {
        self * other * (self + other).inverse()
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(
            self.0 * other.0 - self.1 * other.1,
            self.0 * other.1 + self.1 * other.0,
        )
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}
