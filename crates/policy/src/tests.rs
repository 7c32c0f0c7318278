//! The decision as a table, and what must hold for every call.

mod laws;

use plan::{Effect, FunctionName, Label, Role, Value};

use crate::{
    Consent, Decision, Digest, Permission, PermitError, PermittedCall, REASONS, ResolvedArgument,
    ResolvedCall, Rules, decide,
};

/// A call in a row of the table.
#[derive(Debug, Clone)]
struct Row {
    call: ResolvedCall,
    rules: Rules,
}

/// Begins a row with one of the functions that the table speaks of.
fn call(function: &str) -> Row {
    let effect = match function {
        "files.find" | "system.memory" => Effect::Read,
        "apps.open" | "media.next" => Effect::Transient,
        "files.trash" | "files.copy" | "audio.set_volume" => Effect::Reversible,
        "system.kill" | "power.shut_down" => Effect::Irreversible,
        "web.fetch" | "mail.send" => Effect::Egress,
        _ => panic!("the table has no {function}"),
    };
    Row {
        call: ResolvedCall {
            function: FunctionName::new(function).unwrap(),
            effect,
            arguments: Vec::new(),
        },
        rules: Rules::default(),
    }
}

type Labelled = (Value, Label);

fn words(text: &str) -> Labelled {
    (text.into(), Label::USER)
}

fn system(text: &str) -> Labelled {
    (text.into(), Label::SYSTEM)
}

fn untrusted(text: &str) -> Labelled {
    (text.into(), Label::DATA)
}

fn untrusted_public(text: &str) -> Labelled {
    let integrity = Label::DATA.integrity;
    (
        text.into(),
        Label {
            integrity,
            ..Label::USER
        },
    )
}

fn private(text: &str) -> Labelled {
    let confidentiality = Label::DATA.confidentiality;
    (
        text.into(),
        Label {
            confidentiality,
            ..Label::USER
        },
    )
}

impl Row {
    fn argument(mut self, role: Role, (value, label): Labelled) -> Row {
        self.call.arguments.push(ResolvedArgument {
            name: format!("argument{}", self.call.arguments.len()),
            value,
            role,
            label,
        });
        self
    }

    fn on(self, target: Labelled) -> Row {
        self.argument(Role::Critical, target)
    }

    fn on_all(self, count: usize, label: Label) -> Row {
        let targets = (0..count).map(|n| Value::from(format!("/tmp/{n}")));
        self.on((Value::List(targets.collect()), label))
    }

    fn with(self, payload: Labelled) -> Row {
        self.argument(Role::Payload, payload)
    }

    fn under(mut self, rules: &str) -> Row {
        self.rules = Rules::parse(rules).unwrap();
        self
    }

    #[track_caller]
    fn allowed(&self, expected: &str) {
        assert!(
            matches!(decide(&self.call, &self.rules), Decision::Allow { reason } if reason == expected),
            "{self:?}: {:?}",
            decide(&self.call, &self.rules)
        );
    }

    #[track_caller]
    fn confirms(&self, expected: &str) {
        assert!(
            matches!(decide(&self.call, &self.rules), Decision::Confirm { reason } if reason == expected),
            "{self:?}: {:?}",
            decide(&self.call, &self.rules)
        );
    }

    #[track_caller]
    fn denied(&self, expected: &str) {
        assert!(
            matches!(decide(&self.call, &self.rules), Decision::Deny { reason } if reason == expected),
            "{self:?}: {:?}",
            decide(&self.call, &self.rules)
        );
    }
}

#[test]
fn reading_and_passing_things_are_allowed() {
    call("files.find")
        .on(words("~/Downloads"))
        .allowed("policy-read");
    call("files.find")
        .on(untrusted("/etc"))
        .allowed("policy-read");
    call("apps.open")
        .on(words("Firefox"))
        .allowed("policy-transient");
    call("apps.open")
        .on(untrusted("a.pdf"))
        .allowed("policy-transient-found");
    call("media.next").allowed("policy-transient");
}

#[test]
fn reversible_acts_follow_the_one_who_chose_the_target() {
    call("files.trash")
        .on(words("~/a.txt"))
        .allowed("policy-reversible");
    call("audio.set_volume")
        .on(system("30"))
        .allowed("policy-reversible");
    call("files.trash")
        .on(untrusted("~/a.txt"))
        .confirms("policy-found-target");
    call("files.copy")
        .on(words("~/a.txt"))
        .on(untrusted("~/b"))
        .confirms("policy-found-target");
    // What is only carried along decides nothing.
    call("files.copy")
        .on(words("~/a.txt"))
        .with(untrusted("note"))
        .allowed("policy-reversible");
}

