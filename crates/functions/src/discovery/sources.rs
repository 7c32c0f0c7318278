//! Apps that answer what is typed: GNOME's search providers (`org.gnome.Shell.SearchProvider2`) and KRunner's runners
//! (`org.kde.krunner1`).
//!
//! Asking one starts it, and tells it what the person types: so only those are asked that the person has named.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use freedesktop_desktop_entry::DesktopEntry;
use futures_util::future::join_all;
use journal::{Intent, OpenEntry, Outcome};
use plan::{ArgumentSpec, Output, Role, Type, Value};
use policy::ResolvedCall;
use protocol::text::message;
use zbus::Variant;

use super::{Found, Means, acts::touched, naming};
use crate::{
    Action, Availability, FunctionError, InstalledApp, Places, World,
    dbus::{Target, first_of_reply, is_forbidden_name, texts},
};

const PROVIDER: &str = "org.gnome.Shell.SearchProvider2";
const RUNNER: &str = "org.kde.krunner1";
/// What the person writes for all of them.
const ALL: &str = "*";

/// How long one may take to answer; the first time it is started for it.
const ANSWERED: Duration = Duration::from_millis(1500);
/// How long one may take to open a result.
const OPENED: Duration = Duration::from_secs(5);
/// The most results of one source, and of all.
const MOST_OF_SOURCE: usize = 4;
const MOST: usize = 8;
/// The most that is read of what one has found.
const MOST_READ: usize = 200;
/// The most sources.
const MOST_SOURCES: usize = 64;
/// The most bytes of the file of one.
const MOST_BYTES: u64 = 64 << 10;
/// The most characters of a title, of what stands below it, and of an id.
const MOST_OF_TITLE: usize = 120;
const MOST_OF_ID: usize = 4000;
/// The most characters that are looked for.
const MOST_OF_WORDS: usize = 200;

/// An app that answers what is typed.
#[derive(Clone, PartialEq)]
pub struct ResultSource {
    /// The app; of a runner that belongs to none, what stands for it.
    app: InstalledApp,
    kind: Kind,
    service: String,
    path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Provider,
    Runner,
}

/// A result of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The desktop id of the app, such as `org.gnome.Calculator.desktop`.
    pub app_id: String,
    /// What the app calls it by; given back to open it.
    pub id: String,
    /// What to show.
    pub title: String,
    /// What the app says about it; may be empty.
    pub detail: String,
    /// What the app is called.
    pub app: String,
    /// An icon name of the icon theme or an absolute path.
    pub icon: String,
}

impl ResultSource {
    /// Tells whether `name` names its app by the desktop id, with or without the ending, or all apps.
    pub fn is_named(&self, name: &str) -> bool {
        name == ALL || name == self.app.bare_id() || name == self.app.id
    }
}

/// Returns the installed apps that answer what is typed, of those that `named` names by their desktop ids, with or
/// without the ending; `*` names all. An app that answers in several ways is asked in the first.
pub fn result_sources(
    places: &Places,
    apps: &[InstalledApp],
    named: &[String],
) -> Vec<ResultSource> {
    if named.is_empty() {
        return Vec::new();
    }
    let mut sources: BTreeMap<String, ResultSource> = BTreeMap::new();
    let own = [places.data.clone()];
    for data in own.iter().chain(&places.data_dirs) {
        let providers = files(&data.join("gnome-shell/search-providers"), "ini");
        let runners = files(&data.join("krunner/dbusplugins"), "desktop");
        let providers = providers.iter().filter_map(|file| provider(file, apps));
        let runners = runners.iter().filter_map(|file| runner(file, apps));
        for source in providers.chain(runners) {
            let is_named = named.iter().any(|name| source.is_named(name));
            // A file of the person's own comes before one of the machine.
            if is_named && !is_forbidden_name(&source.service) && sources.len() < MOST_SOURCES {
                let id = source.app.bare_id().to_owned();
                sources.entry(id).or_insert(source);
            }
        }
    }
    sources.into_values().collect()
}

/// The entries of a folder with this ending, in order.
fn files(folder: &Path, ending: &str) -> Vec<DesktopEntry> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .filter(|path| fs::metadata(path).is_ok_and(|file| file.len() <= MOST_BYTES))
        .collect();
    paths.sort();
    let read = paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path).ok()?;
        // The reader knows no other ending; nothing but the stem is asked for.
        DesktopEntry::from_str(path.with_extension("desktop"), &text, None::<&[&str]>).ok()
    });
    read.flatten().collect()
}

fn provider(file: &DesktopEntry, apps: &[InstalledApp]) -> Option<ResultSource> {
    let group = file.groups.group("Shell Search Provider")?;
    let id = group.entry("DesktopId")?;
    let app = apps.iter().find(|app| app.id == id)?;
    (group.entry("Version") == Some("2")).then_some(())?;
    source(
        Kind::Provider,
        app.clone(),
        group.entry("BusName")?,
        group.entry("ObjectPath")?,
    )
}

