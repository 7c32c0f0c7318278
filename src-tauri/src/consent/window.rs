//! The consent dialog's window.
//!
//! It has a web process and a web context of its own, which no generated
//! content ever enters and which a WebDriver session does not reach, and it
//! stands above the overlay. It exists only while something is asked.

use gtk::prelude::*;
use protocol::text::{Language, message};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use webkit2gtk::WebViewExt;

use crate::{
    overlay,
    placement::{self, Frame},
    shell::Shell,
};

/// The window's label; the capability `consent` is bound to it.
pub(crate) const LABEL: &str = "consent";
const WIDTH: i32 = 560;
const HEIGHT: i32 = 560;

/// Makes the dialog, hidden until its page is there, or brings it to the front, while something is asked; else closes it.
///
/// Questions come and go in threads of their own. What is asked is looked up on
/// the main thread, so that the last of several calls leaves the right window.
pub(crate) fn follow_book(app: &AppHandle) {
    on_main_thread(app, |app| {
        if !Shell::of(app).consents.is_asking() {
            close(app);
        } else if let Err(error) = build_or_present(app) {
            tracing::error!(%error, "could not show the consent dialog");
        }
    });
}

/// Shows the dialog, whose page is there, above the overlay; nothing when it is no longer needed.
pub(crate) fn show(app: &AppHandle) {
    on_main_thread(app, |app| {
        if !Shell::of(app).consents.is_asking() {
            return;
        }
        let Some(window) = app.get_webview_window(LABEL) else {
            return;
        };
        if let Ok(gtk_window) = window.gtk_window() {
            overlay::yield_to_consent(app, true);
            gtk_window.show_all();
            gtk_window.present_with_time(gtk::current_event_time());
            overlay::focus_web_view(&window);
        }
    });
}

fn close(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    if let Err(error) = window.destroy() {
        tracing::error!(%error, "could not close the consent dialog");
    }
    overlay::yield_to_consent(app, false);
}

/// What window managers and screen readers call the dialog.
fn title(language: Language) -> String {
    message(language, "consent-window", &[])
}

fn on_main_thread(app: &AppHandle, act: impl FnOnce(&AppHandle) + Send + 'static) {
    let handle = app.clone();
    let queued = app.run_on_main_thread(move || act(&handle));
    if let Err(error) = queued {
        tracing::error!(%error, "the main thread is gone");
    }
}

fn build_or_present(app: &AppHandle) -> anyhow::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        let gtk_window = window.gtk_window()?;
        if gtk_window.is_visible() {
            gtk_window.present_with_time(gtk::current_event_time());
        }
        return Ok(());
    }
    let (_, screen) = placement::screen_size();
    let frame = Frame {
        width: WIDTH,
        height: HEIGHT.min(screen * 80 / 100),
        top: (screen - HEIGHT).max(0) * 4 / 10,
    };
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("consent.html".into()))
        .title(title(Shell::of(app).language))
        .decorations(false)
        .resizable(false)
        .skip_taskbar(true)
        .always_on_top(true)
        .visible(false)
        .focused(true)
        .data_directory(app.path().app_cache_dir()?.join("consent"))
        .disable_drag_drop_handler()
        .inner_size(f64::from(frame.width), f64::from(frame.height))
        .on_navigation(overlay::is_own_page)
        .build()?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            Shell::of(&handle).consents.refuse_current(&handle);
        }
    });
    let gtk_window = window.gtk_window()?;
    placement::place(&gtk_window, frame, "lucid-consent");
    gtk_window.set_size_request(frame.width, frame.height);
    let handle = app.clone();
    window.with_webview(move |web_view| {
        let view = web_view.inner();
        view.connect_context_menu(|_, _, _, _| true);
        view.connect_web_process_terminated(move |view, reason| {
            tracing::error!(?reason, "the consent dialog's web process ended");
            if Shell::of(&handle).consents.page_died(&handle) {
                view.reload();
            }
        });
        view.grab_focus();
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_has_a_title_in_every_language() {
        assert_eq!(title(Language::English), "Lucid asks before it acts");
        assert_eq!(title(Language::Chinese), "执行前请你确认");
    }
}
