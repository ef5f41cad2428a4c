//! From a plan to a session: cached sessions are used, missing ones are requested, by one process at a time.

mod cache_report;
mod mfa;
mod wait;

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use crate::aws::{self, Aws, AwsError};
use crate::cache::{Cache, CacheKey, Unwritable};
use crate::credentials::Session;
use crate::env::Environment;
use crate::error::Error;
use crate::mfa::{Code, Codes};
use crate::plan::{EndpointConfig, Plan, SourceKind};
use crate::secret::Secret;
use crate::terminal::Terminal;
pub use cache_report::{CacheReport, CacheState};

/// How this run uses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMode {
    /// Sessions are read and written.
    ReadWrite,
    /// Role sessions are requested and replaced. MFA sessions are read, so that no code is needed.
    Refresh,
    /// Sessions are neither read nor written.
    Off,
}

/// The input besides the plan.
pub struct SessionContext<'run> {
    /// The user's own environment.
    pub original: &'run Environment,
    pub reuse: CacheMode,
    pub codes: Codes<'run>,
    pub terminal: &'run Terminal,
    /// The `rolenv explain` command line, for messages.
    pub explain: String,
}

/// Gets the session of a plan, starting from the last cached one. Sessions that were obtained before a failure stay
/// cached.
pub fn session(plan: &Plan, means: SessionContext<'_>) -> Result<Session, Error> {
    let cache = Cache::of(means.original).map(Rc::new);
    let kept = cache.as_ref().filter(|_| means.reuse != CacheMode::Off);
    let token = kept.and_then(|_| aws::token_to_show(&plan.source.kind).ok().flatten());
    let (start, keys) = kept.map(|cache| keys(cache, plan, token.as_ref())).unwrap_or_default();
    let mut way = SessionRequester {
        plan,
        aws: Aws::new(
            &plan.endpoint_config,
            means.explain.clone(),
            means.terminal.waits("a response from AWS"),
        ),
        endpoint_config: OnceCell::new(),
        since: (means.reuse == CacheMode::Refresh).then(SystemTime::now),
        means,
        cache,
        token,
        start: start.map(Rc::new),
        keys: keys.into_iter().map(Rc::new).collect(),
        deadline: wait::deadline(plan),
        revoked_key_id: None,
        warned_unwritable: false,
    };
    let session = way.go();
    way.tell_clock(session.as_ref().err());
    session
}

/// The cache keys of a plan: of the web identity that it starts from, and of each role. Without its token a web
/// identity has no key; the request will report why it is missing.
fn keys(cache: &Cache, plan: &Plan, token: Option<&Secret>) -> (Option<CacheKey>, Vec<CacheKey>) {
    let token = token.map(Secret::expose);
    let start = match &plan.source.kind {
        SourceKind::WebIdentity(identity) => token.map(|token| cache.web_identity(plan, identity, token)),
        _ => None,
    };
    (start, cache.roles(plan, token))
}

/// The state of getting a plan's session.
struct SessionRequester<'run> {
    plan: &'run Plan,
    means: SessionContext<'run>,
    aws: Aws,
    /// The endpoint of the STS requests.
    endpoint_config: OnceCell<EndpointConfig>,
    /// Also used with `--no-cache`, for locks and used codes.
    cache: Option<Rc<Cache>>,
    /// The token of a web identity or a container, if it was read.
    token: Option<Secret>,
    /// The key of the web identity that the plan starts from, if the cache is used.
    start: Option<Rc<CacheKey>>,
    /// One for each role, if the cache is used.
    keys: Vec<Rc<CacheKey>>,
    /// Older role sessions are not used.
    since: Option<SystemTime>,
    /// When waiting for other processes ends.
    deadline: Instant,
    /// The access key of a cached session that AWS rejected.
    revoked_key_id: Option<String>,
    /// Whether the note about an unwritable cache was printed.
    warned_unwritable: bool,
}

