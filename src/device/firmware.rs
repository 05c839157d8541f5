//! Building firmware from source for an emulated board; what is built is kept.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::folder::PrivateFolder;

/// The sources of every port to an emulated board: path and text.
static SOURCE_FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/firmware_sources.rs"));

/// The cross-compiler, looked for on PATH.
const COMPILER: &str = "arm-none-eabi-gcc";
/// Folder of the sources as debug information names it.
const SOURCES: &str = "firmware-fixtures";
/// How much of the compiler's messages an error shows, in bytes.
const MESSAGES_SHOWN: usize = 4000;

/// A board that the fixtures have a port to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Board {
    /// Cortex-M4F of Arm's MPS2 board (AN386), lockstep over semihosting.
    Mps2An386,
    /// Cortex-M3 of the LM3S6965 evaluation board, bench link on its UART.
    Lm3s6965evb,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mps2An386, Self::Lm3s6965evb];

    /// QEMU's name of the machine.
    pub const fn machine(self) -> &'static str {
        match self {
            Self::Mps2An386 => "mps2-an386",
            Self::Lm3s6965evb => "lm3s6965evb",
        }
    }

    /// The board of one of QEMU's machines.
    pub fn of_machine(machine: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|board| board.machine() == machine)
    }

    const fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Mps2An386 => &["core", "shim", "ports/cortex-m4"],
            Self::Lm3s6965evb => &["core", "shim", "ports/lm3s6965"],
        }
    }

    /// Files of the Cortex-M4 port that this board shares.
    const fn shared(self) -> &'static [&'static str] {
        match self {
            Self::Mps2An386 => &[],
            Self::Lm3s6965evb => &[
                "ports/cortex-m4/start.c",
                "ports/cortex-m4/boot.c",
                "ports/cortex-m4/crash.c",
                "ports/cortex-m4/provoke.c",
                "ports/cortex-m4/runtime.c",
            ],
        }
    }

    const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Mps2An386 => &[
                "-mcpu=cortex-m4",
                "-mfloat-abi=hard",
                "-mfpu=fpv4-sp-d16",
                "-Tports/cortex-m4/mps2-an386.ld",
            ],
            // 64 kB of SRAM: a smaller frame leaves room for the stack.
            Self::Lm3s6965evb => &[
                "-mcpu=cortex-m3",
                "-mfloat-abi=soft",
                "-DFB_LINK_MAX_FRAME=512u",
                "-Tports/lm3s6965/lm3s6965.ld",
            ],
        }
    }
}

/// Options that every board shares. No fused multiply-add, so that every target computes the same bits.
const FLAGS: [&str; 14] = [
    "-mthumb",
    "-std=c11",
    "-O2",
    "-g",
    "-ffreestanding",
    "-ffp-contract=off",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-tree-loop-distribute-patterns",
    "-nostdlib",
    "-Wl,--gc-sections",
    "-Lports/cortex-m4",
    "-Iports/cortex-m4",
    "-Wall",
];

/// Source files of a firmware, by their path below `firmware-fixtures`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareSources {
    files: Vec<(String, Cow<'static, str>)>,
}

/// A firmware that could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FirmwareError {
    /// There is no cross-compiler.
    #[error("the firmware cannot be built: {program} is not on PATH")]
    NoCompiler {
        /// The program that is missing.
        program: &'static str,
    },
    /// The compiler refused it.
    #[error("the firmware does not build for {board}:\n{messages}")]
    Refused {
        /// QEMU's name of the board.
        board: &'static str,
        /// What the compiler said.
        messages: String,
    },
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    Files {
        /// What was being done.
        what: String,
        /// What the system says.
        source: io::Error,
    },
}

impl FirmwareSources {
    /// The reference firmware.
    pub fn reference() -> Self {
        let files = SOURCE_FILES.iter();
        Self {
            files: files
                .map(|(path, text)| ((*path).to_owned(), Cow::Borrowed(*text)))
                .collect(),
        }
    }

    /// The reference firmware with the files of `folder` in place of its `core` and `shim`: each of
    /// `core`, `shim`, `ports/...` that `folder` has replaces the whole folder of the reference.
    pub fn overlaid(folder: &Path) -> Result<Self, FirmwareError> {
        let mut files = Self::reference().files;
        for part in ["core", "shim", "ports/cortex-m4", "ports/lm3s6965"] {
            let from = folder.join(part);
            if !from.is_dir() {
                continue;
            }
            files.retain(|(path, _)| Path::new(path).parent() != Some(Path::new(part)));
            let context = |source| FirmwareError::Files {
                what: format!("firmware folder {}", from.display()),
                source,
            };
            for entry in std::fs::read_dir(&from).map_err(context)? {
                let path = entry.map_err(context)?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if path
                    .extension()
                    .is_some_and(|e| e == "c" || e == "h" || e == "ld")
                {
                    let text = std::fs::read_to_string(&path).map_err(context)?;
                    files.push((format!("{part}/{name}"), Cow::Owned(text)));
                }
            }
        }
        files.sort();
        Ok(Self { files })
    }

    fn write_to(&self, folder: &Path) -> io::Result<()> {
        for (path, text) in &self.files {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(file, text.as_bytes())?;
        }
        Ok(())
    }
}

