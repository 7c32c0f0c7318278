//! What services on the bus tell by themselves, as manifests declare it.

use std::sync::Arc;

use futures_util::StreamExt as _;
use plan::{FunctionName, Output, Value};
use protocol::text::Language;
use tokio::{sync::mpsc, task::JoinHandle};
use zbus::{Connection, MatchRule, Message, MessageStream, message::Type};

use crate::{
    FunctionError, World, dbus,
    manifest::{Listened, SignalDeclaration},
    mapping::{self, Source},
};

const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// How many wait to be taken; those behind are lost, for a queue that is full would hold up the whole connection.
const MOST_WAITING: usize = 64;

/// A signal of a manifest.
#[derive(Debug, Clone)]
pub struct Signal {
    declaration: Arc<SignalDeclaration>,
}

/// A signal that is listened to. It is no longer when this is dropped.
#[derive(Debug)]
pub struct Listening {
    heard: mpsc::Receiver<Value>,
    /// Takes what comes from the connection; what is behind it ends with it.
    task: JoinHandle<()>,
}

impl Signal {
    pub(crate) fn new(declaration: SignalDeclaration) -> Signal {
        Signal {
            declaration: Arc::new(declaration),
        }
    }

    /// What it is called: `domain.what_happened`.
    pub fn name(&self) -> &FunctionName {
        &self.declaration.name
    }

    /// What it tells, in a line.
    pub fn summary(&self, language: Language) -> &str {
        self.declaration.summary.in_language(language)
    }

    /// What it gives.
    pub fn output(&self) -> Output {
        self.declaration.output.output()
    }

    /// Begins to listen. Only what the declared sender tells is heard: whoever else sends the same signal is not.
    ///
    /// # Errors
    ///
    /// When its bus is not there, or takes no rule.
    pub async fn listen(&self, world: &World) -> Result<Listening, FunctionError> {
        let bus = dbus::connection(self.declaration.bus, world)?.clone();
        let stream = match self.rule() {
            Ok(rule) => MessageStream::for_match_rule(rule, &bus, None).await,
            Err(error) => Err(error),
        };
        let mut messages = stream.map_err(|_| dbus::no_answer(world))?;
        // Taken from the connection at once: whoever asks it something while its queue is full waits for ever.
        let (taken, mut waiting) = mpsc::channel(MOST_WAITING);
        let task = tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                // A full queue loses this one.
                let _ = message.map(|message| taken.try_send(message));
            }
        });
        let (sender, heard) = mpsc::channel(1);
        let (signal, language) = (self.clone(), world.language);
        tokio::spawn(async move {
            while let Some(message) = waiting.recv().await {
                let Some(told) = signal.told(&message, language) else {
                    continue;
                };
                if signal.is_sent_by_its_sender(&message, &bus).await
                    && sender.send(told).await.is_err()
                {
                    return;
                }
            }
        });
        Ok(Listening { heard, task })
    }

    fn rule(&self) -> zbus::Result<MatchRule<'_>> {
        let declared = &self.declaration;
        let mut rule = MatchRule::builder().msg_type(Type::Signal);
        rule = match declared.listened() {
            Some(Listened::Property(_)) => rule
                .interface(PROPERTIES)
                .member("PropertiesChanged")
                .add_arg(declared.interface.as_str()),
            Some(Listened::Signal(name)) => {
                rule.interface(declared.interface.as_str()).member(name)
            }
            None => rule.interface(declared.interface.as_str()),
        };
        if let Some(path) = &declared.path {
            rule = rule.path(path.as_str());
        }
        rule.build()
    }

    /// Returns what a message tells, as the output says; none for one that is about something else.
    fn told(&self, message: &Message, language: Language) -> Option<Value> {
        let arguments = dbus::values_of(message);
        let told = match self.declaration.listened()? {
            Listened::Signal(_) => Value::List(arguments),
            Listened::Property(name) => arguments.get(1)?.field(name)?.clone(),
        };
        let source = Source {
            result: self.declaration.result.as_ref(),
            fields: &self.declaration.fields,
        };
        Some(mapping::output(&self.output(), source, told, language))
    }

    async fn is_sent_by_its_sender(&self, message: &Message, bus: &Connection) -> bool {
        let Some(sender) = message.header().sender().map(ToString::to_string) else {
            return false;
        };
        let owners = dbus::owners(bus, &self.declaration.sender).await;
        owners.unwrap_or_default().contains(&sender)
    }
}

impl Listening {
    /// Waits for the next one; none when the bus has gone.
    pub async fn next(&mut self) -> Option<Value> {
        self.heard.recv().await
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}
