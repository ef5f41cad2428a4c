//! From a plan to a session: what is kept on disk is used, what is missing is asked for, once, whoever else wants it at
//! the same moment.

mod mfa;
mod outlook;
mod wait;

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use crate::aws::{self, Aws, AwsError};
use crate::cache::{Cache, Slot, Unwritable};
use crate::credentials::Session;
use crate::env::Environment;
use crate::error::Error;
use crate::mfa::{Code, Codes};
use crate::plan::{Plan, Reach, SourceKind};
use crate::secret::Secret;
use crate::subprocess::News;
use crate::terminal::Terminal;
pub use outlook::{Outlook, Stored};

/// What sessions on disk are good for in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// They are used and added to.
    Used,
    /// Those of roles are got anew, and replaced. The session of an MFA device is used: renewing a role takes no code.
    Renewed,
    /// They are neither read nor written.
    Ignored,
}

/// What a run has at hand.
pub struct Means<'run> {
    /// The person's own environment.
    pub original: &'run Environment,
    pub reuse: Reuse,
    pub codes: Codes<'run>,
    pub terminal: &'run Terminal,
    /// The command line that explains the plan, for messages.
    pub explain: String,
}

/// Goes the planned way, from the last session on it that is at hand.
/// Errors: [`Error`]. What was obtained before that is kept.
pub fn session(plan: &Plan, means: Means<'_>) -> Result<Session, Error> {
    let cache = Cache::of(means.original).map(Rc::new);
    let kept = cache.as_ref().filter(|_| means.reuse != Reuse::Ignored);
    let token = kept.and_then(|_| aws::token_to_show(&plan.source.kind).ok().flatten());
    let (start, slots) = kept.map(|cache| slots(cache, plan, token.as_ref())).unwrap_or_default();
    let mut way = Way {
        plan,
        aws: Aws::new(
            &plan.reach,
            means.explain.clone(),
            means.terminal.waits("an answer of AWS"),
        ),
        reach: OnceCell::new(),
        since: (means.reuse == Reuse::Renewed).then(SystemTime::now),
        means,
        cache,
        token,
        start: start.map(Rc::new),
        slots: slots.into_iter().map(Rc::new).collect(),
        deadline: wait::deadline(plan),
        spoilt: None,
        complained: false,
    };
    let session = way.go();
    way.tell_clock(session.as_ref().err());
    session
}

/// Where the sessions of a plan are kept: a web identity's that it starts from, and one for each hop. Without its token
/// such an identity has no name on disk; the request tells why there is none.
fn slots(cache: &Cache, plan: &Plan, token: Option<&Secret>) -> (Option<Slot>, Vec<Slot>) {
    let token = token.map(Secret::expose);
    let start = match &plan.source.kind {
        SourceKind::WebIdentity(identity) => token.map(|token| cache.web_identity(plan, identity, token)),
        _ => None,
    };
    (start, cache.roles(plan, token))
}

/// A plan on its way to be a session.
struct Way<'run> {
    plan: &'run Plan,
    means: Means<'run>,
    aws: Aws,
    /// Where roles are asked for.
    reach: OnceCell<Reach>,
    /// For locks and for codes that were sent, also where no sessions are to be kept.
    cache: Option<Rc<Cache>>,
    /// What is shown to get the first credentials, if it was read.
    token: Option<Secret>,
    /// The web identity's that the way starts from, if sessions are kept.
    start: Option<Rc<Slot>>,
    /// One for each hop, if sessions are kept.
    slots: Vec<Rc<Slot>>,
    /// A session of a role that is older is not used.
    since: Option<SystemTime>,
    /// Until when others are waited for.
    deadline: Instant,
    /// The access key of a kept session that AWS does not know any more.
    spoilt: Option<String>,
    /// Whether it was told that something cannot be kept.
    complained: bool,
}

