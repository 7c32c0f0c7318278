//! The overlay's window: one input line above everything, hidden until it is wanted.

use std::sync::{
    Mutex, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use gtk::{cairo, glib, prelude::*};
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use webkit2gtk::{HitTestResultExt, SettingsExt, WebViewExt};

use crate::{
    card::{self, Area},
    consent,
    page::ShellEvent,
    placement::{self, Frame},
    shell::Shell,
    trace::Trigger,
};

/// The window's label; the capability `overlay` is bound to it.
pub(crate) const LABEL: &str = "overlay";
/// With the shadow around the card.
const WIDTH: i32 = 816;
const MOST_HEIGHT: i32 = 860;

/// What is known of the window apart from what GTK knows.
#[derive(Default)]
pub(crate) struct OverlayState {
    visible: AtomicBool,
    /// The page has connected, so that it gets keys by itself.
    page_is_ready: AtomicBool,
    /// What was typed before that.
    early_keys: Mutex<String>,
    composited: AtomicBool,
    frame: OnceLock<Frame>,
    /// Where the page's card is.
    area: Mutex<Option<Area>>,
}

impl OverlayState {
    /// The page gets keys by itself from now on; returns those that came too early for it.
    pub(crate) fn take_early_keys(&self) -> String {
        self.page_is_ready.store(true, Ordering::SeqCst);
        self.early_keys
            .lock()
            .map(|mut keys| std::mem::take(&mut *keys))
            .unwrap_or_default()
    }

    /// Whether the window is drawn with transparency.
    pub(crate) fn is_composited(&self) -> bool {
        self.composited.load(Ordering::SeqCst)
    }

    /// The most that the page may draw on, in pixels from the top of the window.
    pub(crate) fn most_height(&self) -> i32 {
        self.frame.get().map_or(MOST_HEIGHT, |frame| frame.height)
    }

    /// Takes where the page's card is now; false when it is known already.
    fn area_changed(&self, area: Area) -> bool {
        self.area
            .lock()
            .is_ok_and(|mut current| current.replace(area) != Some(area))
    }

    /// Whether the overlay is shown.
    pub(crate) fn is_visible(&self) -> bool {
        self.visible.load(Ordering::SeqCst)
    }
}

/// Makes the window, hidden.
///
/// # Errors
///
/// When the web view cannot be made.
pub(crate) fn build(app: &AppHandle) -> anyhow::Result<()> {
    let composited = placement::is_composited();
    let shell = Shell::of(app);
    shell.overlay.composited.store(composited, Ordering::SeqCst);
    let (_, screen) = placement::screen_size();
    let frame = Frame {
        width: WIDTH,
        height: MOST_HEIGHT.min(screen * 86 / 100),
        top: screen * 10 / 100,
    };
    shell.overlay.frame.get_or_init(|| frame);
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Lucid")
        .decorations(false)
        .resizable(false)
        .skip_taskbar(true)
        .always_on_top(true)
        .visible(false)
        .focused(true)
        .transparent(composited)
        .disable_drag_drop_handler()
        .inner_size(f64::from(frame.width), f64::from(frame.height))
        .on_navigation(is_own_page)
        .build()?;
    let gtk_window = window.gtk_window()?;
    placement::place(&gtk_window, frame, "lucid-overlay");
    let drawn = shell.clone();
    if composited {
        card::cut_out(&gtk_window, move || *drawn.overlay.area.lock().ok()?);
    }
    keep_early_keys(&gtk_window, app.clone());
    guard_web_view(&window, app.clone())?;
    Ok(())
}

/// Whether `url` is a page of this program; nothing else is ever loaded.
pub(crate) fn is_own_page(url: &Url) -> bool {
    url.scheme() == "tauri" && url.host_str() == Some("localhost")
}

/// Keeps what is typed while the page is still being loaded, and gives it to the page when it connects.
fn keep_early_keys(window: &gtk::ApplicationWindow, app: AppHandle) {
    window.connect_key_press_event(move |_, event| {
        let overlay = &Shell::of(&app).overlay;
        if overlay.page_is_ready.load(Ordering::SeqCst) {
            return glib::Propagation::Proceed;
        }
        let character = event.keyval().to_unicode().filter(|c| !c.is_control());
        if let (Some(character), Ok(mut keys)) = (character, overlay.early_keys.lock()) {
            keys.push(character);
        }
        glib::Propagation::Stop
    });
}

/// Loads the page again when its process dies, and keeps the menu of a browser away.
fn guard_web_view(window: &WebviewWindow, app: AppHandle) -> tauri::Result<()> {
    window.with_webview(move |web_view| {
        let view = web_view.inner();
        view.connect_web_process_terminated(move |view, reason| {
            tracing::error!(?reason, "the overlay's web process ended");
            Shell::of(&app)
                .overlay
                .page_is_ready
                .store(false, Ordering::SeqCst);
            view.reload();
        });
        view.connect_context_menu(|_, _, _, hit| !hit.context_is_editable());
        if std::env::var_os("LUCID_LOG").is_some()
            && let Some(settings) = WebViewExt::settings(&view)
        {
            settings.set_enable_write_console_messages_to_stdout(true);
        }
        view.grab_focus();
    })
}

/// Shows the overlay when hidden and hides it when shown.
pub(crate) fn toggle(app: &AppHandle, trigger: Trigger) {
    // Whether it is shown is asked on the main thread, where an earlier press has taken effect by then.
    on_window(app, move |app, _, gtk_window| {
        let is_visible = Shell::of(app).overlay.is_visible();
        // A window that lies beneath others is wanted, not in the way; a layer lies beneath nothing.
        if is_visible && (gtk_window.is_active() || placement::has_layers()) {
            hide(app);
        } else {
            show(app, trigger);
        }
    });
}

/// Shows the overlay and gives it the keyboard.
pub(crate) fn show(app: &AppHandle, trigger: Trigger) {
    on_window(app, move |app, window, gtk_window| {
        let shell = Shell::of(app);
        shell.overlay.visible.store(true, Ordering::SeqCst);
        shell.trace.shown(trigger);
        if let Some(frame) = shell.overlay.frame.get() {
            placement::put_back(gtk_window, *frame);
        }
        gtk_window.show_all();
        gtk_window.present_with_time(gtk::current_event_time());
        focus_web_view(window);
        shell.page.tell(ShellEvent::Shown {
            trigger: trigger.id,
        });
        // Whoever calls the overlay while a question waits must not find it over the question.
        if shell.consents.is_asking() {
            consent::window::follow_book(app);
        }
    });
}

/// Hides the overlay.
pub(crate) fn hide(app: &AppHandle) {
    on_window(app, |app, _, gtk_window| {
        Shell::of(app)
            .overlay
            .visible
            .store(false, Ordering::SeqCst);
        gtk_window.hide();
    });
}

/// Lets a consent stand above the overlay, or takes its place back.
pub(crate) fn yield_to_consent(app: &AppHandle, yields: bool) {
    on_window(app, move |app, window, gtk_window| {
        placement::yield_to_consent(gtk_window, yields);
        if !yields && Shell::of(app).overlay.is_visible() {
            gtk_window.present_with_time(gtk::current_event_time());
            focus_web_view(window);
        }
    });
}

/// Fits the window to what the page draws.
pub(crate) fn fit(app: &AppHandle, area: Area) {
    on_window(app, move |app, _, gtk_window| {
        let shell = Shell::of(app);
        if !shell.overlay.area_changed(area) {
            return;
        }
        if shell.overlay.is_composited() {
            let rectangle = cairo::RectangleInt::new(area.x, area.y, area.width, area.height);
            let region = cairo::Region::create_rectangle(&rectangle);
            gtk_window.input_shape_combine_region(Some(&region));
            // The page draws what changed in it by itself; only what is cut out must be drawn anew.
            gtk_window.queue_draw();
        } else {
            let height = area.height.clamp(48, shell.overlay.most_height());
            gtk_window.set_size_request(WIDTH, height);
            gtk_window.resize(WIDTH, height);
        }
    });
}

/// Gives the page of `window` the keyboard.
pub(crate) fn focus_web_view(window: &WebviewWindow) {
    let focused = window.with_webview(|web_view| web_view.inner().grab_focus());
    if let Err(error) = focused {
        tracing::warn!(%error, "could not focus a page");
    }
}

fn on_window(
    app: &AppHandle,
    act: impl FnOnce(&AppHandle, &WebviewWindow, &gtk::ApplicationWindow) + Send + 'static,
) {
    let handle = app.clone();
    let queued = app.run_on_main_thread(move || {
        let Some(window) = handle.get_webview_window(LABEL) else {
            return;
        };
        match window.gtk_window() {
            Ok(gtk_window) => act(&handle, &window, &gtk_window),
            Err(error) => tracing::error!(%error, "the overlay has no window"),
        }
    });
    if let Err(error) = queued {
        tracing::error!(%error, "the main thread is gone");
    }
}
