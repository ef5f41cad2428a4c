//! From a plan to a session: cached sessions are used, missing ones are requested, by one process at a time.

mod mfa;
mod route;
mod wait;

use std::cell::OnceCell;
use std::time::{Instant, SystemTime};

use crate::aws::{self, Aws, AwsError};
use crate::cache::{Cache, CacheKey, Unwritable};
use crate::credentials::Session;
use crate::env::Environment;
use crate::error::Error;
use crate::mfa::{Code, Codes};
use crate::plan::{AssumeRole, EndpointConfig, Plan, Step};
use crate::secret::Secret;
use crate::terminal::Terminal;
pub use route::{CacheMode, CacheState, Route, RouteReport, StepState};

/// The input besides the plan.
pub struct SessionContext<'run> {
    /// The user's own environment.
    pub original: &'run Environment,
    pub cache_mode: CacheMode,
    pub codes: Codes<'run>,
    pub terminal: &'run Terminal,
    /// The `rolenv explain` command line, for messages.
    pub explain: String,
}

/// Gets the session of a plan, starting from the last cached one. Sessions that were obtained before a failure stay
/// cached.
pub fn session(plan: &Plan, context: SessionContext<'_>) -> Result<Session, Error> {
    let mode = context.cache_mode;
    // If the token cannot be read, the request will report why.
    let token = match mode {
        CacheMode::Off => None,
        CacheMode::ReadWrite | CacheMode::Refresh => aws::source_token(&plan.source.kind).ok().flatten(),
    };
    let route = Route::new(plan, context.original, mode, token.as_ref().map(Secret::expose));
    let mut requester = Requester {
        plan,
        route: &route,
        token: token.as_ref(),
        aws: Aws::new(
            &plan.endpoint_config,
            context.explain.clone(),
            context.terminal.waits("a response from AWS"),
        ),
        endpoint_config: OnceCell::new(),
        since: (mode == CacheMode::Refresh).then(SystemTime::now),
        context,
        deadline: wait::deadline(plan),
        revoked_key_id: None,
        warned_unwritable: false,
    };
    let session = requester.session();
    requester.note_clock(session.as_ref().err());
    session
}

/// The state of getting a plan's session.
struct Requester<'run> {
    plan: &'run Plan,
    route: &'run Route<'run>,
    context: SessionContext<'run>,
    aws: Aws,
    /// The endpoint of the STS requests.
    endpoint_config: OnceCell<EndpointConfig>,
    /// The token of a web identity or a container, if it was read.
    token: Option<&'run Secret>,
    /// Older role sessions are not used.
    since: Option<SystemTime>,
    /// When waiting for other processes ends.
    deadline: Instant,
    /// The access key of a cached session that AWS rejected.
    revoked_key_id: Option<String>,
    /// Whether the note about an unwritable cache was printed.
    warned_unwritable: bool,
}

impl Requester<'_> {
    fn session(&mut self) -> Result<Session, Error> {
        let Some(last) = self.plan.steps.len().checked_sub(1) else {
            return self.source();
        };
        let route = self.route;
        self.once(route.key(last), |requester| {
            let nearest = route.nearest(last, requester.since);
            let uses_cached = nearest.is_some();
            let (next, caller) = nearest.map_or((0, None), |(index, session)| (index + 1, Some(session)));
            match requester.steps(next, last, caller) {
                // A cached session was revoked, or its key was deleted: start over without the cache.
                Err(Error::Aws(error)) if uses_cached && error.is_about_keys() => {
                    requester.since = Some(SystemTime::now());
                    requester.steps(0, last, None)
                }
                done => done,
            }
        })
    }

    /// Makes the requests `next` to `last`, the first with the credentials of `caller`, or of the plan's source if that is
    /// `None`.
    fn steps(&mut self, next: usize, last: usize, mut caller: Option<Session>) -> Result<Session, Error> {
        let route = self.route;
        for index in next..last {
            caller = Some(self.once(route.key(index), |requester| requester.step(index, caller.take()))?);
        }
        self.step(last, caller)
    }

    fn step(&mut self, index: usize, caller: Option<Session>) -> Result<Session, Error> {
        let plan = self.plan;
        let signer = |requester: &Self| caller.map_or_else(|| requester.source(), Ok);
        match &plan.steps[index] {
            Step::AssumeRoleWithWebIdentity(step) => {
                let position = (index + 1, plan.steps.len());
                let endpoint_config = self.endpoint_config();
                let aws = &self.aws;
                Ok(aws.assume_role_with_web_identity(endpoint_config, &plan.source, self.token, step, position)?)
            }
            Step::AssumeRole(step) => {
                let caller = signer(self)?;
                match &step.mfa {
                    None => Ok(self.assume(index, step, &caller, None)?),
                    Some(device) => self.with_mfa(index, step, device, &caller),
                }
            }
            Step::GetSessionToken(step) => {
                let caller = signer(self)?;
                self.exported_mfa_session(index, step, caller)
            }
        }
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
        if let Some(session) = self.cached(key) {
            return Ok(session);
        }
        let _lock = self.lock(key);
        if let Some(session) = self.cached(key) {
            return Ok(session);
        }
        let session = get(self)?;
        self.write(|cache| cache.write(key, &session));
        Ok(session)
    }

    fn cached(&self, key: &CacheKey) -> Option<Session> {
        self.route.cache.as_ref()?.read(key, self.since)
    }

    /// Prints the note about a wrong clock, also if that may be the cause of a failure. An error about the clock says
    /// it itself.
    fn note_clock(&self, error: Option<&Error>) {
        let error = match error {
            Some(Error::Aws(error)) => Some(error),
            _ => None,
        };
        if let Some(note) = self.aws.clock_note(error) {
            self.context.terminal.note(note);
        }
    }

    /// The source's credentials.
    fn source(&self) -> Result<Session, Error> {
        let waits = || self.context.terminal.note("waiting for `credential_process`");
        let source = &self.plan.source;
        Ok(self.aws.credentials(source, self.token, self.context.original, waits)?)
    }

    fn endpoint_config(&self) -> &EndpointConfig {
        self.endpoint_config.get_or_init(|| self.aws.located(self.plan))
    }

    /// One AssumeRole request, signed by `caller`.
    fn assume(
        &self,
        index: usize,
        step: &AssumeRole,
        caller: &Session,
        code: Option<Code>,
    ) -> Result<Session, AwsError> {
        let position = (index + 1, self.plan.steps.len());
        self.aws
            .assume_role(self.endpoint_config(), caller, step, code, position)
    }

    /// Writes to the cache. A failed write only prints a note.
    fn write(&mut self, write: impl FnOnce(&Cache) -> Result<(), Unwritable>) {
        if let Some(Err(error)) = self.route.cache.as_ref().map(write)
            && self.route.uses_cache()
            && !std::mem::replace(&mut self.warned_unwritable, true)
        {
            self.context
                .terminal
                .note(format_args!("could not update the session cache: {error}"));
        }
    }
}
