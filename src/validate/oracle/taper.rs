//! Where the bearers of a track end: all alike, or changing along a turnout.

use serde_json::Value;

use super::read::{Failure, Part};

/// Left and right end of every bearer, m.
pub(super) struct Ends {
    ends: Vec<[f64; 2]>,
}

impl Ends {
    /// From the `bearer` group. `taper` is null, or says how the ends change:
    ///
    /// * lists `left_end_y_m` and/or `right_end_y_m` with one value for each bearer; or
    /// * a range of bearers (`..from..`/`..start..`/`..first..` to `..to..`/`..end..`/`..last..`, as
    ///   index or as x in m) over which the ends run linearly from their normal place (or from a
    ///   `..start..` value) to a final one (`left_end_y..`, `right_end_y..`), where they stay.
    pub(super) fn read(bearer: Part<'_>, bays: usize, bay_m: f64) -> Result<Self, Failure> {
        let plain = [
            bearer.number("left_end_y_m")?,
            bearer.number("right_end_y_m")?,
        ];
        let mut ends = vec![plain; bays + 1];
        match bearer.value().get("taper") {
            None | Some(Value::Null) => {}
            Some(Value::Object(map)) => {
                let mut taper = Taper::plain(plain);
                for (key, value) in map {
                    if let Some(list) = value.as_array() {
                        set_list(&mut ends, key, list)?;
                    } else {
                        taper.read(key, value, bay_m)?;
                    }
                }
                taper.apply(&mut ends)?;
            }
            Some(other) => return Err(format!("`taper` is {other}: null or a group").into()),
        }
        Ok(Self { ends })
    }

    /// Ends of one bearer.
    pub(super) fn of(&self, index: usize) -> [f64; 2] {
        self.ends[index]
    }
}

fn set_list(ends: &mut [[f64; 2]], key: &str, list: &[Value]) -> Result<(), Failure> {
    let side = side_of(key).ok_or_else(|| format!("`taper` has an unknown list `{key}`"))?;
    if list.len() != ends.len() {
        return Err(format!(
            "`taper`: `{key}` has {} values for {} bearers",
            list.len(),
            ends.len()
        )
        .into());
    }
    for (end, value) in ends.iter_mut().zip(list) {
        end[side] = value
            .as_f64()
            .ok_or_else(|| format!("`taper`: `{key}` has to hold numbers"))?;
    }
    Ok(())
}

fn side_of(key: &str) -> Option<usize> {
    if key.contains("left") {
        Some(0)
    } else if key.contains("right") {
        Some(1)
    } else {
        None
    }
}

/// A linear change of the ends.
struct Taper {
    /// Bearers (fractions allowed, from x) where the change starts and ends.
    range: [Option<f64>; 2],
    /// Ends there.
    from: [f64; 2],
    to: [f64; 2],
    any: bool,
}

impl Taper {
    fn plain(ends: [f64; 2]) -> Self {
        Self {
            range: [None; 2],
            from: ends,
            to: ends,
            any: false,
        }
    }

    fn read(&mut self, key: &str, value: &Value, bay_m: f64) -> Result<(), Failure> {
        if value.is_null() || value.is_string() {
            return Ok(()); // a remark
        }
        let unknown = || format!("`taper` has an unknown entry `{key}`: {value}");
        let number = value.as_f64().ok_or_else(unknown)?;
        self.any = true;
        let words = key
            .to_lowercase()
            .replace("left_end", "left")
            .replace("right_end", "right");
        let has = |list: &[&str]| list.iter().any(|w| words.split('_').any(|part| part == *w));
        let first = has(&[
            "from", "start", "first", "begin", "initial", "before", "at0",
        ]);
        let last = has(&["to", "end", "last", "stop", "final", "until", "after"]);
        if let Some(side) = side_of(&words) {
            if first && !last {
                self.from[side] = number;
            } else {
                self.to[side] = number;
            }
            return Ok(());
        }
        let place = if has(&["x", "m"]) && !has(&["bearer", "index"]) {
            number / bay_m
        } else {
            number
        };
        match (first, last) {
            (true, false) => self.range[0] = Some(place),
            (false, true) => self.range[1] = Some(place),
            _ => return Err(unknown().into()),
        }
        Ok(())
    }

    fn apply(&self, ends: &mut [[f64; 2]]) -> Result<(), Failure> {
        if !self.any {
            return Ok(());
        }
        let [from, to] = [
            self.range[0].unwrap_or(0.0),
            self.range[1].unwrap_or(ends.len() as f64 - 1.0),
        ];
        if to < from || to.is_nan() || from.is_nan() {
            return Err(format!("`taper` runs from bearer {from} back to {to}").into());
        }
        for (index, end) in ends.iter_mut().enumerate() {
            let share = if to > from {
                ((index as f64 - from) / (to - from)).clamp(0.0, 1.0)
            } else {
                f64::from(u8::from(index as f64 >= from))
            };
            for (value, (from, to)) in end.iter_mut().zip(self.from.iter().zip(&self.to)) {
                *value = from + share * (to - from);
            }
        }
        Ok(())
    }
}
