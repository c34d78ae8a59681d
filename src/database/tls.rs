//! Encryption of the connection, and which certificates of servers are accepted.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::Failure;
use crate::job::{Connection, Encryption};

/// The TLS connector. `prefer` accepts any certificate; `require` accepts one for the host's name from an authority in the connection's
/// file or, without a file, of the system.
pub(super) fn connector(connection: &Connection) -> Result<MakeRustlsConnect, Failure> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|cause| Failure::bug(cause.to_string()))?;
    let config = match connection.encryption {
        Encryption::Require => builder.with_root_certificates(authorities(connection)?).with_no_client_auth(),
        // Without encryption the connector is not used.
        Encryption::Disable | Encryption::Prefer => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider))).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn authorities(connection: &Connection) -> Result<RootCertStore, Failure> {
    let mut store = RootCertStore::empty();
    let Some(file) = &connection.authorities else {
        let found = rustls_native_certs::load_native_certs();
        let (known, _) = store.add_parsable_certificates(found.certs);
        if known == 0 {
            let help = "install the system's certificates (Debian: ca-certificates), or name a file with sslrootcert";
            return Err(Failure::new("this system has no certificates of authorities", help));
        }
        return Ok(store);
    };
    let wrong = |cause: String| {
        let message = format!("the authorities of {} cannot be read: {cause}", file.display());
        Failure::new(message, "sslrootcert names a file with certificates in PEM, from -----BEGIN CERTIFICATE----- on")
    };
    for certificate in CertificateDer::pem_file_iter(file).map_err(|cause| wrong(cause.to_string()))? {
        store.add(certificate.map_err(|cause| wrong(cause.to_string()))?).map_err(|cause| wrong(cause.to_string()))?;
    }
    if store.is_empty() {
        return Err(wrong("it has no certificate".to_owned()));
    }
    Ok(store)
}

/// Accepts every certificate, as libpq does with `sslmode=prefer`. This protects against eavesdropping, but not against an attacker who
/// can change the traffic.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
