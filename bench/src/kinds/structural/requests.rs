//! Headers, addresses and arguments.

use super::Structure;
use crate::format::{base64, value};

/// Headers, addresses and arguments.
pub const REQUESTS: &[Structure] = &[
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
];
