//! A client of the GDB remote protocol, as far as hooking functions of an emulated Cortex-M needs it.
//!
//! The registries hold stubs (`gdbstub`) and packet parsers, but no kept client, so this is one: packets
//! with check sum and escapes, registers, memory, breakpoints, continue and
//! stop ("Debugging with GDB", appendix "GDB Remote Serial Protocol").

use std::io::{self, Write};
use std::process::{ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Largest packet accepted, bytes: QEMU's are at most 4096.
const PACKET_MAX: usize = 64 * 1024;
/// Memory bytes per packet: two hexadecimal digits each have to fit QEMU's 4096.
const MEMORY_CHUNK: usize = 1024;
/// How long the stub may take for an answer while the guest is stopped.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// Core registers of a Cortex-M: r0 to r12, sp, lr, pc.
pub(super) type CoreRegisters = [u32; 16];
/// Number of the stack pointer, the link register and the program counter.
pub(super) const SP: usize = 13;
pub(super) const LR: usize = 14;
pub(super) const PC: usize = 15;

/// Why the guest stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A breakpoint or the like; the signal number of the stop reply.
    Signal(u8),
    /// The emulator ended.
    Exited,
}

/// A connection over a process's standard input and output.
#[derive(Debug)]
pub(super) struct GdbClient {
    to: ChildStdin,
    from: ChildStdout,
    /// Received and not yet used.
    input: Vec<u8>,
    /// Packets to send with the next flush.
    output: Vec<u8>,
    /// Answers outstanding for packets in `output`.
    queued: usize,
}

impl GdbClient {
    /// Takes over the pipes of a stub that holds the guest. QEMU's takes the next packet as an
    /// acknowledgement of its last one, so none are sent.
    pub(super) fn new(to: ChildStdin, from: ChildStdout) -> io::Result<Self> {
        let mut client = Self {
            to,
            from,
            input: Vec::new(),
            output: Vec::new(),
            queued: 0,
        };
        client.ask(b"qSupported")?;
        // Only who has asked for the description may set single registers; r0 to pc come first in it.
        client.ask(b"qXfer:features:read:target.xml:0,ffb")?;
        Ok(client)
    }

    /// Has the guest stop at `address` before the instruction there runs.
    pub(super) fn break_at(&mut self, address: u32) -> io::Result<()> {
        let answer = self.ask(format!("Z1,{:x},2", address & !1).as_bytes())?;
        expect_ok(&answer)
    }

    /// r0 to pc.
    pub(super) fn registers(&mut self) -> io::Result<CoreRegisters> {
        let answer = self.ask(b"g")?;
        let bytes = from_hex(answer.get(..128).unwrap_or_default())
            .ok_or_else(|| protocol("registers", &answer))?;
        let mut registers = [0; 16];
        for (register, word) in registers.iter_mut().zip(bytes.chunks_exact(4)) {
            *register = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        }
        if bytes.len() < 64 {
            return Err(protocol("registers", &answer));
        }
        Ok(registers)
    }

