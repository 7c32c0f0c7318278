//! The card that a transparent overlay looks like: its shadow, its round corners, and what of the page is seen.
//!
//! The page itself is opaque. A page with a transparent ground keeps old pixels
//! where it draws nothing when WebKit draws without a graphics card, so the
//! transparency is made here, when the finished page is put into the window.

use std::f64::consts::{FRAC_PI_2, PI};

use gtk::{cairo, prelude::*};
use serde::Deserialize;

/// As `--radius` in `ui/src/style/overlay.css`.
const RADIUS: f64 = 16.0;
/// How far the shadow reaches, in steps of two pixels; the page leaves as much room around the card.
const SHADOW_STEPS: u8 = 11;
const SHADOW_DROP: f64 = 6.0;
/// Of the outermost step; each step inwards is a little stronger, so that the shadow has no edge.
const SHADOW_STRENGTH: f64 = 0.0022;

/// The part of the window that the page's card covers, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Leaves only `area()` of the page and draws its shadow, whenever `window` is drawn.
pub(crate) fn cut_out(window: &gtk::ApplicationWindow, area: impl Fn() -> Option<Area> + 'static) {
    // After the page, because GTK restores the clip between handlers.
    window.connect_local("draw", true, move |values| {
        let context = values.get(1)?.get::<cairo::Context>().ok()?;
        if let Err(error) = cut(&context, area()) {
            tracing::warn!(%error, "could not cut out the overlay's card");
        }
        Some(false.to_value())
    });
}

fn cut(context: &cairo::Context, area: Option<Area>) -> Result<(), cairo::Error> {
    context.set_operator(cairo::Operator::Clear);
    let Some(area) = area else {
        // Before the page has said where its card is there is nothing to see.
        return context.paint();
    };
    if is_inside(area, context.clip_extents()?) {
        return Ok(());
    }
    clip_to_rim(context, area)?;
    let (left, top, right, bottom) = context.clip_extents()?;
    context.set_fill_rule(cairo::FillRule::EvenOdd);
    context.new_path();
    trace(context, area, 0.0, 0.0);
    context.rectangle(left, top, right - left, bottom - top);
    context.fill()?;
    context.set_fill_rule(cairo::FillRule::Winding);
    context.set_operator(cairo::Operator::DestOver);
    for step in 1..=SHADOW_STEPS {
        let reach = f64::from(step) * 2.0;
        context.new_path();
        trace(context, area, reach, SHADOW_DROP);
        let strength = SHADOW_STRENGTH * f64::from(SHADOW_STEPS + 1 - step);
        context.set_source_rgba(0.04, 0.05, 0.1, strength);
        context.fill()?;
    }
    Ok(())
}

/// Whether all that is drawn lies within `area`, away from its round corners, as a key or the caret does.
fn is_inside(area: Area, (left, top, right, bottom): (f64, f64, f64, f64)) -> bool {
    let (from_x, to_x) = (f64::from(area.x), f64::from(area.x + area.width));
    let (from_y, to_y) = (f64::from(area.y), f64::from(area.y + area.height));
    from_x <= left && right <= to_x && from_y + RADIUS <= top && bottom <= to_y - RADIUS
}

/// Leaves out the inside of `area`, where nothing is cut and no shadow is seen: it is nearly all of the window.
fn clip_to_rim(context: &cairo::Context, area: Area) -> Result<(), cairo::Error> {
    let (left, top, right, bottom) = context.clip_extents()?;
    let (x, y) = (f64::from(area.x), f64::from(area.y) + RADIUS);
    let (end_x, end_y) = (
        x + f64::from(area.width),
        f64::from(area.y + area.height) - RADIUS,
    );
    context.new_path();
    context.rectangle(left, top, right - left, y - top);
    context.rectangle(left, end_y, right - left, bottom - end_y);
    context.rectangle(left, y, x - left, end_y - y);
    context.rectangle(end_x, y, right - end_x, end_y - y);
    context.clip();
    Ok(())
}

/// Traces `area` with round corners, `reach` larger on every side and `drop` lower.
fn trace(context: &cairo::Context, area: Area, reach: f64, drop: f64) {
    let (left, top) = (f64::from(area.x) - reach, f64::from(area.y) - reach + drop);
    let right = left + f64::from(area.width) + 2.0 * reach;
    let bottom = top + f64::from(area.height) + 2.0 * reach;
    let radius = RADIUS + reach;
    context.new_sub_path();
    context.arc(right - radius, top + radius, radius, -FRAC_PI_2, 0.0);
    context.arc(right - radius, bottom - radius, radius, 0.0, FRAC_PI_2);
    context.arc(left + radius, bottom - radius, radius, FRAC_PI_2, PI);
    context.arc(left + radius, top + radius, radius, PI, PI + FRAC_PI_2);
    context.close_path();
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area {
        x: 24,
        y: 16,
        width: 80,
        height: 60,
    };

    /// The opacity of each of `points` after the page was drawn all over in white.
    fn opacity_at(area: Option<Area>, points: &[(usize, usize)]) -> Vec<u8> {
        let mut surface = cairo::ImageSurface::create(cairo::Format::ARgb32, 128, 128).unwrap();
        let context = cairo::Context::new(&surface).unwrap();
        context.set_source_rgb(1.0, 1.0, 1.0);
        context.paint().unwrap();
        cut(&context, area).unwrap();
        drop(context);
        let stride = usize::try_from(surface.stride()).unwrap();
        let data = surface.data().unwrap();
        points
            .iter()
            .map(|&(x, y)| data[y * stride + x * 4 + 3])
            .collect()
    }

    #[test]
    fn only_the_card_is_seen_and_a_shadow_around_it() {
        let seen = opacity_at(Some(AREA), &[(64, 40), (24, 16), (64, 78), (2, 2)]);
        let [inside, corner, below, far] = seen[..] else {
            panic!("four points were asked for");
        };
        assert_eq!(inside, 255);
        assert!(corner < 100, "the corner is round: {corner}");
        assert!((5..100).contains(&below), "a shadow lies below: {below}");
        assert_eq!(far, 0);
    }

    #[test]
    fn the_inside_is_left_alone() {
        assert!(is_inside(AREA, (30.0, 40.0, 90.0, 50.0)));
        assert!(!is_inside(AREA, (30.0, 20.0, 90.0, 50.0)));
        assert!(!is_inside(AREA, (20.0, 40.0, 90.0, 50.0)));
        let seen = opacity_at(Some(AREA), &[(24, 46), (103, 46), (23, 46), (64, 16)]);
        assert_eq!(seen[0], 255);
        assert_eq!(seen[1], 255);
        assert!(seen[2] < 100);
        assert_eq!(seen[3], 255);
    }

    #[test]
    fn nothing_is_seen_before_the_page_says_where_its_card_is() {
        assert_eq!(opacity_at(None, &[(64, 40), (2, 2)]), [0, 0]);
    }
}
