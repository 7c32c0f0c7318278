//! Keeps what apps offer up to date.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Found,
    controls::Controls,
    desktop, functions,
    look::{Owners, Running, look, owners},
    registrar::{self, Menus},
    signals::{Sign, Signals},
    sources::{ResultSource, result_sources},
};
use crate::{Function, InstalledApp, World, builtin::apps::installed};

/// When a connection that has just come is looked at: at its start an app exports one thing after the other, and no
/// signal tells that it has a window.
const AFTER_ITS_START: [Duration; 4] = [
    Duration::from_millis(60),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(6),
];
/// When it is looked at after a signal; twice as late for each look in vain before, since many apps tell at each key
/// what can be undone.
const AFTER_A_SIGNAL: Duration = Duration::from_millis(60);
/// How often that doubles.
const DOUBLINGS: u32 = 6;
/// When a window that has become active is looked at: it may still fill.
const AFTER_ITS_ACTIVATION: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];
/// The most such looks that wait.
const MOST_ACTIVE: usize = 16;
/// How long the way to the controls may take to open.
const CONTROLS: Duration = Duration::from_secs(10);
/// When installed apps are looked at again without any sign.
const AT_LEAST: Duration = Duration::from_secs(60);

/// What the person lets Lucid ask of apps, beyond what they offer to everybody. Nothing without a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppAccess {
    /// Whether they hand their menus over, and hide their own bars: for a session that is Lucid's own.
    pub take_menus: bool,
    /// The desktop ids of those that are told what is typed, and answer it; `*` stands for all.
    pub answer_searches: Vec<String>,
    /// Whether the controls of the window in use are offered: apps then tell about themselves as to a screen reader.
    pub press_controls: bool,
}

/// Tells `changed` what menu entries offer, then what running apps do too, and again whenever that has changed. Ends
/// where there is no session bus to listen to.
pub async fn watch(world: World, access: AppAccess, changed: impl Fn(Vec<Arc<Function>>)) {
    let signals = match &world.session_bus {
        Some(bus) => Signals::start(bus).await,
        None => Err(zbus::Error::InvalidReply),
    };
    let everybody = owners(&world).await;
    let mut offers = Offers {
        menus: Menus::kept(
            &world,
            &everybody.keys().collect::<Vec<_>>(),
            access.take_menus,
        )
        .await,
        answering: access.answer_searches,
        ..Offers::default()
    };
    if let (true, Some(bus), Ok(signals)) = (access.take_menus, &world.session_bus, &signals) {
        let served = registrar::serve(bus, offers.menus.clone(), signals.signs()).await;
        if let Err(error) = served {
            tracing::warn!(%error, "apps do not hand over their menus");
        }
    }
    offers.see_installed(&world).await;
    changed(offers.all());
    let mut looks = Looks::default();
    for owner in everybody.keys() {
        looks.note(Sign::Changed(owner.clone()), Instant::now());
    }
    let seen = offers.see(everybody, &world).await;
    looks.due.retain(|(_, owner)| !seen.contains_key(owner));
    changed(offers.all());
    let signals = match signals {
        Ok(signals) => signals,
        Err(error) => return tracing::warn!(%error, "what apps offer is not followed"),
    };
    let starting = Controls::start(&world, signals.signs());
    let mut starting = pin!(tokio::time::timeout(CONTROLS, starting));
    let (mut is_starting, mut controls) = (access.press_controls, None);
    loop {
        let due = looks.next_due(Instant::now());
        let active_due = looks.active_due();
        tokio::select! {
            started = &mut starting, if is_starting => {
                is_starting = false;
                controls = started.ok().and_then(Result::ok);
                if controls.is_none() {
                    tracing::warn!("what apps tell screen readers cannot be heard");
                }
            }
            signs = signals.next() => {
                let now = Instant::now();
                let has_changed = offers.forget(&signs);
                signs.into_iter().for_each(|sign| looks.note(sign, now));
                if has_changed {
                    changed(offers.all());
                }
            }
            () = tokio::time::sleep_until(active_due.unwrap_or(due)), if active_due.is_some() => {
                let mut is_new = offers.see_installed(&world).await;
                if let (Some(controls), Some(owner)) = (&controls, looks.take_active())
                    && let Some(has_new) = offers.see_controls(controls, &owner, &world).await
                {
                    // The one before is not in use any more.
                    looks.active.retain(|(_, active)| *active == owner);
                    is_new |= has_new;
                }
                if is_new {
                    changed(offers.all());
                }
            }
            () = tokio::time::sleep_until(due) => {
                let has_installed = offers.see_installed(&world).await;
                let due = looks.take_due(Instant::now());
                let mut present = owners(&world).await;
                present.retain(|owner, _| due.contains(owner));
                let asked: Vec<String> = present.keys().cloned().collect();
                let seen = offers.see(present, &world).await;
                if has_installed || seen.values().any(|is_new| *is_new) {
                    changed(offers.all());
                }
                // One that was busy is looked at again.
                let busy = asked.into_iter().filter(|owner| !seen.contains_key(owner));
                let busy: Vec<String> = busy.collect();
                looks.learn(seen);
                busy.into_iter().for_each(|owner| looks.put_off(owner, Instant::now()));
            }
        }
    }
}

