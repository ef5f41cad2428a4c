//! How requests are sent: runtime, HTTP clients, timeouts, retries. Each part is built when the first request needs it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::ca_bundle;
use super::clock::{ClockSkew, consequences};
use super::error::AwsError;
use super::limited_body::LimitedBody;
use crate::config::Located;
use crate::plan::EndpointConfig;
use crate::signals;

/// A server that accepts and says nothing must not hold a request for longer than this, all attempts together.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(14);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// From when on a person is told that AWS is waited for.
const NOTICE_AFTER: Duration = Duration::from_secs(3);

/// A person is waiting: less patience between attempts than the AWS CLI has.
const INITIAL_BACKOFF: Duration = Duration::from_millis(300);

/// The connection to AWS of one run. Nothing is built, read or sent until a call needs it.
pub struct Aws {
    /// The `rolenv explain` command line, for messages.
    pub(super) explain: String,
    pub(super) clock: ClockSkew,
    /// Called when an answer takes long.
    waits: Box<dyn Fn()>,
    /// Certificates to trust instead of the system's.
    ca_bundle: Option<Located<PathBuf>>,
    /// On this thread alone. Never shut down: that would wait for a name that is still being looked up, long after an
    /// interrupt.
    runtime: OnceCell<ManuallyDrop<Runtime>>,
    /// By whether they speak TLS (reading the system's certificates takes longer than all the rest, and a plain endpoint
    /// has no use for them) and by the proxy they go through.
    http_clients: RefCell<HashMap<(bool, Option<String>), SharedHttpClient>>,
}

impl Aws {
    /// A connection whose certificates are those that `endpoint_config` names. `explain`: what to type to have the plan explained.
    /// `waits` is called once for each answer that takes more than 3 seconds.
    pub fn new(endpoint_config: &EndpointConfig, explain: String, waits: impl Fn() + 'static) -> Self {
        Self {
            explain,
            clock: ClockSkew::default(),
            waits: Box::new(waits),
            ca_bundle: endpoint_config.ca_bundle.clone(),
            runtime: OnceCell::new(),
            http_clients: RefCell::default(),
        }
    }

    /// What to say of a clock that is off by a minute or more, once all is done: nothing when `error` says it itself.
    pub fn clock_note(&self, error: Option<&AwsError>) -> Option<String> {
        let is_told = matches!(error, Some(AwsError::Clock { .. }));
        self.clock.skew().filter(|_| !is_told).map(consequences)
    }

    /// Waits for an answer.
    pub(super) fn wait<Output>(&self, answer: impl Future<Output = Output>) -> Result<Output, AwsError> {
        signals::watch();
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(|error| AwsError::no_runtime(&error))?;
                self.runtime.get_or_init(|| ManuallyDrop::new(runtime))
            }
        };
        Ok(runtime.block_on(async {
            let mut answer = pin!(answer);
            if let Ok(answer) = timeout(NOTICE_AFTER, answer.as_mut()).await {
                return answer;
            }
            (self.waits)();
            answer.await
        }))
    }

    /// How requests to a service are sent. `repeatable`: whether one may be sent again.
    pub(super) fn config(&self, endpoint_config: &EndpointConfig, repeatable: bool) -> Result<SdkConfig, AwsError> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let retries = if repeatable {
            RetryConfig::standard()
                .with_max_attempts(endpoint_config.attempts.value)
                .with_initial_backoff(INITIAL_BACKOFF)
        } else {
            RetryConfig::disabled()
        };
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http_client(endpoint_config)?)
            .timeout_config(timeouts)
            .retry_config(retries)
            .time_source(self.clock.corrected())
            // There is nothing to cache, and the cache goes through all attempts that are allowed, one by one.
            .identity_cache(IdentityCache::no_cache())
            .region(Region::new(signing_region(endpoint_config).to_owned()));
        config.set_app_name(AppName::new("rolenv").ok());
        let url = custom_url(endpoint_config);
        // A custom endpoint is taken as it is; the SDK would refuse the combination.
        if url.is_none() {
            config.set_use_fips(Some(endpoint_config.fips));
            config.set_use_dual_stack(Some(endpoint_config.dual_stack));
        }
        config.set_endpoint_url(url);
        Ok(config.build())
    }

    fn http_client(&self, endpoint_config: &EndpointConfig) -> Result<SharedHttpClient, AwsError> {
        let url = endpoint_config
            .proxy
            .as_ref()
            .map(|proxy| proxy.url().expose().to_owned());
        let key = (endpoint_config.is_plain(), url);
        if let Some(client) = self.http_clients.borrow().get(&key) {
            return Ok(client.clone());
        }
        let tls = if key.0 { None } else { Some(self.tls()?) };
        let proxy = proxy_config(key.0, key.1.as_deref())?;
        let client = Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder().proxy_config(proxy.clone());
            connector.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            finish(connector, tls.clone())
        });
        let client = SharedHttpClient::new(LimitedBody {
            client,
            clock: self.clock.clone(),
        });
        self.http_clients.borrow_mut().insert(key, client.clone());
        Ok(client)
    }

    /// Whom to trust: the certificates that were named, else the system's.
    pub(super) fn tls(&self) -> Result<TlsContext, AwsError> {
        let context = TlsContext::builder();
        let context = match &self.ca_bundle {
            None => context,
            Some(bundle) => context.with_trust_store(ca_bundle::read(bundle)?),
        };
        context.build().map_err(|_| AwsError::NoTls)
    }
}

/// The proxy that the plan found. The HTTP client is not to look for one by rules of its own.
fn proxy_config(is_plain: bool, url: Option<&str>) -> Result<ProxyConfig, AwsError> {
    let Some(url) = url else {
        return Ok(ProxyConfig::disabled());
    };
    let url = if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    let config = if is_plain {
        ProxyConfig::http(url)
    } else {
        ProxyConfig::https(url)
    };
    config.map_err(|_| AwsError::NoTls)
}

/// A connector with TLS, or without.
pub(super) fn finish(connector: ConnectorBuilder, tls: Option<TlsContext>) -> Connector {
    match tls {
        None => connector.build_http(),
        Some(tls) => connector
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build(),
    }
}

/// An endpoint that the SDK is not to work out itself: a custom one, or the FIPS or dual-stack one of no region, which the
/// SDK would sign for no region either.
fn custom_url(endpoint_config: &EndpointConfig) -> Option<String> {
    let of_no_region = endpoint_config.region.is_none() && (endpoint_config.fips || endpoint_config.dual_stack);
    let custom = endpoint_config.endpoint.as_ref().map(|url| url.value.clone());
    custom.or_else(|| of_no_region.then(|| format!("https://{}", endpoint_config.host("sts"))))
}

/// Without a region the AWS CLI uses the global endpoint, signed for us-east-1; a custom endpoint is signed so too.
fn signing_region(endpoint_config: &EndpointConfig) -> &str {
    match &endpoint_config.region {
        Some(region) => &region.value,
        None if custom_url(endpoint_config).is_some() => "us-east-1",
        None => "aws-global",
    }
}
