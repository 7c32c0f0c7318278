//! Lines of standard input, without blocking anything else.

use std::sync::mpsc as blocking;

use tokio::sync::mpsc;

/// Reads standard input on a thread of its own, one line each time one is wanted.
///
/// A read of a terminal cannot be broken off. So the thread is not waited for when the
/// program ends, and a line that is still being read serves the next one who wants it. Not
/// more than is wanted is read: the answers of a script wait for their questions.
#[derive(Default)]
pub(crate) struct Input {
    thread: Option<Thread>,
    is_reading: bool,
}

struct Thread {
    wanted: blocking::Sender<()>,
    lines: mpsc::UnboundedReceiver<Option<String>>,
}

impl Input {
    /// Asks for a line, unless one is being read.
    pub(crate) fn want(&mut self) {
        if !self.is_reading {
            let thread = self.thread.get_or_insert_with(start);
            // The thread lives as long as both ends of its channels, which are here.
            self.is_reading = thread.wanted.send(()).is_ok();
        }
    }

    /// Waits for the line that was asked for, for ever if none was; none at the end of input.
    /// Cancel-safe.
    pub(crate) async fn line(&mut self) -> Option<String> {
        match &mut self.thread {
            Some(thread) if self.is_reading => {
                let line = thread.lines.recv().await.flatten();
                self.is_reading = false;
                line
            }
            _ => std::future::pending().await,
        }
    }
}

fn start() -> Thread {
    let (wanted, wishes) = blocking::channel();
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while wishes.recv().is_ok() {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line);
            let line = read.is_ok_and(|bytes| bytes > 0).then_some(line);
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Thread { wanted, lines }
}
