//! Builds firmware for this host: once as it is, once per defect.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::embedded::FIRMWARE;
use super::{Defect, QualifyError};

/// Folders below a firmware folder that are compiled for this host, in the order of the include path.
const FOLDERS: [&str; 3] = ["core", "shim", "ports/native"];

/// A firmware folder: C sources by path below it.
#[derive(Debug, Clone)]
pub struct Firmware {
    files: Vec<(String, String)>,
}

impl Firmware {
    /// The reference firmware that this binary carries.
    pub fn reference() -> Self {
        let files = FIRMWARE.iter().filter(|(path, _)| native(path));
        Self {
            files: files
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    /// A user's firmware: `DIR/core`, and `DIR/shim` and `DIR/ports/native` where they differ from the
    /// reference's.
    ///
    /// # Errors
    /// [`QualifyError`] for a folder that cannot be read or holds no sources.
    pub fn of_folder(root: &Path) -> Result<Self, QualifyError> {
        let mut files = Vec::new();
        for folder in FOLDERS {
            let path = root.join(folder);
            if path.is_dir() {
                files.extend(sources(root, folder)?);
            } else {
                let own = Self::reference().files.into_iter();
                files.extend(own.filter(|(path, _)| folder_of(path) == folder && folder != "core"));
            }
        }
        let core = |(path, _): &(String, String)| path.starts_with("core/") && is_c(path);
        if !files.iter().any(core) {
            return Err(QualifyError::NoSources {
                path: root.to_owned(),
            });
        }
        Ok(Self { files })
    }
}

fn native(path: &str) -> bool {
    FOLDERS.contains(&folder_of(path))
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_c(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == "c")
}

fn sources(root: &Path, folder: &str) -> Result<Vec<(String, String)>, QualifyError> {
    let path = root.join(folder);
    let failed = |what, path: &Path, source| QualifyError::File {
        what,
        path: path.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(|e| failed("cannot list", &path, e))? {
        let file = entry.map_err(|e| failed("cannot list", &path, e))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if file.extension().is_some_and(|e| e == "c" || e == "h") {
            let text =
                std::fs::read_to_string(&file).map_err(|e| failed("cannot read", &file, e))?;
            found.push((format!("{folder}/{name}"), text));
        }
    }
    found.sort();
    Ok(found)
}

/// A folder in which variants of one firmware are built; removed when dropped.
#[derive(Debug)]
pub struct Workshop {
    firmware: Firmware,
    folder: PathBuf,
    compiler: String,
}

impl Workshop {
    /// Writes the sources to a folder of its own and compiles the firmware as it is.
    ///
    /// # Errors
    /// [`QualifyError`] without a compiler, or for sources that do not compile.
    pub fn open(firmware: Firmware) -> Result<Self, QualifyError> {
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let name = format!("frogbench-qualify-{}", std::process::id());
        let mut folder = std::env::temp_dir().join(&name);
        let mut number = 0;
        // Never into a folder that someone else has made.
        while let Err(source) = std::fs::create_dir(&folder) {
            if source.kind() != std::io::ErrorKind::AlreadyExists || number > 99 {
                return Err(QualifyError::File {
                    what: "cannot make",
                    path: folder,
                    source,
                });
            }
            number += 1;
            folder = std::env::temp_dir().join(format!("{name}-{number}"));
        }
        let workshop = Self {
            firmware,
            folder,
            compiler,
        };
        for (path, text) in &workshop.firmware.files {
            workshop.write(path, text)?;
        }
        for (path, _) in workshop.compiled() {
            workshop.compile(path, "good", None)?;
        }
        Ok(workshop)
    }

    fn write(&self, path: &str, text: &str) -> Result<(), QualifyError> {
        let file = self.folder.join(path);
        let failed = |source| QualifyError::File {
            what: "cannot write",
            path: file.clone(),
            source,
        };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&file, text).map_err(failed)
    }

    fn compiled(&self) -> impl Iterator<Item = &(String, String)> {
        self.firmware.files.iter().filter(|(path, _)| is_c(path))
    }

    fn object(&self, path: &str, variant: &str) -> PathBuf {
        let stem = path.replace('/', ".");
        self.folder.join(format!("{variant}.{stem}.o"))
    }

    fn compile(&self, path: &str, variant: &str, define: Option<&str>) -> Result<(), QualifyError> {
        let mut command = Command::new(&self.compiler);
        command.current_dir(&self.folder).args([
            "-std=c11",
            "-O2",
            "-ffp-contract=off",
            "-DFB_NATIVE_MAIN",
        ]);
        for folder in FOLDERS {
            command.arg(format!("-I{folder}"));
        }
        if let Some(define) = define {
            command.arg(format!("-D{define}"));
        }
        command.arg("-c").arg(path);
        command.arg("-o").arg(self.object(path, variant));
        self.execute(command, path, variant)
    }

    fn execute(&self, mut command: Command, file: &str, variant: &str) -> Result<(), QualifyError> {
        let done = command
            .output()
            .map_err(|source| QualifyError::NoCompiler {
                compiler: self.compiler.clone(),
                source,
            })?;
        if done.status.success() {
            return Ok(());
        }
        Err(QualifyError::Compile {
            file: file.to_owned(),
            variant: match variant {
                "good" => String::new(),
                defect => format!(" with the defect {defect}"),
            },
            output: String::from_utf8_lossy(&done.stderr).trim().to_owned(),
        })
    }

    fn link(&self, variant: &str, own: &[&str]) -> Result<PathBuf, QualifyError> {
        let program = self.folder.join(variant);
        let mut command = Command::new(&self.compiler);
        command.current_dir(&self.folder).arg("-o").arg(&program);
        for (path, _) in self.compiled() {
            let from = if own.contains(&path.as_str()) {
                variant
            } else {
                "good"
            };
            command.arg(self.object(path, from));
        }
        command.arg("-lm");
        self.execute(command, "firmware", variant)?;
        Ok(program)
    }

    /// The firmware as it is.
    ///
    /// # Errors
    /// [`QualifyError`] if it cannot be linked.
    pub fn good(&self) -> Result<PathBuf, QualifyError> {
        self.link("good", &[])
    }

    /// The firmware with one defect. Only the files that name it are compiled again; a header that does makes
    /// it all of them.
    ///
    /// # Errors
    /// [`QualifyError`] if it does not compile.
    pub fn with(&self, defect: &Defect) -> Result<PathBuf, QualifyError> {
        let define = defect.define();
        let names = |(_, text): &&(String, String)| text.contains(&define);
        let header = self.firmware.files.iter().filter(|(path, _)| !is_c(path));
        let everywhere = header.clone().any(|file| names(&file));
        let own: Vec<&str> = self
            .compiled()
            .filter(|file| everywhere || names(file))
            .map(|(path, _)| path.as_str())
            .collect();
        for path in &own {
            self.compile(path, &defect.name, Some(&define))?;
        }
        self.link(&defect.name, &own)
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // Left over only if the folder cannot be removed; nothing can be done about that here.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
