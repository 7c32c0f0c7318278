//! Where the icon of a name is: in the icon theme, or named by an application's desktop entry.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Drawn at 32 pixels, and sharp on a screen of twice the density.
pub(super) const SIZE: u16 = 64;

/// Finds the file of the icon `name` of `theme`: a name in the theme, an application's id, or an absolute path.
pub(super) fn file_of(name: &str, theme: &str) -> Option<PathBuf> {
    path_of(name, theme).or_else(|| path_of(&icon_of_app(name, &application_folders())?, theme))
}

/// The icons that the desktop entries of all applications name.
pub(super) fn icons_of_apps() -> Vec<String> {
    let entries = application_folders()
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()));
    let mut icons: Vec<String> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "desktop"))
        .filter_map(|path| icon_in(&fs::read_to_string(path).ok()?))
        .collect();
    icons.sort_unstable();
    icons.dedup();
    icons
}

fn path_of(name: &str, theme: &str) -> Option<PathBuf> {
    if name.starts_with('/') {
        Some(PathBuf::from(name))
    } else {
        in_theme(name, theme)
    }
}

/// The icon that the desktop entry of the application `id` names.
fn icon_of_app(id: &str, folders: &[PathBuf]) -> Option<String> {
    let id = id.strip_suffix(".desktop").unwrap_or(id);
    if !is_plain(id) {
        return None;
    }
    let entry = folders
        .iter()
        .find_map(|folder| fs::read_to_string(folder.join(format!("{id}.desktop"))).ok())?;
    icon_in(&entry)
}

fn icon_in(entry: &str) -> Option<String> {
    let icon = entry.lines().find_map(|line| line.strip_prefix("Icon="))?;
    Some(icon.trim().to_owned())
}

/// Where desktop entries are, the person's own first.
fn application_folders() -> Vec<PathBuf> {
    let home = env::var("XDG_DATA_HOME")
        .or_else(|_| env::var("HOME").map(|home| format!("{home}/.local/share")));
    let shared = env::var("XDG_DATA_DIRS").unwrap_or_default();
    let shared = if shared.is_empty() {
        "/usr/local/share:/usr/share".to_owned()
    } else {
        shared
    };
    home.iter()
        .map(String::as_str)
        .chain(shared.split(':'))
        .chain(["/var/lib/flatpak/exports/share"])
        .map(|folder| Path::new(folder).join("applications"))
        .collect()
}

fn in_theme(name: &str, theme: &str) -> Option<PathBuf> {
    if !is_plain(name) {
        return None;
    }
    let lookup = |theme: &str| {
        freedesktop_icons::lookup(name)
            .with_size(SIZE)
            .with_theme(theme)
            .with_cache()
            .find()
    };
    lookup(theme)
        .or_else(|| lookup("Adwaita"))
        .or_else(|| lookup("hicolor"))
}

/// Whether `name` can be no path.
fn is_plain(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_has_the_icon_that_its_entry_names() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let entry = "[Desktop Entry]\nName=Editor\nIcon=accessories-text-editor\n";
        fs::write(folder.path().join("org.example.Editor.desktop"), entry).unwrap();
        for id in ["org.example.Editor", "org.example.Editor.desktop"] {
            let icon = icon_of_app(id, &folders);
            assert_eq!(icon.as_deref(), Some("accessories-text-editor"));
        }
        assert_eq!(icon_of_app("../org.example.Editor", &folders), None);
    }
}
