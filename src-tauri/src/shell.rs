//! What the parts of the shell share.

use std::sync::{Arc, Mutex};

use protocol::text::Language;
use tauri::{AppHandle, Manager};

use crate::{
    consent::Consents, icons::IconBook, kernel::KernelLink, nonce::NonceBook,
    overlay::OverlayState, page::PageLink, pictures::PictureBook, trace::Trace,
};

/// The shell's state; none of it is lost work, a new shell draws the same from the kernel's state.
pub(crate) struct Shell {
    /// The language of everything that is shown.
    pub(crate) language: Language,
    /// The kernel.
    pub(crate) kernel: KernelLink,
    /// The overlay's page.
    pub(crate) page: PageLink,
    /// The overlay's window.
    pub(crate) overlay: OverlayState,
    /// The consents that wait.
    pub(crate) consents: Consents,
    /// Nonces of acts.
    pub(crate) nonces: Mutex<NonceBook>,
    /// Icons of the theme and of applications.
    pub(crate) icons: IconBook,
    /// Pictures that a panel named.
    pub(crate) pictures: Mutex<PictureBook>,
    /// What was typed last, for a page that is loaded again.
    pub(crate) draft: Mutex<String>,
    /// Measures.
    pub(crate) trace: Trace,
}

impl Shell {
    /// Makes the state known to commands.
    ///
    /// # Errors
    ///
    /// When there is one already.
    pub(crate) fn manage(app: &AppHandle) -> anyhow::Result<()> {
        let shell = Self {
            language: Language::of_session(),
            kernel: KernelLink::default(),
            page: PageLink::default(),
            overlay: OverlayState::default(),
            consents: Consents::default(),
            nonces: Mutex::default(),
            icons: IconBook::default(),
            pictures: Mutex::default(),
            draft: Mutex::default(),
            trace: Trace::from_environment(),
        };
        anyhow::ensure!(
            app.manage(Arc::new(shell)),
            "the shell's state exists already"
        );
        Ok(())
    }

    /// The state of `app`.
    pub(crate) fn of(app: &AppHandle) -> Arc<Shell> {
        app.state::<Arc<Shell>>().inner().clone()
    }
}
