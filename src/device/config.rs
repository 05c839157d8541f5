//! What the bench announces to the device before the first sample.

use serde::{Deserialize, Serialize};

use super::error::DeviceError;
use crate::link::{
    BenchHello, CRC_BYTES, HEADER_BYTES, PROTOCOL_MAJOR, PROTOCOL_MINOR, SAMPLES_HEADER_BYTES,
    sample_bytes,
};

/// The sample stream of one session, in SI units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamConfig {
    /// Output data rate that the sensor part promises, in Hz. The actual rate may be off by percents;
    /// the firmware has to measure it from the time stamps.
    pub nominal_rate_hz: f64,
    /// Axes per sample; the link carries 3.
    pub axes: u8,
    /// Width of a value on the link: 16 or 24 bits.
    pub bits: u8,
    /// Acceleration of one count in m/s2; sent in steps of 1e-9 m/s2.
    pub scale_m_s2_per_lsb: f64,
    /// Full scale in m/s2; sent in steps of 1e-3 m/s2.
    pub range_m_s2: f64,
    /// Length of one tick of the FIFO time stamps in ns.
    pub timestamp_tick_ns: u32,
    /// Samples per frame, as one read of the sensor's FIFO gives them (32 to 64 are usual).
    pub fifo_batch: u8,
    /// Time at the start of the session in us since the Unix epoch.
    pub epoch_us: u64,
    /// Tells runs apart in a device's log.
    pub run_id: u32,
}

impl StreamConfig {
    /// HELLO of the bench, or what of this stream the link cannot say.
    pub(super) fn hello(&self, max_frame: u16) -> Result<BenchHello, DeviceError> {
        let scaled = |field: &'static str, value: f64, factor: f64| {
            let rounded = libm::round(value * factor);
            if rounded >= 1.0 && rounded <= f64::from(u32::MAX) {
                Ok(rounded as u32)
            } else {
                let reason = format!("{field} = {value} cannot be expressed on the link");
                Err(DeviceError::Stream { reason })
            }
        };
        if self.axes != 3 {
            let reason = format!("axes = {}, the link carries 3", self.axes);
            return Err(DeviceError::Stream { reason });
        }
        if self.fifo_batch == 0 || self.timestamp_tick_ns == 0 {
            let reason = "fifo_batch and timestamp_tick_ns must not be 0".to_owned();
            return Err(DeviceError::Stream { reason });
        }
        sample_bytes(self.bits).map_err(|e| DeviceError::Stream {
            reason: e.to_string(),
        })?;
        Ok(BenchHello {
            major: PROTOCOL_MAJOR,
            minor: PROTOCOL_MINOR,
            max_frame,
            axes: self.axes,
            bits: self.bits,
            fifo_batch: self.fifo_batch,
            nominal_rate_mhz: scaled("nominal_rate_hz", self.nominal_rate_hz, 1e3)?,
            scale_nm_s2_per_lsb: scaled("scale_m_s2_per_lsb", self.scale_m_s2_per_lsb, 1e9)?,
            range_mm_s2: scaled("range_m_s2", self.range_m_s2, 1e3)?,
            timestamp_tick_ns: self.timestamp_tick_ns,
            epoch_us: self.epoch_us,
            run_id: self.run_id,
        })
    }

    /// Bytes of a full SAMPLES frame: header, payload and CRC.
    pub(super) fn frame_bytes(&self) -> usize {
        let sample = sample_bytes(self.bits).unwrap_or(9);
        HEADER_BYTES + SAMPLES_HEADER_BYTES + usize::from(self.fifo_batch) * sample + CRC_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adxl355() -> StreamConfig {
        StreamConfig {
            nominal_rate_hz: 4000.0,
            axes: 3,
            bits: 24,
            scale_m_s2_per_lsb: 38.2459e-6,
            range_m_s2: 20.0,
            timestamp_tick_ns: 1000,
            fifo_batch: 32,
            epoch_us: 0,
            run_id: 0,
        }
    }

    #[test]
    fn units_of_hello_are_those_of_the_protocol() {
        let hello = adxl355().hello(4096).unwrap();
        assert_eq!(hello.nominal_rate_mhz, 4_000_000);
        assert_eq!(hello.scale_nm_s2_per_lsb, 38_246);
        assert_eq!(hello.range_mm_s2, 20_000);
        assert_eq!(adxl355().frame_bytes(), 4 + 12 + 32 * 9 + 2);
    }

    #[test]
    fn what_the_link_cannot_say_is_refused() {
        type Spoil = fn(&mut StreamConfig);
        let spoils: [Spoil; 7] = [
            |c| c.nominal_rate_hz = f64::NAN,
            |c| c.nominal_rate_hz = 5e6,
            |c| c.scale_m_s2_per_lsb = 1e-10,
            |c| c.range_m_s2 = -1.0,
            |c| c.bits = 20,
            |c| c.axes = 1,
            |c| c.fifo_batch = 0,
        ];
        for (index, spoil) in spoils.iter().enumerate() {
            let mut config = adxl355();
            spoil(&mut config);
            assert!(
                matches!(config.hello(4096), Err(DeviceError::Stream { .. })),
                "spoil {index}"
            );
        }
    }
}
