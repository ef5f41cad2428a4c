//! AWS Signature Version 4, recomputed from its definition; knows nothing of users or roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime, PrimitiveDateTime, macros::format_description};

use crate::{http::HttpRequest, refusal::Refusal};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const MAX_SKEW: Duration = Duration::minutes(15);

/// The `Authorization` header, taken apart.
#[derive(Debug)]
pub(crate) struct Authorization<'a> {
    pub(crate) access_key_id: &'a str,
    date: &'a str,
    pub(crate) region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    pub(crate) fn parse(header: &'a str) -> Result<Self, Refusal> {
        let fields = header.strip_prefix(ALGORITHM).ok_or_else(Refusal::unsigned)?;
        let field = |name: &str| {
            fields
                .split(',')
                .filter_map(|field| field.trim().split_once('='))
                .find_map(|(key, value)| (key == name).then_some(value))
                .ok_or_else(|| {
                    let message = format!("Authorization header requires '{name}' parameter.");
                    Refusal::incomplete_signature(message)
                })
        };
        let credential = field("Credential")?;
        // From the right: a key made up by a test may contain anything.
        let mut parts = credential.rsplitn(5, '/');
        let mut part = || parts.next().ok_or_else(|| bad_credential(credential));
        if part()? != "aws4_request" {
            return Err(bad_credential(credential));
        }
        let (service, region, date, access_key_id) = (part()?, part()?, part()?, part()?);
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }

    /// Whether `request` was signed for `service`, now, with `secret`.
    pub(crate) fn verify(
        &self,
        request: &HttpRequest,
        secret: &str,
        service: &str,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
        if self.service != service {
            let text = format!("Credential should be scoped to correct service: '{service}'.");
            return Err(Refusal::signature(text));
        }
        if self.region.is_empty() {
            return Err(Refusal::signature("Credential should be scoped to a valid region."));
        }
        if !self.signed_headers.split(';').any(|name| name == "host") {
            let text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
            return Err(Refusal::signature(text));
        }
        let timestamp = request.header("x-amz-date").unwrap_or_default();
        self.check_date(timestamp, now)?;
        if self.compute(request, secret, timestamp) == self.signature {
            Ok(())
        } else {
            Err(Refusal::wrong_signature())
        }
    }

    fn check_date(&self, timestamp: &str, now: OffsetDateTime) -> Result<(), Refusal> {
        let Some(signed_at) = parse_timestamp(timestamp) else {
            return Err(Refusal::incomplete_signature(format!(
                "Date must be in ISO-8601 'basic format'. Got '{timestamp}'. See \
                 http://en.wikipedia.org/wiki/ISO_8601"
            )));
        };
        let day = &timestamp[..8];
        if self.date != day {
            return Err(Refusal::signature(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{day}', from '{timestamp}'.",
                self.date
            )));
        }
        let server_time = format_timestamp(now);
        if signed_at < now - MAX_SKEW {
            let limit = format_timestamp(now - MAX_SKEW);
            return Err(Refusal::signature(format!(
                "Signature expired: {timestamp} is now earlier than {limit} ({server_time} - 15 \
                 min.)"
            )));
        }
        if signed_at > now + MAX_SKEW {
            let limit = format_timestamp(now + MAX_SKEW);
            return Err(Refusal::signature(format!(
                "Signature not yet current: {timestamp} is still later than {limit} \
                 ({server_time} + 15 min.)"
            )));
        }
        Ok(())
    }

    fn compute(&self, request: &HttpRequest, secret: &str, timestamp: &str) -> String {
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let canonical = hex(&Sha256::digest(canonical_request(request, self.signed_headers)));
        let string_to_sign = format!("{ALGORITHM}\n{timestamp}\n{scope}\n{canonical}");
        let key = [self.date, self.region, self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
        hex(&hmac(&key, &string_to_sign))
    }
}

fn bad_credential(credential: &str) -> Refusal {
    Refusal::incomplete_signature(format!(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term, got '{credential}'"
    ))
}

fn canonical_request(request: &HttpRequest, signed_headers: &str) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n",
        request.method,
        // Every service but S3 encodes the path as sent once more.
        encode(request.path().as_bytes(), b"/"),
        canonical_query(request.query())
    );
    for name in signed_headers.split(';') {
        let values: Vec<String> = request
            .headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let _ = writeln!(text, "{name}:{}", values.join(","));
    }
    let _ = write!(text, "\n{signed_headers}\n{}", hex(&Sha256::digest(&request.body)));
    text
}

fn canonical_query(query: &str) -> String {
    let normal = |text: &str| encode(&decode(text), b"");
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (normal(key), normal(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join("&")
}

fn encode(bytes: &[u8], keep: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || keep.contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Percent signs only: a `+` is a plus here, unlike in a form.
fn decode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        out.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    out
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    PrimitiveDateTime::parse(text, format)
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

fn format_timestamp(time: OffsetDateTime) -> String {
    time.format(format_description!("[year][month][day]T[hour][minute][second]Z"))
        .expect("a date has all these parts")
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
