//! The session's clipboard, on Wayland and X11.

use std::sync::{Mutex, PoisonError};

use arboard::{Clipboard, GetExtLinux, LinuxClipboardKind, SetExtLinux};
use protocol::text::problem;

use crate::{Availability, ErrorKind, FunctionError, World, builtin::files::off_thread, spawn};

/// Longest text that is taken, in characters.
pub(super) const LONGEST: usize = 100_000;

/// What was copied last is served from here for as long as the process lives: on both systems the one who copies
/// answers those who paste.
static BOARD: Mutex<Option<Clipboard>> = Mutex::new(None);

/// Tells whether there is a clipboard. Cheap.
pub(super) fn availability(world: &World) -> Availability {
    if spawn::has_display() {
        Availability::Available
    } else {
        Availability::Missing(problem(world.language, "clipboard-none", &[]))
    }
}

/// Returns the text of the clipboard or of the selection; empty where there is none.
///
/// # Errors
///
/// When the clipboard cannot be reached.
pub(super) async fn text(kind: LinuxClipboardKind, world: &World) -> Result<String, FunctionError> {
    let found = with_board(world, move |board| {
        match board.get().clipboard(kind).text() {
            // Nothing is there, or no text.
            Err(arboard::Error::ContentNotAvailable) => Ok(String::new()),
            found => found,
        }
    });
    Ok(found.await?.chars().take(LONGEST).collect())
}

/// Puts a text onto the clipboard.
///
/// # Errors
///
/// As [`text`].
pub(super) async fn put(text: String, world: &World) -> Result<(), FunctionError> {
    with_board(world, move |board| {
        board
            .set()
            .clipboard(LinuxClipboardKind::Clipboard)
            .text(text.as_str())
    })
    .await
}

async fn with_board<T: Send + 'static>(
    world: &World,
    what: impl Fn(&mut Clipboard) -> Result<T, arboard::Error> + Send + 'static,
) -> Result<T, FunctionError> {
    let language = world.language;
    off_thread(language, move |_| {
        let failed = |error: arboard::Error| {
            let reason = error.to_string();
            let values = [("reason", reason.as_str())];
            FunctionError::new(ErrorKind::Failed, language, "clipboard-failed", &values)
        };
        let mut board = BOARD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &mut *board {
            match what(open) {
                Ok(done) => return Ok(done),
                // The display that it was opened on may be gone.
                Err(error) => tracing::info!(%error, "the clipboard is opened anew"),
            }
        }
        *board = None;
        let open = board.insert(Clipboard::new().map_err(failed)?);
        what(open).map_err(failed)
    })
    .await
}
