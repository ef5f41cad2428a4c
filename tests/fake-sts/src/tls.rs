//! A certificate authority made on the spot, and the server's certificate from it.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// What a server needs to speak TLS, and its clients to trust it.
pub(crate) struct Identity {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let ca = authority();
        let key = KeyPair::generate().expect("a key pair");
        let certificate = server_params().signed_by(&key, &ca).expect("a certificate");
        let private_key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions the provider knows")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private_key)
            .expect("a key that belongs to the certificate");
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            config: Arc::new(config),
            ca_pem: ca.pem(),
        }
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "fake-sts authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().expect("a key pair");
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

fn server_params() -> CertificateParams {
    // And the names of AWS, for clients without a custom endpoint, who come through a proxy.
    let names = ["127.0.0.1", "localhost", "*.amazonaws.com", "*.us-east-1.amazonaws.com"];
    let mut params = CertificateParams::new(names.map(ToOwned::to_owned)).expect("names a certificate can carry");
    params.distinguished_name.push(DnType::CommonName, "fake-sts");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Python's VERIFY_X509_STRICT, on by default since 3.13, wants it; the AWS CLI is Python.
    params.use_authority_key_identifier_extension = true;
    params
}
