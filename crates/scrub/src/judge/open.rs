//! Values that are meant to be seen: public keys and certificates.

use crate::base64;

/// Whether the value is a public key or a certificate: DER whose first element holds an algorithm, not a version.
pub(crate) fn is_public_key(value: &[u8]) -> bool {
    /// What encrypted private keys begin with instead: PKCS #5 and PKCS #12.
    const ENCRYPTED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01];
    if value.len() < 40 || value[0] != b'M' {
        return false;
    }
    let Some(der) = base64::decode(&value[..40]) else { return false };
    let Some(inner) = content(&der).and_then(content) else { return false };
    match inner {
        [0x06, _, oid @ ..] => !oid.starts_with(ENCRYPTED) || matches!(oid.get(ENCRYPTED.len()), Some(0x01)),
        [0xa0, 0x03, 0x02, 0x01, ..] => true,
        _ => false,
    }
}

/// What a sequence in DER holds, as far as it is there.
fn content(der: &[u8]) -> Option<&[u8]> {
    let [0x30, length, rest @ ..] = der else { return None };
    match length {
        0..=0x7f => Some(rest),
        0x81..=0x83 => rest.get(usize::from(length & 0x7f)..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_keys_are_told_from_private_ones() {
        let public = [
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmxvQ2Zk8v",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu",
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtr",
            "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFAD",
        ];
        let private = [
            "MIIEvQIBADAN¦BgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAo",
            "MHcCAQEEIIGm¦Z3v9QpL2xRt8WbN5mYcD7sFhJ4gKa6TQm4",
            "MIIFHDBOBgkq¦hkiG9w0BBQ0wQTApBgkqhkiG9w0BBQwwHA",
        ];
        assert!(public.iter().all(|key| is_public_key(key.as_bytes())));
        assert!(!private.iter().any(|key| is_public_key(key.replace('¦', "").as_bytes())));
    }
}
