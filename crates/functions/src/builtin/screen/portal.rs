//! Screenshots through the desktop portal
//! (<https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Screenshot.html>).

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::StreamExt;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Proxy, Variant};

use crate::builtin::files::place;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";

/// The portal may ask the person first.
const LIMIT: Duration = Duration::from_secs(60);

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Takes a screenshot and returns the file that the portal wrote, or why there is none.
pub(super) async fn screenshot(connection: &Connection) -> Result<PathBuf, String> {
    match tokio::time::timeout(LIMIT, request(connection)).await {
        Ok(Ok(uri)) => path_of(&uri).ok_or_else(|| uri.clone()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the portal did not answer".to_owned()),
    }
}

async fn request(connection: &Connection) -> zbus::Result<String> {
    let token = format!("lucid{}", COUNTER.fetch_add(1, Ordering::Relaxed));
    let sender = connection
        .unique_name()
        .map(|name| name.as_str().trim_start_matches(':').replace('.', "_"))
        .unwrap_or_default();
    let handle = format!("{PATH}/request/{sender}/{token}");
    let answer = Proxy::new(connection, NAME, handle, "org.freedesktop.portal.Request").await?;
    // Listened for before the call, because the answer may come before the call's own.
    let mut responses = answer.receive_signal("Response").await?;
    let portal = Proxy::new(connection, NAME, PATH, "org.freedesktop.portal.Screenshot").await?;
    let options: HashMap<&str, Variant<'_>> = HashMap::from([
        ("handle_token", Variant::from(token.as_str())),
        ("interactive", Variant::Bool(false)),
    ]);
    let _: OwnedObjectPath = portal.call("Screenshot", &("", options)).await?;
    let Some(response) = responses.next().await else {
        return Err(zbus::Error::Failure("the portal went away".to_owned()));
    };
    let body = response.body();
    let (code, results): (u32, HashMap<String, OwnedVariant>) = body.deserialize()?;
    let uri = results
        .get("uri")
        .and_then(|uri| <&str>::try_from(uri).ok());
    match (code, uri) {
        (0, Some(uri)) => Ok(uri.to_owned()),
        _ => Err(zbus::Error::Failure("the portal refused".to_owned())),
    }
}

/// Reads a `file:` URI (RFC 8089).
fn path_of(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    Some(PathBuf::from(place::percent_decoded(path)))
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn file_uris_become_paths() {
        let path = path_of("file:///home/a/%E5%9B%BE%20b.png").expect("a path");
        assert_eq!(path.to_str(), Some("/home/a/图 b.png"));
        assert_eq!(path_of("https://example.org/a.png"), None);
    }
}
