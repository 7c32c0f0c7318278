//! sway-ipc(7): `i3-ipc`, length, type, JSON.

use std::{path::Path, time::Duration};

use serde_json::Value as Json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use super::screen::Window;

/// Largest answer of the compositor that is read.
const ANSWER_LIMIT: u32 = 16 << 20;
/// How long it may take.
const LIMIT: Duration = Duration::from_secs(2);

const RUN_COMMAND: u32 = 0;
const GET_WORKSPACES: u32 = 1;
const GET_TREE: u32 = 4;

/// Returns every window; none where there is no sway.
pub(super) async fn all() -> Option<Vec<Window>> {
    let tree = ask(GET_TREE, "").await?;
    let mut found = Vec::new();
    collect(&tree, "", &mut found);
    Some(found)
}

/// Runs a command and tells whether it succeeded.
pub(super) async fn run(command: &str) -> bool {
    let answer = ask(RUN_COMMAND, command).await;
    let parts = answer.as_ref().and_then(Json::as_array);
    parts.is_some_and(|parts| !parts.is_empty() && parts.iter().all(|part| part["success"] == true))
}

/// Returns the name of the workspace that has the focus.
pub(super) async fn workspace() -> Option<String> {
    let all = ask(GET_WORKSPACES, "").await?;
    let focused = all.as_array()?.iter().find(|one| one["focused"] == true)?;
    Some(focused["name"].as_str()?.to_owned())
}

/// Shows a picture behind all windows. Tells whether sway does; none where there is no sway.
///
/// sway expands what it reads as a shell does, commands too: so a path with anything but letters, digits and plain marks
/// is never given to it.
pub(crate) async fn set_background(picture: &Path) -> Option<bool> {
    if !is_there().await {
        return None;
    }
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    match picture.to_str().filter(|path| path.chars().all(is_plain)) {
        Some(path) => Some(run(&format!("output * bg {path} fill")).await),
        None => Some(false),
    }
}

/// Tells whether there is a sway that listens.
pub(super) async fn is_there() -> bool {
    match std::env::var_os("SWAYSOCK") {
        Some(socket) => UnixStream::connect(socket).await.is_ok(),
        None => false,
    }
}

async fn ask(kind: u32, payload: &str) -> Option<Json> {
    let socket = std::env::var_os("SWAYSOCK")?;
    let mut stream = UnixStream::connect(socket).await.ok()?;
    let mut message = b"i3-ipc".to_vec();
    message.extend(u32::try_from(payload.len()).ok()?.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(payload.as_bytes());
    let exchange = async {
        stream.write_all(&message).await.ok()?;
        let mut head = [0u8; 14];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_ne_bytes(head[6..10].try_into().ok()?);
        let mut body = vec![0u8; usize::try_from(length.min(ANSWER_LIMIT)).ok()?];
        stream.read_exact(&mut body).await.ok()?;
        serde_json::from_slice(&body).ok()
    };
    tokio::time::timeout(LIMIT, exchange).await.ok()?
}

fn collect(node: &Json, workspace: &str, found: &mut Vec<Window>) {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let workspace = match node["type"].as_str() {
        // Where sway puts what is put away.
        Some("workspace") if node["name"] == "__i3_scratch" => "",
        Some("workspace") => node["name"].as_str().unwrap_or_default(),
        _ => workspace,
    };
    let is_window = node["app_id"].is_string() || node["window"].is_u64();
    if let (Some(id), true) = (node["id"].as_u64(), is_window) {
        let class = &node["window_properties"]["class"];
        let pid = node["pid"].as_u64();
        found.push(Window {
            id,
            title: text(&node["name"]),
            app: node["app_id"]
                .as_str()
                .map_or_else(|| text(class), str::to_owned),
            pid: pid.and_then(|pid| u32::try_from(pid).ok()),
            workspace: workspace.to_owned(),
            is_focused: node["focused"] == true,
        });
    }
    for list in ["nodes", "floating_nodes"] {
        for child in node[list].as_array().into_iter().flatten() {
            collect(child, workspace, found);
        }
    }
}
