//! Text that a device sends: names, build ids, log lines.

/// Text for people from untrusted bytes: invalid UTF-8 and control characters become visible
/// replacements, so that a device cannot steer the terminal that its words are printed on.
pub(crate) fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_pass() {
        assert_eq!(printable(b"ok\x1b[31m\n"), "ok\u{fffd}[31m\u{fffd}");
        assert_eq!(printable(&[0xff, b'a']), "\u{fffd}a");
        assert_eq!(printable("grüße".as_bytes()), "grüße");
    }
}
