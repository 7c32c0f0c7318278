//! A stream that ends once more was read than a call may give.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, ReadBuf};

/// How many bytes may still be read; each call fills it up again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowance {
    left: Arc<AtomicUsize>,
    /// The length of the longest line since then.
    longest_line: Arc<AtomicUsize>,
}

impl Allowance {
    /// Allows `bytes` from now on.
    pub(crate) fn fill(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Relaxed);
        self.longest_line.store(0, Ordering::Relaxed);
    }

    /// The length of the longest line that was read since it was filled, in bytes.
    pub(crate) fn longest_line(&self) -> usize {
        self.longest_line.load(Ordering::Relaxed)
    }

    /// Tells whether all of it was read.
    pub(crate) fn is_used_up(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }
}

/// What a program writes, as far as it is allowed to.
pub(crate) struct Metered<R> {
    from: R,
    allowance: Allowance,
    /// The length of the line that is being read.
    line: usize,
}

impl<R> Metered<R> {
    /// Reads from `from` what `allowance` allows.
    pub(crate) fn new(from: R, allowance: Allowance) -> Metered<R> {
        Metered {
            from,
            allowance,
            line: 0,
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Metered<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.allowance.is_used_up() {
            // As if the program had ended.
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.from).poll_read(context, buffer);
        let read = &buffer.filled()[before..];
        let allowance = self.allowance.clone();
        for part in read.split_inclusive(|byte| *byte == b'\n') {
            self.line += part.len();
            allowance
                .longest_line
                .fetch_max(self.line, Ordering::Relaxed);
            if part.ends_with(b"\n") {
                self.line = 0;
            }
        }
        let left = allowance.left.load(Ordering::Relaxed);
        let left = left.saturating_sub(read.len());
        allowance.left.store(left, Ordering::Relaxed);
        polled
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_flood_ends_where_the_allowance_does() {
        let allowance = Allowance::default();
        allowance.fill(10_000);
        let mut metered = Metered::new(tokio::io::repeat(b'x'), allowance.clone());
        let mut read = Vec::new();
        metered.read_to_end(&mut read).await.expect("it ends");
        assert!((10_000..100_000).contains(&read.len()), "{}", read.len());
        assert!(allowance.is_used_up());
        assert_eq!(allowance.longest_line(), read.len());
    }

    #[tokio::test]
    async fn the_longest_line_is_known() {
        let allowance = Allowance::default();
        allowance.fill(10_000);
        let text = &b"a\nlonger\nb"[..];
        let mut read = Vec::new();
        let mut metered = Metered::new(text, allowance.clone());
        metered.read_to_end(&mut read).await.expect("it ends");
        assert_eq!(read, text);
        assert_eq!(allowance.longest_line(), "longer\n".len());
    }
}
