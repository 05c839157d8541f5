//! Moving a record by a fraction of a sample.

use std::f64::consts::PI;

/// Taps on either side of a sample.
const REACH: usize = 16;

/// Taps of a windowed sinc that give the value `fraction` (0 to 1) of a sample after the sample at `REACH - 1`.
///
/// With a Hann window over 32 samples the response is flat within 1e-3 up to 0.42 of the sample rate.
fn taps(fraction: f64) -> [f64; 2 * REACH] {
    std::array::from_fn(|i| {
        let x = i as f64 - (REACH as f64 - 1.0) - fraction;
        let window = 0.5 * (1.0 + libm::cos(PI * x / REACH as f64));
        if x == 0.0 {
            1.0
        } else {
            window * libm::sin(PI * x) / (PI * x)
        }
    })
}

/// Calls `add(index, value)` for the record moved later by `delay` samples (any real number), with values for
/// whole samples; the record is zero outside.
pub(super) fn moved(record: &[f64], delay: f64, mut add: impl FnMut(i64, f64)) {
    let whole = delay.ceil();
    let fraction = whole - delay;
    let whole = whole as i64;
    if fraction < 1e-9 {
        for (i, value) in record.iter().enumerate() {
            add(i as i64 + whole, *value);
        }
        return;
    }
    let taps = taps(fraction);
    let reach = REACH as i64;
    let count = record.len() as i64;
    for i in -reach..count + reach {
        let first = i - (reach - 1);
        let value = if first >= 0 && first + 2 * reach <= count {
            let part = &record[first as usize..(first + 2 * reach) as usize];
            part.iter().zip(&taps).map(|(a, b)| a * b).sum()
        } else {
            (0..2 * reach)
                .filter(|j| (0..count).contains(&(first + j)))
                .map(|j| record[(first + j) as usize] * taps[j as usize])
                .sum()
        };
        add(i + whole, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_packet_arrives_as_if_it_had_been_sampled_there() {
        let packet = |t: f64| {
            let x = (t - 100.0) / 20.0;
            libm::exp(-x * x) * libm::sin(0.7 * t)
        };
        let record: Vec<f64> = (0..200).map(|i| packet(f64::from(i))).collect();
        for delay in [0.0, 0.25, 3.0, 17.6, -4.3] {
            let mut largest: f64 = 0.0;
            let mut seen = 0;
            moved(&record, delay, |i, value| {
                seen += 1;
                largest = largest.max((value - packet(i as f64 - delay)).abs());
            });
            assert!(seen >= 200);
            assert!(largest < 1e-3, "delay {delay}: {largest}");
        }
    }
}
