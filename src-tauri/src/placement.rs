//! Where a window stands: a layer above all others where the compositor has layers, else an ordinary window.

use gtk::{gdk, prelude::*};
use gtk_layer_shell::{Edge, KeyboardMode, Layer, LayerShell};

/// The size of a window and how far it is from the top.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// Pixels.
    pub(crate) width: i32,
    /// Pixels.
    pub(crate) height: i32,
    /// Pixels from the top of the screen.
    pub(crate) top: i32,
}

/// Whether windows are drawn with transparency; without it a shadow would be a black border.
pub(crate) fn is_composited() -> bool {
    has_layers() || gdk::Screen::default().is_some_and(|screen| screen.is_composited())
}

/// The screen's size, of the monitor where a new window would appear.
pub(crate) fn screen_size() -> (i32, i32) {
    let display = gdk::Display::default();
    let monitor =
        display.and_then(|display| display.primary_monitor().or_else(|| display.monitor(0)));
    monitor.map_or((1280, 800), |monitor| {
        let area = monitor.workarea();
        (area.width(), area.height())
    })
}

/// Puts `window` in its place; must be called before it is shown for the first time.
pub(crate) fn place(window: &gtk::ApplicationWindow, frame: Frame, namespace: &str) {
    // With only a default size the web view is never painted on a layer.
    window.set_size_request(frame.width, -1);
    if has_layers() {
        window.set_size_request(frame.width, frame.height);
        window.init_layer_shell();
        window.set_namespace(namespace);
        window.set_layer(Layer::Overlay);
        window.set_keyboard_mode(KeyboardMode::Exclusive);
        window.set_anchor(Edge::Top, true);
        window.set_layer_shell_margin(Edge::Top, frame.top);
        // Zero would move aside for panels; we stand above them at the same place everywhere.
        window.set_exclusive_zone(-1);
        return;
    }
    window.set_type_hint(gdk::WindowTypeHint::Dialog);
    window.set_position(gtk::WindowPosition::None);
    window.set_keep_above(true);
    put_back(window, frame);
}

/// Whether windows are layers that the compositor keeps above all others.
pub(crate) fn has_layers() -> bool {
    gtk_layer_shell::is_supported()
}

/// Puts an ordinary window back in its place, which window managers choose anew each time it is shown.
pub(crate) fn put_back(window: &gtk::ApplicationWindow, frame: Frame) {
    if !has_layers() {
        let (width, _) = screen_size();
        window.move_((width - frame.width) / 2, frame.top);
    }
}

/// Lowers a layer and takes its keyboard, so that a consent stands above it, or gives both back.
pub(crate) fn yield_to_consent(window: &gtk::ApplicationWindow, yields: bool) {
    if !has_layers() {
        window.set_keep_above(!yields);
        return;
    }
    let (layer, keyboard) = if yields {
        (Layer::Top, KeyboardMode::None)
    } else {
        (Layer::Overlay, KeyboardMode::Exclusive)
    };
    window.set_layer(layer);
    window.set_keyboard_mode(keyboard);
}
