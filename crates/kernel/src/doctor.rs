//! What works on this machine, what is missing, and how to mend it.

use std::collections::BTreeMap;

use functions::Availability;
use protocol::{
    DoctorCheck, DoctorState, Problem,
    text::{Language, message},
};

use crate::Kernel;

impl Kernel {
    /// Looks at everything that a request may need.
    pub async fn doctor(&self, language: Language) -> Vec<DoctorCheck> {
        let mut checks = vec![
            self.check_bus("session", self.world.session_bus.is_some(), language),
            self.check_bus("system", self.world.system_bus.is_some(), language),
            self.check_model(language),
            self.check_shell(language),
            self.check_energy(language),
        ];
        checks.extend(self.ledger.set_aside().map(|path| {
            let path = path.display().to_string();
            check(
                language,
                "doctor-journal",
                &[("path", &path)],
                DoctorState::Missing,
                "doctor-journal-damaged",
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
            self.load_errors
                .iter()
                .map(|error| broken_manifest(error, language)),
        );
        checks.extend(
            self.planner
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

    fn check_shell(&self, language: Language) -> DoctorCheck {
        let (state, id) = if self.overlay.is_installed() {
            (DoctorState::Works, "doctor-shell-works")
        } else {
            (DoctorState::Missing, "doctor-shell-missing")
        };
        check(language, "doctor-shell", &[], state, id)
    }

    fn check_energy(&self, language: Language) -> DoctorCheck {
        let energy = crate::energy::Meter::start().read(std::time::Duration::ZERO);
        let id = if energy.method == "rapl" {
            "doctor-energy-measured"
        } else {
            "doctor-energy-estimated"
        };
        check(language, "doctor-energy", &[], DoctorState::Works, id)
    }

    /// One line for each domain of functions: how many work, and what the others miss.
    async fn check_domains(&self, language: Language) -> Vec<DoctorCheck> {
        let world = self.world_in(language);
        let mut domains: BTreeMap<String, (usize, usize, Option<Problem>)> = BTreeMap::new();
        for function in self.registry.functions() {
            let name = &function.signature.name;
            let entry = domains.entry(name.domain().to_owned()).or_default();
            entry.1 += 1;
            match self.registry.availability(name, &world).await {
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
