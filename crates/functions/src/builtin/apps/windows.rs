//! Windows: asking those of some processes to close, on sway and on X11.

use serde_json::Value as Json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window as XWindow,
    },
    rust_connection::RustConnection,
};

/// Largest answer of the compositor that is read.
const ANSWER_LIMIT: u32 = 16 << 20;

/// Asks every window of `pids` to close as its own close button does. Returns how many were asked.
pub(super) async fn close(pids: &[u32]) -> usize {
    let asked = sway_close(pids).await.unwrap_or(0);
    if asked > 0 || std::env::var_os("DISPLAY").is_none() {
        return asked;
    }
    let pids = pids.to_vec();
    let closed = tokio::task::spawn_blocking(move || x11_close(&pids).unwrap_or(0));
    closed.await.unwrap_or(0)
}

/// Counts the windows of `pids`.
pub(super) async fn count(pids: &[u32]) -> usize {
    let on_sway = sway_windows(pids).await.map_or(0, |windows| windows.len());
    if on_sway > 0 || std::env::var_os("DISPLAY").is_none() {
        return on_sway;
    }
    let pids = pids.to_vec();
    let counted = tokio::task::spawn_blocking(move || {
        let (connection, screen) = RustConnection::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        Some(x11_windows(&connection, root, &pids)?.len())
    });
    counted.await.ok().flatten().unwrap_or(0)
}

// sway-ipc(7): `i3-ipc`, length, type, JSON.
const RUN_COMMAND: u32 = 0;
const GET_TREE: u32 = 4;

async fn sway(kind: u32, payload: &str) -> Option<Json> {
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
    tokio::time::timeout(std::time::Duration::from_secs(2), exchange)
        .await
        .ok()?
}

async fn sway_windows(pids: &[u32]) -> Option<Vec<u64>> {
    let tree = sway(GET_TREE, "").await?;
    let mut found = Vec::new();
    collect(&tree, pids, &mut found);
    Some(found)
}

fn collect(node: &Json, pids: &[u32], found: &mut Vec<u64>) {
    let pid = node["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
    let is_window = node["app_id"].is_string() || node["window"].is_u64();
    if let (Some(pid), Some(id), true) = (pid, node["id"].as_u64(), is_window)
        && pids.contains(&pid)
    {
        found.push(id);
    }
    for list in ["nodes", "floating_nodes"] {
        for child in node[list].as_array().into_iter().flatten() {
            collect(child, pids, found);
        }
    }
}

async fn sway_close(pids: &[u32]) -> Option<usize> {
    let windows = sway_windows(pids).await?;
    for id in &windows {
        sway(RUN_COMMAND, &format!("[con_id={id}] kill")).await?;
    }
    Some(windows.len())
}

fn x11_close(pids: &[u32]) -> Option<usize> {
    let (connection, screen) = RustConnection::connect(None).ok()?;
    let root = connection.setup().roots.get(screen)?.root;
    let windows = x11_windows(&connection, root, pids)?;
    let (protocols, delete) = (
        atom(&connection, "WM_PROTOCOLS")?,
        atom(&connection, "WM_DELETE_WINDOW")?,
    );
    let mut asked = 0;
    for window in &windows {
        // ICCCM 4.2.8.1; it reaches the window with and without a window manager.
        if !property(&connection, *window, protocols).contains(&delete) {
            continue;
        }
        let event = ClientMessageEvent::new(32, *window, protocols, [delete, 0, 0, 0, 0]);
        connection
            .send_event(false, *window, EventMask::NO_EVENT, event)
            .ok()?;
        asked += 1;
    }
    connection.flush().ok()?;
    Some(asked)
}

/// The windows that applications manage and that belong to one of `pids` (EWMH `_NET_WM_PID`).
fn x11_windows(connection: &RustConnection, root: XWindow, pids: &[u32]) -> Option<Vec<XWindow>> {
    let pid_atom = atom(connection, "_NET_WM_PID")?;
    let list = property(connection, root, atom(connection, "_NET_CLIENT_LIST")?);
    let all = if list.is_empty() {
        below(connection, root, 0)
    } else {
        list
    };
    let fits = |window: &XWindow| {
        let pid = property(connection, *window, pid_atom);
        pid.first().is_some_and(|pid| pids.contains(pid)) && is_mapped(connection, *window)
    };
    Some(all.into_iter().filter(fits).collect())
}

fn is_mapped(connection: &RustConnection, window: XWindow) -> bool {
    let attributes = connection
        .get_window_attributes(window)
        .ok()
        .and_then(|cookie| cookie.reply().ok());
    attributes.is_some_and(|attributes| attributes.map_state != MapState::UNMAPPED)
}

/// Without a window manager there is no list, so the tree is walked; frames are at most two deep.
fn below(connection: &RustConnection, window: XWindow, depth: usize) -> Vec<XWindow> {
    let tree = connection
        .query_tree(window)
        .ok()
        .and_then(|cookie| cookie.reply().ok());
    let children = tree.map(|tree| tree.children).unwrap_or_default();
    let mut all = children.clone();
    if depth < 2 {
        all.extend(
            children
                .into_iter()
                .flat_map(|child| below(connection, child, depth + 1)),
        );
    }
    all
}

fn atom(connection: &RustConnection, name: &str) -> Option<u32> {
    Some(
        connection
            .intern_atom(false, name.as_bytes())
            .ok()?
            .reply()
            .ok()?
            .atom,
    )
}

fn property(connection: &RustConnection, window: XWindow, name: u32) -> Vec<u32> {
    let cookie = connection.get_property(false, window, name, AtomEnum::ANY, 0, 4096);
    let reply = cookie.ok().and_then(|cookie| cookie.reply().ok());
    reply
        .and_then(|reply| Some(reply.value32()?.collect()))
        .unwrap_or_default()
}