fn runner(file: &DesktopEntry, apps: &[InstalledApp]) -> Option<ResultSource> {
    let group = file.groups.desktop_entry()?;
    let is_meant = group.entry("X-Plasma-API") == Some("DBus") && !file.hidden();
    is_meant.then_some(())?;
    let service = group.entry("X-Plasma-DBusRunner-Service")?;
    let path = group.entry("X-Plasma-DBusRunner-Path").unwrap_or("/runner");
    let app = match apps.iter().find(|app| app.bare_id() == service) {
        Some(app) => app.clone(),
        None => {
            let stem = file.path.file_stem()?.to_str()?;
            // Nothing passes for an app that is another.
            if apps.iter().any(|app| app.bare_id() == stem) {
                return None;
            }
            InstalledApp::standing_for(
                stem,
                naming::bounded(group.entry("Name")?, MOST_OF_TITLE),
                group.entry("Icon").unwrap_or_default(),
            )
        }
    };
    // Several programs may answer under one name with a number: none of them is asked.
    source(Kind::Runner, app, service, path)
}

fn source(kind: Kind, app: InstalledApp, service: &str, path: &str) -> Option<ResultSource> {
    let is_known = zbus::names::WellKnownName::try_from(service).is_ok()
        && zbus::ObjectPath::try_from(path).is_ok();
    is_known.then(|| ResultSource {
        app,
        kind,
        service: service.to_owned(),
        path: path.to_owned(),
    })
}

/// Asks all of these side by side for what was typed. Who does not answer in time has found nothing.
pub async fn hits(sources: &[ResultSource], words: &str, world: &World) -> Vec<Hit> {
    if words.trim().is_empty() || words.chars().count() > MOST_OF_WORDS {
        return Vec::new();
    }
    let asked = sources.iter().map(|source| async move {
        let found = source.find(words, world);
        let found = tokio::time::timeout(ANSWERED, found).await.ok().flatten();
        found.unwrap_or_default()
    });
    let found = join_all(asked).await.into_iter().flatten();
    found.take(MOST).collect()
}

impl ResultSource {
    /// Returns the app.
    pub(super) fn app(&self) -> &InstalledApp {
        &self.app
    }

    /// The function that opens a result.
    pub(super) fn opening(&self) -> Found {
        let text = |name: &str, max: usize| ArgumentSpec {
            name: name.to_owned(),
            ty: Type::Text { max },
            role: Role::Critical,
            required: true,
            default: None,
            hint: String::new(),
            ahead: false,
        };
        Found {
            words: ["open", "result"].map(str::to_owned).to_vec(),
            labels: ["Open a result", "打开搜索结果"].map(str::to_owned),
            within: String::new(),
            tip: String::new(),
            means: Means::SearchResult,
            is_guessed: false,
            arguments: vec![text("result", MOST_OF_ID), text("words", MOST_OF_WORDS)],
            output: Output::None,
            place: format!("{} {}", self.service, self.path),
            action: Arc::new(Opening(self.clone())),
        }
    }

    async fn find(&self, words: &str, world: &World) -> Option<Vec<Hit>> {
        match self.kind {
            Kind::Provider => self.find_of_provider(words, world).await,
            Kind::Runner => self.find_of_runner(words, world).await,
        }
    }

    async fn find_of_provider(&self, words: &str, world: &World) -> Option<Vec<Hit>> {
        let target = self.target(ANSWERED, world)?;
        let terms = texts(words.split_whitespace())?;
        let found = target.call(PROVIDER, "GetInitialResultSet", vec![terms], world);
        let Value::List(ids) = first_of_reply(found.await.ok()?) else {
            return None;
        };
        let ids: Vec<String> = ids
            .into_iter()
            .filter_map(|id| Some(id.as_text()?.to_owned()))
            .take(MOST_OF_SOURCE)
            .collect();
        if ids.is_empty() {
            return Some(Vec::new());
        }
        let told = vec![texts(ids.iter().map(String::as_str))?];
        let told = target.call(PROVIDER, "GetResultMetas", told, world).await;
        let Value::List(told) = first_of_reply(told.ok()?) else {
            return None;
        };
        let hits = told.iter().filter_map(|told| {
            let text = |name: &str| told.field(name).and_then(Value::as_text);
            let detail = text("description").unwrap_or_default();
            self.hit(text("id")?, text("name")?, detail, world)
        });
        Some(hits.take(MOST_OF_SOURCE).collect())
    }

    async fn find_of_runner(&self, words: &str, world: &World) -> Option<Vec<Hit>> {
        let target = self.target(ANSWERED, world)?;
        let asked = vec![Variant::from(words.to_owned())];
        let found = target.call(RUNNER, "Match", asked, world).await;
        let Value::List(found) = first_of_reply(found.ok()?) else {
            return None;
        };
        // Id, text, icon, kind of match, relevance, properties.
        let mut found: Vec<(f64, Hit)> = found
            .iter()
            .take(MOST_READ)
            .filter_map(|one| {
                let one = one.as_list()?;
                let text = |at: usize| one.get(at).and_then(Value::as_text);
                let relevance = one.get(4).and_then(Value::as_number)?;
                let detail = one.get(5).and_then(|more| more.field("subtext"));
                let detail = detail.and_then(Value::as_text).unwrap_or_default();
                Some((relevance, self.hit(text(0)?, text(1)?, detail, world)?))
            })
            .collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        let hits = found.into_iter().map(|(_, hit)| hit);
        Some(hits.take(MOST_OF_SOURCE).collect())
    }