/// Builds a firmware for a board, with preprocessor `defines` such as `FB_DEFECT_X` or `NAME=1`, or
/// takes it from the cache. The same sources, defines and compiler give the same file.
pub fn cross_build(
    sources: &FirmwareSources,
    board: Board,
    defines: &[String],
) -> Result<PathBuf, FirmwareError> {
    let version = run(Command::new(COMPILER).arg("--version"))?.stdout;
    let cache = cache_folder()?;
    let elf = cache.join(format!(
        "{:016x}.elf",
        digest(sources, board, defines, &version)
    ));
    if elf.is_file() {
        return Ok(elf);
    }
    let io = |source| FirmwareError::Files {
        what: "the firmware cannot be built in a temporary folder".to_owned(),
        source,
    };
    let work = PrivateFolder::new().map_err(io)?;
    sources.write_to(work.path()).map_err(io)?;
    let made = work.path().join("firmware.elf");
    let mut compiler = Command::new(COMPILER);
    compiler
        .current_dir(work.path())
        .args(FLAGS)
        .args(board.flags())
        // Debug information names the sources as they are in the project.
        .arg(format!(
            "-ffile-prefix-map={}={SOURCES}",
            work.path().display()
        ))
        .args(board.folders().iter().map(|folder| format!("-I{folder}")))
        .args(defines.iter().map(|define| format!("-D{define}")))
        .args(
            sources
                .files
                .iter()
                .map(|(path, _)| path)
                .filter(|path| compiled(path, board)),
        )
        .arg("-lgcc")
        .arg("-o")
        .arg(&made);
    let output = run(&mut compiler)?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(FirmwareError::Refused {
            board: board.machine(),
            messages: text.chars().take(MESSAGES_SHOWN).collect(),
        });
    }
    keep(&made, &elf).map_err(|source| FirmwareError::Files {
        what: format!("the firmware cannot be kept in {}", cache.display()),
        source,
    })?;
    Ok(elf)
}

fn compiled(path: &str, board: Board) -> bool {
    let inside = |folder: &&str| Path::new(path).parent() == Some(Path::new(folder));
    let is_c = Path::new(path).extension().is_some_and(|e| e == "c");
    is_c && (board.folders().iter().any(inside) || board.shared().contains(&path))
}

/// Copies beside the target and renames: another process sees all of the file or nothing.
fn keep(made: &Path, elf: &Path) -> io::Result<()> {
    let part = elf.with_extension(format!("{}.part", std::process::id()));
    std::fs::copy(made, &part)?;
    std::fs::rename(&part, elf)
}

fn run(command: &mut Command) -> Result<Output, FirmwareError> {
    command.output().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => FirmwareError::NoCompiler { program: COMPILER },
        _ => FirmwareError::Files {
            what: format!("{COMPILER} cannot be run"),
            source,
        },
    })
}

/// Tells builds apart; not meant to withstand an attacker, who could write to the cache as well.
fn digest(sources: &FirmwareSources, board: Board, defines: &[String], version: &[u8]) -> u64 {
    let crc = crc::Crc::<u64>::new(&crc::CRC_64_XZ);
    let mut digest = crc.digest();
    let mut part = |bytes: &[u8]| {
        digest.update(&(bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    part(version);
    part(SOURCES.as_bytes());
    FLAGS
        .iter()
        .chain(board.flags())
        .for_each(|flag| part(flag.as_bytes()));
    for define in defines {
        part(define.as_bytes());
    }
    for (path, text) in &sources.files {
        part(path.as_bytes());
        part(text.as_bytes());
    }
    digest.finalize()
}

/// `FROGBENCH_CACHE`, else the user's folder for caches, else one for temporary files.
fn cache_folder() -> Result<PathBuf, FirmwareError> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let user = || absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let folder = absolute("FROGBENCH_CACHE")
        .or_else(|| Some(user()?.join("frogbench")))
        .unwrap_or_else(|| std::env::temp_dir().join("frogbench-cache"))
        .join("firmware");
    std::fs::create_dir_all(&folder).map_err(|source| FirmwareError::Files {
        what: format!("the cache folder {} cannot be made", folder.display()),
        source,
    })?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_depends_on_every_input() {
        let sources = FirmwareSources::reference();
        let base = digest(&sources, Board::Mps2An386, &[], b"12.2");
        let mut changed = sources.clone();
        changed.files[0].1.to_mut().push(' ');
        let define = ["FB_X".to_owned()];
        for other in [
            digest(&changed, Board::Mps2An386, &[], b"12.2"),
            digest(&sources, Board::Lm3s6965evb, &[], b"12.2"),
            digest(&sources, Board::Mps2An386, &define, b"12.2"),
            digest(&sources, Board::Mps2An386, &[], b"13.2"),
        ] {
            assert_ne!(base, other);
        }
        assert_eq!(
            base,
            digest(&sources.clone(), Board::Mps2An386, &[], b"12.2")
        );
    }

    #[test]
    fn the_reference_is_core_shim_and_ports() {
        let sources = FirmwareSources::reference();
        let has = |path: &str| sources.files.iter().any(|(name, _)| name == path);
        assert!(has("core/fb_core.c") && has("shim/fb_link.h"));
        assert!(has("ports/cortex-m4/start.c") && has("ports/cortex-m4/mps2-an386.ld"));
    }
}
