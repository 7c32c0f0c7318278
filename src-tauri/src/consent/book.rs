//! The questions that wait, oldest first.

use std::time::{Duration, Instant};

use protocol::consent::{ConsentAnswer, ConsentRequest};
use serde::Deserialize;

/// A question must have been readable this long before a yes counts, so that a key meant for the overlay cannot grant it.
pub(crate) const READING_TIME: Duration = Duration::from_millis(500);
const MOST: usize = 64;

/// What the person did about the shown question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Chose yes.
    Yes,
    /// Chose no, or closed the window.
    No,
    /// Pressed Escape, which means no; pressed once more it stops everything.
    Escape,
}

/// Why an answer was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// It is not the question that is shown, or no longer.
    #[error("this question is no longer asked")]
    Unknown,
    /// The page showed something else than what the kernel asked.
    #[error("the question has changed since it was shown")]
    Changed,
    /// A yes came before anybody could have read the question.
    #[error("the answer came too soon")]
    TooSoon,
}

impl AnswerError {
    /// A stable id; the page has the sentence.
    pub(crate) fn id(self) -> &'static str {
        match self {
            AnswerError::Unknown => "answer-unknown",
            AnswerError::Changed => "answer-changed",
            AnswerError::TooSoon => "answer-too-soon",
        }
    }
}

/// The questions that wait.
#[derive(Debug, Default)]
pub(crate) struct ConsentBook {
    waiting: Vec<ConsentRequest>,
    shown: Option<(String, Instant)>,
}

impl ConsentBook {
    /// Adds a question; one that was asked already is replaced, since the kernel's word is the newest.
    pub(crate) fn ask(&mut self, request: ConsentRequest) {
        self.withdraw(&request.consent);
        if self.waiting.len() < MOST {
            self.waiting.push(request);
        }
    }

    /// Removes a question that needs no answer any more.
    pub(crate) fn withdraw(&mut self, consent: &str) {
        self.waiting.retain(|request| request.consent != consent);
        self.shown.take_if(|(shown, _)| shown == consent);
    }

    /// Removes all: the kernel that asked is gone.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The question to show.
    pub(crate) fn current(&self) -> Option<&ConsentRequest> {
        self.waiting.first()
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The page has drawn the question `consent` at `now`.
    pub(crate) fn shown(&mut self, consent: &str, now: Instant) {
        let is_current = self
            .current()
            .is_some_and(|request| request.consent == consent);
        let is_known = self
            .shown
            .as_ref()
            .is_some_and(|(shown, _)| shown == consent);
        if is_current && !is_known {
            self.shown = Some((consent.to_owned(), now));
        }
    }

    /// The page that showed a question is gone: whoever reads it again gets the whole time.
    pub(crate) fn unshown(&mut self) {
        self.shown = None;
    }

    /// Takes the answer to the shown question.
    ///
    /// # Errors
    ///
    /// When it is not the shown one, was shown with another digest, or was granted too soon.
    pub(crate) fn answer(
        &mut self,
        consent: &str,
        digest: &str,
        verdict: Verdict,
        now: Instant,
    ) -> Result<ConsentAnswer, AnswerError> {
        let granted = verdict == Verdict::Yes;
        let request = self.current().ok_or(AnswerError::Unknown)?;
        if request.consent != consent {
            return Err(AnswerError::Unknown);
        }
        if request.digest != digest {
            return Err(AnswerError::Changed);
        }
        if granted && !self.was_readable(consent, now) {
            return Err(AnswerError::TooSoon);
        }
        let answer = ConsentAnswer {
            consent: consent.to_owned(),
            digest: digest.to_owned(),
            granted,
        };
        self.withdraw(consent);
        Ok(answer)
    }

    fn was_readable(&self, consent: &str, now: Instant) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|(shown, at)| shown == consent && now.duration_since(*at) >= READING_TIME)
    }
}

#[cfg(test)]
mod tests {
    use protocol::TurnId;

    use super::*;

    fn request(consent: &str) -> ConsentRequest {
        ConsentRequest {
            consent: consent.into(),
            turn: TurnId("t1".into()),
            function: "system.kill".into(),
            sentence: "End the process firefox (4242).".into(),
            reason: "It cannot be undone.".into(),
            arguments: Vec::new(),
            targets: Vec::new(),
            digest: format!("digest of {consent}"),
            undoable: false,
        }
    }