    /// A result, unless it has no title, or an id that is too long to give back.
    fn hit(&self, id: &str, title: &str, detail: &str, world: &World) -> Option<Hit> {
        let title = naming::bounded(title, MOST_OF_TITLE);
        if title.is_empty() || id.chars().count() > MOST_OF_ID {
            return None;
        }
        Some(Hit {
            app_id: self.app.id.clone(),
            id: id.to_owned(),
            title,
            detail: naming::bounded(detail, MOST_OF_TITLE),
            app: self.app.shown_name(world.language).to_owned(),
            icon: self.app.icon.clone(),
        })
    }

    /// The object that is asked: it is started when it does not run.
    fn target<'w>(&self, limit: Duration, world: &'w World) -> Option<Target<'w>> {
        let connection = world.session_bus.as_ref()?;
        Some(Target {
            activatable: true,
            limit,
            ..Target::of(connection, &self.service, &self.path)
        })
    }

    async fn open(&self, call: &ResolvedCall, world: &World) -> Result<(), FunctionError> {
        let target = self.target(OPENED, world).ok_or_else(|| gone(world))?;
        let text = |name: &str| call.text(name).unwrap_or_default();
        let id = Variant::from(text("result").to_owned());
        let opened = match self.kind {
            Kind::Provider => {
                let terms = texts(text("words").split_whitespace()).ok_or_else(|| gone(world))?;
                // No time of an event is known here.
                let arguments = vec![id, terms, Variant::U32(0)];
                target.call(PROVIDER, "ActivateResult", arguments, world)
            }
            Kind::Runner => {
                let arguments = vec![id, Variant::from(String::new())];
                target.call(RUNNER, "Run", arguments, world)
            }
        };
        opened.await.map(|_| ())
    }
}

fn gone(world: &World) -> FunctionError {
    super::acts::unavailable("app-action-gone", "", world)
}

/// Opens a result.
struct Opening(ResultSource);

#[async_trait]
impl Action for Opening {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        Ok(Intent {
            touches: touched(&self.0.app, world),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        self.0.open(entry.call(), world).await?;
        let values = [("app", self.0.app.shown_name(world.language))];
        Ok(Outcome {
            note: message(world.language, "hit-opened", &values),
            ..Outcome::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::Fixture;

    /// A folder of data with these files.
    fn places(fixture: &Fixture, files: &[(&str, &str)]) -> Places {
        let data = fixture.world.places.data.clone();
        for (name, text) in files {
            let file = data.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a disk");
            fs::write(file, text).expect("a disk");
        }
        Places {
            data_dirs: Vec::new(),
            ..(*fixture.world.places).clone()
        }
    }

    fn app(id: &str) -> InstalledApp {
        InstalledApp::standing_for(id, "Some app".to_owned(), "")
    }

    #[test]
    fn only_apps_that_are_named_answer() {
        let fixture = Fixture::new();
        let provider = "[Shell Search Provider]\nDesktopId=org.example.One.desktop\n\
            BusName=org.example.One\nObjectPath=/org/example/One\nVersion=2\n";
        let runner = "[Desktop Entry]\nName=Bookmarks\nX-Plasma-API=DBus\n\
            X-Plasma-DBusRunner-Service=org.example.marks\nX-Plasma-DBusRunner-Path=/marks\n";
        let places = places(
            &fixture,
            &[
                ("gnome-shell/search-providers/one.ini", provider),
                (
                    "gnome-shell/search-providers/old.ini",
                    &provider.replace("Version=2", "Version=1"),
                ),
                (
                    "gnome-shell/search-providers/strange.ini",
                    &provider.replace("ObjectPath=/", "ObjectPath="),
                ),
                (
                    "gnome-shell/search-providers/secrets.ini",
                    &provider.replace("BusName=org.example.One", "BusName=org.freedesktop.secrets"),
                ),
                ("gnome-shell/search-providers/empty.ini", ""),
                ("krunner/dbusplugins/marks.desktop", runner),
            ],
        );
        let apps = [app("org.example.One")];
        let named = |named: &[&str]| {
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            let sources = result_sources(&places, &apps, &named);
            let services = sources.into_iter().map(|source| source.service);
            services.collect::<Vec<_>>()
        };
        assert_eq!(named(&[]), [""; 0]);
        assert_eq!(named(&["org.example.One"]), ["org.example.One"]);
        assert_eq!(named(&["org.example.One.desktop"]), ["org.example.One"]);
        assert_eq!(named(&["marks"]), ["org.example.marks"]);
        assert_eq!(named(&["*"]), ["org.example.marks", "org.example.One"]);
        assert_eq!(named(&["org.example"]), [""; 0]);
    }
}