impl Way<'_> {
    fn go(&mut self) -> Result<Session, Error> {
        let Some(last) = self.plan.hops.len().checked_sub(1) else {
            return self.first();
        };
        let slot = self.slots.get(last).cloned();
        self.once(slot.as_deref(), |way| {
            let nearest = (0..last)
                .rev()
                .find_map(|index| Some((index + 1, Some(way.kept(index)?))));
            let is_kept = nearest.is_some() || way.start.as_ref().is_some_and(|slot| way.kept_in(slot).is_some());
            let (next, caller) = nearest.unwrap_or_default();
            match way.go_from(next, last, caller) {
                // What is kept of the way was revoked, or its key is gone: the whole way anew.
                Err(Error::Aws(error)) if is_kept && error.is_about_keys() => {
                    way.since = Some(SystemTime::now());
                    way.go_from(0, last, None)
                }
                done => done,
            }
        })
    }

    /// Goes the rest of the way, from the hop `next` to the `last`, as `caller`; without one, as whoever it starts from.
    fn go_from(&mut self, next: usize, last: usize, mut caller: Option<Session>) -> Result<Session, Error> {
        for index in next..last {
            let slot = self.slots.get(index).cloned();
            caller = Some(self.once(slot.as_deref(), |way| way.hop(index, caller.take()))?);
        }
        self.hop(last, caller)
    }

    /// The session that is kept in `slot`, else what `get` gets: by one process at a time, and kept. Without a slot it is
    /// got and not kept.
    fn once(
        &mut self,
        slot: Option<&Slot>,
        get: impl FnOnce(&mut Self) -> Result<Session, Error>,
    ) -> Result<Session, Error> {
        let Some(slot) = slot else {
            return get(self);
        };
        if let Some(session) = self.kept_in(slot) {
            return Ok(session);
        }
        let _lock = self.lock(slot);
        if let Some(session) = self.kept_in(slot) {
            return Ok(session);
        }
        let session = get(self)?;
        self.keep(slot, &session);
        Ok(session)
    }

    /// A clock that is off is told once, also when it may be why there is no session. An error about it tells it itself.
    fn tell_clock(&self, error: Option<&Error>) {
        let error = match error {
            Some(Error::Aws(error)) => Some(error),
            _ => None,
        };
        if let Some(note) = self.aws.clock_note(error) {
            self.means.terminal.note(note);
        }
    }

    /// The credentials that the way starts from.
    fn first(&mut self) -> Result<Session, Error> {
        let plan = self.plan;
        if let SourceKind::WebIdentity(_) = plan.source.kind {
            // Its session is a role's, and kept like those.
            let slot = self.start.clone();
            return self.once(slot.as_deref(), Self::source);
        }
        let session = self.source()?;
        match &plan.mfa_session {
            // As in the plan, for a `credential_process`, whose keys nobody knew then.
            Some(wanted) if session.keys.session_token.is_none() || wanted.is_asked_for() => {
                self.exported_mfa_session(&session, wanted)
            }
            _ => Ok(session),
        }
    }

    fn source(&mut self) -> Result<Session, Error> {
        let Plan { source, reach, .. } = self.plan;
        let mut tell = |news: News<'_>| match news {
            News::Said(said) => Terminal::overheard(said),
            News::Silence => self.means.terminal.note("waiting for `credential_process`"),
        };
        let token = self.token.as_ref();
        Ok(self
            .aws
            .credentials(source, token, reach, self.means.original, &mut tell)?)
    }

    /// Assumes the role of one hop.
    fn hop(&mut self, index: usize, caller: Option<Session>) -> Result<Session, Error> {
        let caller = match caller {
            Some(caller) => caller,
            None => self.first()?,
        };
        let hop = &self.plan.hops[index];
        match &hop.mfa {
            None => Ok(self.assume(index, &caller, None)?),
            Some(device) => self.with_mfa(index, device, &caller),
        }
    }

    /// One request, as `caller`.
    fn assume(&self, index: usize, caller: &Session, code: Option<Code>) -> Result<Session, AwsError> {
        let reach = self.reach.get_or_init(|| self.aws.located(self.plan));
        let position = (index + 1, self.plan.hops.len());
        let hop = &self.plan.hops[index];
        self.aws.assume_role(reach, caller, hop, code, position)
    }

    fn kept(&self, index: usize) -> Option<Session> {
        self.kept_in(self.slots.get(index)?)
    }

    fn kept_in(&self, slot: &Slot) -> Option<Session> {
        self.cache.as_ref()?.session(slot, self.since)
    }

    fn keep(&mut self, slot: &Slot, session: &Session) {
        self.write(|cache| cache.keep(slot, session));
    }

    /// What cannot be written costs a note, not the credentials.
    fn write(&mut self, write: impl FnOnce(&Cache) -> Result<(), Unwritable>) {
        if let Some(Err(error)) = self.cache.as_deref().map(write)
            && self.keeps_sessions()
            && !std::mem::replace(&mut self.complained, true)
        {
            self.means
                .terminal
                .note(format_args!("not everything is kept for the next run: {error}"));
        }
    }

    /// Whether sessions are looked for on disk, and kept there.
    fn keeps_sessions(&self) -> bool {
        self.cache.is_some() && self.means.reuse != Reuse::Ignored
    }
}
