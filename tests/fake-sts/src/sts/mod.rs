//! STS: it checks who signed, and applies the rules of the real service.

mod actions;
mod builder;
mod limits;
mod refusals;
mod request;
mod role;
mod sigv4;
mod tags;
mod validate;
mod world;
mod xml;

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use crate::{
    Fault,
    fake::Fake,
    http::{HttpRequest, Reply},
    names,
    refusal::Refusal,
    service::{Answer, Record, Service},
};
use actions::Call;
use sigv4::Authorization;
use world::World;

pub use builder::Builder;
pub use request::{Request, Signer};
pub use role::Role;
pub use world::HandedOut;

/// A running STS.
pub type FakeSts = Fake<Sts>;

impl FakeSts {
    /// An STS that knows nobody yet.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The certificate, in PEM, of the authority that signed the server's own.
    ///
    /// # Panics
    ///
    /// If the server was started without TLS.
    pub fn ca_pem(&self) -> &str {
        self.ca_pem.as_deref().expect("a server started with `start_tls`")
    }

    /// Every session handed out so far, oldest first.
    pub fn handed_out(&self) -> Vec<HandedOut> {
        self.server.state().service.world.handed_out.clone()
    }

    /// How often each MFA code has come with a request so far, whatever became of the request, by the serial number
    /// that came along (empty if none did) and the code.
    pub fn codes(&self) -> BTreeMap<(String, String), usize> {
        self.server.state().service.codes.clone()
    }

    /// From now on the server's clock is this many seconds ahead of the machine's, or behind it. All that it says and
    /// checks goes by it: signatures, `Date`, when sessions end, the age of codes.
    pub fn shift_clock(&self, seconds: i64) {
        self.server.state().service.ahead = Duration::seconds(seconds);
    }
}

/// The service behind a [`FakeSts`].
#[derive(Debug)]
pub struct Sts {
    world: World,
    codes: BTreeMap<(String, String), usize>,
    /// How far the server's clock is ahead of the machine's.
    ahead: Duration,
}

impl Sts {
    fn new(world: World) -> Self {
        Self {
            world,
            codes: BTreeMap::new(),
            ahead: Duration::ZERO,
        }
    }

    fn count_code(&mut self, form: &BTreeMap<String, String>) {
        if let Some(code) = form.get("TokenCode") {
            let serial = form.get("SerialNumber").cloned().unwrap_or_default();
            *self.codes.entry((serial, code.clone())).or_default() += 1;
        }
    }
}

impl Service for Sts {
    type Request = Request;

    fn receive(&mut self, request: HttpRequest) -> Request {
        let authorization = request.header("authorization").map(Authorization::parse);
        let caller = self.world.authenticate(&request, authorization.as_ref(), self.now());
        let authorization = authorization.and_then(Result::ok);
        let form = parameters(&request);
        self.count_code(&form);
        Request {
            action: form.get("Action").cloned().unwrap_or_default(),
            form,
            signer: authorization.as_ref().and_then(|authorization| {
                let arn = self.world.holder(authorization.access_key_id)?;
                let access_key_id = authorization.access_key_id.to_owned();
                Some(Signer {
                    access_key_id,
                    arn: arn.to_owned(),
                })
            }),
            region: authorization.map(|authorization| authorization.region.to_owned()),
            session_token: request.header("x-amz-security-token").map(ToOwned::to_owned),
            verified: caller.is_ok(),
            caller,
            status: None,
            headers: request.headers,
        }
    }

    fn answer(&mut self, request: &Request, lie: Option<&Fault>) -> Result<Answer, Refusal> {
        let call = Call {
            request,
            lie,
            now: self.now(),
        };
        let result = actions::run(&mut self.world, &call)?;
        Ok(reply(200, |id| xml::success(&request.action, &result, id)).into())
    }

    fn refuse(&self, _: &Request, refusal: &Refusal) -> Reply {
        reply(refusal.status, |id| xml::error(refusal, id))
    }

    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.ahead
    }
}

impl Record for Request {
    fn set_status(&mut self, status: Option<u16>) {
        self.status = status;
    }
}

/// The query protocol also takes parameters from the query of a GET.
fn parameters(request: &HttpRequest) -> BTreeMap<String, String> {
    let bytes = if request.method == "POST" {
        &request.body
    } else {
        request.query().as_bytes()
    };
    form_urlencoded::parse(bytes).into_owned().collect()
}

/// The id of a request is in the body and in a header.
fn reply(status: u16, body: impl FnOnce(&str) -> String) -> Reply {
    let id = names::request_id();
    Reply::new(status, "text/xml", body(&id)).with("x-amzn-RequestId", &id)
}
