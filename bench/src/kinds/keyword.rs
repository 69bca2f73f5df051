//! Values that are secret because a name says so: passwords and keys of no known vendor.

use super::vendor::Kind;

const fn kind(id: &'static str, variable: &'static str, format: &'static str) -> Kind {
    Kind { id, variable, format }
}

/// Names and what stands behind them.
pub const KINDS: &[Kind] = &[
    kind("password of 16", "PASSWORD", "<p:16>"),
    kind("database password", "DB_PASSWORD", "<p:20>"),
    kind("admin password of letters and digits", "ADMIN_PASSWORD", "<w:14>"),
    kind("password of 24", "POSTGRES_PASSWORD", "<w:24>"),
    kind("root password", "MYSQL_ROOT_PASSWORD", "<p:18>"),
    kind("SMTP password", "SMTP_PASS", "<l:16>"),
    kind("password, short name", "PASSWD", "<p:12>"),
    kind("password, shortest name", "DB_PWD", "<p:12>"),
    kind("password of 8", "REDIS_PASSWORD", "<w:7><d:1>"),
    kind("password of 10", "FTP_PASSWORD", "<p:10>"),
    kind("word and number", "LOGIN_PASSWORD", "<L:1><l:6><d:4>!"),
    kind("keystore password", "KEYSTORE_PASSWORD", "<w:12>"),
    kind("passphrase", "SSH_PASSPHRASE", "<l:5>-<l:7>-<l:6>-<d:3>"),
    kind("passphrase of one run", "GPG_PASSPHRASE", "<w:28>"),
    kind("client secret", "CLIENT_SECRET", "<u:40>"),
    kind("client secret, hex", "OAUTH_CLIENT_SECRET", "<h:32>"),
    kind("hex API key", "API_KEY", "<h:32>"),
    kind("long hex API key", "SERVICE_API_KEY", "<h:64>"),
    kind("API key of letters and digits", "APIKEY", "<w:32>"),
    kind("UUID API key", "BACKEND_API_KEY", "<uuid>"),
    kind("base64 API key", "X_API_KEY", "<b64:32>"),
    kind("access token", "ACCESS_TOKEN", "<w:40>"),
    kind("auth token, hex", "AUTH_TOKEN", "<h:40>"),
    kind("auth token, UUID", "X_AUTH_TOKEN", "<uuid>"),
    kind("refresh token", "REFRESH_TOKEN", "<u:64>"),
    kind("bearer token", "BEARER_TOKEN", "<u:48>"),
    kind("session secret", "SESSION_SECRET", "<h:64>"),
    kind("JWT signing secret", "JWT_SECRET", "<u:43>"),
    kind("application key", "APP_KEY", "base64:<b64:32>"),
    kind("secret key base", "SECRET_KEY_BASE", "<h:128>"),
    kind("Django secret key", "SECRET_KEY", "<u:50>"),
    kind("encryption key", "ENCRYPTION_KEY", "<b64:32>"),
    kind("master key", "MASTER_KEY", "<h:32>"),
    kind("signing key", "SIGNING_KEY", "<b64:48>"),
    kind("webhook secret", "WEBHOOK_SECRET", "<h:40>"),
    kind("private key, hex", "PRIVATE_KEY", "0x<h:64>"),
    kind("access key", "MINIO_SECRET_KEY", "<w:40>"),
    kind("consumer secret", "CONSUMER_SECRET", "<w:45>"),
    kind("plain secret", "SECRET", "<w:24>"),
    kind("credential", "SERVICE_CREDENTIALS", "<w:36>"),
    kind("cookie secret", "COOKIE_SECRET", "<b64:32>"),
    kind("CSRF token", "CSRF_TOKEN", "<w:32>"),
    kind("deploy key, prefixed by a company", "ACME_DEPLOY_TOKEN", "acme_<w:32>"),
];
