//! The variables that everything in a session sees.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// A set of environment variables, built from nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

/// What a headless session takes over from whoever starts it: language,
/// terminal, and the variables of Lucid and of Rust's logging.
const KEPT: [&str; 6] = [
    "LANG",
    "LANGUAGE",
    "TERM",
    "CI",
    "RUST_LOG",
    "RUST_BACKTRACE",
];
const KEPT_PREFIXES: [&str; 2] = ["LC_", "LUCID_"];

impl Environment {
    /// Takes over everything from this process, as a login session does.
    pub fn inherited() -> Self {
        Environment(std::env::vars().collect())
    }

    /// Takes over only what does not tie a session to this process's desktop.
    pub fn clean() -> Self {
        let kept = |name: &str| {
            KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        };
        let mut environment =
            Environment(std::env::vars().filter(|(name, _)| kept(name)).collect());
        environment.set_default("LANG", "C.UTF-8");
        environment.set("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        environment
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.0.insert(
            name.to_owned(),
            value.as_ref().to_string_lossy().into_owned(),
        );
    }

    /// Sets a variable unless it is set.
    pub fn set_default(&mut self, name: &str, value: impl AsRef<OsStr>) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }

    /// Puts `folder` first in the search path for programs.
    pub fn prepend_path(&mut self, folder: &Path) {
        let rest = self.get("PATH").unwrap_or_default().to_owned();
        self.set("PATH", format!("{}:{rest}", folder.display()));
    }

    /// Returns a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns all variables.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// Adds what is installed next to `binaries`, as a copy outside `/usr` needs it.
    pub fn find_data_beside(&mut self, binaries: &Path) {
        let share = binaries.parent().map(|prefix| prefix.join("share"));
        if let Some(share) = share.filter(|share| share.join("lucid").is_dir()) {
            let rest = self
                .get("XDG_DATA_DIRS")
                .unwrap_or("/usr/local/share:/usr/share")
                .to_owned();
            self.set("XDG_DATA_DIRS", format!("{}:{rest}", share.display()));
        }
    }

    /// Says which desktop this is, to portals and apps.
    pub fn name_desktop(&mut self) {
        // `sway` comes second so that portal backends made for it match.
        self.set("XDG_CURRENT_DESKTOP", "Lucid:sway");
        self.set("XDG_SESSION_DESKTOP", "lucid");
        self.set("XDG_SESSION_TYPE", "wayland");
    }

    /// Lets programs draw where there is no graphics card.
    pub fn draw_in_software(&mut self) {
        self.set("LIBGL_ALWAYS_SOFTWARE", "1");
        self.set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_environment_leaves_the_callers_desktop_behind() {
        let environment = Environment::clean();
        for name in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "HOME",
        ] {
            assert_eq!(environment.get(name), None, "{name} must not leak");
        }
        assert!(environment.get("LANG").is_some());
    }

    #[test]
    fn folders_come_first_in_the_path_in_the_order_of_the_last_call() {
        let mut environment = Environment::clean();
        environment.prepend_path(Path::new("/opt/b"));
        environment.prepend_path(Path::new("/opt/a"));
        let path = environment.get("PATH").unwrap();
        assert!(path.starts_with("/opt/a:/opt/b:/usr/local/bin"), "{path}");
    }

    #[test]
    fn data_is_found_beside_an_installation_only() {
        let prefix = tempfile::tempdir().unwrap();
        let binaries = prefix.path().join("bin");
        let mut environment = Environment::clean();
        environment.find_data_beside(&binaries);
        assert_eq!(environment.get("XDG_DATA_DIRS"), None);

        let share = prefix.path().join("share");
        std::fs::create_dir_all(share.join("lucid")).unwrap();
        environment.find_data_beside(&binaries);
        let wanted = format!("{}:/usr/local/share:/usr/share", share.display());
        assert_eq!(environment.get("XDG_DATA_DIRS"), Some(wanted.as_str()));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let mut environment = Environment::default();
        environment.set("X", "");
        environment.set_default("X", "y");
        assert_eq!(environment.get("X"), Some("y"));
    }
}
