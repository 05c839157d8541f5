//! Units and limits of recorded numbers.

use crate::sensor::G_M_S2;

/// Largest file that is read, bytes.
pub(crate) const FILE_LIMIT: u64 = 1 << 30;
/// Beyond any accelerometer, m/s2 (100 000 g).
pub(crate) const ACCELERATION_LIMIT_M_S2: f64 = 1.0e6;
/// Largest count of 24 bits.
pub(crate) const COUNT_LIMIT: f64 = 8_388_607.0;
/// Sample rates that are believed, Hz.
pub(crate) const RATE_LIMITS_HZ: [f64; 2] = [1.0, 1.0e6];

/// Unit of an acceleration column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Counts,
    G,
    MilliG,
    MetrePerSecond2,
}

/// Suffixes of acceleration columns, in words.
pub(crate) const UNIT_SUFFIXES: &str = "_lsb, _g, _mg or _m_s2";

impl Unit {
    pub(crate) fn named(text: &str) -> Option<Self> {
        match text {
            "lsb" => Some(Self::Counts),
            "g" => Some(Self::G),
            "mg" => Some(Self::MilliG),
            "m_s2" | "ms2" | "m/s2" | "m/s^2" => Some(Self::MetrePerSecond2),
            _ => None,
        }
    }

    /// m/s2 per unit.
    pub(crate) fn factor(self, scale_g_per_lsb: f64) -> f64 {
        match self {
            Self::Counts => scale_g_per_lsb * G_M_S2,
            Self::G => G_M_S2,
            Self::MilliG => 1e-3 * G_M_S2,
            Self::MetrePerSecond2 => 1.0,
        }
    }
}

/// Split a column name, lower case, into its base and unit suffix.
pub(crate) fn split_unit(name: &str) -> (&str, Option<Unit>) {
    for suffix in ["_lsb", "_mg", "_g", "_m_s2", "_ms2", "_m/s2", "_m/s^2"] {
        if let Some(base) = name.strip_suffix(suffix) {
            return (base, Unit::named(&suffix[1..]));
        }
    }
    (name, None)
}

/// 0, 1, 2 for a base name that means the acceleration along x, y, z.
pub(crate) fn axis_of(base: &str) -> Option<usize> {
    let letter = ["accelerometer", "acceleration", "accel", "acc", "a", ""]
        .iter()
        .find_map(|prefix| base.strip_prefix(prefix))
        .map(|rest| rest.strip_prefix('_').unwrap_or(rest))?;
    ["x", "y", "z"].iter().position(|axis| *axis == letter)
}

/// Seconds per unit for a name that means the time.
pub(crate) fn time_unit(name: &str) -> Option<f64> {
    let (base, factor) = [("_us", 1e-6), ("_ms", 1e-3), ("_s", 1.0)]
        .iter()
        .find_map(|(suffix, factor)| name.strip_suffix(suffix).map(|base| (base, *factor)))?;
    matches!(base, "t" | "time" | "timestamp").then_some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_axes_units_and_time() {
        assert_eq!(split_unit("az_lsb"), ("az", Some(Unit::Counts)));
        assert_eq!(split_unit("acc_x_mg"), ("acc_x", Some(Unit::MilliG)));
        assert_eq!(split_unit("x_m_s2"), ("x", Some(Unit::MetrePerSecond2)));
        assert_eq!(split_unit("z"), ("z", None));
        for (base, axis) in [
            ("ax", 0),
            ("a_y", 1),
            ("acc_z", 2),
            ("acceleration_x", 0),
            ("z", 2),
        ] {
            assert_eq!(axis_of(base), Some(axis), "{base}");
        }
        for other in ["gx", "gyro_x", "t", "", "temp", "axx"] {
            assert_eq!(axis_of(other), None, "{other}");
        }
        assert_eq!(time_unit("t_s"), Some(1.0));
        assert_eq!(time_unit("timestamp_us"), Some(1e-6));
        assert_eq!(time_unit("flight_s"), None);
    }
}
