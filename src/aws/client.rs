//! How requests are sent: runtime, HTTP clients, timeouts, retries. Each part is built for the first request that needs
//! it.

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

/// The timeout of a request, all attempts together.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(14);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// When a note about waiting is printed.
const NOTICE_AFTER: Duration = Duration::from_secs(3);

/// Shorter than in the AWS CLI, because a user is waiting.
const INITIAL_BACKOFF: Duration = Duration::from_millis(300);

/// The connection to AWS. Nothing is built, read or sent before a call needs it.
pub struct Aws {
    /// The `rolenv explain` command line, for messages.
    pub(super) explain: String,
    pub(super) clock: ClockSkew,
    /// Called if a response takes long.
    waits: Box<dyn Fn()>,
    /// Certificates to trust in place of the system's.
    ca_bundle: Option<Located<PathBuf>>,
    /// Single-threaded. Never shut down: that would wait for a pending name lookup.
    runtime: OnceCell<ManuallyDrop<Runtime>>,
    /// By TLS (reading the system's certificates takes longer than everything else, and a plain endpoint does not need
    /// them) and proxy.
    http_clients: RefCell<HashMap<(bool, Option<String>), SharedHttpClient>>,
}

impl Aws {
    /// A connection with the certificates of `endpoint_config`. `waits` is called once for each response that takes
    /// more than 3 seconds.
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

    /// The note about a clock that differs by a minute or more, unless `error` already reports it.
    pub fn clock_note(&self, error: Option<&AwsError>) -> Option<String> {
        let is_told = matches!(error, Some(AwsError::Clock { .. }));
        self.clock.skew().filter(|_| !is_told).map(consequences)
    }

    /// Waits for a response.
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

    /// The SDK configuration for a service. `repeatable`: whether a request may be sent again.
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
            // There is nothing to cache, and the cache would make all attempts one by one.
            .identity_cache(IdentityCache::no_cache())
            .region(Region::new(signing_region(endpoint_config).to_owned()));
        config.set_app_name(AppName::new("rolenv").ok());
        let url = custom_url(endpoint_config);
        // Ignored for a custom endpoint, for which the SDK rejects the combination.
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

    /// The configured certificates, else the system's.
    pub(super) fn tls(&self) -> Result<TlsContext, AwsError> {
        let context = TlsContext::builder();
        let context = match &self.ca_bundle {
            None => context,
            Some(bundle) => context.with_trust_store(ca_bundle::read(bundle)?),
        };
        context.build().map_err(|_| AwsError::NoTls)
    }
}

/// The proxy of the plan. The HTTP client must not choose one by its own rules.
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

/// An endpoint that the SDK must not compute: a custom one, or the FIPS or dual-stack endpoint without a region.
fn custom_url(endpoint_config: &EndpointConfig) -> Option<String> {
    let of_no_region = endpoint_config.region.is_none() && (endpoint_config.fips || endpoint_config.dual_stack);
    let custom = endpoint_config.endpoint.as_ref().map(|url| url.value.clone());
    custom.or_else(|| of_no_region.then(|| format!("https://{}", endpoint_config.host("sts"))))
}

/// Without a region the AWS CLI uses the global endpoint and signs for us-east-1, also for a custom endpoint.
fn signing_region(endpoint_config: &EndpointConfig) -> &str {
    match &endpoint_config.region {
        Some(region) => &region.value,
        None if custom_url(endpoint_config).is_some() => "us-east-1",
        None => "aws-global",
    }
}
