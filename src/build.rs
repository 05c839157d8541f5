//! Builds the reference firmware for the host: its portable core, the bench-link shim and the native
//! port. The binary starts itself as the device, so that `cargo install` yields a working bench.
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    let root = Path::new("firmware-fixtures");
    let mut sources = Vec::new();
    let folders = ["core", "shim", "ports/native"].map(|folder| root.join(folder));
    for folder in &folders {
        // A changed folder (a file added or removed) builds again as well.
        println!("cargo:rerun-if-changed={}", folder.display());
        sources.extend(files(folder));
    }
    for file in &sources {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    let suite = Path::new("scenarios/qualification");
    let defects = root.join("defects.toml");
    for path in [suite, &defects] {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    embed_list("native_sources.rs", root, &sources);
    embed_list("qualification_suite.rs", suite, &files(suite));
    let mut build = cc::Build::new();
    build
        .files(
            sources
                .iter()
                .filter(|file| file.extension().is_some_and(|e| e == "c")),
        )
        .includes(&folders)
        // The same arithmetic as on a microcontroller: optimised in every profile, and no fused
        // multiply-add that one target has and another has not.
        .opt_level(2)
        .std("c11")
        .flag("-ffp-contract=off")
        .warnings(true)
        .extra_warnings(true);
    build.compile("frogbench_native_device");
    println!("cargo:rustc-link-lib=m");
    embed(root);
}

/// The sources from which the bench builds firmware for other processors, as data of the binary.
fn embed(root: &Path) {
    let mut list = String::from("pub(super) static REFERENCE: &[(&str, &str)] = &[\n");
    for folder in ["core", "shim", "ports/cortex-m4", "ports/lm3s6965"] {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
        for file in files(&root.join(folder)) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let path = file
                .canonicalize()
                .unwrap_or_else(|e| panic!("cannot find {}: {e}", file.display()));
            println!("cargo:rerun-if-changed={}", file.display());
            let path = path.display().to_string();
            // Writing to a string cannot fail.
            let _ = writeln!(list, "    (\"{folder}/{name}\", include_str!({path:?})),");
        }
    }
    list.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").unwrap_or_else(|| panic!("cargo sets OUT_DIR"));
    std::fs::write(Path::new(&out).join("firmware_sources.rs"), list)
        .unwrap_or_else(|e| panic!("cannot write the list of sources: {e}"));
}

/// Writes a list of (path below `root`, text) for the binary to include.
fn embed_list(name: &str, root: &Path, files: &[PathBuf]) {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let mut list = String::from("&[\n");
    for file in files {
        let below = file.strip_prefix(root).unwrap_or(file);
        let whole = Path::new(&here).join(file);
        println!("cargo:rerun-if-changed={}", file.display());
        let (below, whole) = (below.display().to_string(), whole.display().to_string());
        // Writing to a string cannot fail.
        let _ = writeln!(list, "    ({below:?}, include_str!({whole:?})),");
    }
    list += "]\n";
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default()).join(name);
    std::fs::write(&out, list).unwrap_or_else(|e| panic!("cannot write {}: {e}", out.display()));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .unwrap_or_else(|e| panic!("cannot list {}: {e}", folder.display()));
    found.retain(|path| {
        path.extension()
            .is_some_and(|e| e == "c" || e == "h" || e == "ld" || e == "toml")
    });
    // The order of read_dir is the file system's; the archive's must not be.
    found.sort();
    found
}
