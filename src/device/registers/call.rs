//! A call of a hooked SPI function: its arguments by the Arm procedure call standard.

use std::io;

use super::gdb::{CoreRegisters, GdbClient, LR, PC, SP};
use super::options::{SpiArgument, SpiHook, SpiReturn};

/// Longest transfer taken from a guest, bytes.
const LENGTH_MAX: u32 = 8192;

/// One SPI transfer as the bench serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpiCall {
    /// Bytes on the bus, from the first after chip select.
    pub(super) tx: Vec<u8>,
    /// Bytes of the transfer, sent and received.
    pub(super) total: usize,
    /// Where the received bytes go, and how many of the first ones do not.
    rx: Option<(u32, usize)>,
    result: u32,
    return_to: u32,
}

/// Values of the arguments that matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Values {
    tx: Option<u32>,
    rx: Option<u32>,
    buffer: Option<u32>,
    length: u32,
    rx_length: Option<u32>,
    command: Option<(u8, bool)>,
}

impl Values {
    /// `values` in the order of the declaration.
    fn of(arguments: &[SpiArgument], values: &[u32]) -> Self {
        let mut of = Self::default();
        for (argument, value) in arguments.iter().zip(values) {
            match argument {
                SpiArgument::Tx => of.tx = Some(*value),
                SpiArgument::Rx => of.rx = Some(*value),
                SpiArgument::Buffer => of.buffer = Some(*value),
                // Lengths of 16 bits are extended by the caller; the upper half is not to be trusted.
                SpiArgument::Length => of.length = *value,
                SpiArgument::RxLength => of.rx_length = Some(*value),
                SpiArgument::Command => of.command = Some((*value as u8, false)),
                SpiArgument::Register => of.command = Some((*value as u8, true)),
                SpiArgument::Ignore => {}
            }
        }
        of
    }
}

/// First byte on the bus for a register address: what the part's framing makes of it.
pub(super) type Framing = fn(address: u8, read: bool) -> u8;

impl SpiCall {
    /// Reads the call that the guest has stopped at.
    pub(super) fn decode(
        gdb: &mut GdbClient,
        registers: &CoreRegisters,
        hook: &SpiHook,
        framing: Framing,
    ) -> io::Result<Self> {
        let mut values = registers[..4].to_vec();
        let stacked = hook.arguments.len().saturating_sub(4);
        if stacked > 0 {
            let words = gdb.read_memory(registers[SP], 4 * stacked)?;
            let word = |w: &[u8]| u32::from_le_bytes([w[0], w[1], w[2], w[3]]);
            values.extend(words.chunks_exact(4).map(word));
        }
        let values = Values::of(&hook.arguments, &values);
        let too_long = values.length > LENGTH_MAX || values.rx_length.unwrap_or(0) > LENGTH_MAX;
        if too_long {
            let text = format!(
                "`{}` was called for {} bytes: are its arguments in the order of the device file?",
                hook.symbol, values.length
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let length = values.length as usize;
        let mut tx = Vec::new();
        if let Some((byte, add)) = values.command {
            tx.push(if add {
                framing(byte, values.rx.is_some())
            } else {
                byte
            });
        }
        let ahead = tx.len();
        let source = values.tx.or(values.buffer).filter(|pointer| *pointer != 0);
        if let Some(pointer) = source {
            tx.extend(gdb.read_memory(pointer, length)?);
        }
        let target = values.rx.or(values.buffer).filter(|pointer| *pointer != 0);
        let (skip, received) = match values.rx_length {
            // Sent first, received after: the bytes that come in while sending are dropped.
            Some(rx_length) => (ahead + length, rx_length as usize),
            None => (ahead, length),
        };
        Ok(Self {
            total: tx.len().max(skip + received),
            tx,
            rx: target.map(|pointer| (pointer, skip)),
            result: match hook.returns {
                SpiReturn::Zero => 0,
                SpiReturn::One => 1,
                SpiReturn::Length => received as u32,
            },
            return_to: registers[LR],
        })
    }

    /// Gives the guest what it received; it goes on behind the call with the next resume.
    pub(super) fn answer(&self, gdb: &mut GdbClient, rx: &[u8]) {
        if let Some((pointer, skip)) = self.rx {
            let bytes = rx.get(skip..).unwrap_or_default();
            if !bytes.is_empty() {
                gdb.write_memory_later(pointer, bytes);
            }
        }
        return_from(gdb, self.return_to, &[self.result]);
    }
}

/// Has the guest return from the function that it stopped at, with `result` in r0 (and r1).
pub(super) fn return_from(gdb: &mut GdbClient, return_to: u32, result: &[u32]) {
    for (register, value) in result.iter().enumerate() {
        gdb.set_register_later(register, *value);
    }
    gdb.set_register_later(PC, return_to & !1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use SpiArgument::{Ignore, Length, Register, Rx, RxLength, Tx};

    #[test]
    fn arguments_are_found_by_their_place() {
        let usual = Values::of(&[Tx, Rx, Length], &[0x100, 0x200, 9, 0xdead]);
        assert_eq!(
            (usual.tx, usual.rx, usual.length),
            (Some(0x100), Some(0x200), 9)
        );
        // ST's `read(void *handle, uint8_t reg, uint8_t *data, uint16_t len)`.
        let st = Values::of(&[Ignore, Register, Rx, Length], &[7, 0x0f, 0x200, 1]);
        assert_eq!(
            (st.tx, st.rx, st.command),
            (None, Some(0x200), Some((0x0f, true)))
        );
        // Write, then read: the last argument is on the stack.
        let zephyr = Values::of(&[Ignore, Tx, Length, Rx, RxLength], &[7, 1, 2, 3, 4]);
        assert_eq!((zephyr.length, zephyr.rx_length), (2, Some(4)));
    }
}
