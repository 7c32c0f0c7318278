//! What works on this machine, what is missing, and how to mend it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use functions::Availability;
use protocol::{
    DoctorCheck, DoctorState, Problem,
    text::{Language, message},
};

use crate::{Kernel, models::Place, settings, surroundings::plan_language};

/// Less room than this for the journal, in bytes, is worth a warning: some weeks of history.
const DISK_LOW: u64 = 50_000_000;

/// With less room than this, in bytes, the next entry may not fit, and nothing is done without it.
const DISK_FULL: u64 = 1_000_000;

impl Kernel {
    /// Looks at everything that a request may need.
    pub async fn doctor(&self, language: Language) -> Vec<DoctorCheck> {
        let mut checks = vec![
            self.check_bus("session", self.world.session_bus.is_some(), language),
            self.check_bus("system", self.world.system_bus.is_some(), language),
            self.check_model(language),
            self.check_fences(language).await,
            self.check_shell(language),
            self.check_energy(language),
        ];
        checks.extend(self.check_disk(language));
        checks.extend(
            damaged_journals(&self.world.places.state.join("lucid")).map(|path| {
                let path = path.display().to_string();
                check(
                    language,
                    "doctor-journal",
                    &[("path", &path)],
                    DoctorState::Missing,
                    "doctor-journal-damaged",
                )
            }),
        );
        checks.extend(self.check_delegation(language));
        checks.extend(self.check_answers(language));
        checks.extend(self.settings_error.as_ref().map(|reason| {
            let path = settings::path(&self.world.places).display().to_string();
            let values = [("path", &*path), ("reason", &**reason)];
            let id = "doctor-settings-broken";
            check(
                language,
                "doctor-settings",
                &values,
                DoctorState::Missing,
                id,
            )
        }));
        if self.rules_are_broken {
            checks.push(check(
                language,
                "doctor-policy",
                &[],
                DoctorState::Broken,
                "doctor-policy-broken",
            ));
        }
        checks.extend(
            self.plugins
                .mistakes()
                .iter()
                .map(|error| broken_manifest(error, language)),
        );
        checks.extend(
            self.planner()
                .defects()
                .iter()
                .map(|defect| broken_manifest(defect, language)),
        );
        checks.extend(self.check_domains(language).await);
        checks
    }

    fn check_bus(&self, bus: &str, there: bool, language: Language) -> DoctorCheck {
        let id = if there {
            "doctor-bus-works"
        } else {
            "doctor-bus-missing"
        };
        let state = if there {
            DoctorState::Works
        } else {
            DoctorState::Missing
        };
        check(language, "doctor-bus", &[("bus", bus)], state, id)
    }

    fn check_model(&self, language: Language) -> DoctorCheck {
        let (model, _) = self.models.in_use();
        if let Some(damaged) = self.models.damaged() {
            let (values, id) = ([("model", &*damaged.id)], "doctor-model-damaged");
            return check(language, "doctor-model", &values, DoctorState::Missing, id);
        }
        if let Some(unchosen) = self.models.unchosen() {
            let (values, id) = ([("model", &*unchosen.id)], "doctor-model-unchosen");
            return check(language, "doctor-model", &values, DoctorState::Missing, id);
        }
        let (state, id) = if model.is_empty() {
            (DoctorState::Missing, "doctor-model-missing")
        } else {
            (DoctorState::Works, "doctor-model-works")
        };
        check(language, "doctor-model", &[("model", &model)], state, id)
    }

    /// Which fences keep models from the person's files and the network. A worker that runs tells it;
    /// without one the kernel of the system does, as far as it lets itself be asked.
    async fn check_fences(&self, language: Language) -> DoctorCheck {
        let allowed = self.models.are_allowed_unfenced();
        match self.models.fences().await {
            Some(fences) => fence_check(language, &fences, allowed),
            None => system_check(language, has_landlock(), allowed),
        }
    }

    /// One line for each model that may be asked where the one in use does not do.
    fn check_delegation(&self, language: Language) -> Vec<DoctorCheck> {
        let readers = &self.delegation.readers;
        let steps = [
            ("larger", &self.delegation.larger, Place::Here),
            ("remote", &self.delegation.remote, Place::Server),
            ("readers.larger", &readers.larger, Place::Here),
            ("readers.remote", &readers.remote, Place::Server),
        ];
        steps
            .into_iter()
            .filter_map(|(setting, id, place)| Some((setting, id.as_deref()?, place)))
            .map(|(setting, id, place)| {
                let values = [("model", id), ("setting", setting)];
                let (state, found) = match self.models.engine_above(id, place) {
                    Some(_) => (DoctorState::Works, "doctor-delegation-works"),
                    None => (DoctorState::Missing, "doctor-delegation-missing"),
                };
                check(language, "doctor-delegation", &values, state, found)
            })
            .collect()
    }

