//! Paths as text: as they are, or as a `file:` address when they are not UTF-8.
//!
//! A file's name may be any bytes, and what is about to happen to it must be
//! journaled all the same. No absolute path begins with `file:`.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    match path.to_str() {
        Some(text) => serializer.serialize_str(text),
        None => serializer.serialize_str(&address(path.as_os_str().as_bytes())),
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(match text.strip_prefix("file://") {
        Some(encoded) => decoded(encoded),
        None => PathBuf::from(text),
    })
}

fn address(bytes: &[u8]) -> String {
    let mut text = "file://".to_owned();
    for byte in bytes {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(*byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

fn decoded(encoded: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;
    use std::{ffi::OsStr, path::Path};

    use crate::Check;

    #[test]
    fn any_path_is_written_and_read_back() {
        for bytes in [
            &b"/home/a b/\xe6\x96\x87"[..],
            b"/tmp/\xff%41\xfe",
            b"/x%20y",
        ] {
            let path = Path::new(OsStr::from_bytes(bytes)).to_owned();
            let check = Check::Absent { path };
            let text = serde_json::to_string(&check).unwrap();
            assert_eq!(
                serde_json::from_str::<Check>(&text).unwrap(),
                check,
                "{text}"
            );
        }
    }
}
