//! How the web view draws.

use std::{env, fs};

/// Turns WebKit's DMA-BUF renderer off where there is no render node, because it then draws nothing at all.
///
/// Must run before GTK starts and before there is a second thread.
pub(crate) fn choose() {
    if env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_some() || has_render_node() {
        return;
    }
    // SAFETY: nothing has started a thread yet; `main` calls this first.
    unsafe { env::set_var("WEBKIT_DISABLE_DMABUF_RENDERER", "1") };
}

fn has_render_node() -> bool {
    let Ok(entries) = fs::read_dir("/dev/dri") else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
}
