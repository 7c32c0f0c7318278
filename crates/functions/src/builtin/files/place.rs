//! From words to paths, and back to words.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Component, Path, PathBuf},
};

use super::{trouble, user_folders};
use crate::{ErrorKind, FunctionError, World};

/// Finds the path that `text` means.
///
/// `text` is an absolute path, `~/…`, a `file:` address, the name of a
/// well-known folder in any language (alone or as the first part), a path
/// beneath the home folder, or the bare name of a file that lies in the home
/// folder or in one well-known folder.
///
/// # Errors
///
/// When a bare name fits several files, or the text is no path at all.
pub(crate) fn resolve(text: &str, world: &World) -> Result<PathBuf, FunctionError> {
    let text = unquoted(text);
    if text.is_empty() || text.contains('\0') {
        let values = [("path", text)];
        let id = "file-name-unusable";
        return Err(FunctionError::new(
            ErrorKind::Invalid,
            world.language,
            id,
            &values,
        ));
    }
    let home = &world.places.home;
    if let Some(path) = from_address(text) {
        return Ok(path);
    }
    if text == "~" || text == "$HOME" {
        return Ok(home.clone());
    }
    if text.starts_with('/') {
        return Ok(tidy(Path::new(text)));
    }
    let inside = text
        .strip_prefix("~/")
        .or_else(|| text.strip_prefix("$HOME/"))
        .unwrap_or(text);
    let literal = tidy(&home.join(inside));
    if literal.symlink_metadata().is_ok() {
        return Ok(literal);
    }
    if let Some(path) = beneath_known_folder(inside, world) {
        return Ok(path);
    }
    if inside == text && !text.contains('/') {
        return bare_name(text, literal, world);
    }
    Ok(literal)
}

/// Writes a path as a value: as it is, or as a `file:` address when it would not be read back
/// the same: when it is not UTF-8 or ends in a blank.
pub(crate) fn written(path: &Path) -> String {
    match path.to_str().filter(|text| text.trim() == *text) {
        Some(text) => text.to_owned(),
        None => address(path),
    }
}

/// Writes a path as a `file:` address (RFC 8089).
pub(crate) fn address(path: &Path) -> String {
    format!("file://{}", percent_encoded(path.as_os_str().as_bytes()))
}

/// Writes bytes as a part of an address: all but letters, digits and `-._~/` as `%XX`.
pub(crate) fn percent_encoded(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Reads `%XX`; a `%` without two digits stands for itself.
pub(crate) fn percent_decoded(text: &str) -> OsString {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    OsString::from_vec(decoded)
}

fn from_address(text: &str) -> Option<PathBuf> {
    let rest = text.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = PathBuf::from(percent_decoded(rest));
    let usable = path.is_absolute() && !path.as_os_str().as_bytes().contains(&0);
    usable.then(|| tidy(&path))
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let pairs = [('"', '"'), ('\'', '\''), ('“', '”'), ('「', '」')];
    pairs
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
}

/// Drops `.` and needless `/`; `..` stays, because behind a link it means something else.
fn tidy(path: &Path) -> PathBuf {
    path.components()
        .filter(|component| *component != Component::CurDir)
        .collect()
}

fn beneath_known_folder(inside: &str, world: &World) -> Option<PathBuf> {
    let (first, rest) = inside.split_once('/').unwrap_or((inside, ""));
    let folder = user_folders::named(first, &world.places)?;
    Some(if rest.is_empty() {
        folder
    } else {
        tidy(&folder.join(rest))
    })
}

/// Finds the folder that `text` means, to search it: a bare name may be said in another case than it has.
///
/// # Errors
///
/// As [`resolve`].
pub(crate) fn searched(text: &str, world: &World) -> Result<PathBuf, FunctionError> {
    let path = resolve(text, world)?;
    if text.contains('/') || path.symlink_metadata().is_ok() {
        return Ok(path);
    }
    let known = user_folders::existing(&world.places);
    let folders = [&world.places.home].into_iter().chain(&known);
    let found = folders.flat_map(|folder| in_any_case(folder, text));
    one_of(found.collect(), text, path, world)
}

fn bare_name(name: &str, literal: PathBuf, world: &World) -> Result<PathBuf, FunctionError> {
    let folders = user_folders::existing(&world.places);
    let found = folders
        .iter()
        .map(|folder| folder.join(name))
        .filter(|path| path.symlink_metadata().is_ok());
    one_of(found.collect(), name, literal, world)
}

/// Takes what alone was found under a name; without anything found `literal`.
fn one_of(
    mut found: Vec<PathBuf>,
    name: &str,
    literal: PathBuf,
    world: &World,
) -> Result<PathBuf, FunctionError> {
    match found.len() {
        0 => Ok(literal),
        1 => Ok(found.remove(0)),
        _ => {
            let paths: Vec<String> = found.iter().map(|path| trouble::shown(path)).collect();
            let values = [("name", name), ("paths", &*paths.join(", "))];
            let id = "file-ambiguous";
            Err(FunctionError::new(
                ErrorKind::Conflict,
                world.language,
                id,
                &values,
            ))
        }
    }
}

/// Finds the folders in another one that have a name but for its case.
fn in_any_case(folder: &Path, name: &str) -> Vec<PathBuf> {
    let wanted = name.to_lowercase();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().to_lowercase() == wanted)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// The name of what is at `path`, for a sentence.
pub(crate) fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(OsStr::new("/"));
    plan::escape_for_display(&name.to_string_lossy())
}