    /// One line for each app that is named to answer what is typed.
    fn check_answers(&self, language: Language) -> Vec<DoctorCheck> {
        let places = &self.world.places;
        let named = &self.access.answer_searches;
        if named.is_empty() {
            return Vec::new();
        }
        let apps = functions::installed_apps(places);
        let sources = functions::result_sources(places, &apps, named);
        let answers = |name: &String| sources.iter().any(|source| source.is_named(name));
        let one = |name: &String| {
            let (state, id) = match answers(name) {
                true => (DoctorState::Works, "doctor-answers-works"),
                false => (DoctorState::Missing, "doctor-answers-missing"),
            };
            check(language, "doctor-answers", &[("app", name)], state, id)
        };
        named.iter().map(one).collect()
    }

    fn check_shell(&self, language: Language) -> DoctorCheck {
        let (state, id) = if self.overlay.is_installed() {
            (DoctorState::Works, "doctor-shell-works")
        } else {
            (DoctorState::Missing, "doctor-shell-missing")
        };
        check(language, "doctor-shell", &[], state, id)
    }

    fn check_energy(&self, language: Language) -> DoctorCheck {
        let energy = engine::energy::Meter::start().read(std::time::Duration::ZERO);
        let id = if energy.method == "rapl" {
            "doctor-energy-measured"
        } else {
            "doctor-energy-estimated"
        };
        check(language, "doctor-energy", &[], DoctorState::Works, id)
    }

    /// The room for the journal; none when the system does not tell.
    fn check_disk(&self, language: Language) -> Option<DoctorCheck> {
        let folder = self.world.places.state.join("lucid");
        let disk = rustix::fs::statvfs(&folder).ok()?;
        // What only root may use is no room for the kernel.
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Some(disk_check(language, &folder, free))
    }

    /// One line for each domain of functions: how many work, and what the others miss.
    async fn check_domains(&self, language: Language) -> Vec<DoctorCheck> {
        let world = self.world_in(language);
        let mut domains: BTreeMap<String, (usize, usize, Option<Problem>)> = BTreeMap::new();
        let registry = self.registry();
        for function in registry.functions() {
            let name = &function.signature.name;
            let entry = domains.entry(name.domain().to_owned()).or_default();
            entry.1 += 1;
            match registry.availability(name, &world).await {
                Some(Availability::Missing(problem)) => entry.2 = Some(problem),
                _ => entry.0 += 1,
            }
        }
        domains
            .into_iter()
            .map(|(domain, (works, all, missing))| {
                domain_check(language, &domain, works, all, missing)
            })
            .collect()
    }
}

/// Judges what a worker tells of its fences. Those that are not required may miss without harm.
fn fence_check(language: Language, fences: &[String], allowed: bool) -> DoctorCheck {
    let (missing, standing): (Vec<&str>, Vec<&str>) = fences
        .iter()
        .map(String::as_str)
        .partition(|fence| fence.contains(": refused ("));
    let names: Vec<String> = standing
        .iter()
        .filter_map(|fence| fence.split(':').next())
        .map(|name| fence_name(language, name))
        .collect();
    let values = [
        ("fences", &*names.join(", ")),
        ("missing", &*missing.join("; ")),
    ];
    // Only by the person's leave does a worker run without a required fence.
    let (state, id) = match (missing.is_empty(), allowed) {
        (true, _) => (DoctorState::Works, "doctor-fences-stand"),
        (false, true) => (DoctorState::Missing, "doctor-fences-allowed"),
        (false, false) => (DoctorState::Works, "doctor-fences-spared"),
    };
    check(language, "doctor-fences", &values, state, id)
}

/// Names a fence in words; one that the catalogue does not know as the worker does.
fn fence_name(language: Language, name: &str) -> String {
    let id = format!("fence-{}", name.replace('_', "-"));
    let words = message(language, &id, &[]);
    if words == id { name.to_owned() } else { words }
}

/// Judges what the system itself has, where no worker runs.
fn system_check(language: Language, landlock: Option<bool>, allowed: bool) -> DoctorCheck {
    let (state, id) = match (landlock, allowed) {
        (Some(false), false) => (DoctorState::Missing, "doctor-fences-missing"),
        (Some(false), true) => (DoctorState::Missing, "doctor-fences-waived"),
        _ => (DoctorState::Works, "doctor-fences-later"),
    };
    check(language, "doctor-fences", &[], state, id)
}

