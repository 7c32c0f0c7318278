//! An answer as it comes.

use tokio::sync::mpsc;

use crate::{EngineError, Generated, Started};

/// One step of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum GenerationEvent {
    /// The prompt has been read; decoding starts.
    Started(Started),
    /// More text of the answer.
    Delta(String),
    /// The answer is complete. The last event.
    Done(Generated),
}

/// A running answer: a stream of events that ends with `Done` or an error.
///
/// Dropping it cancels the decoding at the next token.
#[derive(Debug)]
pub struct Generation {
    events: mpsc::UnboundedReceiver<Result<GenerationEvent, EngineError>>,
    ended: bool,
}

impl Generation {
    /// Wraps the receiving end of an answer; the sender learns of the drop by
    /// [`mpsc::UnboundedSender::closed`].
    pub fn new(events: mpsc::UnboundedReceiver<Result<GenerationEvent, EngineError>>) -> Self {
        Self {
            events,
            ended: false,
        }
    }

    /// Waits for the next event; none after the last.
    ///
    /// # Errors
    ///
    /// Any error of the worker; it is the last item then.
    pub async fn next(&mut self) -> Option<Result<GenerationEvent, EngineError>> {
        if self.ended {
            return None;
        }
        let event = self.events.recv().await.unwrap_or_else(|| {
            Err(EngineError::Crashed {
                reason: "the answer broke off".to_owned(),
            })
        });
        self.ended = matches!(event, Ok(GenerationEvent::Done(_)) | Err(_));
        Some(event)
    }

    /// Waits for the whole answer.
    ///
    /// # Errors
    ///
    /// Any error of the worker.
    pub async fn finish(mut self) -> Result<Generated, EngineError> {
        while let Some(event) = self.next().await {
            if let GenerationEvent::Done(generated) = event? {
                return Ok(generated);
            }
        }
        Err(EngineError::Cancelled)
    }
}
