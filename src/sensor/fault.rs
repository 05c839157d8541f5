//! Faults of the sensor itself, from a stated sample on.

/// A fault of the sensor. Sample numbers count from the first sample of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum SensorFault {
    /// One axis repeats its last good reading from `from` on.
    StuckAxis {
        /// 0, 1, 2 for x, y, z.
        axis: usize,
        /// First stuck sample.
        from: u64,
    },
    /// The sensor stops raising FIFO interrupts: no sample from `from` on exists.
    Silent {
        /// First missing sample.
        from: u64,
    },
    /// The bus to the sensor is dead: every axis reads zero counts from `from` on.
    DeadBus {
        /// First zero sample.
        from: u64,
    },
    /// The zero-g offset of one axis jumps and stays.
    OffsetJump {
        /// 0, 1, 2 for x, y, z.
        axis: usize,
        /// First affected sample.
        from: u64,
        /// Size of the jump, m/s2.
        jump_m_s2: f64,
    },
    /// The zero-g offset of one axis drifts from `from` on.
    OffsetDrift {
        /// 0, 1, 2 for x, y, z.
        axis: usize,
        /// First affected sample.
        from: u64,
        /// Change per sample, m/s2.
        step_m_s2: f64,
    },
    /// Every axis saturates at this magnitude from `from` on; the part does not tell.
    Saturation {
        /// First affected sample.
        from: u64,
        /// Largest magnitude, m/s2.
        limit_m_s2: f64,
    },
    /// The first sample after start is garbage: all axes at the negative rail.
    CorruptFirst,
}

/// Apply the faults that act on counts; `Silent` shortens the window. `scale` in m/s2 per count.
pub(crate) fn apply(
    faults: &[SensorFault],
    counts: &mut Vec<[i32; 3]>,
    scale_m_s2_per_lsb: f64,
    max_count: i32,
) {
    for fault in faults {
        match *fault {
            SensorFault::OffsetJump {
                axis,
                from,
                jump_m_s2,
            } => {
                let jump = (jump_m_s2 / scale_m_s2_per_lsb).round();
                for sample in counts.iter_mut().skip(clamp_index(from)) {
                    let raised = f64::from(sample[axis % 3]) + jump;
                    sample[axis % 3] =
                        raised.clamp(f64::from(-max_count - 1), f64::from(max_count)) as i32;
                }
            }
            SensorFault::OffsetDrift {
                axis,
                from,
                step_m_s2,
            } => {
                let step = step_m_s2 / scale_m_s2_per_lsb;
                let after = counts.iter_mut().skip(clamp_index(from)).enumerate();
                for (index, sample) in after {
                    let raised = (f64::from(sample[axis % 3]) + step * index as f64).round();
                    sample[axis % 3] =
                        raised.clamp(f64::from(-max_count - 1), f64::from(max_count)) as i32;
                }
            }
            SensorFault::Saturation { from, limit_m_s2 } => {
                let limit = (limit_m_s2 / scale_m_s2_per_lsb)
                    .round()
                    .clamp(0.0, f64::from(max_count)) as i32;
                for sample in counts.iter_mut().skip(clamp_index(from)) {
                    *sample = sample.map(|value| value.clamp(-limit, limit));
                }
            }
            SensorFault::CorruptFirst => {
                if let Some(first) = counts.first_mut() {
                    *first = [-max_count - 1; 3];
                }
            }
            _ => {}
        }
    }
    for fault in faults {
        match *fault {
            SensorFault::StuckAxis { axis, from } => {
                let held = clamp_index(from).checked_sub(1).and_then(|i| counts.get(i));
                let value = held.or(counts.first()).map_or(0, |s| s[axis % 3]);
                counts
                    .iter_mut()
                    .skip(clamp_index(from))
                    .for_each(|s| s[axis % 3] = value);
            }
            SensorFault::DeadBus { from } => {
                counts
                    .iter_mut()
                    .skip(clamp_index(from))
                    .for_each(|s| *s = [0; 3]);
            }
            _ => {}
        }
    }
    for fault in faults {
        if let SensorFault::Silent { from } = *fault {
            counts.truncate(clamp_index(from));
        }
    }
}

fn clamp_index(from: u64) -> usize {
    usize::try_from(from).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Vec<[i32; 3]> {
        (0..10).map(|i| [i, i + 100, i + 200]).collect()
    }

    #[test]
    fn each_fault_acts_from_its_sample_on() {
        let mut counts = ramp();
        let faults = [
            SensorFault::StuckAxis { axis: 2, from: 4 },
            SensorFault::OffsetJump {
                axis: 0,
                from: 5,
                jump_m_s2: 1.0,
            },
            SensorFault::CorruptFirst,
            SensorFault::Silent { from: 8 },
        ];
        apply(&faults, &mut counts, 0.5, 2047);
        assert_eq!(counts.len(), 8);
        assert_eq!(counts[0], [-2048; 3]);
        assert_eq!(counts[3], [3, 103, 203]);
        assert_eq!(counts[7], [9, 107, 203]);
    }

    #[test]
    fn a_drift_grows_and_a_saturated_part_stops_short_of_its_range() {
        let mut counts = vec![[0, 0, 1000]; 101];
        let faults = [
            SensorFault::OffsetDrift {
                axis: 1,
                from: 1,
                step_m_s2: 0.01,
            },
            SensorFault::Saturation {
                from: 50,
                limit_m_s2: 100.0,
            },
        ];
        apply(&faults, &mut counts, 0.5, 2047);
        assert_eq!(counts[1], [0, 0, 1000]);
        assert_eq!(counts[100], [0, 2, 200]); // 99 steps of 0.02 counts
    }

    #[test]
    fn a_dead_bus_reads_zero_and_an_offset_jump_saturates() {
        let mut counts = ramp();
        let faults = [
            SensorFault::OffsetJump {
                axis: 1,
                from: 0,
                jump_m_s2: -1e9,
            },
            SensorFault::DeadBus { from: 9 },
        ];
        apply(&faults, &mut counts, 0.5, 2047);
        assert_eq!(counts[8], [8, -2048, 208]);
        assert_eq!(counts[9], [0; 3]);
    }
}
