//! Files that hold credentials.

use super::Structure;
use super::keys::pem;
use crate::format::{base64, value};

/// Files that hold credentials.
pub const FILES: &[Structure] = &[
    structure!("netrc", |r| {
        let password = value("<w:20>", r);
        (format!("machine api.{}.io\n  login dev\n  password {password}\n", r.word()), vec![password])
    }),
    structure!("netrc of one line", |r| {
        let password = value("<w:20>", r);
        (format!("machine {}.io login dev password {password}\n", r.word()), vec![password])
    }),
    structure!("pgpass", |r| {
        let (a, b) = (value("<w:20>", r), value("<w:20>", r));
        (format!("db.{}.internal:5432:app:app:{a}\nlocalhost:5432:*:postgres:{b}\n", r.word()), vec![a, b])
    }),
    structure!("my.cnf", |r| {
        let password = value("<p:16>", r);
        (format!("[client]\nuser = app\npassword = \"{password}\"\nhost = {}\n", r.word()), vec![password])
    }),
    structure!("htpasswd, apr1", |r| {
        let hash = value("<b:22>", r);
        (format!("dev:$apr1${}${hash}\n", value("<w:8>", r)), vec![hash])
    }),
    structure!("htpasswd, bcrypt", |r| {
        let hash = value("<w:53>", r);
        (format!("{}:$2y$10${hash}\n", r.word()), vec![hash])
    }),
    structure!("shadow, SHA-512", |r| {
        let hash = value("<w:86>", r);
        (format!("dev:$6${}${hash}:19700:0:99999:7:::\n", value("<w:16>", r)), vec![hash])
    }),
    structure!("shadow, yescrypt", |r| {
        let hash = value("<w:43>", r);
        (format!("root:$y$j9T${}${hash}:19700:0:99999:7:::\n", value("<w:22>", r)), vec![hash])
    }),
    structure!("Argon2 hash in a table", |r| {
        let hash = value("<b:43>", r);
        (
            format!(" 12 | {}@corp.io | $argon2id$v=19$m=65536,t=3,p=4${}${hash}\n", r.word(), value("<b:22>", r)),
            vec![hash],
        )
    }),
    structure!("kubeconfig", |r| {
        let key = format!("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{}", value("<b:1500>", r));
        let token = value("<jwt>", r);
        let text = format!(
            "users:\n- name: {}\n  user:\n    client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t{}\n    \
             client-key-data: {key}\n- name: ci\n  user:\n    token: {token}\n",
            r.word(),
            value("<b:400>", r)
        );
        (text, vec![key, token])
    }),
    structure!("docker config", |r| {
        let auth = base64(format!("dev:{}", value("<w:24>", r)).as_bytes());
        (
            format!(
                "{{\n\t\"auths\": {{\n\t\t\"registry.{}.io\": {{\n\t\t\t\"auth\": \"{auth}\"\n\t\t}}\n\t}}\n}}\n",
                r.word()
            ),
            vec![auth],
        )
    }),
    structure!("npmrc, _authToken", |r| {
        let token = r.uuid();
        (format!("//registry.{}.io/:_authToken={token}\nalways-auth=true\n", r.word()), vec![token])
    }),
    structure!("npmrc, _auth", |r| {
        let auth = base64(format!("dev:{}", value("<w:18>", r)).as_bytes());
        (format!("registry=https://npm.{}.io/\n_auth={auth}\n", r.word()), vec![auth])
    }),
    structure!("npmrc, _password", |r| {
        let password = base64(value("<w:18>", r).as_bytes());
        (format!("//npm.{}.io/:username=dev\n//npm.x.io/:_password={password}\n", r.word()), vec![password])
    }),
    structure!("pip configuration", |r| {
        let password = value("<w:24>", r);
        (format!("[global]\nindex-url = https://dev:{password}@pypi.{}.io/simple\n", r.word()), vec![password])
    }),
    structure!("Maven settings", |r| {
        let password = value("<p:16>", r);
        (
            format!(
                "<server>\n  <id>{}</id>\n  <username>dev</username>\n  <password>{password}</password>\n</server>\n",
                r.word()
            ),
            vec![password],
        )
    }),
    structure!("git credentials", |r| {
        let token = value("<w:40>", r);
        (format!("https://dev:{token}@git.{}.io\n", r.word()), vec![token])
    }),
    structure!("AWS credentials file", |r| {
        let (id, secret) = (value("AKIA<A:16>", r), value("<b:40>", r));
        (
            format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\nregion = eu-west-1\n"),
            vec![id, secret],
        )
    }),
    structure!("STS answer", |r| {
        let (secret, token) = (value("<b:40>", r), value("IQoJb3JpZ2luX2Vj<b:340>", r));
        let text = format!(
            "{{\n    \"Credentials\": {{\n        \"AccessKeyId\": \"ASIA{}\",\n        \"SecretAccessKey\": \"{secret}\",\n        \
             \"SessionToken\": \"{token}\",\n        \"Expiration\": \"2026-03-02T18:00:00Z\"\n    }}\n}}\n",
            value("<A:16>", r)
        );
        (text, vec![secret, token])
    }),
    structure!("service account JSON", |r| {
        let (id, (pem, secrets)) = (r.hex(40), pem("PRIVATE KEY", 1218, r));
        let text = format!(
            "{{\n  \"type\": \"service_account\",\n  \"private_key_id\": \"{id}\",\n  \"private_key\": \"{}\",\n  \
             \"client_id\": \"{}\"\n}}\n",
            pem.replace('\n', "\\n"),
            value("1<d:20>", r)
        );
        (text, secrets)
    }),
    structure!("OAuth token answer", |r| {
        let (access, refresh) = (value("<u:60>", r), value("<u:50>", r));
        (
            format!(
                "{{\"access_token\":\"{access}\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"refresh_token\":\"{refresh}\"}}\n"
            ),
            vec![access, refresh],
        )
    }),
    structure!("Kubernetes secret", |r| {
        let (a, b) = (base64(value("<p:20>", r).as_bytes()), base64(value("<h:40>", r).as_bytes()));
        (
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\ndata:\n  password: {a}\n  api-key: {b}\ntype: Opaque\n",
                r.word()
            ),
            vec![a, b],
        )
    }),
    structure!("Kubernetes stringData", |r| {
        let password = value("<p:20>", r);
        (
            format!("kind: Secret\nmetadata:\n  name: {}\nstringData:\n  password: {password}\n", r.word()),
            vec![password],
        )
    }),
    structure!("Ansible variable", |r| {
        let password = value("<p:16>", r);
        (format!("ansible_user: dev\nansible_become_pass: {password}\nansible_port: 2{}\n", r.below(9)), vec![password])
    }),
    structure!("wpa_supplicant", |r| {
        let password = value("<w:14>", r);
        (format!("network={{\n    ssid=\"{}\"\n    psk=\"{password}\"\n}}\n", r.word()), vec![password])
    }),
    structure!("wp-config.php", |r| {
        let (password, salt) = (value("<p:16>", r), value("<p:64>", r));
        (
            format!(
                "define( 'DB_PASSWORD', '{password}' );\ndefine( 'AUTH_SALT', '{salt}' );\ndefine( 'WP_DEBUG', false );\n"
            ),
            vec![password, salt],
        )
    }),
    structure!("Rails credentials", |r| {
        let (base, key) = (r.hex(128), r.hex(32));
        (
            format!("production:\n  secret_key_base: {base}\n  aws:\n    bucket: {}\nmaster_key: {key}\n", r.word()),
            vec![base, key],
        )
    }),
];
