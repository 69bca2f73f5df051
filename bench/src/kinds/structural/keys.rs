//! Private keys and wallets.

use super::Structure;
use crate::format::{base64, url_base64, value};
use crate::random::Random;

/// Private keys and wallets.
pub const KEYS: &[Structure] = &[
    structure!("PEM, RSA private key", |r| pem("RSA PRIVATE KEY", 1190, r)),
    structure!("PEM, PKCS #8 private key", |r| pem("PRIVATE KEY", 1218, r)),
    structure!("PEM, encrypted private key", |r| pem("ENCRYPTED PRIVATE KEY", 1300, r)),
    structure!("PEM, EC private key", |r| pem("EC PRIVATE KEY", 121, r)),
    structure!("PEM, DSA private key", |r| pem("DSA PRIVATE KEY", 668, r)),
    structure!("PEM, OpenSSH private key", |r| pem("OPENSSH PRIVATE KEY", 399, r)),
    structure!("PEM, Ed25519 private key of one line", |r| pem("PRIVATE KEY", 48, r)),
    structure!("PEM, RSA key with Proc-Type headers", |r| {
        let head = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{}\n\n", value("<H:32>", r));
        let (text, secrets) = pem("RSA PRIVATE KEY", 1190, r);
        (text.replacen("KEY-----\n", &format!("KEY-----\n{head}"), 1), secrets)
    }),
    structure!("PGP private key block", |r| {
        let (text, secrets) = pem("PGP PRIVATE KEY BLOCK", 900, r);
        (text.replacen("BLOCK-----\n", "BLOCK-----\nVersion: GnuPG v2\n\n", 1), secrets)
    }),
    structure!("SSH2 encrypted private key", |r| {
        let lines = body(300, 70, r);
        let text = format!(
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"dev\"\n{}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n",
            lines.join("\n")
        );
        (text, lines)
    }),
    structure!("PEM in a JSON string", |r| {
        let (text, secrets) = pem("PRIVATE KEY", 1218, r);
        (format!("{{\"tls\":{{\"key\":\"{}\"}}}}\n", text.replace('\n', "\\n")), secrets)
    }),
    structure!("PEM in an environment variable of one line", |r| {
        let (text, secrets) = pem("RSA PRIVATE KEY", 1190, r);
        (format!("PORT=8080\nAPP_PEM=\"{}\"\nDEBUG=0\n", text.replace('\n', "\\n")), secrets)
    }),
    structure!("PEM indented in YAML", |r| {
        let (text, secrets) = pem("EC PRIVATE KEY", 121, r);
        (format!("data:\n  tls: |\n    {}\n", text.trim_end().replace('\n', "\n    ")), secrets)
    }),
    structure!("PEM without its end line (`head`)", |r| {
        let (text, secrets) = pem("RSA PRIVATE KEY", 1190, r);
        (text.lines().take(12).collect::<Vec<_>>().join("\n"), secrets.into_iter().take(11).collect())
    }),
    structure!("PEM in a diff", |r| {
        let (text, secrets) = pem("PRIVATE KEY", 1218, r);
        (format!("@@ -0,0 +1,28 @@\n{}", text.lines().map(|l| format!("+{l}\n")).collect::<String>()), secrets)
    }),
    structure!("PEM with line numbers (`cat -n`)", |r| {
        let (text, secrets) = pem("RSA PRIVATE KEY", 1190, r);
        (text.lines().enumerate().map(|(i, l)| format!("{:>6}\t{l}\n", i + 1)).collect(), secrets)
    }),
    structure!("PuTTY private key", |r| {
        let (public, private) = (body(300, 64, r), body(240, 64, r));
        let text = format!(
            "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: dev\nPublic-Lines: {}\n{}\nPrivate-Lines: {}\n{}\n\
             Private-MAC: {}\n",
            public.len(),
            public.join("\n"),
            private.len(),
            private.join("\n"),
            r.hex(64)
        );
        (text, private)
    }),
    structure!("JSON web key, private", |r| {
        let (x, d) = (value("<u:43>", r), value("<u:43>", r));
        (format!("{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{x}\",\"d\":\"{d}\",\"use\":\"sig\"}}\n"), vec![d])
    }),
    structure!("WireGuard configuration", |r| {
        let (private, public, shared) = (key32(r), key32(r), key32(r));
        let text = format!(
            "[Interface]\nPrivateKey = {private}\nAddress = 10.0.0.2/24\n\n[Peer]\nPublicKey = {public}\nPresharedKey = \
             {shared}\nAllowedIPs = 0.0.0.0/0\n"
        );
        (text, vec![private, shared])
    }),
    structure!("seed phrase of 12 words", |r| seed(12, r)),
    structure!("seed phrase of 24 words", |r| seed(24, r)),
    structure!("Bitcoin key in WIF", |r| {
        // With the checksum left out of account: it takes two rounds of SHA-256, which nothing here needs.
        let key = String::from("K") + &r.string(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 51);
        (format!("$ bitcoin-cli importprivkey {key} {}\n", r.word()), vec![key])
    }),
    structure!("extended private key (xprv)", |r| {
        let key =
            format!("xprv9s21ZrQH143K{}", r.string(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 96));
        (format!("master: {key}\nlabel: {}\n", r.word()), vec![key])
    }),
    structure!("base64 of a dotenv file", |r| {
        let inner =
            format!("PORT=8080\nAPI_TOKEN={}\nDB_PASSWORD={}\n", value("ghp_<crc62:30>", r), value("<w:20>", r));
        let coded = base64(inner.as_bytes());
        (format!("content: {coded}\n"), vec![coded])
    }),
    structure!("base64 of a private key", |r| {
        let coded = base64(pem("RSA PRIVATE KEY", 1190, r).0.as_bytes());
        (format!("SSH_KEY_B64={coded}\n"), vec![coded])
    }),
    structure!("web token in a log line", |r| {
        let token = value("<jwt>", r);
        (format!("DEBUG {} decoded {token}\n", r.word()), vec![token])
    }),
    structure!("encrypted web token (JWE)", |r| {
        let head = url_base64(br#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
        let token = format!("{head}.{}", value("<u:342>.<u:16>.<u:120>.<u:22>", r));
        (format!("id_token={token}\n"), vec![token])
    }),
];

fn key32(random: &mut Random) -> String {
    base64(&random.bytes(32))
}

fn body(bytes: usize, width: usize, random: &mut Random) -> Vec<String> {
    let coded = base64(&random.bytes(bytes));
    coded.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}

/// A block; each line of its body is a secret.
pub(super) fn pem(label: &str, bytes: usize, random: &mut Random) -> (String, Vec<String>) {
    let lines = body(bytes, 64, random);
    (format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")), lines)
}

/// Words of the public list from which wallets draw.
fn seed(length: usize, random: &mut Random) -> (String, Vec<String>) {
    const WORDS: &[&str] = &[
        "abandon", "ability", "absorb", "acoustic", "alcohol", "amazing", "anchor", "balcony", "bamboo", "battle",
        "beauty", "blossom", "bridge", "bubble", "cactus", "canyon", "carbon", "castle", "cereal", "cinnamon",
        "coconut", "copper", "cradle", "crystal", "dolphin", "dragon", "eagle", "elbow", "falcon", "forest", "galaxy",
        "garlic", "giraffe", "hamster", "harvest", "hockey", "island", "jaguar", "jungle", "ketchup", "kitten",
        "ladder", "lemon", "lizard", "magnet", "meadow", "monkey", "nephew", "ocean", "olympic", "orchard", "panther",
        "pepper", "pumpkin", "rabbit", "raccoon", "saddle", "salmon", "spider", "sunset", "tornado", "tunnel",
        "umbrella", "velvet", "walnut", "wheat", "window", "zebra",
    ];
    let phrase = (0..length).map(|_| random.pick(WORDS)).collect::<Vec<_>>().join(" ");
    (format!("Recovery phrase: {phrase}\n"), vec![phrase])
}
