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
pub(crate) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// Allows `bytes` from now on.
    pub(crate) fn fill(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Tells whether all of it was read.
    pub(crate) fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// What a program writes, as far as it is allowed to.
pub(crate) struct Metered<R> {
    pub(crate) from: R,
    pub(crate) allowance: Allowance,
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
        let read = buffer.filled().len() - before;
        let left = self.allowance.0.load(Ordering::Relaxed);
        self.allowance.fill(left.saturating_sub(read));
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
        let mut metered = Metered {
            from: tokio::io::repeat(b'x'),
            allowance: allowance.clone(),
        };
        let mut read = Vec::new();
        metered.read_to_end(&mut read).await.expect("it ends");
        assert!((10_000..100_000).contains(&read.len()), "{}", read.len());
        assert!(allowance.is_used_up());
    }
}
