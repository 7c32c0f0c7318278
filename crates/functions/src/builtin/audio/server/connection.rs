//! Messages to and from PipeWire over its socket.

use std::path::PathBuf;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use crate::builtin::audio::pod::{self, Field, Pod};

/// Most bytes of an answer; a busy studio has thousands of objects of some hundred bytes.
const MOST_BYTES: usize = 16 << 20;

/// Room for what comes at once.
const ROOM: usize = 64 << 10;

/// The protocol's version, and that of all interfaces used here.
pub(super) const VERSION: u32 = 3;

/// Objects that the protocol numbers itself.
pub(super) const CORE: u32 = 0;
const CLIENT: u32 = 1;

/// What is said to the core and to the client.
const HELLO: u8 = 1;
const SYNC: u8 = 2;
pub(super) const PONG: u8 = 3;
const UPDATE_PROPERTIES: u8 = 2;

/// What the core says.
pub(super) const DONE: u8 = 1;
pub(super) const PING: u8 = 2;
pub(super) const ERROR: u8 = 3;

/// A conversation with the server.
pub(super) struct Connection {
    stream: UnixStream,
    /// How many messages were written.
    sent: u32,
    /// Those that were not yet handed over.
    unsent: Vec<u8>,
    /// What came and was not yet taken.
    received: Vec<u8>,
    /// Bytes that came at all.
    total: usize,
}

/// A message from the server.
struct Message {
    object: u32,
    opcode: u8,
    body: Vec<u8>,
}

impl Connection {
    /// Opens the first socket that takes it, and introduces itself.
    pub(super) async fn open([first, second]: &[PathBuf; 2]) -> Option<Connection> {
        let stream = match UnixStream::connect(first).await {
            Ok(stream) => stream,
            Err(_) => UnixStream::connect(second).await.ok()?,
        };
        let mut connection = Connection {
            stream,
            sent: 0,
            unsent: Vec::new(),
            received: Vec::with_capacity(ROOM),
            total: 0,
        };
        connection.write(CORE, HELLO, &[Field::Int(VERSION)]);
        let properties = [
            Field::Int(1),
            Field::Text("application.name"),
            Field::Text("Lucid"),
        ];
        let properties = [Field::Struct(&properties)];
        connection.write(CLIENT, UPDATE_PROPERTIES, &properties);
        Some(connection)
    }

    /// Sends what was written and hears everything that the server says to it.
    pub(super) async fn until_done(&mut self, mut hear: impl FnMut(u32, u8, Pod)) -> Option<()> {
        let mark = self.sent;
        self.write(CORE, SYNC, &[Field::Int(CORE), Field::Int(mark)]);
        loop {
            self.flush().await?;
            let message = self.receive().await?;
            let body = Pod::read(&message.body)?;
            let number = |index| body.part(index)?.number();
            match (message.object, message.opcode) {
                (CORE, DONE) if number(1) == Some(mark) => return Some(()),
                (CORE, ERROR) => return None,
                (CORE, PING) => {
                    let same = [Field::Int(number(0)?), Field::Int(number(1)?)];
                    self.write(CORE, PONG, &same);
                }
                (object, opcode) => hear(object, opcode, body),
            }
        }
    }

    /// Writes a message, which is handed over by [`Connection::until_done`].
    pub(super) fn write(&mut self, object: u32, opcode: u8, fields: &[Field]) {
        let body = pod::write(fields);
        let opcode_and_length = u32::from(opcode) << 24 | body.len() as u32;
        for word in [object, opcode_and_length, self.sent, 0] {
            self.unsent.extend(word.to_ne_bytes());
        }
        self.unsent.extend(body);
        self.sent += 1;
    }

    async fn flush(&mut self) -> Option<()> {
        let unsent = std::mem::take(&mut self.unsent);
        self.stream.write_all(&unsent).await.ok()
    }

    /// Takes the next message. Files that come with one are dropped by the system.
    async fn receive(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.take() {
                return Some(message);
            }
            let count = self.stream.read_buf(&mut self.received).await.ok()?;
            self.total += count;
            if count == 0 || self.total > MOST_BYTES {
                return None;
            }
        }
    }

    /// Takes a message that came whole.
    fn take(&mut self) -> Option<Message> {
        let second = pod::word(&self.received, 4)?;
        let end = 16 + (second & 0xff_ffff) as usize;
        let message = Message {
            object: pod::word(&self.received, 0)?,
            opcode: (second >> 24) as u8,
            body: self.received.get(16..end)?.to_vec(),
        };
        self.received.drain(..end);
        Some(message)
    }
}
