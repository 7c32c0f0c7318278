//! What apps offer by themselves: how soon nine real ones are found, and how soon a change of one is.

use std::{
    collections::{BTreeMap, HashMap},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use functions::{AppAccess, Function, Known, Means, Offered, Places, World, watch_apps};
use session::{Environment, command};
use tokio::{sync::watch, task::JoinHandle};
use zbus::{Connection, Signature, Variant, names::BusName};

use crate::{kernel::Ended, measure::Recorder, statistics::percentile};

const APPS: [&[&str]; 9] = [
    &["gedit"],
    &["gnome-text-editor"],
    &["gnome-calculator"],
    &["gnome-characters"],
    &["nautilus", "--new-window"],
    &["kcalc"],
    &["kate"],
    &["dolphin"],
    &["mpv", "--idle", "--no-video", "--ao=null"],
];
/// How long apps may take to show what they offer, and what they go on adding.
const START: Duration = Duration::from_secs(60);
const SETTLED: Duration = Duration::from_secs(8);
const DISCOVERIES: usize = 10;
const CHANGES: usize = 20;
/// The app that the changes pretend to be; its windows own no name.
const STAND_IN: &str = "org.gnome.Calculator";
const PATH: &str = "/org/gnome/Calculator/bench";

/// Measures how soon what apps offer is known.
pub(crate) async fn measure(recorder: &Recorder) -> Result<()> {
    let taking_menus = AppAccess {
        take_menus: true,
        ..AppAccess::default()
    };
    let first = Watching::start(taking_menus).await?;
    let environment = Environment::inherited();
    let mut apps = Vec::new();
    for app in APPS {
        let started = command(app[0], &environment)
            .args(&app[1..])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        apps.push(Ended(started.with_context(|| app[0].to_owned())?));
    }
    // mpv is a player and offers nothing else.
    first
        .until(START, |found| counts(found).len() >= APPS.len() - 1)
        .await?;
    tokio::time::sleep(SETTLED).await;

    let mut times = Vec::new();
    let mut offered = String::new();
    for _ in 0..DISCOVERIES {
        let begin = Instant::now();
        let watching = Watching::start(AppAccess::default()).await?;
        watching.looked().await?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
        let told = watching.told.borrow();
        let found = counts(&told.1);
        ensure!(found.len() >= APPS.len() - 1, "only {found:?} was found");
        offered = described(&found, &by_source(&told.1));
    }
    let note = format!("the slowest of {DISCOVERIES} looks at everything; {offered}");
    recorder.add(
        "apps_discovery_ms",
        percentile(&times, 100.0),
        "ms",
        None,
        &note,
    )?;

    let changes = changes().await?;
    let note = format!("from the app's signal to the new function, {CHANGES} times");
    for (name, percent) in [("apps_update_ms_p50", 50.0), ("apps_update_ms_max", 100.0)] {
        recorder.add(name, percentile(&changes, percent), "ms", None, &note)?;
    }
    Ok(())
}

/// How many functions of each app, and in all of each source: `gedit 53, …; GtkAction 100, …`.
fn described(by_app: &BTreeMap<String, usize>, by_source: &BTreeMap<String, usize>) -> String {
    let all = [by_app, by_source].map(|counts| {
        let counts = counts.iter().map(|(name, count)| format!("{name} {count}"));
        counts.collect::<Vec<_>>().join(", ")
    });
    all.join("; by source: ")
}

/// How many functions come from which source, of apps that are installed or run.
fn by_source(found: &[Arc<Function>]) -> BTreeMap<String, usize> {
    counted(found, |offered| Some(format!("{:?}", offered.means)))
}

/// How many functions each running app offers.
fn counts(found: &[Arc<Function>]) -> BTreeMap<String, usize> {
    counted(found, |offered| {
        (offered.means != Means::DesktopAction).then(|| offered.app[0].clone())
    })
}

/// How many functions go by each name; what has none is left out.
fn counted(
    found: &[Arc<Function>],
    name: impl Fn(&Offered) -> Option<String>,
) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let offered = found
        .iter()
        .filter_map(|function| function.offered.as_ref());
    for name in offered.filter_map(name) {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// An app that offers one more action each time, and when each was known.
async fn changes() -> Result<Vec<f64>> {
    let app = Connection::session().await?;
    let actions = Actions::default();
    app.object_server().at(PATH, actions.clone()).await?;
    app.request_name(STAND_IN).await?;
    let watching = Watching::start(AppAccess::default()).await?;
    watching.looked().await?;
    // A connection that has just come is looked at again and again.
    tokio::time::sleep(SETTLED).await;
    let mut times = Vec::new();
    for number in 0..CHANGES {
        let name = format!("bench-{number}");
        actions.add(&name);
        let begin = Instant::now();
        let none: (Vec<String>, HashMap<String, bool>) = Default::default();
        let additions: HashMap<String, Description> = [(name, plain())].into();
        let states: HashMap<String, Variant<'static>> = HashMap::new();
        let body = (none.0, none.1, states, additions);
        let everybody = None::<BusName<'_>>;
        app.emit_signal(everybody, PATH, "org.gtk.Actions", "Changed", &body)
            .await?;
        let end = format!("_bench_{number}");
        watching
            .until(START, |found| {
                let mut found = found.iter();
                found.any(|function| function.signature.name.as_str().ends_with(&end))
            })
            .await?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(times)
}

/// What `org.gtk.Actions` tells of an action: whether it is enabled, what it takes, its state.
type Description = (bool, Signature, Vec<Variant<'static>>);

fn plain() -> Description {
    (true, Signature::Unit, Vec::new())
}

/// The actions of the stand-in.
#[derive(Debug, Clone, Default)]
struct Actions(Arc<std::sync::Mutex<Vec<String>>>);

impl Actions {
    fn add(&self, name: &str) {
        let mut names = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        names.push(name.to_owned());
    }
}

#[zbus::interface(name = "org.gtk.Actions")]
impl Actions {
    fn describe_all(&self) -> HashMap<String, Description> {
        let names = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        names.iter().map(|name| (name.clone(), plain())).collect()
    }
}

/// What is told of apps, over a connection of its own.
struct Watching {
    /// How often it has told, and what.
    told: watch::Receiver<(u32, Vec<Arc<Function>>)>,
    task: JoinHandle<()>,
}

impl Watching {
    async fn start(access: AppAccess) -> Result<Watching> {
        let world = World {
            session_bus: Some(Connection::session().await?),
            system_bus: None,
            places: Arc::new(Places::from_environment()),
            language: protocol::text::Language::English,
            reader: None,
            known: Known::default(),
        };
        let (sender, told) = watch::channel((0, Vec::new()));
        let task = tokio::spawn(async move {
            watch_apps(world, access, move |functions| {
                sender.send_modify(|told| *told = (told.0 + 1, functions));
            })
            .await;
        });
        Ok(Watching { told, task })
    }

    /// Waits until it has told what is installed, and then what runs.
    async fn looked(&self) -> Result<()> {
        let mut told = self.told.clone();
        let twice = told.wait_for(|(times, _)| *times >= 2);
        let twice = tokio::time::timeout(START, twice).await;
        twice.context("nothing was told")??;
        Ok(())
    }

    async fn until(&self, limit: Duration, holds: impl Fn(&[Arc<Function>]) -> bool) -> Result<()> {
        let mut told = self.told.clone();
        let waiting = told.wait_for(|(_, found)| holds(found));
        match tokio::time::timeout(limit, waiting).await {
            Ok(found) => found.map(|_| ()).context("nobody watches any more"),
            Err(_) => bail!(
                "not found within {limit:?}: {:?}",
                counts(&self.told.borrow().1)
            ),
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}
