//! What a crash report of the shim says: where in the source, and which fault.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

use addr2line::Loader;

/// `in FUNCTION (FILE:LINE)` of the program counter in a crash report (`PC=... LR=... CFSR=...`), then
/// the functions that it is inlined into, then the caller by the link register.
pub(super) fn place(elf: Option<&Path>, registers: &str) -> String {
    let Some(pc) = register(registers, "PC") else {
        return "at an unknown place".to_owned();
    };
    let Some(elf) = elf else {
        return format!("at {pc:#010x} (the bench knows no image of its firmware)");
    };
    let loader = match Loader::new(elf) {
        Ok(loader) => loader,
        Err(error) => return format!("at {pc:#010x} ({} is unreadable: {error})", elf.display()),
    };
    let mut text = format!("in {}", source_line(&loader, pc));
    // The link register holds a return address: the call is before it. Bit 0 only marks Thumb.
    let caller = register(registers, "LR").map(|lr| (lr & !1).wrapping_sub(2));
    if let Some(lr) = caller.filter(|lr| loader.find_symbol(u64::from(*lr)).is_some()) {
        let _ = write!(text, ", called from {}", source_line(&loader, lr));
    }
    text
}

/// `FUNCTION (FILE:LINE)` of an address, where the image has debug information that knows it.
pub(super) fn line_of_source(elf: &Path, address: u32) -> Option<String> {
    let loader = Loader::new(elf).ok()?;
    let lines = source_frames(&loader, u64::from(address & !1));
    (!lines.is_empty()).then(|| lines.join(", inlined into "))
}

fn source_line(loader: &Loader, address: u32) -> String {
    let address = u64::from(address & !1);
    let lines = source_frames(loader, address);
    if !lines.is_empty() {
        return lines.join(", inlined into ");
    }
    match loader.find_symbol(address) {
        Some(symbol) => format!("{symbol} ({address:#010x})"),
        None => format!("{address:#010x}, which is no function"),
    }
}

/// The function at an address and those that it is inlined into, each with its line.
fn source_frames(loader: &Loader, address: u64) -> Vec<String> {
    let mut lines = Vec::new();
    if let Ok(mut frames) = loader.find_frames(address) {
        while let Ok(Some(frame)) = frames.next() {
            let function = frame.function.as_ref().and_then(|f| f.raw_name().ok());
            let function = function.map_or_else(|| "?".to_owned(), Cow::into_owned);
            let place = frame.location.and_then(|at| {
                let (file, line) = (at.file?, at.line?);
                Some(format!("{function} ({file}:{line})"))
            });
            lines.extend(place);
        }
    }
    lines
}

fn register(registers: &str, name: &str) -> Option<u32> {
    let mut fields = registers.split_ascii_whitespace();
    let value = fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))?;
    u32::from_str_radix(value, 16).ok()
}

/// Bits of the fault status registers (Armv7-M Architecture Reference Manual, B3.2.15 and B3.2.16).
const CFSR: [(u32, &str); 17] = [
    (0, "instruction fetch from a forbidden place"),
    (1, "access to a forbidden place"),
    (3, "memory fault on return from an exception"),
    (4, "memory fault on entry to an exception"),
    (5, "memory fault while saving floating-point registers"),
    (8, "bus error on an instruction fetch"),
    (9, "bus error on a data access"),
    (10, "bus error on an earlier data access"),
    (11, "bus error on return from an exception"),
    (12, "bus error on entry to an exception (stack used up?)"),
    (13, "bus error while saving floating-point registers"),
    (16, "undefined instruction"),
    (17, "invalid state (a jump to an even address?)"),
    (18, "invalid return from an exception"),
    (19, "coprocessor or floating point switched off"),
    (24, "unaligned access"),
    (25, "division by zero"),
];

/// The registers as they came, and in words which fault it was.
pub(super) fn explained(registers: &str) -> String {
    let cfsr = register(registers, "CFSR").unwrap_or(0);
    let mut words: Vec<String> = CFSR
        .iter()
        .filter(|(bit, _)| cfsr >> bit & 1 == 1)
        .map(|(_, word)| (*word).to_owned())
        .collect();
    for (valid, name) in [(7, "MMFAR"), (15, "BFAR")] {
        if let (1, Some(address)) = (cfsr >> valid & 1, register(registers, name)) {
            words.push(format!("at address {address:#010x}"));
        }
    }
    if words.is_empty() {
        registers.to_owned()
    } else {
        format!("{registers} ({})", words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_read_and_put_into_words() {
        let text = "PC=00001234 LR=00000a01 PSR=61000000 SP=20003f80 CFSR=00008200 HFSR=40000000 \
                    MMFAR=dffffff0 BFAR=dffffff0";
        assert_eq!(register(text, "PC"), Some(0x1234));
        assert_eq!(register(text, "R"), None);
        let words = explained(text);
        assert!(
            words.contains("bus error on a data access, at address 0xdffffff0"),
            "{words}"
        );
        assert_eq!(explained("nonsense"), "nonsense");
        assert_eq!(place(None, "nonsense"), "at an unknown place");
        assert!(place(None, text).starts_with("at 0x00001234"));
    }
}
