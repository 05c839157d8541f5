//! What the device needed in a window, asked of it at the window's end.

use super::window::{Reading, Window};
use crate::device::{Consumption, DeviceError, Session, UplinkMessage};
use crate::score::ResourceRow;

/// The needs of `window`, in which the device sent `messages`; `None` where its tier cannot tell.
pub(super) fn of_window<'a>(
    session: &mut Session,
    window: &Window,
    reading: &Reading,
    messages: impl Iterator<Item = &'a UplinkMessage>,
) -> Result<Option<ResourceRow>, DeviceError> {
    let Some(measured) = &reading.measured else {
        return Ok(None);
    };
    let Some(usage) = session.usage()? else {
        return Ok(None);
    };
    let seconds = measured.counts.len() as f64 / measured.true_rate_hz;
    let sizes: Vec<u64> = messages.map(|message| message.bytes.len() as u64).collect();
    let spent = Consumption {
        instructions: usage.cycles.iter().map(|count| u64::from(*count)).sum(),
        duration_us: libm::round(seconds * 1e6) as u64,
        messages: sizes.len() as u64,
        bytes: sizes.iter().sum(),
    };
    Ok(Some(ResourceRow {
        scenario: String::new(),
        turnout: window.turnout_index,
        window: window.index,
        passage: !reading.quiet,
        duration_us: spent.duration_us,
        frames: measured.stamps.len() as u64,
        instructions: spent.instructions,
        frame_instructions_max: usage.cycles.iter().copied().max().unwrap_or(0),
        stack_peak_bytes: usage.device.stack_peak,
        stack_bytes: usage.device.stack_size,
        radio_messages: spent.messages,
        radio_bytes: spent.bytes,
        energy_mj: session.energy().map(|spec| spec.energy_mj(&spent)),
    }))
}
