//! The way from the book to the consent window's page and back to the socket.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use protocol::consent::{ConsentAnswer, ConsentRequest};
use serde::Serialize;
use tauri::{AppHandle, ipc::Channel};
use tokio::sync::mpsc;

use crate::{
    consent::{
        book::{AnswerError, ConsentBook, READING_TIME, Verdict},
        window,
    },
    page::ShellEvent,
    shell::Shell,
};

/// So often a page may die over the questions that wait; then the shown one is refused.
const MOST_DEATHS: u32 = 3;

/// What the consent page shows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ConsentView {
    /// The question.
    request: ConsentRequest,
    /// How many more wait behind it.
    behind: usize,
    /// How long the yes is shut, in milliseconds.
    reading_ms: u128,
}

/// What made the questions change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    /// The Escape key, over the shown question.
    Escape,
    /// Anything else.
    Elsewhere,
}

/// The questions, the page that shows them and the socket that takes the answers.
#[derive(Default)]
pub(crate) struct Consents {
    book: Mutex<ConsentBook>,
    page: Mutex<Option<Channel<Option<ConsentView>>>>,
    answers: Mutex<Option<mpsc::UnboundedSender<ConsentAnswer>>>,
    deaths: AtomicU32,
}

impl Consents {
    /// Sends answers to `answers` from now on; [`None`] while no kernel asks.
    pub(crate) fn answer_to(&self, answers: Option<mpsc::UnboundedSender<ConsentAnswer>>) {
        if let Ok(mut current) = self.answers.lock() {
            *current = answers;
        }
    }

    /// Whether something is asked.
    pub(crate) fn is_asking(&self) -> bool {
        self.book.lock().is_ok_and(|book| book.len() > 0)
    }

    /// Changes the book with `change`, then shows what is to be shown.
    pub(crate) fn change(&self, app: &AppHandle, change: impl FnOnce(&mut ConsentBook)) {
        self.change_by(app, |book| {
            change(book);
            Press::Elsewhere
        });
    }

    /// As [`Consents::change`]; `change` says what pressed for it.
    fn change_by(&self, app: &AppHandle, change: impl FnOnce(&mut ConsentBook) -> Press) {
        let Ok(mut book) = self.book.lock() else {
            return;
        };
        let press = change(&mut book);
        // Still under the lock, so that both pages hear of changes in their order.
        Shell::of(app).page.tell(ShellEvent::Consent {
            waiting: book.len(),
            escaped: press == Press::Escape,
        });
        self.show_current(&book);
        if book.len() == 0 {
            self.deaths.store(0, Ordering::Relaxed);
        }
        drop(book);
        window::follow_book(app);
    }

    /// A page of the consent window is there: it gets what is asked now and later, and is shown.
    pub(crate) fn connect(&self, app: &AppHandle, channel: Channel<Option<ConsentView>>) {
        if let Ok(mut page) = self.page.lock() {
            *page = Some(channel);
        }
        if let Ok(book) = self.book.lock() {
            self.show_current(&book);
        }
        window::show(app);
    }

    /// The page has drawn `consent`.
    pub(crate) fn shown(&self, consent: &str) {
        if let Ok(mut book) = self.book.lock() {
            book.shown(consent, Instant::now());
        }
    }

    /// Sends the person's answer to the kernel and shows the next question.
    ///
    /// # Errors
    ///
    /// When the answer is to nothing that is shown.
    pub(crate) fn answer(
        &self,
        app: &AppHandle,
        consent: &str,
        digest: &str,
        verdict: Verdict,
    ) -> Result<(), AnswerError> {
        let mut answered = Err(AnswerError::Unknown);
        self.change_by(app, |book| {
            answered = book.answer(consent, digest, verdict, Instant::now());
            if answered.is_ok() && verdict == Verdict::Escape {
                Press::Escape
            } else {
                Press::Elsewhere
            }
        });
        let answer = answered?;
        let answers = self.answers.lock().map_err(|_| AnswerError::Unknown)?;
        let sender = answers.as_ref().ok_or(AnswerError::Unknown)?;
        sender.send(answer).map_err(|_| AnswerError::Unknown)
    }

    /// The page's process died; returns whether to load it again, because something is still asked.
    pub(crate) fn page_died(&self, app: &AppHandle) -> bool {
        if let Ok(mut page) = self.page.lock() {
            *page = None;
        }
        if self.deaths.fetch_add(1, Ordering::Relaxed) >= MOST_DEATHS {
            self.refuse_current(app);
        }
        self.book.lock().is_ok_and(|mut book| {
            book.unshown();
            book.len() > 0
        })
    }

    /// Refuses the question that is shown, because its window was closed.
    pub(crate) fn refuse_current(&self, app: &AppHandle) {
        let current = self.book.lock().ok().and_then(|book| {
            let request = book.current()?;
            Some((request.consent.clone(), request.digest.clone()))
        });
        if let Some((consent, digest)) = current
            && let Err(error) = self.answer(app, &consent, &digest, Verdict::No)
        {
            tracing::warn!(%error, "could not refuse");
        }
    }

    fn show_current(&self, book: &ConsentBook) {
        let view = book.current().map(|request| ConsentView {
            request: request.clone(),
            behind: book.len() - 1,
            reading_ms: READING_TIME.as_millis(),
        });
        let Ok(page) = self.page.lock() else { return };
        if let Some(page) = page.as_ref() {
            // A window that is just being closed needs nothing more.
            let _ = page.send(view);
        }
    }
}
