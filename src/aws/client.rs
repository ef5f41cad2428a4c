//! The connection to STS: runtime, HTTP client, region, endpoint, timeouts. Built when a request is certain.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};

use crate::profile::Reach;

/// A server that accepts and says nothing must not hold a request for longer than this, all attempts together.
const LONGEST_WAIT: Duration = Duration::from_secs(14);

const LONGEST_CONNECT: Duration = Duration::from_secs(4);
const LONGEST_READ: Duration = Duration::from_secs(10);

/// The attempts that the AWS CLI's standard mode makes, with less patience between them: a person is waiting.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(300);

/// How all requests of a run are sent.
pub(super) fn config(reach: &Reach) -> SdkConfig {
    // Reading the system's certificates takes longer than all the rest; a plain endpoint has no use for them.
    let plain = reach.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
    let http_client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        if plain {
            connector.build_http()
        } else {
            connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
        }
    });
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(LONGEST_CONNECT)
        .read_timeout(LONGEST_READ)
        .operation_timeout(LONGEST_WAIT)
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client)
        .timeout_config(timeouts)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(FIRST_PAUSE),
        )
        .region(Region::new(signing_region(reach).to_owned()));
    config.set_app_name(AppName::new("rolenv").ok());
    config.set_endpoint_url(reach.endpoint.clone());
    // A custom endpoint is taken as it is; the SDK would refuse the combination.
    if reach.endpoint.is_none() {
        config.set_use_fips(Some(reach.fips));
        config.set_use_dual_stack(Some(reach.dual_stack));
    }
    config.build()
}

/// Without a region the AWS CLI uses the global endpoint, signed for us-east-1; a custom endpoint is signed so too.
fn signing_region(reach: &Reach) -> &str {
    match (&reach.region, &reach.endpoint) {
        (Some(region), _) => region,
        (None, None) => "aws-global",
        (None, Some(_)) => "us-east-1",
    }
}

/// The runtime of a run, on this thread alone.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