    /// Memory as the guest sees it.
    pub(super) fn read_memory(&mut self, address: u32, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let at = address.wrapping_add(bytes.len() as u32);
            let count = (length - bytes.len()).min(MEMORY_CHUNK);
            let answer = self.ask(format!("m{at:x},{count:x}").as_bytes())?;
            let chunk = from_hex(&answer).filter(|chunk| chunk.len() == count);
            bytes.extend(chunk.ok_or_else(|| protocol("memory", &answer))?);
        }
        Ok(bytes)
    }

    /// Writes memory with the next [`Self::resume`].
    pub(super) fn write_memory_later(&mut self, address: u32, bytes: &[u8]) {
        for (index, chunk) in bytes.chunks(MEMORY_CHUNK).enumerate() {
            let at = address.wrapping_add((index * MEMORY_CHUNK) as u32);
            let mut packet = format!("M{at:x},{:x}:", chunk.len()).into_bytes();
            to_hex(chunk, &mut packet);
            self.queue(&packet);
        }
    }

    /// Sets a core register with the next [`Self::resume`].
    pub(super) fn set_register_later(&mut self, number: usize, value: u32) {
        let mut packet = format!("P{number:x}=").into_bytes();
        to_hex(&value.to_le_bytes(), &mut packet);
        self.queue(&packet);
    }

    /// Sends what is queued, checks that it was accepted, and lets the guest run.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        // One write for all: the stub answers in order, and stops listening once the guest runs.
        self.output.extend_from_slice(&packet(b"c"));
        self.to.write_all(&self.output)?;
        self.output.clear();
        for _ in 0..std::mem::take(&mut self.queued) {
            let answer = self.receive(ANSWER_WAIT)?.ok_or_else(no_answer)?;
            expect_ok(&answer)?;
        }
        Ok(())
    }

    /// Waits until the guest stops; `None` if it still runs after `wait`.
    pub(super) fn wait_for_stop(&mut self, wait: Duration) -> io::Result<Option<Stop>> {
        match self.receive(wait) {
            Ok(None) => Ok(None),
            Ok(Some(answer)) => match answer.first() {
                Some(b'S' | b'T') => from_hex(answer.get(1..3).unwrap_or_default())
                    .map(|signal| Some(Stop::Signal(signal[0])))
                    .ok_or_else(|| protocol("a stop reply", &answer)),
                Some(b'W' | b'X') => Ok(Some(Stop::Exited)),
                // Text that the guest sends to the debugger's console.
                Some(b'O') => self.wait_for_stop(wait),
                _ => Err(protocol("a stop reply", &answer)),
            },
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(Some(Stop::Exited)),
            Err(e) => Err(e),
        }
    }

    /// Stops a running guest.
    pub(super) fn interrupt(&mut self) -> io::Result<()> {
        self.to.write_all(&[3])
    }

    fn queue(&mut self, content: &[u8]) {
        self.output.extend_from_slice(&packet(content));
        self.queued += 1;
    }

    fn ask(&mut self, content: &[u8]) -> io::Result<Vec<u8>> {
        self.to.write_all(&packet(content))?;
        self.receive(ANSWER_WAIT)?.ok_or_else(no_answer)
    }

    /// The content of the next packet; `None` if none came in time.
    fn receive(&mut self, wait: Duration) -> io::Result<Option<Vec<u8>>> {
        let deadline = Instant::now() + wait;
        loop {
            if let Some(content) = take_packet(&mut self.input)? {
                return Ok(Some(content));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let timeout = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            match poll(
                &mut [PollFd::new(&self.from, PollFlags::IN)],
                Some(&timeout),
            ) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(e) => return Err(e.into()),
            }
            let mut bytes = [0; 8192];
            match rustix::io::read(&self.from, &mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.input.extend_from_slice(&bytes[..count]),
                Err(Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

fn no_answer() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "QEMU's GDB stub did not answer")
}

fn protocol(wanted: &str, got: &[u8]) -> io::Error {
    let got: String = String::from_utf8_lossy(got).chars().take(40).collect();
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("QEMU's GDB stub answered `{got}` instead of {wanted}"),
    )
}

fn expect_ok(answer: &[u8]) -> io::Result<()> {
    if answer == b"OK" {
        Ok(())
    } else {
        Err(protocol("OK", answer))
    }
}

/// `$content#check`.
fn packet(content: &[u8]) -> Vec<u8> {
    let sum = content
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let mut packet = Vec::with_capacity(content.len() + 4);
    packet.push(b'$');
    packet.extend_from_slice(content);
    packet.push(b'#');
    to_hex(&[sum], &mut packet);
    packet
}

/// Removes the first whole packet from `input`, with what is before it, and returns its content with
/// escapes and runs resolved.
fn take_packet(input: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let Some(start) = input.iter().position(|byte| *byte == b'$') else {
        input.clear(); // acknowledgements
        return Ok(None);
    };
    let Some(length) = input[start..].iter().position(|byte| *byte == b'#') else {
        if input.len() > PACKET_MAX {
            return Err(protocol("a packet", &input[..40]));
        }
        return Ok(None);
    };
    let end = start + length;
    let Some(check) = input.get(end + 1..end + 3) else {
        return Ok(None);
    };
    let content = &input[start + 1..end];
    let sum = content
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if from_hex(check) != Some(vec![sum]) {
        return Err(protocol("a packet with its check sum", content));
    }
    let plain = plain(content);
    input.drain(..end + 3);
    Ok(Some(plain))
}

fn plain(content: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(content.len());
    let mut bytes = content.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'}' => out.extend(bytes.next().map(|escaped| escaped ^ 0x20)),
            b'*' => {
                // Run length: the last byte again, so often as the next one says beyond 29.
                let count = bytes.next().map_or(0, |n| n.saturating_sub(29));
                if let Some(last) = out.last().copied() {
                    out.extend(std::iter::repeat_n(last, usize::from(count)));
                }
            }
            other => out.push(other),
        }
    }
    out
}

fn to_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16);
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2)
        .map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_have_the_documented_form() {
        assert_eq!(packet(b"OK"), b"$OK#9a");
        assert_eq!(packet(b""), b"$#00");
    }

    #[test]
    fn packets_are_taken_whole_and_in_order() {
        let mut input = b"+$T05thread:01;#07$OK#9".to_vec();
        assert_eq!(take_packet(&mut input).unwrap().unwrap(), b"T05thread:01;");
        assert_eq!(take_packet(&mut input).unwrap(), None);
        input.push(b'a');
        assert_eq!(take_packet(&mut input).unwrap().unwrap(), b"OK");
        assert!(input.is_empty());
    }

    #[test]
    fn damage_is_an_error_and_endless_input_is_bounded() {
        assert!(take_packet(&mut b"$OK#9b".to_vec()).is_err());
        let mut endless = vec![b'$'];
        endless.resize(PACKET_MAX + 2, b'a');
        assert!(take_packet(&mut endless).is_err());
        assert_eq!(take_packet(&mut b"++-+".to_vec()).unwrap(), None);
    }

    #[test]
    fn escapes_and_runs_are_resolved() {
        assert_eq!(plain(b"a}\x03b"), b"a#b");
        assert_eq!(plain(b"0* "), b"0000");
        assert_eq!(plain(b"*"), b"");
    }

    #[test]
    fn hexadecimal_digits_both_ways() {
        let mut out = Vec::new();
        to_hex(&[0x00, 0xa5, 0xff], &mut out);
        assert_eq!(out, b"00a5ff");
        assert_eq!(from_hex(b"00A5ff"), Some(vec![0x00, 0xa5, 0xff]));
        assert_eq!(from_hex(b"0"), None);
        assert_eq!(from_hex(b"zz"), None);
    }
}
