//! What a person reads of a failure of the store.

use super::StoreError;

impl StoreError {
    /// Names the sentence in the catalogue of messages that says this, with its values.
    ///
    /// The catalogue itself lies above this crate, which the worker is built from too.
    pub fn sentence(&self) -> (&'static str, Vec<(&'static str, String)>) {
        let model = |id: &str| ("model", id.to_owned());
        let path = |path: &std::path::Path| ("path", path.display().to_string());
        match self {
            StoreError::Missing { id } => ("model-not-there", vec![model(id)]),
            StoreError::Damaged { id, path: file, .. } => {
                ("model-damaged", vec![model(id), path(file)])
            }
            StoreError::Space {
                folder,
                needed_mb,
                free_mb,
            } => (
                "model-no-space",
                vec![
                    path(folder),
                    ("needed", needed_mb.to_string()),
                    ("free", free_mb.to_string()),
                ],
            ),
            StoreError::Sources { id, reasons } => (
                "model-not-fetched",
                vec![model(id), ("reasons", reasons.clone())],
            ),
            StoreError::Stopped { id } => ("model-stopped", vec![model(id)]),
            StoreError::System { path: file } => ("model-of-system", vec![path(file)]),
            StoreError::Write { path: file, source } => (
                "model-unwritable",
                vec![path(file), ("reason", source.to_string())],
            ),
        }
    }
}
