//! HELLO both ways, and the proof that the line carries every byte value.

use std::time::{Duration, Instant};

use super::conversation::Conversation;
use super::error::DeviceError;
use super::wire::Received;
use crate::link::{
    BenchHello, BenchMessage, CRC_BYTES, DELIMITER, DeviceHello, DeviceMessage, HEADER_BYTES,
    PROTOCOL_MAJOR, kind,
};

/// Boards that reset when their port is opened miss the first HELLO.
const HELLO_AGAIN: Duration = Duration::from_millis(500);
/// FAULT code of a device that was asked for samples before HELLO: left over from another session.
const FAULT_NO_HELLO: u16 = 1;

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceIdentity {
    /// Name of the firmware.
    pub name: String,
    /// Version or hash of its build.
    pub build: String,
    /// Counts the device's starts.
    pub boot_count: u32,
    /// Protocol version, major and minor.
    pub protocol: (u8, u8),
    /// SAMPLES frames that may be unanswered at a time.
    pub credits: u8,
    /// It sends its sensor driver's SPI transfers, and takes no SAMPLES.
    pub spi: bool,
    /// Largest frame that the device takes: header, payload and CRC in bytes.
    pub max_frame: u16,
}

/// Sends HELLO until an answer comes, checks it against the stream, and proves the line.
pub(super) fn greet(
    talk: &mut Conversation,
    hello: &BenchHello,
    frame_bytes: usize,
    timeout: Duration,
) -> Result<DeviceIdentity, DeviceError> {
    let deadline = Instant::now() + timeout;
    let answer = exchange_hello(talk, hello, timeout, deadline)?;
    check(&talk.device, hello, frame_bytes, &answer)?;
    talk.report.garbage_before_hello = talk.wire.garbage_bytes();
    prove_line(
        talk,
        usize::from(answer.max_frame),
        deadline.max(Instant::now() + timeout),
    )?;
    talk.wire.start_counting();
    Ok(DeviceIdentity {
        name: answer.name,
        build: answer.build,
        boot_count: answer.boot_count,
        protocol: (answer.major, answer.minor),
        credits: answer.credits,
        spi: answer.spi,
        max_frame: answer.max_frame,
    })
}

fn exchange_hello(
    talk: &mut Conversation,
    hello: &BenchHello,
    timeout: Duration,
    deadline: Instant,
) -> Result<DeviceHello, DeviceError> {
    let (kind, payload) = BenchMessage::Hello(*hello)
        .encode(hello.bits)
        .map_err(|e| DeviceError::Stream {
            reason: e.to_string(),
        })?;
    // A pipe loses nothing: a second HELLO would only depend on how fast the host is.
    let again = if talk.wire.is_lockstep() {
        timeout
    } else {
        HELLO_AGAIN
    };
    let mut next = Instant::now();
    loop {
        let now = Instant::now();
        if now >= deadline {
            return Err(no_hello(talk, timeout));
        }
        if now >= next {
            // A delimiter first: it ends whatever the device has received so far.
            talk.wire.post_raw(&[DELIMITER]);
            talk.wire.post(kind, &payload);
            next = now + again;
            if let Err(source) = talk.wire.flush(HELLO_AGAIN) {
                return Err(DeviceError::Open {
                    device: talk.device.clone(),
                    source,
                });
            }
        }
        let wait = next.min(deadline).saturating_duration_since(Instant::now());
        match talk.wire.receive(wait) {
            Ok(Received::Message(DeviceMessage::Hello(answer))) => return Ok(answer),
            Ok(Received::Message(DeviceMessage::Fault { code, text }))
                if code != FAULT_NO_HELLO =>
            {
                return Err(DeviceError::Refused {
                    device: talk.device.clone(),
                    code,
                    text,
                });
            }
            // Left over from another session, or noise: counted, not heeded.
            Ok(Received::Message(_) | Received::Rejected | Received::Nothing) => {}
            Ok(Received::HangUp) => return Err(talk.died()),
            Err(source) => {
                return Err(DeviceError::Open {
                    device: talk.device.clone(),
                    source,
                });
            }
        }
    }
}

fn no_hello(talk: &Conversation, timeout: Duration) -> DeviceError {
    let seen = match talk.wire.garbage_bytes() {
        0 => "; nothing came at all".to_owned(),
        bytes => format!("; {bytes} bytes came that are no frames"),
    };
    DeviceError::NoHello {
        device: talk.device.clone(),
        waited_s: timeout.as_secs_f64(),
        seen,
    }
}

fn check(
    device: &str,
    hello: &BenchHello,
    frame_bytes: usize,
    answer: &DeviceHello,
) -> Result<(), DeviceError> {
    if answer.major != PROTOCOL_MAJOR {
        return Err(DeviceError::Version {
            device: device.to_owned(),
            ours: format!("{}.{}", hello.major, hello.minor),
            theirs: format!("{}.{}", answer.major, answer.minor),
        });
    }
    let reason = if answer.credits == 0 {
        "it gives no credits".to_owned()
    } else if answer.axes != hello.axes || answer.bits != hello.bits {
        format!(
            "it takes {} axes of {} bits instead of {} of {}",
            answer.axes, answer.bits, hello.axes, hello.bits
        )
    } else if !answer.spi && usize::from(answer.max_frame) < frame_bytes {
        format!(
            "{} samples of {} bits need frames of {frame_bytes} bytes and it takes {}; lower the \
             FIFO batch",
            hello.fifo_batch, hello.bits, answer.max_frame
        )
    } else {
        return Ok(());
    };
    Err(DeviceError::Incompatible {
        device: device.to_owned(),
        reason,
    })
}

/// An ECHO of every byte value. It also separates the session from answers to repeated HELLOs.
fn prove_line(
    talk: &mut Conversation,
    max_frame: usize,
    deadline: Instant,
) -> Result<(), DeviceError> {
    let room = max_frame.saturating_sub(HEADER_BYTES + CRC_BYTES);
    let every_byte: Vec<u8> = (0..=255).rev().collect();
    for bytes in every_byte.chunks(room.clamp(1, 256)) {
        talk.wire.post(kind::ECHO, bytes);
        if let Err(source) = talk.wire.flush(HELLO_AGAIN) {
            return Err(DeviceError::Open {
                device: talk.device.clone(),
                source,
            });
        }
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match talk.wire.receive(left) {
                Ok(Received::Message(DeviceMessage::Echo(back))) if back == bytes => break,
                Ok(Received::HangUp) => return Err(talk.died()),
                // Firmware on the bus level sets up its part as soon as it has said HELLO.
                Ok(Received::Message(DeviceMessage::Spi { length, tx, .. })) => {
                    talk.on_spi(length, tx);
                }
                Ok(Received::Message(_) | Received::Rejected | Received::Nothing) => {}
                Err(source) => {
                    return Err(DeviceError::Open {
                        device: talk.device.clone(),
                        source,
                    });
                }
            }
            if Instant::now() >= deadline {
                return Err(DeviceError::NotTransparent {
                    device: talk.device.clone(),
                });
            }
        }
    }
    Ok(())
}
