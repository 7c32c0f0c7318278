//! Whether a call may run: policy, and the person where policy is not enough.

use policy::{Consent, Digest, Permission, PermittedCall, ResolvedCall};
use protocol::{
    StatementState, TurnEvent,
    consent::{ConsentRequest, Role},
    text::problem,
};

use crate::{
    Kernel,
    carry_out::{Errand, Hindrance},
    overlay::Appearance,
    question::Asked,
};

/// A call that may run.
pub(crate) struct Passage {
    /// The call.
    pub(crate) permitted: PermittedCall,
    /// What it touched when the person agreed, empty where its arguments say it; none where nobody
    /// was asked, so that no time has passed.
    pub(crate) agreed: Option<String>,
}

impl Passage {
    fn at_once(permitted: PermittedCall) -> Passage {
        Passage {
            permitted,
            agreed: None,
        }
    }
}

impl Kernel {
    /// Puts a call to the policy, and to the person where policy says so. `touches` is what it touches now.
    ///
    /// # Errors
    ///
    /// A [`Hindrance`] when one of them says no, or the turn is stopped meanwhile; so does the next.
    pub(crate) async fn permit(
        &self,
        call: ResolvedCall,
        touches: &str,
        errand: &Errand,
    ) -> Result<Passage, Hindrance> {
        let permission = if errand.is_for_program {
            PermittedCall::ask_for_program(call, &self.rules)
        } else {
            PermittedCall::ask(call, &self.rules)
        };
        match permission {
            Permission::Permitted(permitted) => {
                self.tell_decision(errand, permitted.call(), "allow", permitted.reason());
                Ok(Passage::at_once(permitted))
            }
            Permission::Denied(call, reason) => {
                self.tell_decision(errand, &call, "deny", reason);
                Err(self.denied(errand, &call, reason))
            }
            Permission::NeedsConsent(call, reason) => {
                self.tell_decision(errand, &call, "confirm", reason);
                let digest = Digest::of(&call);
                let asked = Asked::One {
                    call: &call,
                    digest: &digest,
                    touches,
                };
                let request = self.consent_request(asked, errand, reason);
                self.question(errand, request).await?;
                self.consented(call, digest, touches, errand)
            }
        }
    }

    /// Permits all or none. What needs a consent is asked in one question with the whole list.
    pub(crate) async fn permit_each(
        &self,
        calls: Vec<ResolvedCall>,
        errand: &Errand,
    ) -> Result<Vec<Passage>, Hindrance> {
        let (mut passages, mut doubtful, mut why) = (Vec::new(), Vec::new(), "");
        let count = calls.len();
        for call in calls {
            match PermittedCall::ask_among(call, count, &self.rules) {
                Permission::Permitted(permitted) => passages.push(Passage::at_once(permitted)),
                Permission::Denied(call, reason) => {
                    self.tell_decision(errand, &call, "deny", reason);
                    return Err(self.denied(errand, &call, reason));
                }
                Permission::NeedsConsent(call, reason) => {
                    why = reason;
                    doubtful.push(call);
                }
            }
        }
        if let Some(Passage { permitted, .. }) = passages.first() {
            self.tell_decision(errand, permitted.call(), "allow", permitted.reason());
        }
        if let Some(first) = doubtful.first() {
            self.tell_decision(errand, first, "confirm", why);
            passages.extend(self.ask_for_each(doubtful, errand, why).await?);
        }
        Ok(passages)
    }

    /// Asks one question about `calls`, with what each of them touches now.
    async fn ask_for_each(
        &self,
        calls: Vec<ResolvedCall>,
        errand: &Errand,
        why: &str,
    ) -> Result<Vec<Passage>, Hindrance> {
        let mut asked = Vec::new();
        for call in calls {
            // What cannot be found now is named as it is written, and fails when its turn comes.
            let touches = match self.intend(&call, errand).await {
                Ok(intent) => intent.touches,
                Err(Hindrance::Stopped(_)) => return Err(Hindrance::stopped()),
                Err(_) => String::new(),
            };
            asked.push((Digest::of(&call), call, touches));
        }
        let request = self.consent_request(Asked::Many(&asked), errand, why);
        self.question(errand, request).await?;
        asked
            .into_iter()
            .map(|(digest, call, touches)| self.consented(call, digest, &touches, errand))
            .collect()
    }

    /// Lets a call pass that the person has agreed to, with what it touched then.
    fn consented(
        &self,
        call: ResolvedCall,
        digest: Digest,
        touches: &str,
        errand: &Errand,
    ) -> Result<Passage, Hindrance> {
        let consented = PermittedCall::consented(call, Consent::given_to(digest), &self.rules);
        let permitted = consented.map_err(|error| self.permit_failed(errand, &error))?;
        Ok(Passage {
            permitted,
            agreed: Some(touches.to_owned()),
        })
    }

    /// Puts a question and waits; a stop counts as no.
    async fn question(&self, errand: &Errand, request: ConsentRequest) -> Result<(), Hindrance> {
        let consent = request.consent.clone();
        self.tell_state(errand, StatementState::Consent);
        self.turns.tell(
            &errand.turn,
            TurnEvent::ConsentAsked {
                request: request.clone(),
            },
        );
        if errand.audience == Role::Shell {
            let is_running = self.overlay.ensure_running(Appearance::Hidden).await;
            let may_come = functions::spawn::has_display() && self.overlay.is_installed();
            // A person waits for a question; a program would wait for ever.
            if errand.is_for_program && !is_running && !may_come {
                let nobody = problem(errand.world.language, "consent-nobody", &[]);
                return Err(Hindrance::Refused(nobody));
            }
        }
        let granted = tokio::select! {
            biased;
            () = errand.cancel.cancelled() => return Err(Hindrance::stopped()),
            granted = self.broker.ask(errand.audience.clone(), request) => granted,
        };
        self.turns.tell(
            &errand.turn,
            TurnEvent::ConsentAnswered { consent, granted },
        );
        if granted {
            self.tell_state(errand, StatementState::Running);
            Ok(())
        } else {
            Err(Hindrance::Refused(problem(
                errand.world.language,
                "consent-refused",
                &[],
            )))
        }
    }

    fn tell_state(&self, errand: &Errand, state: StatementState) {
        self.turns.tell(
            &errand.turn,
            TurnEvent::Statement {
                index: errand.statement,
                text: errand.line.clone(),
                state,
                note: None,
            },
        );
    }
}
