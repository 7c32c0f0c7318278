//! The windows of this session, whatever draws it.

use super::{sway, x11};

/// A window of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Its number: sway's container or the X window.
    pub(super) id: u64,
    pub(super) title: String,
    /// What the app calls itself: the Wayland app id or the X class.
    pub(super) app: String,
    pub(super) pid: Option<u32>,
    /// The workspace's name; empty for one that is on all or on none.
    pub(super) workspace: String,
    pub(super) is_focused: bool,
}

/// What draws the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    /// sway, or another compositor that speaks its protocol.
    Sway,
    /// An X server.
    X11,
}

/// Returns every window that people see, and what draws them; none where windows cannot be seen.
pub(super) async fn all() -> Option<(Screen, Vec<Window>)> {
    if let Some(windows) = sway::all().await {
        return Some((Screen::Sway, windows));
    }
    let windows = x11::on_thread(x11::Session::all).await?;
    Some((Screen::X11, windows))
}

/// Tells whether windows can be seen.
pub(super) async fn is_there() -> bool {
    // Of another compositor X11 shows a part alone.
    let is_wayland = std::env::var_os("WAYLAND_DISPLAY").is_some();
    sway::is_there().await || (!is_wayland && x11::asked(|_| Some(())).await)
}

/// Asks every window of `pids` to close as its own close button does. Returns how many were asked.
pub(crate) async fn ask_to_close(pids: &[u32]) -> usize {
    let Some((screen, windows)) = all().await else {
        return 0;
    };
    let mut asked = 0;
    for window in windows.iter().filter(|window| is_of(window, pids)) {
        asked += usize::from(screen.close(window.id).await);
    }
    asked
}

/// Counts the windows of `pids`.
pub(crate) async fn count(pids: &[u32]) -> usize {
    let found = all().await;
    found.map_or(0, |(_, windows)| {
        windows.iter().filter(|window| is_of(window, pids)).count()
    })
}

fn is_of(window: &Window, pids: &[u32]) -> bool {
    window.pid.is_some_and(|pid| pids.contains(&pid))
}

/// Each tells whether it could be asked for.
impl Screen {
    /// Asks the window `id` to close.
    pub(super) async fn close(self, id: u64) -> bool {
        match self {
            Screen::Sway => sway::run(&format!("[con_id={id}] kill")).await,
            Screen::X11 => x11::asked(move |session| session.close(id)).await,
        }
    }

    /// Brings the window `id` to the front and gives it the keyboard.
    pub(super) async fn focus(self, id: u64) -> bool {
        match self {
            Screen::Sway => sway::run(&format!("[con_id={id}] focus")).await,
            Screen::X11 => x11::asked(move |session| session.focus(id)).await,
        }
    }

    /// Moves the window `id` to a workspace.
    pub(super) async fn move_to(self, id: u64, workspace: &Workspace) -> bool {
        match self {
            Screen::Sway => {
                let to = workspace.in_sway();
                sway::run(&format!("[con_id={id}] move container to workspace {to}")).await
            }
            Screen::X11 => {
                let Some(number) = workspace.number() else {
                    return false;
                };
                x11::asked(move |session| session.move_to(id, number)).await
            }
        }
    }

    /// Shows a workspace.
    pub(super) async fn go_to(self, workspace: &Workspace) -> bool {
        match self {
            Screen::Sway => sway::run(&format!("workspace {}", workspace.in_sway())).await,
            Screen::X11 => {
                let Some(number) = workspace.number() else {
                    return false;
                };
                x11::asked(move |session| session.go_to(number)).await
            }
        }
    }

    /// Returns the name of the workspace that is shown.
    pub(super) async fn workspace(self) -> Option<String> {
        match self {
            Screen::Sway => sway::workspace().await,
            Screen::X11 => x11::on_thread(x11::Session::workspace).await,
        }
    }
}

/// The name of a workspace: letters, digits and a few marks, so that it is one word of a compositor's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Workspace(String);

impl Workspace {
    /// Takes a name; none for one with marks that a command could read as its own.
    pub(super) fn new(name: &str) -> Option<Workspace> {
        let name = name.trim();
        let is_plain = |c: char| c.is_alphanumeric() || " -_:.+".contains(c);
        let is_name = !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain);
        is_name.then(|| Workspace(name.to_owned()))
    }

    /// Returns its name.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// Tells whether one that is there, as it is called, is this one: workspace 2 may be called `2: web`.
    pub(super) fn is(&self, called: &str) -> bool {
        let rest = called.strip_prefix(&*self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    fn in_sway(&self) -> String {
        match self.0.parse::<u32>() {
            Ok(number) => format!("number {number}"),
            Err(_) => format!("\"{}\"", self.0),
        }
    }

    /// X11 numbers its desktops; people count from 1.
    fn number(&self) -> Option<u32> {
        self.0.parse::<u32>().ok()?.checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Workspace;

    #[test]
    fn a_workspace_is_one_word_of_a_command() {
        for (name, in_sway) in [
            ("2", "number 2"),
            ("web", "\"web\""),
            ("1: mail", "\"1: mail\""),
            ("邮件", "\"邮件\""),
        ] {
            assert_eq!(Workspace::new(name).unwrap().in_sway(), in_sway);
        }
        for name in [
            "",
            " ",
            "a\"; exec x",
            "a;kill",
            "--no-auto-back",
            "a\nkill",
            "$mod",
            "[a]",
        ] {
            assert_eq!(Workspace::new(name), None, "{name}");
        }
    }
}
