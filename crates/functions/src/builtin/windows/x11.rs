//! X11, through the hints that window managers keep
//! (EWMH, <https://specifications.freedesktop.org/wm-spec/latest/>), and without one where that is possible.

use x11rb::{
    connection::Connection as _,
    protocol::xproto::{
        AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, InputFocus,
        MapState, StackMode, Window as XWindow,
    },
    rust_connection::RustConnection,
};

use super::screen::Window;

/// What asks: a pager, in EWMH's words, whose wish is the person's.
const FROM_PERSON: u32 = 2;
/// The desktop of a window that is on all of them.
const EVERYWHERE: u32 = u32::MAX;

/// A connection to the server that `$DISPLAY` names.
pub(super) struct Session {
    connection: RustConnection,
    root: XWindow,
}

/// Runs `what` on a thread that may wait for the server.
pub(super) async fn on_thread<T: Send + 'static>(
    what: impl FnOnce(&Session) -> Option<T> + Send + 'static,
) -> Option<T> {
    std::env::var_os("DISPLAY")?;
    let asked = tokio::task::spawn_blocking(move || what(&Session::open()?));
    asked.await.ok().flatten()
}

/// The same, and tells whether it was asked.
pub(super) async fn asked(what: impl FnOnce(&Session) -> Option<()> + Send + 'static) -> bool {
    on_thread(what).await.is_some()
}

impl Session {
    fn open() -> Option<Session> {
        let (connection, screen) = RustConnection::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        Some(Session { connection, root })
    }

    /// Returns every window that is managed; where nobody manages them, those on the screen.
    pub(super) fn all(&self) -> Option<Vec<Window>> {
        let list = self.numbers(self.root, "_NET_CLIENT_LIST");
        let managed = !list.is_empty();
        let windows = if managed {
            list
        } else {
            self.below(self.root, 0)
        };
        let active = self.numbers(self.root, "_NET_ACTIVE_WINDOW");
        let window = |id: &XWindow| -> Option<Window> {
            let pid = self.numbers(*id, "_NET_WM_PID").first().copied();
            if !managed && (pid.is_none() || !self.is_mapped(*id)) {
                return None;
            }
            let desktop = self.numbers(*id, "_NET_WM_DESKTOP").first().copied();
            let shown = desktop.filter(|desktop| *desktop != EVERYWHERE);
            Some(Window {
                id: u64::from(*id),
                title: self
                    .text(*id, "_NET_WM_NAME")
                    .or_else(|| self.text(*id, "WM_NAME"))
                    .unwrap_or_default(),
                // Two texts, each with a zero behind it: the instance and the class.
                app: self
                    .text(*id, "WM_CLASS")
                    .and_then(|both| Some(both.split('\0').nth(1)?.to_owned()))
                    .unwrap_or_default(),
                pid,
                workspace: shown.map_or_else(String::new, |desktop| (desktop + 1).to_string()),
                is_focused: active.first() == Some(id),
            })
        };
        Some(windows.iter().filter_map(window).collect())
    }

    /// ICCCM 4.2.8.1; it reaches the window with and without a window manager.
    pub(super) fn close(&self, id: u64) -> Option<()> {
        let window = XWindow::try_from(id).ok()?;
        let (protocols, delete) = (self.atom("WM_PROTOCOLS")?, self.atom("WM_DELETE_WINDOW")?);
        if !self.numbers(window, "WM_PROTOCOLS").contains(&delete) {
            return None;
        }
        let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.connection
            .send_event(false, window, EventMask::NO_EVENT, event)
            .ok()?;
        self.heard()
    }

    pub(super) fn focus(&self, id: u64) -> Option<()> {
        let window = XWindow::try_from(id).ok()?;
        if self.is_managed() {
            return self.wish(window, "_NET_ACTIVE_WINDOW", [FROM_PERSON, 0, 0, 0, 0]);
        }
        let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.connection.configure_window(window, &above).ok()?;
        self.connection
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)
            .ok()?;
        self.heard()
    }

    /// `desktop` is counted from 0.
    pub(super) fn move_to(&self, id: u64, desktop: u32) -> Option<()> {
        let window = XWindow::try_from(id).ok()?;
        self.has_desktop(desktop)?;
        self.wish(window, "_NET_WM_DESKTOP", [desktop, FROM_PERSON, 0, 0, 0])
    }

    /// `desktop` is counted from 0.
    pub(super) fn go_to(&self, desktop: u32) -> Option<()> {
        self.has_desktop(desktop)?;
        self.wish(self.root, "_NET_CURRENT_DESKTOP", [desktop, 0, 0, 0, 0])
    }

    /// Returns the number of the desktop that is shown, from 1.
    pub(super) fn workspace(&self) -> Option<String> {
        let shown = self.numbers(self.root, "_NET_CURRENT_DESKTOP");
        Some((shown.first()? + 1).to_string())
    }

    fn has_desktop(&self, desktop: u32) -> Option<()> {
        let count = self.numbers(self.root, "_NET_NUMBER_OF_DESKTOPS");
        (desktop < *count.first()?).then_some(())
    }

    fn is_managed(&self) -> bool {
        !self
            .numbers(self.root, "_NET_SUPPORTING_WM_CHECK")
            .is_empty()
    }

    /// Tells the window manager what a person wishes about `window`.
    fn wish(&self, window: XWindow, about: &str, data: [u32; 5]) -> Option<()> {
        let event = ClientMessageEvent::new(32, window, self.atom(about)?, data);
        let to_manager = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection
            .send_event(false, self.root, to_manager, event)
            .ok()?;
        self.heard()
    }

    /// Waits until the server has read what was asked: what is still on its way when a connection ends is lost.
    fn heard(&self) -> Option<()> {
        let answered = self.connection.get_input_focus().ok()?.reply();
        answered.ok().map(|_| ())
    }

    fn is_mapped(&self, window: XWindow) -> bool {
        let cookie = self.connection.get_window_attributes(window).ok();
        let attributes = cookie.and_then(|cookie| cookie.reply().ok());
        attributes.is_some_and(|attributes| attributes.map_state != MapState::UNMAPPED)
    }

    /// Without a window manager there is no list, so the tree is walked; frames are at most two deep.
    fn below(&self, window: XWindow, depth: usize) -> Vec<XWindow> {
        let tree = self.connection.query_tree(window).ok();
        let tree = tree.and_then(|cookie| cookie.reply().ok());
        let children = tree.map(|tree| tree.children).unwrap_or_default();
        let mut all = children.clone();
        if depth < 2 {
            let deeper = children.into_iter();
            all.extend(deeper.flat_map(|child| self.below(child, depth + 1)));
        }
        all
    }

    fn atom(&self, name: &str) -> Option<u32> {
        let cookie = self.connection.intern_atom(false, name.as_bytes()).ok()?;
        Some(cookie.reply().ok()?.atom)
    }

    fn numbers(&self, window: XWindow, name: &str) -> Vec<u32> {
        let read = || {
            let reply = self.property(window, name)?;
            Some(reply.value32()?.collect())
        };
        read().unwrap_or_default()
    }

    fn text(&self, window: XWindow, name: &str) -> Option<String> {
        let reply = self.property(window, name)?;
        let text = String::from_utf8_lossy(&reply.value).into_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    fn property(
        &self,
        window: XWindow,
        name: &str,
    ) -> Option<x11rb::protocol::xproto::GetPropertyReply> {
        let name = self.atom(name)?;
        let cookie = self
            .connection
            .get_property(false, window, name, AtomEnum::ANY, 0, 4096)
            .ok()?;
        cookie.reply().ok()
    }
}
