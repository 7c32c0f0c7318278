//! After a crash: what was begun is settled by reading the world, and never repeated.

use crate::Kernel;

impl Kernel {
    /// Settles every entry that the last kernel left open. Call it before anyone can ask: who looks into the
    /// history then finds no act undecided. Idempotent, also when it is killed itself.
    pub async fn recover(&self) {
        let unsettled = match self.ledger.with(|journal| journal.unsettled()).await {
            Ok(unsettled) => unsettled,
            Err(error) => {
                tracing::error!(%error, "open entries cannot be read");
                return;
            }
        };
        for entry in unsettled {
            let id = entry.id;
            tracing::warn!(?id, function = %entry.function, "settling an entry that a crash left open");
            if let Err(error) = self.settle_entry(entry, &self.world).await {
                tracing::error!(?id, %error, "an open entry was not settled");
            }
        }
    }
}