/// What came of the last look at each connection, and at installed apps.
#[derive(Default)]
struct Offers {
    apps: Arc<Vec<InstalledApp>>,
    /// The apps that may answer searches, as the person names them.
    answering: Vec<String>,
    sources: Vec<ResultSource>,
    /// What stands for the sources that are no apps.
    standing: Vec<InstalledApp>,
    /// By the id of the app.
    installed: Vec<(String, Found)>,
    /// By connection.
    running: BTreeMap<String, Running>,
    menus: Menus,
    /// Those of the window that is in use, or was before one of Lucid's.
    controls: Option<InUse>,
}

/// The controls of one window.
struct InUse {
    owner: String,
    app_id: String,
    found: Vec<Found>,
}

impl Offers {
    /// Looks at the desktop entries, if any has changed; tells whether.
    async fn see_installed(&mut self, world: &World) -> bool {
        let places = world.places.clone();
        let answering = self.answering.clone();
        let read = move || {
            let apps = installed(&places);
            let sources = result_sources(&places, &apps, &answering);
            (apps, sources)
        };
        let Ok((apps, sources)) = tokio::task::spawn_blocking(read).await else {
            return false;
        };
        if Arc::ptr_eq(&apps, &self.apps) && sources == self.sources {
            return false;
        }
        let read = apps.clone();
        let found = tokio::task::spawn_blocking(move || {
            let shown = read.iter().filter(|app| app.is_shown);
            let found = shown.flat_map(|app| {
                let found = desktop::actions_of(app).into_iter();
                found.map(|found| (app.id.clone(), found))
            });
            found.collect()
        });
        self.installed = found.await.unwrap_or_default();
        let opening = sources
            .iter()
            .map(|source| (source.app().id.clone(), source.opening()));
        self.installed.extend(opening);
        let apart = sources.iter().map(ResultSource::app);
        let apart = apart.filter(|app| apps.iter().all(|known| known.id != app.id));
        self.standing = apart.cloned().collect();
        self.sources = sources;
        self.apps = apps;
        true
    }

    /// Looks at some connections; tells of each that answered whether it offers something else now.
    async fn see(&mut self, owners: Owners, world: &World) -> BTreeMap<String, bool> {
        let mut seen = BTreeMap::new();
        for (owner, running) in look(owners, &self.apps, &self.menus, world).await {
            // One that is busy offers what it did.
            let Some(new) = running else {
                continue;
            };
            let old = self.running.remove(&owner).unwrap_or_default();
            let is_same =
                is_same_as(&old.found, &new.found) && is_same_as(&old.methods, &new.methods);
            seen.insert(owner.clone(), !is_same);
            if !new.found.is_empty() || !new.methods.is_empty() {
                self.running.insert(owner, new);
            }
        }
        seen
    }

    /// Looks at a window that has become active; tells whether it offers something else than the one before. None of
    /// one that may not be looked at, such as Lucid's own: the one before is meant.
    async fn see_controls(
        &mut self,
        controls: &Controls,
        owner: &str,
        world: &World,
    ) -> Option<bool> {
        let (app_id, found) = controls.look(owner, &self.apps, world).await?;
        let is_same = self
            .controls
            .as_ref()
            .is_some_and(|known| known.owner == owner && is_same_as(&known.found, &found));
        self.controls = Some(InUse {
            owner: owner.to_owned(),
            app_id,
            found,
        });
        Some(!is_same)
    }

    /// Forgets connections that have ended; tells whether any offered something.
    fn forget(&mut self, signs: &BTreeSet<Sign>) -> bool {
        for sign in signs {
            if let Sign::Ended(owner) = sign {
                self.menus.forget(owner);
            }
        }
        let before = self.running.len();
        self.running
            .retain(|owner, _| !signs.contains(&Sign::Ended(owner.clone())));
        let has_left = |known: &mut InUse| signs.contains(&Sign::Left(known.owner.clone()));
        let left = self.controls.take_if(has_left).is_some();
        left || self.running.len() < before
    }

    fn all(&self) -> Vec<Arc<Function>> {
        // Of one app that runs twice the one that came last is meant.
        let mut running: Vec<(&String, &Running)> = self.running.iter().collect();
        running.sort_by_key(|(owner, _)| std::cmp::Reverse((owner.len(), *owner)));
        let of = |found: fn(&Running) -> &Vec<Found>| {
            running.iter().flat_map(move |(_, running)| {
                let found = found(running).iter();
                found.map(|found| (running.app_id.as_str(), found))
            })
        };
        let installed = self
            .installed
            .iter()
            .map(|(id, found)| (id.as_str(), found));
        let apps: Vec<&InstalledApp> = self.apps.iter().chain(&self.standing).collect();
        let controls = self.controls.iter().flat_map(|known| {
            let found = known.found.iter();
            found.map(|found| (known.app_id.as_str(), found))
        });
        // What is described by somebody comes before what is not, under the same name and of as many as there may be.
        let found = of(|running| &running.found).chain(installed);
        let methods = of(|running| &running.methods);
        functions(&apps, found.chain(controls).chain(methods))
    }
}

