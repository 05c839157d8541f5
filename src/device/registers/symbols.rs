//! Function symbols of a firmware image.

use std::path::Path;

use object::{Object, ObjectSymbol, SymbolKind};

use super::super::error::DeviceError;

/// Addresses and names of an ELF's functions, ordered by address.
#[derive(Debug, Clone, Default)]
pub(super) struct Symbols(Vec<(u32, u32, String)>);

impl Symbols {
    /// Reads an ELF for 32-bit Arm.
    pub(super) fn read(path: &Path) -> Result<Self, DeviceError> {
        let fail = |reason: String| DeviceError::Image {
            path: path.display().to_string(),
            reason,
        };
        let bytes = std::fs::read(path).map_err(|e| fail(e.to_string()))?;
        let file = object::File::parse(&*bytes).map_err(|e| fail(e.to_string()))?;
        if file.architecture() != object::Architecture::Arm {
            return Err(fail(format!(
                "it is for {:?}, not for Arm",
                file.architecture()
            )));
        }
        let mut functions: Vec<(u32, u32, String)> = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition())
            .filter_map(|symbol| {
                let name = symbol.name().ok()?.to_owned();
                // Bit 0 of a Thumb function's address is not part of it.
                let address = u32::try_from(symbol.address()).ok()? & !1;
                Some((address, u32::try_from(symbol.size()).ok()?, name))
            })
            .collect();
        functions.sort();
        if functions.is_empty() {
            return Err(fail("it has no function symbols (stripped?)".to_owned()));
        }
        Ok(Self(functions))
    }

    /// Address of a function.
    pub(super) fn address(&self, name: &str) -> Option<u32> {
        let found = self.0.iter().find(|(_, _, known)| known == name);
        found.map(|(address, _, _)| *address)
    }

    /// `function+offset` of an address, or the bare address.
    pub(super) fn place(&self, address: u32) -> String {
        let address = address & !1;
        let after = self.0.partition_point(|(start, _, _)| *start <= address);
        let within = self.0[..after]
            .iter()
            .rev()
            .take(8)
            .find(|(start, size, _)| *size > 0 && address - start < *size);
        match within {
            Some((start, _, name)) if *start == address => format!("{name} (0x{address:08x})"),
            Some((start, _, name)) => format!("{name}+0x{:x} (0x{address:08x})", address - start),
            None => format!("0x{address:08x}, in no function"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_by_the_function_around_them() {
        let symbols = Symbols(vec![
            (0x100, 0x20, "first".to_owned()),
            (0x140, 0x10, "second".to_owned()),
        ]);
        assert_eq!(symbols.place(0x101), "first (0x00000100)");
        assert_eq!(symbols.place(0x11e), "first+0x1e (0x0000011e)");
        assert_eq!(symbols.place(0x120), "0x00000120, in no function");
        assert_eq!(symbols.place(0x14f), "second+0xe (0x0000014e)");
        assert_eq!(symbols.place(0), "0x00000000, in no function");
        assert_eq!(symbols.address("second"), Some(0x140));
        assert_eq!(symbols.address("third"), None);
    }

    #[test]
    fn what_is_no_arm_image_is_refused_with_its_path() {
        let own = std::env::current_exe().unwrap();
        let text = Symbols::read(&own).unwrap_err().to_string();
        assert!(text.contains("not for Arm"), "{text}");
        let text = Symbols::read(Path::new("Cargo.toml"))
            .unwrap_err()
            .to_string();
        assert!(text.contains("Cargo.toml"), "{text}");
    }
}
