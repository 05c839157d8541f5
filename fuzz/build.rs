//! The list of firmware sources that the device module includes: empty, nothing is built here.
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = std::env::var_os("OUT_DIR").unwrap_or_else(|| panic!("cargo sets OUT_DIR"));
    std::fs::write(Path::new(&out).join("firmware_sources.rs"), "&[]\n")
        .unwrap_or_else(|e| panic!("cannot write the list of sources: {e}"));
}
