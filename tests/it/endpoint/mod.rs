//! Where requests go: endpoints, certificates, proxies, timeouts.

mod certificates;
mod requests;