/// Tells whether the system's kernel fences files in by Landlock; none where it does not say.
fn has_landlock() -> Option<bool> {
    let modules = std::fs::read_to_string("/sys/kernel/security/lsm").ok()?;
    Some(modules.trim().split(',').any(|module| module == "landlock"))
}

fn disk_check(language: Language, folder: &Path, free: u64) -> DoctorCheck {
    let (state, id) = match free {
        free if free < DISK_FULL => (DoctorState::Broken, "doctor-disk-full"),
        free if free < DISK_LOW => (DoctorState::Missing, "doctor-disk-low"),
        _ => (DoctorState::Works, "doctor-disk-works"),
    };
    let shown = plan_language(language);
    let free = plan::show_value(&(free as f64).into(), &plan::Type::Bytes, shown);
    let path = plan::escape_for_display(&folder.display().to_string());
    let values = [("path", path.as_str()), ("free", free.as_str())];
    check(language, "doctor-disk", &values, state, id)
}

fn domain_check(
    language: Language,
    domain: &str,
    works: usize,
    all: usize,
    missing: Option<Problem>,
) -> DoctorCheck {
    let counts = message(
        language,
        "doctor-domain",
        &[("works", &works.to_string()), ("all", &all.to_string())],
    );
    let name = domain.to_owned();
    match missing {
        None => DoctorCheck {
            name,
            state: DoctorState::Works,
            finding: counts,
            remedy: String::new(),
        },
        Some(problem) => DoctorCheck {
            name,
            state: DoctorState::Missing,
            finding: format!("{counts} {}", problem.sentence),
            remedy: problem.remedy,
        },
    }
}

fn broken_manifest(error: &str, language: Language) -> DoctorCheck {
    DoctorCheck {
        name: message(language, "doctor-manifest", &[]),
        state: DoctorState::Missing,
        finding: error.to_owned(),
        remedy: message(language, "doctor-manifest-remedy", &[]),
    }
}

/// The journals that were found damaged, now or earlier, and put aside.
fn damaged_journals(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("journal.sqlite.damaged")
            && !name.ends_with("-wal")
            && !name.ends_with("-shm")
    })
}

fn check(
    language: Language,
    name: &str,
    values: &[(&str, &str)],
    state: DoctorState,
    id: &str,
) -> DoctorCheck {
    let found = protocol::text::problem(language, id, values);
    DoctorCheck {
        name: message(language, name, values),
        state,
        finding: found.sentence,
        remedy: found.remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_told_with_what_to_do_where_one_does_not_stand() {
        let fences = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        let whole: Vec<String> = fences(&["memory: at most 5 GB", "files: Landlock 4"]);
        let check = fence_check(Language::English, &whole, false);
        assert_eq!(check.state, DoctorState::Works);
        assert!(check.finding.contains("memory, files"), "{}", check.finding);
        assert!(check.remedy.is_empty());
        let check = fence_check(Language::Chinese, &whole, false);
        assert!(check.finding.contains("内存, 文件"), "{}", check.finding);

        let gap: Vec<String> =
            fences(&["memory: on", "files: refused (this kernel has no Landlock)"]);
        let check = fence_check(Language::English, &gap, true);
        assert_eq!(check.state, DoctorState::Missing);
        assert!(check.finding.contains("no Landlock"), "{}", check.finding);
        assert!(check.remedy.contains("allow_unfenced"), "{}", check.remedy);
        let check = fence_check(Language::English, &gap, false);
        assert_eq!(
            check.state,
            DoctorState::Works,
            "it was not required, or no worker would run"
        );
    }

    #[test]
    fn a_system_without_landlock_is_told_before_a_model_runs() {
        let missing = system_check(Language::English, Some(false), false);
        assert_eq!(missing.state, DoctorState::Missing);
        assert!(missing.remedy.contains("Landlock"), "{}", missing.remedy);
        let waived = system_check(Language::English, Some(false), true);
        assert_eq!(waived.state, DoctorState::Missing);
        for landlock in [None, Some(true)] {
            let later = system_check(Language::English, landlock, false);
            assert_eq!(later.state, DoctorState::Works);
        }
    }

    #[test]
    fn a_full_disk_is_told_before_and_when_it_is_full() {
        let check = |free| disk_check(Language::English, Path::new("/home/ada/.local"), free);
        assert_eq!(check(80_000_000_000).state, DoctorState::Works);
        let low = check(49_000_000);
        assert_eq!(low.state, DoctorState::Missing);
        assert!(low.finding.contains("49 MB") && low.finding.contains("/home/ada/.local"));
        assert!(!low.remedy.is_empty());
        assert_eq!(check(20_000).state, DoctorState::Broken);
    }
}