impl SessionRequester<'_> {
    fn go(&mut self) -> Result<Session, Error> {
        let Some(last) = self.plan.hops.len().checked_sub(1) else {
            return self.first();
        };
        let key = self.keys.get(last).cloned();
        self.once(key.as_deref(), |way| {
            let nearest = (0..last)
                .rev()
                .find_map(|index| Some((index + 1, Some(way.kept(index)?))));
            let is_kept = nearest.is_some() || way.start.as_ref().is_some_and(|key| way.kept_in(key).is_some());
            let (next, caller) = nearest.unwrap_or_default();
            match way.go_from(next, last, caller) {
                // A cached session was revoked, or its key was deleted: start over without the cache.
                Err(Error::Aws(error)) if is_kept && error.is_about_keys() => {
                    way.since = Some(SystemTime::now());
                    way.go_from(0, last, None)
                }
                done => done,
            }
        })
    }

    /// Assumes the roles `next` to `last` with the credentials of `caller`, or of the plan's source if that is `None`.
    fn go_from(&mut self, next: usize, last: usize, mut caller: Option<Session>) -> Result<Session, Error> {
        for index in next..last {
            let key = self.keys.get(index).cloned();
            caller = Some(self.once(key.as_deref(), |way| way.hop(index, caller.take()))?);
        }
        self.hop(last, caller)
    }

    /// The cached session, else the one that `get` requests: by one process at a time, and written to the cache.
    /// Without a key, `get` is called and nothing is written.
    fn once(
        &mut self,
        key: Option<&CacheKey>,
        get: impl FnOnce(&mut Self) -> Result<Session, Error>,
    ) -> Result<Session, Error> {
        let Some(key) = key else {
            return get(self);
        };
        if let Some(session) = self.kept_in(key) {
            return Ok(session);
        }
        let _lock = self.lock(key);
        if let Some(session) = self.kept_in(key) {
            return Ok(session);
        }
        let session = get(self)?;
        self.keep(key, &session);
        Ok(session)
    }

    /// Prints the note about a wrong clock, also if that may be the cause of a failure. An error about the clock says
    /// it itself.
    fn tell_clock(&self, error: Option<&Error>) {
        let error = match error {
            Some(Error::Aws(error)) => Some(error),
            _ => None,
        };
        if let Some(note) = self.aws.clock_note(error) {
            self.means.terminal.note(note);
        }
    }

    /// The source's credentials.
    fn first(&mut self) -> Result<Session, Error> {
        let plan = self.plan;
        if let SourceKind::WebIdentity(_) = plan.source.kind {
            // Its session is a role session, and cached like those.
            let key = self.start.clone();
            return self.once(key.as_deref(), Self::source);
        }
        let session = self.source()?;
        match &plan.mfa_session {
            // As in the plan, for a `credential_process`, whose keys were unknown then.
            Some(wanted) if session.keys.session_token.is_none() || wanted.is_asked_for() => {
                self.exported_mfa_session(&session, wanted)
            }
            _ => Ok(session),
        }
    }

    fn source(&mut self) -> Result<Session, Error> {
        let Plan {
            source,
            endpoint_config,
            ..
        } = self.plan;
        let waits = || self.means.terminal.note("waiting for `credential_process`");
        let token = self.token.as_ref();
        Ok(self
            .aws
            .credentials(source, token, endpoint_config, self.means.original, waits)?)
    }

    /// Assumes one role.
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

    /// One AssumeRole request, signed by `caller`.
    fn assume(&self, index: usize, caller: &Session, code: Option<Code>) -> Result<Session, AwsError> {
        let endpoint_config = self.endpoint_config.get_or_init(|| self.aws.located(self.plan));
        let position = (index + 1, self.plan.hops.len());
        let hop = &self.plan.hops[index];
        self.aws.assume_role(endpoint_config, caller, hop, code, position)
    }

    fn kept(&self, index: usize) -> Option<Session> {
        self.kept_in(self.keys.get(index)?)
    }

    fn kept_in(&self, key: &CacheKey) -> Option<Session> {
        self.cache.as_ref()?.session(key, self.since)
    }

    fn keep(&mut self, key: &CacheKey, session: &Session) {
        self.write(|cache| cache.keep(key, session));
    }

    /// A failed write only prints a note.
    fn write(&mut self, write: impl FnOnce(&Cache) -> Result<(), Unwritable>) {
        if let Some(Err(error)) = self.cache.as_deref().map(write)
            && self.keeps_sessions()
            && !std::mem::replace(&mut self.warned_unwritable, true)
        {
            self.means
                .terminal
                .note(format_args!("could not update the session cache: {error}"));
        }
    }

    /// Whether the cache is used.
    fn keeps_sessions(&self) -> bool {
        self.cache.is_some() && self.means.reuse != CacheMode::Off
    }
}
