//! The certificates of `AWS_CA_BUNDLE` and `ca_bundle`. Checked here, because the HTTP client panics on an invalid
//! certificate, and trusts no server after an empty file.

use std::path::PathBuf;

use aws_smithy_http_client::tls::TrustStore;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::error::AwsError;
use crate::config::Located;
use crate::fs;
use crate::system_error::describe;

/// A hundred times the size of a system's bundle, in bytes.
const MAX_FILE_SIZE: u64 = 1 << 24;

/// The certificates of a PEM file.
pub(super) fn read(bundle: &Located<PathBuf>) -> Result<TrustStore, AwsError> {
    let bad = |reason: String| AwsError::BadBundle {
        origin: bundle.origin.clone(),
        path: bundle.value.clone(),
        reason,
    };
    let text = fs::read(&bundle.value, MAX_FILE_SIZE).map_err(|error| bad(describe(&error)))?;
    let mut store = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&text).enumerate() {
        let malformed = || bad(format!("certificate number {} is malformed", index + 1));
        store
            .add(certificate.map_err(|_| malformed())?)
            .map_err(|_| malformed())?;
    }
    if store.is_empty() {
        return Err(bad("the file contains no certificate".to_owned()));
    }
    Ok(TrustStore::empty().with_pem_certificate(text))
}