fn is_same_as(old: &[Found], new: &[Found]) -> bool {
    let is_pair_same = |(old, new): (&Found, &Found)| old.is_same(new);
    old.len() == new.len() && old.iter().zip(new).all(is_pair_same)
}

/// Which connections are to be looked at, and when.
#[derive(Default)]
struct Looks {
    due: BTreeSet<(Instant, String)>,
    /// How often each connection was looked at in vain since anything changed.
    in_vain: BTreeMap<String, u32>,
    /// Whose windows have become active, and when they are looked at; the latest first.
    active: Vec<(Instant, String)>,
}

impl Looks {
    fn next_due(&self, now: Instant) -> Instant {
        let first = self.due.first().map(|(due, _)| *due);
        first.map_or(now + AT_LEAST, |due| due.min(now + AT_LEAST))
    }

    fn take_due(&mut self, now: Instant) -> BTreeSet<String> {
        let mut owners = BTreeSet::new();
        while let Some((due, _)) = self.due.first()
            && *due <= now
        {
            owners.extend(self.due.pop_first().map(|(_, owner)| owner));
        }
        owners
    }

    fn active_due(&self) -> Option<Instant> {
        self.active.last().map(|(due, _)| *due)
    }

    fn take_active(&mut self) -> Option<String> {
        self.active.pop().map(|(_, owner)| owner)
    }

    fn learn(&mut self, seen: BTreeMap<String, bool>) {
        for (owner, is_new) in seen {
            if is_new {
                self.in_vain.remove(&owner);
            } else {
                *self.in_vain.entry(owner).or_default() += 1;
            }
        }
    }

    /// Looks again later, the later the more often it was in vain.
    fn put_off(&mut self, owner: String, now: Instant) {
        *self.in_vain.entry(owner.clone()).or_default() += 1;
        self.note(Sign::Changed(owner), now);
    }

    fn note(&mut self, sign: Sign, now: Instant) {
        match sign {
            Sign::Came(owner) => {
                let looks = AFTER_ITS_START.map(|after| (now + after, owner.clone()));
                self.due.extend(looks);
            }
            Sign::Ended(owner) => {
                self.in_vain.remove(&owner);
                self.due.retain(|(_, waiting)| *waiting != owner);
            }
            Sign::Activated(_, owner) => {
                self.active.retain(|(_, active)| *active != owner);
                let looks = AFTER_ITS_ACTIVATION.map(|after| (now + after, owner.clone()));
                self.active.extend(looks);
                self.active.sort_by_key(|(due, _)| std::cmp::Reverse(*due));
                let many = self.active.len().saturating_sub(MOST_ACTIVE);
                self.active.drain(..many);
            }
            Sign::Left(owner) => self.active.retain(|(_, active)| *active != owner),
            Sign::Changed(owner) => {
                let in_vain = self.in_vain.get(&owner).copied().unwrap_or(0);
                let at = now + AFTER_A_SIGNAL * 2_u32.pow(in_vain.min(DOUBLINGS));
                let waits = |(due, waiting): &(Instant, String)| *waiting == owner && *due <= at;
                if !self.due.iter().any(waits) {
                    self.due.insert((at, owner));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_that_signals_without_end_is_looked_at_ever_later() {
        let mut looks = Looks::default();
        let (owner, mut now, mut count) = (":1.7".to_owned(), Instant::now(), 0);
        for _ in 0..1000 {
            looks.note(Sign::Changed(owner.clone()), now);
            assert!(looks.due.len() <= 1, "one look is enough for many signals");
            now += Duration::from_millis(10);
            let due = looks.take_due(now);
            count += due.len();
            looks.learn(due.into_iter().map(|owner| (owner, false)).collect());
        }
        assert!((5..=12).contains(&count), "{count} looks in ten seconds");
        looks.learn(BTreeMap::from([(owner.clone(), true)]));
        looks.due.clear();
        looks.note(Sign::Changed(owner), now);
        assert_eq!(looks.next_due(now), now + AFTER_A_SIGNAL);
    }

    #[test]
    fn what_has_come_is_looked_at_again_until_it_ends() {
        let mut looks = Looks::default();
        let now = Instant::now();
        looks.note(Sign::Came(":1.8".to_owned()), now);
        assert_eq!(looks.due.len(), AFTER_ITS_START.len());
        assert_eq!(looks.take_due(now + Duration::from_millis(100)).len(), 1);
        looks.note(Sign::Ended(":1.8".to_owned()), now);
        assert_eq!(looks.next_due(now), now + AT_LEAST);
    }
}
