//! `frogbench devices`: serial ports with their USB identity.

use std::fmt::Write;

use clap::Args;
use serde_json::{Value, json};
use serialport::{SerialPortInfo, SerialPortType};

use super::{CliError, Format, FormatOption, Terminal};
use crate::exit;

/// List serial ports that a device may be on
#[derive(Debug, Args)]
pub(super) struct DevicesArgs {
    #[command(flatten)]
    format: FormatOption,
}

pub(super) fn devices(args: &DevicesArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let mut ports = serialport::available_ports().map_err(|error| {
        CliError::user(
            exit::RETRYABLE,
            format!("the serial ports cannot be listed: {error}"),
        )
        .hint("`frogbench doctor` says what is missing")
    })?;
    ports.sort_by(|a, b| a.port_name.cmp(&b.port_name));
    match args.format.format {
        Format::Json => {
            let list: Vec<Value> = ports.iter().map(port_json).collect();
            terminal.data(&format!(
                "{:#}\n",
                json!({ "format_version": 1, "devices": list })
            ))?;
        }
        Format::Human => {
            terminal.data(&ports.iter().map(port_line).collect::<String>())?;
            if ports.is_empty() {
                terminal.progress("no serial ports found; `--device native` needs none");
            }
        }
    }
    Ok(exit::PASS)
}

fn port_line(port: &SerialPortInfo) -> String {
    let mut line = format!("serial:{}", port.port_name);
    if let SerialPortType::UsbPort(usb) = &port.port_type {
        let _ = write!(line, "  {:04x}:{:04x}", usb.vid, usb.pid);
        for text in [&usb.manufacturer, &usb.product, &usb.serial_number]
            .into_iter()
            .flatten()
        {
            let _ = write!(line, "  {text}");
        }
    }
    line.push('\n');
    line
}

fn port_json(port: &SerialPortInfo) -> Value {
    let device = format!("serial:{}", port.port_name);
    match &port.port_type {
        SerialPortType::UsbPort(usb) => json!({
            "device": device, "kind": "usb",
            "vid": format!("{:04x}", usb.vid), "pid": format!("{:04x}", usb.pid),
            "manufacturer": usb.manufacturer, "product": usb.product, "serial_number": usb.serial_number,
        }),
        other => {
            let kind = match other {
                SerialPortType::PciPort => "pci",
                SerialPortType::BluetoothPort => "bluetooth",
                _ => "unknown",
            };
            json!({ "device": device, "kind": kind })
        }
    }
}