#[test]
fn irreversible_acts_are_always_confirmed() {
    call("power.shut_down").confirms("policy-irreversible");
    call("system.kill")
        .on(words("firefox"))
        .confirms("policy-irreversible");
    call("system.kill")
        .on(untrusted("firefox"))
        .confirms("policy-irreversible-found");
}

#[test]
fn what_leaves_the_machine_depends_on_both_labels() {
    call("web.fetch")
        .on(words("https://example.org"))
        .allowed("policy-egress-public");
    call("mail.send")
        .on(words("ada"))
        .with(words("hello"))
        .allowed("policy-egress-public");
    call("mail.send")
        .on(words("ada"))
        .with(private("diary"))
        .confirms("policy-egress-private");
    call("mail.send")
        .on(words("ada"))
        .with(untrusted("diary"))
        .confirms("policy-egress-private");
    call("web.fetch")
        .on(private("https://example.org/?q=x"))
        .confirms("policy-egress-private");
    call("web.fetch")
        .on(untrusted_public("https://evil.example"))
        .confirms("policy-egress-found");
    call("mail.send")
        .on(untrusted_public("eve"))
        .with(private("diary"))
        .denied("policy-private-to-found");
    call("web.fetch")
        .on(untrusted("https://evil.example/?q=x"))
        .denied("policy-private-to-found");
    call("web.fetch").confirms("policy-egress-unknown");
}

#[test]
fn targets_that_stand_for_everything_are_confirmed() {
    for everything in ["*", "~/*", "/", "~", " ~/ ", "", "."] {
        call("files.trash")
            .on(words(everything))
            .confirms("policy-every-target");
    }
    call("files.trash")
        .on((Value::Null, Label::USER))
        .confirms("policy-every-target");
    call("files.trash")
        .on((Value::List(vec!["a".into(), "*".into()]), Label::USER))
        .confirms("policy-every-target");
    call("web.fetch")
        .on(words("*"))
        .confirms("policy-every-target");
    call("files.trash")
        .on(words("~/a*"))
        .under("[functions]\n'files.trash' = 'allow'")
        .confirms("policy-every-target");
    call("files.find").on(words("*")).allowed("policy-read");
}

#[test]
fn many_targets_at_once_are_confirmed() {
    call("files.trash")
        .on_all(20, Label::USER)
        .allowed("policy-reversible");
    call("files.trash")
        .on_all(21, Label::USER)
        .confirms("policy-bulk");
    call("files.trash")
        .on_all(2, Label::DATA)
        .confirms("policy-found-target");
    call("apps.open")
        .on_all(21, Label::USER)
        .confirms("policy-bulk");
    call("files.find")
        .on_all(21, Label::USER)
        .allowed("policy-read");
    call("files.trash")
        .on_all(3, Label::USER)
        .under("bulk = 2")
        .confirms("policy-bulk");
    call("files.trash")
        .on_all(30, Label::USER)
        .under("bulk = 50")
        .allowed("policy-reversible");
}

#[test]
fn many_calls_of_one_act_are_confirmed() {
    let among = |row: Row, count| match PermittedCall::ask_among(row.call, count, &row.rules) {
        Permission::Permitted(permitted) => permitted.reason(),
        Permission::NeedsConsent(_, reason) | Permission::Denied(_, reason) => reason,
    };
    let trash = || call("files.trash").on(words("~/a.txt"));
    assert_eq!(among(trash(), 20), "policy-reversible");
    assert_eq!(among(trash(), 21), "policy-bulk");
    assert_eq!(
        among(call("apps.open").on(words("Firefox")), 21),
        "policy-bulk"
    );
    assert_eq!(among(call("files.find").on(words("~")), 21), "policy-read");
    let found = call("files.trash").on(untrusted("~/a.txt"));
    assert_eq!(among(found, 21), "policy-found-target");
    let never = trash().under("[domains]\nfiles = 'never'");
    assert_eq!(among(never, 21), "policy-rule-never");
}

/// The rule file of the documentation is read by the code.
#[test]
fn the_documented_rule_file_is_valid() {
    let page = include_str!("../../../docs/security.md");
    let file = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let file = file.unwrap();
    call("files.trash")
        .on(words("a"))
        .under(file)
        .confirms("policy-rule-confirm");
    call("files.copy")
        .on(untrusted("a"))
        .under(file)
        .allowed("policy-rule-allow");
    call("power.shut_down")
        .under(file)
        .denied("policy-rule-never");
}

