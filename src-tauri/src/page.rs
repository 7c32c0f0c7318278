//! The way from here to a page: one ordered channel, renewed when the page is loaded again.

use std::sync::Mutex;

use protocol::TurnEvent;
use serde::Serialize;
use serde_json::value::RawValue;
use tauri::ipc::Channel;

/// What the overlay's page is told.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ShellEvent {
    /// The overlay is being shown.
    Shown {
        /// Given back by `painted`.
        trigger: u64,
    },
    /// The kernel appeared or went.
    Kernel {
        /// Whether it is there.
        present: bool,
    },
    /// Something happened in a turn.
    Turn {
        /// The turn.
        turn: String,
        /// Its place among the turn's events.
        sequence: u32,
        /// A [`TurnEvent`].
        event: Box<TurnEvent>,
    },
    /// A consent is asked in its own window, or no longer.
    Consent {
        /// How many wait.
        waiting: usize,
        /// Escape was pressed over one, so that the next press is the second.
        escaped: bool,
    },
    /// A download moved on.
    Model {
        /// The model.
        id: String,
        /// A `ModelProgress`.
        progress: Box<RawValue>,
    },
}

/// The overlay's page, once it has connected.
#[derive(Default)]
pub(crate) struct PageLink {
    channel: Mutex<Option<Channel<ShellEvent>>>,
}

impl PageLink {
    /// Sends to `channel` from now on.
    pub(crate) fn renew(&self, channel: Channel<ShellEvent>) {
        if let Ok(mut current) = self.channel.lock() {
            *current = Some(channel);
        }
    }

    /// Tells the page, when there is one; a page that comes later asks for the state.
    pub(crate) fn tell(&self, event: ShellEvent) {
        let Ok(channel) = self.channel.lock() else {
            return;
        };
        if let Some(channel) = channel.as_ref()
            && let Err(error) = channel.send(event)
        {
            tracing::warn!(%error, "could not tell the page");
        }
    }
}
