//! The desk at which the requests are planned: the same live names on every machine.

use std::{collections::BTreeMap, path::Path};

use crate::requests::EvalRequest;
use functions::{LiveValue, Registry};
use plan::Moment;
use planner::{Context, Earlier, LiveNames, Request};
use protocol::text::Language;

/// Loads the functions that the sets of requests were written for: those that Lucid comes with, but for the ones that are
/// shown on demand alone, which came later and do what some requests are right to be refused.
///
/// # Errors
///
/// A manifest that does not load.
pub(crate) fn registry(root: &Path) -> anyhow::Result<Registry> {
    loaded(root, &[])
}

/// The same among `count` made-up ones, as plugins would bring them.
///
/// # Errors
///
/// As above, and when their manifests cannot be written below `target/eval`.
pub(crate) fn registry_among(root: &Path, count: usize) -> anyhow::Result<Registry> {
    let made_up = root.join(format!("target/eval/made-up-{count}"));
    // Those of an earlier Lucid may have had other names.
    if made_up.exists() {
        std::fs::remove_dir_all(&made_up)?;
    }
    planner::synthetic::write_plugins(&made_up, count)?;
    loaded(root, &[&made_up])
}

fn loaded(root: &Path, added: &[&Path]) -> anyhow::Result<Registry> {
    let (registry, errors) = Registry::load(&[&root.join("plugins")], added);
    match errors.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(registry.only(|function| !function.is_own || !function.on_demand)),
    }
}

fn value(id: &str, names: &[&str]) -> LiveValue {
    LiveValue {
        id: id.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// What is installed and running.
pub(crate) fn live() -> LiveNames {
    LiveNames {
        apps: vec![
            value(
                "org.gnome.gedit.desktop",
                &["gedit", "Text Editor", "文本编辑器"],
            ),
            value("firefox.desktop", &["Firefox", "Web Browser", "火狐浏览器"]),
            value("org.gnome.Calculator.desktop", &["Calculator", "计算器"]),
            value("org.gnome.Nautilus.desktop", &["Files", "文件管理器"]),
            value("foot.desktop", &["Foot", "Terminal", "终端"]),
            value("gimp.desktop", &["GIMP", "Image Editor"]),
            value(
                "libreoffice-writer.desktop",
                &["LibreOffice Writer", "Word Processor"],
            ),
            value("thunderbird.desktop", &["Thunderbird", "Mail"]),
        ],
        sources: BTreeMap::from([
            (
                "media.player".to_owned(),
                vec![value("org.mpris.MediaPlayer2.mpv", &["mpv"])],
            ),
            (
                "audio.output".to_owned(),
                vec![
                    value("50", &["Headphones"]),
                    value("51", &["Built-in Audio"]),
                ],
            ),
        ]),
        ..LiveNames::default()
    }
}

/// The moment of every request: a Monday at ten in the morning.
pub(crate) fn now() -> Moment {
    Moment::parse("2026-11-23T10:00:00+08:00", 0)
        .expect("a constant moment in the form of RFC 3339")
}

/// Makes a request at the desk.
pub(crate) fn request(request: &EvalRequest, use_templates: bool) -> Request {
    let context = match request.before.last() {
        Some(before) => Context::after(Earlier {
            utterance: before.text.clone(),
            plan: plan::parse(&before.plan).unwrap_or_default(),
        }),
        None => Context::default(),
    };
    Request {
        context,
        live: live(),
        use_templates,
        ..Request::new(&request.text, Language::of(&request.language), now())
    }
}
