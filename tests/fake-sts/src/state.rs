//! One request from arrival to reply: checked, met by its fault, carried out, remembered.

use std::{collections::BTreeMap, time::Duration};

use time::OffsetDateTime;

use crate::{
    Fault, Request, Signer,
    actions::{self, Call},
    fault::Faults,
    http::{Message, Reply},
    names,
    refusal::Refusal,
    reply,
    sigv4::Authorization,
    world::World,
};

/// Everything the server knows.
#[derive(Debug)]
pub(crate) struct State {
    world: World,
    pub(crate) faults: Faults,
    pub(crate) log: Vec<Request>,
}

/// What goes over the wire in return.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    pub(crate) bytes: Vec<u8>,
    /// Close the connection afterwards, whatever the client asked.
    pub(crate) hang_up: bool,
}

impl State {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            faults: Faults::default(),
            log: Vec::new(),
        }
    }

    pub(crate) fn answer(&mut self, message: &Message) -> Delivery {
        let now = OffsetDateTime::now_utc();
        let fault = self.faults.take();
        let authorization = message.header("authorization").map(Authorization::parse);
        let caller = self.world.authenticate(message, authorization.as_ref(), now);
        let mut record = self.record(message, authorization.as_ref());
        record.verified = caller.is_ok();

        let call = Call {
            action: &record.action,
            form: &record.form,
            caller,
            lie: fault.as_ref(),
        };
        let reply = match &fault {
            Some(Fault::Stall(_) | Fault::Drop | Fault::Raw(_)) => None,
            Some(Fault::Error { status, code, message }) => {
                Some(xml(Err(Refusal::on_command(*status, code, message)), &record.action))
            }
            Some(Fault::Body {
                status,
                content_type,
                body,
            }) => Some(Reply {
                status: *status,
                content_type: content_type.clone(),
                request_id: names::request_id(),
                body: body.clone(),
            }),
            _ => Some(xml(actions::run(&mut self.world, &call, now), &record.action)),
        };
        record.status = reply.as_ref().map(|reply| reply.status);
        self.log.push(record);
        let bytes = reply
            .map(|reply| reply.to_bytes(message.keep_alive))
            .unwrap_or_default();
        deliver(bytes, fault)
    }

    fn record(&self, message: &Message, authorization: Option<&Parsed<'_>>) -> Request {
        let form = parameters(message);
        let authorization = authorization.and_then(|parsed| parsed.as_ref().ok());
        Request {
            action: form.get("Action").cloned().unwrap_or_default(),
            form,
            signer: authorization.and_then(|authorization| {
                let arn = self.world.holder(authorization.access_key_id)?;
                let access_key_id = authorization.access_key_id.to_owned();
                Some(Signer {
                    access_key_id,
                    arn: arn.to_owned(),
                })
            }),
            region: authorization.map(|authorization| authorization.region.to_owned()),
            session_token: message.header("x-amz-security-token").map(ToOwned::to_owned),
            headers: message.headers.clone(),
            verified: false,
            status: None,
        }
    }
}

type Parsed<'a> = Result<Authorization<'a>, Refusal>;

/// The query protocol also takes parameters from the query of a GET.
fn parameters(message: &Message) -> BTreeMap<String, String> {
    let bytes = if message.method == "POST" {
        &message.body
    } else {
        message.query.as_bytes()
    };
    form_urlencoded::parse(bytes).into_owned().collect()
}

fn xml(result: Result<String, Refusal>, action: &str) -> Reply {
    let request_id = names::request_id();
    let (status, body) = match result {
        Ok(result) => (200, reply::success(action, &result, &request_id)),
        Err(refusal) => (refusal.status, reply::error(&refusal, &request_id)),
    };
    Reply {
        status,
        content_type: "text/xml".to_owned(),
        request_id,
        body: body.into_bytes(),
    }
}

fn deliver(mut bytes: Vec<u8>, fault: Option<Fault>) -> Delivery {
    let mut delay = Duration::ZERO;
    let mut hang_up = false;
    match fault {
        Some(Fault::Slow(time)) => delay = time,
        Some(Fault::Stall(time)) => (delay, hang_up) = (time, true),
        Some(Fault::Drop) => hang_up = true,
        Some(Fault::Cut) => {
            bytes.truncate(bytes.len() / 2);
            hang_up = true;
        }
        Some(Fault::Raw(raw)) => (bytes, hang_up) = (raw, true),
        _ => {}
    }
    Delivery { delay, bytes, hang_up }
}
