//! The live source `window`: every open window.

use super::{screen, target};
use crate::{LiveValue, World, installed_apps};

/// Longest title that is offered as a name, in characters: the planner leaves out longer ones.
const LONGEST: usize = 60;

/// Returns the open windows by their numbers, with their titles; the name of an app stands for one of its windows, rather
/// for one that has not the keyboard already.
pub(crate) async fn values(world: &World) -> Vec<LiveValue> {
    let Some((_, windows)) = screen::all().await else {
        return Vec::new();
    };
    let installed = installed_apps(&world.places);
    let apps: Vec<String> = windows
        .iter()
        .map(|window| target::shown_app(&installed, window, world))
        .collect();
    let stands_for = |app: &String| {
        let of_app = || (0..windows.len()).filter(|at| apps[*at] == *app);
        of_app()
            .find(|at| !windows[*at].is_focused)
            .or_else(|| of_app().next())
    };
    let value = |(at, window): (usize, &screen::Window)| {
        let mut names: Vec<String> = Vec::new();
        if !window.title.trim().is_empty() {
            names.push(window.title.chars().take(LONGEST).collect());
        }
        if stands_for(&apps[at]) == Some(at) && !apps[at].is_empty() {
            names.push(apps[at].clone());
        }
        LiveValue {
            id: window.id.to_string(),
            names,
        }
    };
    windows.iter().enumerate().map(value).collect()
}
