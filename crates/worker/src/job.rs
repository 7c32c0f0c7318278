//! One command as the model sees it.

use std::fmt;

use engine::Started;
use engine::protocol::{Delta, ReplyBody};

use crate::line::Line;

/// A command under way: tells the client of progress, and the model of a cancellation.
///
/// It may be sent to other threads of the engine.
#[derive(Clone)]
pub struct Job {
    line: Line,
    id: u64,
}

impl Job {
    pub(crate) fn new(line: Line, id: u64) -> Self {
        Self { line, id }
    }

    /// Whether the client has changed its mind. Ask once a token and in every pause.
    pub fn is_cancelled(&self) -> bool {
        self.line.is_cancelled(self.id)
    }

    /// Whether another command waits: a prefill gives way to it.
    pub fn is_overtaken(&self) -> bool {
        self.line.has_waiting()
    }

    /// Tells the client that the command is getting on, from 0 to 1. The client counts silence of
    /// half a minute as a crash.
    pub fn progress(&self, done: f32) {
        self.line.send(self.id, ReplyBody::Progress(done));
    }

    /// Tells of progress, and whether to go on.
    pub fn go_on(&self, done: f32) -> bool {
        if self.is_cancelled() {
            return false;
        }
        if done > 0.0 {
            self.progress(done);
        }
        true
    }

    /// Tells the client that the prompt has been read.
    pub fn start(&self, started: Started) {
        self.line.send(self.id, ReplyBody::Started(started));
    }

    /// Gives the client a piece of the answer; one without text is not sent.
    pub fn delta(&self, delta: Delta) {
        if !delta.text.is_empty() {
            self.line.send(self.id, ReplyBody::Delta(delta));
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Job({})", self.id)
    }
}
