//! `frogbench schema`: the JSON Schema of scenario files.

use super::{CliError, Terminal};
use crate::exit;

pub(super) fn schema(terminal: &Terminal) -> Result<u8, CliError> {
    terminal.data(&format!("{:#}\n", crate::scenario::schema()))?;
    Ok(exit::PASS)
}
