//! Builds the reference firmware for the host: its portable core, the bench-link shim and the native
//! port. The binary starts itself as the device, so that `cargo install` yields a working bench.
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
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
    println!("cargo:rustc-env=FROGBENCH_PHYSICS={:016x}", physics());
    embed("native_sources.rs", root, &sources);
    embed("firmware_sources.rs", root, &sources_for_emulators(root));
    embed("qualification_suite.rs", suite, &files(suite));
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
}

/// Stands for the sources on which a sensor's signal depends: a kept signal of other sources is not taken for one of these.
fn physics() -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut pending: Vec<PathBuf> = [
        "random.rs",
        "biquad.rs",
        "sensor",
        "site",
        "passage",
        "track",
        "train",
        "wear",
        "world",
    ]
    .map(|part| Path::new("src").join(part))
    .into();
    while let Some(path) = pending.pop() {
        println!("cargo:rerun-if-changed={}", path.display());
        path.hash(&mut hasher);
        if path.is_dir() {
            pending.extend(entries(&path));
        } else {
            let text = std::fs::read(&path);
            text.unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()))
                .hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Writes a list of (path below `root`, text) for the binary to include. Paths are told from the package's own folder, which
/// may move between builds that share a target folder.
fn embed(name: &str, root: &Path, files: &[PathBuf]) {
    let mut list = String::from("&[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let below = file.strip_prefix(root).unwrap_or(file);
        let (below, file) = (below.display().to_string(), format!("/{}", file.display()));
        // Writing to a string cannot fail.
        let _ = writeln!(
            list,
            "    ({below:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {file:?}))),"
        );
    }
    list += "]\n";
    let out = std::env::var_os("OUT_DIR").unwrap_or_else(|| panic!("cargo sets OUT_DIR"));
    let out = Path::new(&out).join(name);
    std::fs::write(&out, list).unwrap_or_else(|e| panic!("cannot write {}: {e}", out.display()));
}

/// The sources from which the bench builds firmware for other processors.
fn sources_for_emulators(root: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for folder in ["core", "shim", "ports/cortex-m4", "ports/lm3s6965"] {
        let folder = root.join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        sources.extend(files(&folder));
    }
    sources
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = entries(folder);
    found.retain(|path| {
        path.extension()
            .is_some_and(|e| e == "c" || e == "h" || e == "ld" || e == "toml")
    });
    found
}

/// What a folder holds, in order of the names: the order of `read_dir` is the file system's.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .unwrap_or_else(|e| panic!("cannot list {}: {e}", folder.display()));
    found.sort();
    found
}
