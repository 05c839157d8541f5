//! Makes devices of a firmware: as it is, and with each defect.

use std::path::Path;

use super::{Defect, Firmware, QualifyError, QualifyTier, Workshop};
use crate::device::{
    Board, DeviceSpec, FirmwareSources, NativeOptions, QemuOptions, cross_build, read_device_file,
};

/// A build under test.
#[derive(Debug)]
pub(super) struct Build {
    /// `None`: the good firmware.
    pub(super) defect: Option<Defect>,
    pub(super) device: DeviceSpec,
}

/// Makes a device of a firmware, with or without a defect.
pub(super) struct Maker {
    pub(super) tier: QualifyTier,
    /// What the folder's device file says, where it has one.
    told: Option<DeviceSpec>,
    sources: Sources,
}

enum Sources {
    Native(Workshop),
    Qemu(FirmwareSources),
    /// The device file names a program or ELF: nothing is built.
    Built,
}

impl Maker {
    /// The reference firmware, or that of `folder`; on `tier`, or where the folder's device file says.
    pub(super) fn new(
        folder: Option<&Path>,
        tier: Option<QualifyTier>,
    ) -> Result<Self, QualifyError> {
        let told = folder.map_or(Ok(None), device_file)?;
        let tier = match (tier, &told) {
            (Some(tier), _) => tier,
            (None, Some(DeviceSpec::Qemu(_))) => QualifyTier::Qemu,
            (None, _) => QualifyTier::Native,
        };
        let told = told.filter(|spec| tier_of(spec) == Some(tier));
        let built = told.as_ref().is_some_and(DeviceSpec::names_a_program);
        let sources = match tier {
            _ if built => Sources::Built,
            QualifyTier::Native => {
                let firmware =
                    folder.map_or_else(|| Ok(Firmware::reference()), Firmware::of_folder);
                Sources::Native(Workshop::open(firmware?)?)
            }
            QualifyTier::Qemu => {
                let sources = folder.map_or_else(
                    || Ok(FirmwareSources::reference()),
                    FirmwareSources::overlaid,
                );
                Sources::Qemu(sources?)
            }
        };
        Ok(Self {
            tier,
            told,
            sources,
        })
    }

    /// The good firmware first, then every defect.
    pub(super) fn builds(&self, defects: Vec<Defect>) -> Result<Vec<Build>, QualifyError> {
        std::iter::once(None)
            .chain(defects.into_iter().map(Some))
            .map(|defect| {
                let device = self.make(defect.as_ref())?;
                Ok(Build { defect, device })
            })
            .collect()
    }

    fn make(&self, defect: Option<&Defect>) -> Result<DeviceSpec, QualifyError> {
        match (&self.sources, &self.told, defect) {
            (Sources::Built, Some(told), None) => Ok(told.clone()),
            (Sources::Built, _, Some(_)) => Err(QualifyError::Prebuilt),
            (Sources::Native(workshop), _, _) => {
                let program = match defect {
                    None => workshop.good(),
                    Some(defect) => workshop.with(defect),
                };
                Ok(DeviceSpec::Native(NativeOptions {
                    executable: Some(program?),
                }))
            }
            (Sources::Qemu(sources), told, _) => {
                let defines: Vec<String> = defect.map(Defect::define).into_iter().collect();
                let board = Board::Mps2An386;
                let mut options = match told {
                    Some(DeviceSpec::Qemu(options)) => options.clone(),
                    _ => QemuOptions::reference(board.machine()),
                };
                options.elf = Some(cross_build(sources, board, &defines)?);
                Ok(DeviceSpec::Qemu(options))
            }
            (Sources::Built, None, None) => Ok(DeviceSpec::default()),
        }
    }
}

fn tier_of(spec: &DeviceSpec) -> Option<QualifyTier> {
    match spec {
        DeviceSpec::Native(_) => Some(QualifyTier::Native),
        DeviceSpec::Qemu(_) => Some(QualifyTier::Qemu),
        _ => None,
    }
}

/// What `device.toml` of a firmware folder says; `None` without one.
fn device_file(folder: &Path) -> Result<Option<DeviceSpec>, QualifyError> {
    let path = folder.join("device.toml");
    if !path.is_file() {
        return Ok(None);
    }
    let spec = read_device_file(&path).map_err(QualifyError::DeviceFile)?;
    if tier_of(&spec).is_none() {
        return Err(QualifyError::Tier {
            path,
            tier: spec.to_string(),
        });
    }
    Ok(Some(spec))
}