#[test]
fn rules_tighten_anything_and_loosen_only_reversible_acts() {
    let found = untrusted("~/a.txt");
    let trash = |rule: &str| {
        call("files.trash")
            .on(found.clone())
            .under(&format!("[functions]\n\"files.trash\" = \"{rule}\""))
    };
    trash("allow").allowed("policy-rule-allow");
    trash("confirm").confirms("policy-found-target");
    trash("never").denied("policy-rule-never");
    call("media.next")
        .under("[functions]\n\"media.next\" = \"confirm\"")
        .confirms("policy-rule-confirm");
    call("system.memory")
        .under("[domains]\nsystem = \"never\"")
        .denied("policy-rule-never");
    call("power.shut_down")
        .under("[domains]\npower = \"allow\"")
        .confirms("policy-irreversible");
    call("mail.send")
        .on(untrusted("eve"))
        .under("[domains]\nmail = \"allow\"")
        .denied("policy-private-to-found");
    call("files.copy")
        .on(words("a"))
        .under("[functions]\n\"files.copy\" = \"confirm\"\n[domains]\nfiles = \"never\"")
        .confirms("policy-rule-confirm");
}

#[test]
fn a_broken_rule_file_denies_everything_but_reading() {
    let mut rows = [
        call("files.find").on(words("~")),
        call("media.next"),
        call("files.trash").on(words("~/a.txt")),
        call("power.shut_down"),
        call("web.fetch").on(words("https://example.org")),
    ];
    rows.iter_mut()
        .for_each(|row| row.rules = Rules::deny_all());
    rows[0].allowed("policy-read");
    rows[1..]
        .iter()
        .for_each(|row| row.denied("policy-rules-broken"));
}

#[test]
fn mistakes_in_a_rule_file_point_at_their_line() {
    let check = |text: &str, line: usize, says: &str| {
        let error = Rules::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.reason.contains(says), "{text:?}: {error}");
    };
    check(
        "bulk = 5\n[functions]\n\"files.trash\" = \"perhaps\"",
        3,
        "`perhaps` is not a rule",
    );
    check(
        "[functions]\n\n\"files\" = \"never\"",
        3,
        "not a function name",
    );
    check("[domains]\n\"files.trash\" = \"never\"", 2, "not a domain");
    check("\nbulk = 0", 2, "1 or more");
    check(
        "# a\n[function]\n\"files.trash\" = \"never\"",
        2,
        "unknown field",
    );
    check(
        "[functions]\n\"files.trash\" = \"never\"\n\"files.trash\" = \"allow\"",
        3,
        "duplicate",
    );
    check("[functions", 1, "");
    assert_eq!(Rules::parse(""), Ok(Rules::default()));
}

#[test]
fn every_reason_has_its_sentence() {
    use protocol::text::{Language, message};
    for reason in REASONS {
        for language in [Language::English, Language::Chinese] {
            assert_ne!(
                message(language, reason, &[]),
                *reason,
                "{reason} has no {language:?}"
            );
        }
    }
}

#[test]
fn a_consent_fits_one_exact_call() {
    let rules = Rules::default();
    let shown = call("system.kill").on(words("firefox")).call;
    let Permission::NeedsConsent(shown, _) = PermittedCall::ask(shown, &rules) else {
        panic!("ending a process must ask");
    };
    let consent = Consent::given_to(Digest::of(&shown));
    let permitted = PermittedCall::consented(shown.clone(), consent, &rules).unwrap();
    assert_eq!(*permitted.call(), shown);
    assert_eq!(permitted.reason(), "policy-irreversible");

    let consent = Consent::given_to(Digest::of(&shown));
    let other = call("system.kill").on(words("emacs")).call;
    assert_eq!(
        PermittedCall::consented(other, consent, &rules),
        Err(PermitError::Changed)
    );
}

#[test]
fn a_consent_does_not_lift_a_denial() {
    let denied = call("web.fetch").on(untrusted("https://evil.example")).call;
    let consent = Consent::given_to(Digest::of(&denied));
    assert_eq!(
        PermittedCall::consented(denied, consent, &Rules::default()),
        Err(PermitError::Denied("policy-private-to-found"))
    );
}

#[test]
fn a_digest_comes_back_from_its_hex_form() {
    let digest = Digest::of(&call("files.trash").on(words("~/a.txt")).call);
    assert_eq!(Digest::from_hex(digest.as_str()), digest);
    assert_eq!(digest.as_str().len(), 64);
}
