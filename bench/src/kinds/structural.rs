//! Secrets that their surroundings tell: keys in PEM, connection strings, headers, credential files.

use crate::format::{base64, url_base64, value};
use crate::random::Random;

/// A kind of text with its secrets.
pub struct Structure {
    /// As the report names it.
    pub id: &'static str,
    /// The text and its secrets.
    pub write: fn(&mut Random) -> (String, Vec<String>),
}

macro_rules! structure {
    ($id:literal, $write:expr) => {
        Structure { id: $id, write: $write }
    };
}

/// All kinds.
pub const STRUCTURES: &[Structure] = &[
    // Keys in PEM
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
    // Connection strings
    structure!("postgres URL", |r| url("postgres", ":5432/app?sslmode=require", r)),
    structure!("postgresql URL with a driver", |r| url("postgresql+psycopg2", ":5432/app", r)),
    structure!("MySQL URL", |r| url("mysql", ":3306/app", r)),
    structure!("MariaDB URL", |r| url("mariadb", ":3306/app", r)),
    structure!("MongoDB URL", |r| url("mongodb", ":27017/app?authSource=admin", r)),
    structure!("MongoDB SRV URL", |r| url("mongodb+srv", "/app?retryWrites=true&w=majority", r)),
    structure!("AMQP URL", |r| url("amqps", ":5671/vhost", r)),
    structure!("ClickHouse URL", |r| url("clickhouse", ":9000/default", r)),
    structure!("Neo4j URL", |r| url("neo4j+s", ":7687", r)),
    structure!("SMTP URL", |r| url("smtps", ":465", r)),
    structure!("FTP URL", |r| url("ftp", "/pub/file.gz", r)),
    structure!("SSH or SFTP URL", |r| url("sftp", "/srv/data", r)),
    structure!("LDAP URL", |r| url("ldaps", ":636/dc=corp", r)),
    structure!("CockroachDB URL", |r| url("cockroachdb", ":26257/app", r)),
    structure!("MSSQL URL", |r| url("mssql", ":1433/app", r)),
    structure!("HTTPS URL with password", |r| url("https", "/repo.git", r)),
    structure!("proxy variable", |r| {
        let (text, secrets) = url("http", ":3128", r);
        (format!("https_proxy={text}"), secrets)
    }),
    structure!("git remote with a token for a user", |r| {
        let token = value("<w:36>", r);
        (format!("origin\thttps://{token}@git.{}.io/app.git (fetch)\n", r.word()), vec![token])
    }),
    structure!("git remote with user and password", |r| {
        let (text, secrets) = url("https", "/app.git", r);
        (format!("origin\t{} (push)\n", text.trim_end()), secrets)
    }),
    structure!("Redis URL without a user", |r| {
        let password = value("<w:24>", r);
        (format!("REDIS_URL=rediss://:{password}@cache.{}.internal:6380/0\n", r.word()), vec![password])
    }),
    structure!("JDBC URL with parameters", |r| {
        let password = value("<w:18>", r);
        (
            format!("jdbc:postgresql://db.{}.internal:5432/app?user=app&password={password}&ssl=true\n", r.word()),
            vec![password],
        )
    }),
    structure!("JDBC URL for Oracle", |r| {
        let password = value("<w:14>", r);
        (format!("jdbc:oracle:thin:app/{password}@db.{}.internal:1521/ORCL\n", r.word()), vec![password])
    }),
    structure!("JDBC URL for SQL Server", |r| {
        let password = value("<w:18>", r);
        let text =
            format!("jdbc:sqlserver://db:1433;databaseName={};user=sa;password={password};encrypt=true\n", r.word());
        (text, vec![password])
    }),
    structure!("ADO.NET connection string", |r| {
        let password = value("<p:18>", r);
        let text =
            format!("Server=tcp:{}.db.net,1433;Database=app;User ID=sa;Password={password};Encrypt=True;\n", r.word());
        (text, vec![password])
    }),
    structure!("ADO.NET with Pwd", |r| {
        let password = value("<w:16>", r);
        (format!("\"Default\": \"Server=db;Database={};Uid=app;Pwd={password};\"\n", r.word()), vec![password])
    }),
    structure!("ODBC connection string", |r| {
        let password = value("<w:16>", r);
        (
            format!("DRIVER={{ODBC Driver 18}};SERVER={};UID=sa;PWD={password};TrustServerCertificate=yes\n", r.word()),
            vec![password],
        )
    }),
    structure!("libpq keywords", |r| {
        let password = value("<w:20>", r);
        (
            format!("host=db.{} port=5432 user=app password={password} dbname=app sslmode=require\n", r.word()),
            vec![password],
        )
    }),
    structure!("Go MySQL DSN", |r| {
        let password = value("<w:16>", r);
        (format!("dsn: app:{password}@tcp(db.{}:3306)/app?parseTime=true\n", r.word()), vec![password])
    }),
    structure!("Azure storage connection string", |r| {
        let key = value("<b64:64>", r);
        let text = format!(
            "DefaultEndpointsProtocol=https;AccountName={};AccountKey={key};EndpointSuffix=core.windows.net\n",
            r.word()
        );
        (text, vec![key])
    }),
    structure!("Azure Service Bus connection string", |r| {
        let key = key32(r);
        let text = format!(
            "Endpoint=sb://{}.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey={key}\n",
            r.word()
        );
        (text, vec![key])
    }),
    structure!("Azure Cosmos DB connection string", |r| {
        let key = value("<b64:64>", r);
        (format!("AccountEndpoint=https://{}.documents.azure.com:443/;AccountKey={key};\n", r.word()), vec![key])
    }),
    structure!("Azure IoT Hub connection string", |r| {
        let key = key32(r);
        let host = r.word();
        (
            format!("HostName={host}.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey={key}\n"),
            vec![key],
        )
    }),
    structure!("Sentry DSN with a secret", |r| {
        let (public, secret) = (r.hex(32), r.hex(32));
        (format!("SENTRY_DSN=https://{public}:{secret}@sentry.{}.io/42\n", r.word()), vec![secret])
    }),
    // Credential files
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
    // Headers
    structure!("Authorization: Bearer", |r| {
        let token = value("<u:40>", r);
        (format!("> GET / HTTP/1.1\n> Authorization: Bearer {token}\n> Accept: */*\n"), vec![token])
    }),
    structure!("Authorization: Bearer in curl -H", |r| {
        let token = value("<h:40>", r);
        (format!("curl -s -H \"Authorization: Bearer {token}\" https://api.{}.io/v1\n", r.word()), vec![token])
    }),
    structure!("Authorization: Basic", |r| {
        let basic = base64(format!("dev:{}", value("<w:18>", r)).as_bytes());
        (format!("> Host: {}.io\n> authorization: Basic {basic}\n> accept: */*\n", r.word()), vec![basic])
    }),
    structure!("Authorization: token", |r| {
        let token = r.hex(40);
        (format!("headers={{'Authorization': 'token {token}', 'Accept': 'text/{}'}}\n", r.word()), vec![token])
    }),
    structure!("Authorization: ApiKey", |r| {
        let key = base64(value("<w:20>:<w:22>", r).as_bytes());
        (format!("curl -H 'Authorization: ApiKey {key}' https://es.{}.io:9200\n", r.word()), vec![key])
    }),
    structure!("Authorization: Digest", |r| {
        let response = r.hex(32);
        (
            format!(
                "Authorization: Digest username=\"dev\", realm=\"{}\", uri=\"/\", response=\"{response}\"\n",
                r.word()
            ),
            vec![response],
        )
    }),
    structure!("Authorization: AWS4-HMAC-SHA256", |r| {
        let signature = r.hex(64);
        let text = format!(
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIA{}/20260302/eu-west-1/s3/aws4_request, SignedHeaders=host, \
             Signature={signature}\n",
            value("<A:16>", r)
        );
        (text, vec![signature])
    }),
    structure!("Proxy-Authorization", |r| {
        let basic = base64(format!("{}:{}", r.word(), value("<w:12>", r)).as_bytes());
        (format!("> CONNECT api.io:443 HTTP/1.1\n> Proxy-Authorization: Basic {basic}\n"), vec![basic])
    }),
    structure!("session cookie", |r| {
        let session = value("<u:48>", r);
        (format!("> Cookie: lang=en; sessionid={session}; theme=dark\n> Accept: text/{}\n", r.word()), vec![session])
    }),
    structure!("Set-Cookie of a session", |r| {
        let session = value("s%3A<u:32>.<w:43>", r);
        (format!("< Set-Cookie: connect.sid={session}; Path=/; HttpOnly\n< Vary: {}\n", r.word()), vec![session])
    }),
    structure!("X-Api-Key header", |r| {
        let key = value("<w:40>", r);
        (format!("curl https://api.{}.io -H 'X-Api-Key: {key}'\n", r.word()), vec![key])
    }),
    structure!("private token header", |r| {
        let key = value("<w:32>", r);
        (format!("curl --header \"PRIVATE-TOKEN: {key}\" https://git.{}.io/api\n", r.word()), vec![key])
    }),
    // URLs
    structure!("presigned S3 URL", |r| {
        let signature = r.hex(64);
        let text = format!(
            "https://{}.s3.amazonaws.com/a.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260302T101407Z&X-Amz-Expires=900\
             &X-Amz-SignedHeaders=host&X-Amz-Signature={signature}\n",
            r.word()
        );
        (text, vec![signature])
    }),
    structure!("presigned GCS URL", |r| {
        let signature = r.hex(512);
        (
            format!(
                "https://storage.googleapis.com/{}/a.zip?X-Goog-Expires=900&X-Goog-Signature={signature}\n",
                r.word()
            ),
            vec![signature],
        )
    }),
    structure!("Azure SAS URL", |r| {
        let signature = base64(&r.bytes(32)).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let text = format!(
            "https://{}.blob.core.windows.net/c/a.zip?sv=2022-11-02&se=2026-03-02T10%3A00%3A00Z&sr=b&sp=r&sig={signature}\n",
            r.word()
        );
        (text, vec![signature])
    }),
    structure!("CloudFront signed URL", |r| {
        let signature = value("<u:340>__", r);
        (
            format!(
                "https://d1.cloudfront.net/{}.mp4?Expires=1772445600&Signature={signature}&Key-Pair-Id=K2JCJMDEHXQW5F\n",
                r.word()
            ),
            vec![signature],
        )
    }),
    structure!("OAuth redirect with a code", |r| {
        let (code, state) = (value("<u:48>", r), r.hex(8));
        (format!("GET /oauth/callback?code={code}&state={state} 302\nHost: {}\n", r.word()), vec![code])
    }),
    structure!("OAuth redirect with a token in the fragment", |r| {
        let token = value("<u:48>", r);
        (format!("https://app.{}.io/#access_token={token}&token_type=bearer&expires_in=3600\n", r.word()), vec![token])
    }),
    structure!("password reset link", |r| {
        let token = value("<u:43>", r);
        (format!("Reset it here: https://{}.io/reset?token={token}\n", r.word()), vec![token])
    }),
    structure!("otpauth URL", |r| {
        let secret = r.string(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32);
        (format!("otpauth://totp/Corp:dev?secret={secret}&issuer={}\n", r.word()), vec![secret])
    }),
    structure!("Slack-like webhook of a chat", |r| {
        let key = r.uuid();
        (format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}\n# {}\n", r.word()), vec![key])
    }),
    // Arguments
    structure!("mysql -pPASSWORD", |r| {
        let password = value("<w:14>", r);
        (format!("$ mysql -h db.{} -u root -p{password} app\n", r.word()), vec![password])
    }),
    structure!("--password PASSWORD", |r| {
        let password = value("<w:16>", r);
        (format!("$ {}ctl login --username dev --password {password} --insecure\n", r.word()), vec![password])
    }),
    structure!("--password=PASSWORD", |r| {
        let password = value("<p:16>", r);
        (format!("$ mysqldump --user=root --password='{password}' {}\n", r.word()), vec![password])
    }),
    structure!("docker login -p", |r| {
        let password = value("<w:20>", r);
        (format!("$ docker login -u dev -p {password} registry.{}.io\n", r.word()), vec![password])
    }),
    structure!("curl -u", |r| {
        let password = value("<w:16>", r);
        (format!("$ curl -u dev:{password} https://api.{}.io/v1\n", r.word()), vec![password])
    }),
    structure!("sshpass -p", |r| {
        let password = value("<w:12>", r);
        (format!("$ sshpass -p '{password}' ssh dev@{}\n", r.word()), vec![password])
    }),
    structure!("PGPASSWORD before a command", |r| {
        let password = value("<w:16>", r);
        (format!("$ PGPASSWORD={password} psql -h {} -U app\n", r.word()), vec![password])
    }),
    structure!("redis-cli -a", |r| {
        let password = value("<w:24>", r);
        (format!("$ redis-cli -h {} -a {password} ping\n", r.word()), vec![password])
    }),
    structure!("requirepass", |r| {
        let password = value("<w:24>", r);
        (format!("bind 0.0.0.0\nrequirepass {password}\nmaxmemory 2{}gb\n", r.below(9)), vec![password])
    }),
    structure!("openssl -passin pass:", |r| {
        let password = value("<w:14>", r);
        (format!("$ openssl pkcs12 -in {}.p12 -passin pass:{password} -nodes\n", r.word()), vec![password])
    }),
    structure!("net use", |r| {
        let password = value("<w:12>", r);
        (format!("> net use Z: \\\\{}\\share /user:dev {password}\n", r.word()), vec![password])
    }),
    structure!("CREATE USER … IDENTIFIED BY", |r| {
        let password = value("<w:16>", r);
        (format!("CREATE USER '{}'@'%' IDENTIFIED BY '{password}';\n", r.word()), vec![password])
    }),
    structure!("ALTER ROLE … PASSWORD", |r| {
        let password = value("<w:16>", r);
        (format!("ALTER ROLE {} WITH LOGIN PASSWORD '{password}';\n", r.word()), vec![password])
    }),
    structure!("chpasswd", |r| {
        let password = value("<w:14>", r);
        (format!("$ echo 'dev:{password}' | chpasswd\n# {}\n", r.word()), vec![password])
    }),
    // Wallets
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
    // Encodings that are looked into
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
fn pem(label: &str, bytes: usize, random: &mut Random) -> (String, Vec<String>) {
    let lines = body(bytes, 64, random);
    (format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")), lines)
}

fn url(scheme: &str, rest: &str, random: &mut Random) -> (String, Vec<String>) {
    let password = value("<w:20>", random);
    (format!("{scheme}://app:{password}@db.{}.internal{rest}\n", random.word()), vec![password])
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