    fn asked(consents: &[&str]) -> (ConsentBook, Instant) {
        let mut book = ConsentBook::default();
        consents
            .iter()
            .for_each(|consent| book.ask(request(consent)));
        let now = Instant::now();
        if let Some(first) = consents.first() {
            book.shown(first, now);
        }
        (book, now)
    }

    #[test]
    fn an_answer_is_taken_once_and_the_next_question_follows() {
        let (mut book, now) = asked(&["a", "b"]);
        let later = now + READING_TIME;
        let answer = book
            .answer("a", "digest of a", Verdict::Yes, later)
            .unwrap();
        assert!(answer.granted);
        assert_eq!(
            book.answer("a", "digest of a", Verdict::Yes, later),
            Err(AnswerError::Unknown)
        );
        assert_eq!(book.current().unwrap().consent, "b");
    }

    #[test]
    fn a_yes_before_the_question_was_readable_is_refused_and_a_no_is_not() {
        let (mut book, now) = asked(&["a"]);
        let soon = now + READING_TIME / 2;
        assert_eq!(
            book.answer("a", "digest of a", Verdict::Yes, soon),
            Err(AnswerError::TooSoon)
        );
        assert!(
            !book
                .answer("a", "digest of a", Verdict::No, soon)
                .unwrap()
                .granted
        );
    }

    #[test]
    fn the_page_says_its_verdict_in_a_word_and_escape_means_no() {
        let verdict = |word: &str| serde_json::from_value::<Verdict>(word.into()).unwrap();
        for (word, granted) in [("yes", true), ("no", false), ("escape", false)] {
            let (mut book, now) = asked(&["a"]);
            let answer = book.answer("a", "digest of a", verdict(word), now + READING_TIME);
            assert_eq!(answer.unwrap().granted, granted, "{word}");
        }
    }

    #[test]
    fn a_question_that_was_never_drawn_cannot_be_granted() {
        let (mut book, now) = asked(&["a", "b"]);
        let later = now + READING_TIME * 4;
        book.withdraw("a");
        assert_eq!(
            book.answer("b", "digest of b", Verdict::Yes, later),
            Err(AnswerError::TooSoon)
        );
    }

    #[test]
    fn drawing_again_does_not_restart_the_time() {
        let (mut book, now) = asked(&["a"]);
        book.shown("a", now + READING_TIME);
        assert!(
            book.answer("a", "digest of a", Verdict::Yes, now + READING_TIME)
                .is_ok()
        );
    }

    #[test]
    fn a_question_whose_page_died_must_be_read_again() {
        let (mut book, now) = asked(&["a"]);
        let later = now + READING_TIME;
        book.unshown();
        book.shown("a", later);
        assert_eq!(
            book.answer("a", "digest of a", Verdict::Yes, later),
            Err(AnswerError::TooSoon)
        );
        assert!(
            book.answer("a", "digest of a", Verdict::Yes, later + READING_TIME)
                .is_ok()
        );
    }

    #[test]
    fn another_digest_or_question_is_refused() {
        let (mut book, now) = asked(&["a", "b"]);
        let later = now + READING_TIME;
        assert_eq!(
            book.answer("a", "digest of b", Verdict::Yes, later),
            Err(AnswerError::Changed)
        );
        assert_eq!(
            book.answer("b", "digest of b", Verdict::Yes, later),
            Err(AnswerError::Unknown)
        );
    }

    #[test]
    fn a_changed_question_must_be_read_again() {
        let (mut book, now) = asked(&["a"]);
        let mut changed = request("a");
        changed.digest = "another".into();
        book.ask(changed);
        assert_eq!(
            book.answer("a", "another", Verdict::Yes, now + READING_TIME),
            Err(AnswerError::TooSoon)
        );
    }

    #[test]
    fn a_gone_kernel_leaves_no_questions() {
        let (mut book, _) = asked(&["a", "b"]);
        book.clear();
        assert_eq!(book.len(), 0);
    }
}
