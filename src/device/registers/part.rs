//! Which part sits on the bus, and whether firmware and scenario agree on it.

use super::super::config::StreamConfig;
use super::super::error::DeviceError;
use super::call::Framing;
use crate::sensor::{G_M_S2, SensorBus, part};

/// The bus of the part that the stream was measured with.
pub(in crate::device) fn bus_for(
    device: &str,
    expected: Option<&str>,
    identity: Option<u8>,
    config: &StreamConfig,
) -> Result<SensorBus, DeviceError> {
    let incompatible = |reason: String| DeviceError::Incompatible {
        device: device.to_owned(),
        reason,
    };
    let scale_g = config.scale_m_s2_per_lsb / G_M_S2;
    let measured = SensorBus::part_of_scale(config.bits, scale_g).ok_or_else(|| {
        incompatible("the scenario's sensor part has no register model".to_owned())
    })?;
    let wanted = match expected {
        Some(name) => part(name).map_err(|e| incompatible(e.to_string()))?,
        None => measured,
    };
    if wanted.name != measured.name {
        return Err(incompatible(format!(
            "its driver is for the {}, and the scenario measures with the {}; set the scenario's sensor part",
            wanted.name, measured.name
        )));
    }
    if wanted.rate(config.nominal_rate_hz).is_none() {
        return Err(incompatible(format!(
            "the {} has no data rate of {} Hz: firmware with a driver of its own gets what the part puts \
             out, without the bench's decimation; it offers {:?} Hz",
            wanted.name, config.nominal_rate_hz, wanted.rates_hz
        )));
    }
    let mut bus = SensorBus::new(wanted, scale_g)
        .ok_or_else(|| incompatible(format!("the {} has no register model", wanted.name)))?;
    if let Some(identity) = identity {
        bus.set_identity(identity);
    }
    Ok(bus)
}

/// After its set-up: the firmware has to run the part at the data rate that the scenario measures at.
pub(in crate::device) fn check_set_up(
    device: &str,
    bus: &SensorBus,
    config: &StreamConfig,
) -> Result<(), DeviceError> {
    if bus.part().rate(config.nominal_rate_hz) == bus.part().rate(bus.rate_hz()) {
        return Ok(());
    }
    Err(DeviceError::Incompatible {
        device: device.to_owned(),
        reason: format!(
            "it runs the {} at {} Hz, and the scenario measures at {} Hz; set the scenario's output rate",
            bus.part().name,
            bus.rate_hz(),
            config.nominal_rate_hz
        ),
    })
}

/// How a part's first byte is made of a register address and the direction.
pub(in crate::device) fn framing(part: &str) -> Framing {
    match part {
        "iis3dwb" => |address, read| address | if read { 0x80 } else { 0 },
        _ => |address, read| address << 1 | u8::from(read),
    }
}
