//! Compiles the reference firmware (portable C core, bench-link shim, native port) into the binary.
fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
}
