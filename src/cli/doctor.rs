//! `frogbench doctor`: what is missing on this machine, and how to mend it.

use std::path::Path;

use clap::Args;
use rustix::fs::{Access, access};
use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
use serde_json::{Value, json};

use super::{CliError, Format, FormatOption, Terminal};
use crate::exit;

/// Find what is missing on this machine and say how to mend it
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    format: FormatOption,
}

/// One finding.
struct Finding {
    name: &'static str,
    needed_for: &'static str,
    /// Whether the main job cannot run without it.
    required: bool,
    result: Result<String, String>,
    mend: &'static str,
}

pub(super) fn doctor(args: &DoctorArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let findings = [
        pseudo_terminal(),
        own_program(),
        serial_access(),
        qemu(),
        cross_compiler(),
        c_compiler(),
    ];
    let healthy = findings
        .iter()
        .all(|finding| !finding.required || finding.result.is_ok());
    match args.format.format {
        Format::Json => {
            let list: Vec<Value> = findings.iter().map(finding_json).collect();
            terminal.data(&format!(
                "{:#}\n",
                json!({ "format_version": 1, "healthy": healthy, "checks": list })
            ))?;
        }
        Format::Human => terminal.data(&findings.iter().map(finding_text).collect::<String>())?,
    }
    if healthy {
        return Ok(exit::PASS);
    }
    Err(
        CliError::user(exit::RETRYABLE, "something that every run needs is missing")
            .hint("mend what is marked MISSING above"),
    )
}

fn finding_text(finding: &Finding) -> String {
    match &finding.result {
        Ok(detail) => format!("ok       {}: {detail}\n", finding.name),
        Err(detail) => {
            let mark = if finding.required {
                "MISSING "
            } else {
                "optional"
            };
            format!(
                "{mark} {}: {detail}\n         needed for {}\n         hint: {}\n",
                finding.name, finding.needed_for, finding.mend
            )
        }
    }
}

fn finding_json(finding: &Finding) -> Value {
    let (ok, detail) = match &finding.result {
        Ok(detail) => (true, detail),
        Err(detail) => (false, detail),
    };
    json!({
        "name": finding.name, "ok": ok, "required": finding.required, "detail": detail,
        "needed_for": finding.needed_for, "hint": if ok { None } else { Some(finding.mend) },
    })
}

fn pseudo_terminal() -> Finding {
    let opened = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)
        .and_then(|master| grantpt(&master).and_then(|()| unlockpt(&master)));
    Finding {
        name: "pseudo-terminals",
        needed_for: "the native device",
        required: true,
        result: opened
            .map(|()| "can be opened".to_owned())
            .map_err(|error| format!("cannot be opened: {error}")),
        mend: "mount devpts: mount -t devpts devpts /dev/pts -o ptmxmode=666",
    }
}

fn own_program() -> Finding {
    Finding {
        name: "own program",
        needed_for: "the native device, which is this program started again",
        required: true,
        result: std::env::current_exe()
            .map(|path| path.display().to_string())
            .map_err(|error| format!("its path is unknown: {error}")),
        mend: "mount /proc, and do not delete or move the program while it runs",
    }
}

fn serial_access() -> Finding {
    let ports = serialport::available_ports().unwrap_or_default();
    let closed: Vec<&str> = ports
        .iter()
        .map(|port| port.port_name.as_str())
        .filter(|path| access(Path::new(path), Access::READ_OK | Access::WRITE_OK).is_err())
        .collect();
    let result = if !closed.is_empty() {
        Err(format!("no permission for {}", closed.join(", ")))
    } else if ports.is_empty() {
        Ok("no ports found, so nothing to open".to_owned())
    } else {
        Ok(format!("{} port(s) can be opened", ports.len()))
    };
    Finding {
        name: "serial ports",
        needed_for: "--device serial:PATH",
        required: false,
        result,
        mend: "join the group of the port and log in again: sudo usermod -aG dialout \"$USER\"",
    }
}

fn qemu() -> Finding {
    program(
        "qemu-system-arm",
        "emulated devices",
        "apt install qemu-system-arm",
    )
}

fn cross_compiler() -> Finding {
    program(
        "arm-none-eabi-gcc",
        "building firmware for Cortex-M",
        "apt install gcc-arm-none-eabi",
    )
}

fn c_compiler() -> Finding {
    program(
        "cc",
        "building frogbench from source (not for running it)",
        "apt install gcc libc6-dev",
    )
}

fn program(name: &'static str, needed_for: &'static str, mend: &'static str) -> Finding {
    let found = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| access(file, Access::EXEC_OK).is_ok() && file.is_file())
    });
    Finding {
        name,
        needed_for,
        required: false,
        result: found
            .map(|file| file.display().to_string())
            .ok_or_else(|| "not found on PATH".to_owned()),
        mend,
    }
}
