//! Keeps what apps offer up to date.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Found, desktop, functions,
    look::{Owners, Running, look, owners},
    registrar::{self, Menus},
    signals::{Sign, Signals},
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
/// When installed apps are looked at again without any sign.
const AT_LEAST: Duration = Duration::from_secs(60);

/// Whether apps are asked for their menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeMenus {
    /// They hand them over, and hide their own bars: for a session that is Lucid's own.
    Yes,
    /// They keep them.
    No,
}

/// Tells `changed` what menu entries offer, then what running apps do too, and again whenever that has changed. Ends
/// where there is no session bus to listen to.
pub async fn watch(world: World, take_menus: TakeMenus, changed: impl Fn(Vec<Arc<Function>>)) {
    let signals = match &world.session_bus {
        Some(bus) => Signals::start(bus).await,
        None => Err(zbus::Error::InvalidReply),
    };
    let everybody = owners(&world).await;
    let mut offers = Offers {
        menus: Menus::kept(&world, &everybody.keys().collect::<Vec<_>>(), take_menus).await,
        ..Offers::default()
    };
    if let (TakeMenus::Yes, Some(bus), Ok(signals)) = (take_menus, &world.session_bus, &signals) {
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
    loop {
        let due = looks.next_due(Instant::now());
        tokio::select! {
            signs = signals.next() => {
                let now = Instant::now();
                let has_changed = offers.forget(&signs);
                signs.into_iter().for_each(|sign| looks.note(sign, now));
                if has_changed {
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
    /// By the id of the app.
    installed: Vec<(String, Found)>,
    /// By connection.
    running: BTreeMap<String, Running>,
    menus: Menus,
}

impl Offers {
    /// Looks at the desktop entries, if any has changed; tells whether.
    async fn see_installed(&mut self, world: &World) -> bool {
        let places = world.places.clone();
        let Ok(apps) = tokio::task::spawn_blocking(move || installed(&places)).await else {
            return false;
        };
        if Arc::ptr_eq(&apps, &self.apps) {
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
            seen.insert(owner.clone(), !is_same(&old, &new));
            if !new.found.is_empty() {
                self.running.insert(owner, new);
            }
        }
        seen
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
        self.running.len() < before
    }

    fn all(&self) -> Vec<Arc<Function>> {
        // Of one app that runs twice the one that came last is meant.
        let mut running: Vec<(&String, &Running)> = self.running.iter().collect();
        running.sort_by_key(|(owner, _)| std::cmp::Reverse((owner.len(), *owner)));
        let running = running.into_iter().flat_map(|(_, running)| {
            let found = running.found.iter();
            found.map(|found| (running.app_id.as_str(), found))
        });
        let installed = self
            .installed
            .iter()
            .map(|(id, found)| (id.as_str(), found));
        functions(&self.apps, running.chain(installed))
    }
}

fn is_same(old: &Running, new: &Running) -> bool {
    let is_pair_same = |(old, new): (&Found, &Found)| old.is_same(new);
    old.found.len() == new.found.len() && old.found.iter().zip(&new.found).all(is_pair_same)
}

/// Which connections are to be looked at, and when.
#[derive(Default)]
struct Looks {
    due: BTreeSet<(Instant, String)>,
    /// How often each connection was looked at in vain since anything changed.
    in_vain: BTreeMap<String, u32>,
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
