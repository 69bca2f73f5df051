//! Text without secrets, of the sorts that tools print: whatever changes in it is a false alarm.

use crate::format::{base64, value};
use crate::random::Random;

/// A sort of text.
pub struct Sort {
    /// As the report names it.
    pub name: &'static str,
    /// The text.
    pub write: fn(&mut Random) -> String,
}

macro_rules! sort {
    ($name:literal, $write:expr) => {
        Sort { name: $name, write: $write }
    };
}

/// `count` lines.
fn lines(random: &mut Random, count: usize, line: impl Fn(&mut Random) -> String) -> String {
    (0..count).map(|_| line(random) + "\n").collect()
}

/// Names that code gives to credentials; none is one.
const NAMES: &[&str] = &[
    "token",
    "password",
    "api_key",
    "secret",
    "accessToken",
    "passwordHash",
    "authToken",
    "apiKey",
    "clientSecret",
    "privateKey",
    "secretName",
    "tokenizer",
    "session_key",
    "credentials",
    "passwd",
    "keyId",
    "tokenType",
    "passphrase",
    "primaryKey",
];

/// All sorts.
pub const SORTS: &[Sort] = &[
    sort!("git log", |r| lines(r, 8, |r| {
        let (hash, a, b) = (r.hex(40), r.word(), r.word());
        format!(
            "commit {hash}\nAuthor: Dev <dev@{a}.io>\nDate:   Mon Mar 2 10:14:07 2026 +0100\n\n    {a}: rotate the {b} token\n"
        )
    })),
    sort!("git log --oneline", |r| lines(r, 20, |r| {
        let name = r.pick(NAMES);
        format!("{} {}: rename {name} to {}", r.hex(9), r.word(), r.word())
    })),
    sort!("git diff --stat", |r| lines(r, 12, |r| format!(
        " src/{}/{}.rs | {:>4} ++++----",
        r.word(),
        r.pick(NAMES),
        r.below(400)
    ))),
    sort!("git diff", |r| {
        let (a, b, name) = (r.hex(11), r.hex(11), r.pick(NAMES));
        format!(
            "diff --git a/src/{name}.py b/src/{name}.py\nindex {a}..{b} 100644\n--- a/src/{name}.py\n+++ b/src/{name}.py\n@@ -10,7 \
             +10,7 @@ class Client:\n-    def __init__(self, {name}):\n+    def __init__(self, {name}=None):\n         self.{name} = \
             {name}\n-        self.url = url\n+        self.url = url or DEFAULT_URL\n"
        )
    }),
    sort!("git ls-tree", |r| lines(r, 12, |r| format!("100644 blob {}    src/{}.rs", r.hex(40), r.word()))),
    sort!("ls -l", |r| lines(r, 15, |r| {
        format!("-rw-r--r-- 1 dev dev {:>8} Mar  2 10:14 {}_{}.txt", r.below(900_000), r.pick(NAMES), r.word())
    })),
    sort!("docker pull", |r| {
        let digest = r.hex(64);
        lines(r, 6, |r| format!("{}: Pull complete", r.hex(12)))
            + &format!("Digest: sha256:{digest}\nStatus: Downloaded newer image for {}:latest\n", r.word())
    }),
    sort!("docker ps", |r| lines(r, 8, |r| {
        format!(
            "{}   {}:1.4   \"/entrypoint.sh\"   2 hours ago   Up 2 hours   0.0.0.0:80{:02}->80/tcp   {}-1",
            r.hex(12),
            r.word(),
            r.below(99),
            r.word()
        )
    })),
    sort!("package-lock.json", |r| lines(r, 8, |r| {
        let (name, hash) = (r.word(), base64(&r.bytes(64)));
        format!(
            "    \"node_modules/{name}-token\": {{\n      \"version\": \"1.{}.0\",\n      \"resolved\": \
             \"https://registry.npmjs.org/{name}/-/{name}-1.0.0.tgz\",\n      \"integrity\": \"sha512-{hash}\",\n      \"dev\": \
             true\n    }},",
            r.below(40)
        )
    })),
    sort!("Cargo.lock", |r| lines(r, 10, |r| {
        format!(
            "[[package]]\nname = \"secret-{}\"\nversion = \"0.{}.1\"\nsource = \
             \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{}\"\n",
            r.word(),
            r.below(90),
            r.hex(64)
        )
    })),
    sort!("yarn.lock", |r| lines(r, 8, |r| {
        let name = r.word();
        format!(
            "{name}@^2.0.0:\n  version \"2.{}.3\"\n  resolved \"https://registry.yarnpkg.com/{name}/-/{name}-2.0.3.tgz#{}\"\n  \
             integrity sha512-{}\n",
            r.below(30),
            r.hex(40),
            base64(&r.bytes(64))
        )
    })),
    sort!("pnpm-lock.yaml", |r| lines(r, 10, |r| {
        format!(
            "  /{}@3.{}.0:\n    resolution: {{integrity: sha512-{}}}\n    engines: {{node: '>=18'}}",
            r.word(),
            r.below(9),
            base64(&r.bytes(64))
        )
    })),
    sort!("poetry.lock", |r| lines(r, 10, |r| {
        format!(
            "    {{file = \"{}_token-1.{}.0-py3-none-any.whl\", hash = \"sha256:{}\"}},",
            r.word(),
            r.below(9),
            r.hex(64)
        )
    })),
    sort!("requirements with hashes", |r| lines(r, 10, |r| format!(
        "{}==2.{}.1 \\\n    --hash=sha256:{}",
        r.word(),
        r.below(9),
        r.hex(64)
    ))),
    sort!("go.sum", |r| lines(r, 12, |r| format!(
        "github.com/{}/{}-key v1.{}.0 h1:{}",
        r.word(),
        r.word(),
        r.below(9),
        base64(&r.bytes(32))
    ))),
    sort!("checksums", |r| lines(r, 12, |r| format!("{}  {}-1.{}.tar.gz", r.hex(64), r.word(), r.below(9)))),
    sort!("MD5 and SHA-1 sums", |r| lines(r, 12, |r| format!(
        "MD5 ({}.iso) = {}\nSHA1: {}",
        r.word(),
        r.hex(32),
        r.hex(40)
    ))),
    sort!("log with request ids", |r| lines(r, 20, |r| {
        format!(
            "2026-03-02T10:14:07.{:03}Z INFO {} request_id={} trace_id={} status=200 bytes={}",
            r.below(999),
            r.word(),
            r.uuid(),
            r.hex(32),
            r.below(90_000)
        )
    })),
    sort!("structured log in JSON", |r| lines(r, 12, |r| {
        format!(
            "{{\"level\":\"info\",\"ts\":17{:08}.123,\"msg\":\"token refreshed\",\"user_id\":\"{}\",\"span_id\":\"{}\",\"key\":\"{}:{}\"}}",
            r.below(99_999_999),
            r.uuid(),
            r.hex(16),
            r.word(),
            r.below(999)
        )
    })),
    sort!("access log", |r| lines(r, 20, |r| {
        format!(
            "10.0.{}.{} - - [02/Mar/2026:10:14:07 +0000] \"POST /api/{}/tokens HTTP/1.1\" 201 {} \"-\" \"Mozilla/5.0\"",
            r.below(255),
            r.below(255),
            r.word(),
            r.below(5000)
        )
    })),
    sort!("Python with credential names", |r| lines(r, 8, |r| {
        let (name, other) = (r.pick(NAMES), r.word());
        format!(
            "def load_{name}(self, path: str) -> Optional[str]:\n    {name} = self._{other}.get_{name}(path)\n    if not {name}:\n        \
             raise ValueError(\"no {name} for {other}\")\n    return {name}.strip()"
        )
    })),
    sort!("TypeScript with credential names", |r| lines(r, 8, |r| {
        let (name, other) = (r.pick(NAMES), r.word());
        format!(
            "export interface {other}Options {{\n  {name}?: string;\n  {name}Path: string | undefined;\n}}\nconst {name} = await \
             {other}.fetch{name}({{ {name}: options.{name} }});"
        )
    })),
    sort!("Rust with credential names", |r| lines(r, 8, |r| {
        let (name, other) = (r.pick(NAMES), r.word());
        format!(
            "let {name} = {other}.next_token().ok_or(Error::Missing{other})?;\nself.{name}: HashMap<String, Vec<u8>> = HashMap::new();\nassert_eq!({name}.len(), {});",
            r.below(99)
        )
    })),
    sort!("Go with credential names", |r| lines(r, 8, |r| {
        let (name, other) = (r.pick(NAMES), r.word());
        format!(
            "func (c *Client) {other}({name} string) error {{\n\tif {name} == \"\" {{\n\t\treturn errors.New(\"{name} is empty\")\n\t}}\n\tc.{name} = {name}\n\treturn nil\n}}"
        )
    })),
    sort!("Java with credential names", |r| lines(r, 8, |r| {
        let (name, other) = (r.pick(NAMES), r.word());
        format!(
            "    @Value(\"${{app.{other}.{name}}}\")\n    private String {name};\n    public void set{name}(String {name}) {{ this.{name} = {name}; }}"
        )
    })),
    sort!("references to the environment", |r| lines(r, 3, |r| {
        let name = r.pick(&["API_TOKEN", "DB_PASSWORD", "CLIENT_SECRET", "STRIPE_KEY"]);
        format!(
            "{name}=${{{name}}}\nconst a = process.env.{name};\nb = os.environ[\"{name}\"]\nc = os.getenv(\"{name}\", \"\")\n{name}: \
             ${{{{ secrets.{name} }}}}\npassword: !Ref {}Password\nsecret = var.{}_secret\npassword: {{{{ .Values.{}.password }}}}",
            r.word(),
            r.word(),
            r.word()
        )
    })),
    sort!("placeholders", |r| lines(r, 2, |r| {
        format!(
            "API_KEY=your-api-key-here\nPASSWORD=changeme\nSECRET=<your-secret>\nTOKEN=xxxxxxxxxxxxxxxxxxxxxxxx\npassword: \
             \"********\"\nDB_PASSWORD=\nclient_secret: REPLACE_ME\nauth: none # {}\ntoken: \"...\"\nkey: TODO",
            r.word()
        )
    })),
    sort!("prose about passwords", |r| lines(r, 6, |r| {
        format!(
            "The password must have at least twelve characters; a {0} token expires after {1} minutes. Keep the secret in the {0} \
             vault, never in the key file itself. Your API key: see the settings page.",
            r.word(),
            r.below(90)
        )
    })),
    sort!("README with commands", |r| lines(r, 4, |r| {
        let word = r.word();
        format!(
            "## {word}\n\nSet `{word}_token` and run:\n\n```sh\nexport TOKEN=$(cat ~/.{word}/token)\n{word} login --password-stdin < password.txt\n```\n"
        )
    })),
    sort!("kubectl get pods", |r| lines(r, 15, |r| {
        format!(
            "{}-{}-{}   1/1     Running   0   {}d",
            r.word(),
            r.string(b"bcdfghjklmnpqrstvwxz2456789", 10),
            r.string(b"bcdfghjklmnpqrstvwxz2456789", 5),
            r.below(90)
        )
    })),
    sort!("kubectl get secrets", |r| lines(r, 10, |r| {
        format!(
            "{}-token-{}   kubernetes.io/service-account-token   3   {}d",
            r.word(),
            r.string(b"bcdfghjklmnpqrstvwxz2456789", 5),
            r.below(90)
        )
    })),
    sort!("kubectl describe pod", |r| lines(r, 4, |r| {
        format!(
            "Container ID:   containerd://{}\nImage ID:       reg.io/{}@sha256:{}\nEnvironment:\n  API_TOKEN:  <set to the key 'token' \
             in secret '{}-credentials'>  Optional: false\nUID: {}",
            r.hex(64),
            r.word(),
            r.hex(64),
            r.word(),
            r.uuid()
        )
    })),
    sort!("Terraform plan without secrets", |r| lines(r, 5, |r| {
        format!(
            "  + resource \"aws_iam_role\" \"{0}\" {{\n      + arn           = \"arn:aws:iam::{1}:role/{0}\"\n      + password      = \
             (sensitive value)\n      + unique_id     = (known after apply)\n      + secret_arn    = \
             \"arn:aws:secretsmanager:eu-west-1:{1}:secret:{0}-db-AbCdEf\"\n    }}",
            r.word(),
            value("<d:12>", r)
        )
    })),
    sort!("cargo build", |r| lines(r, 15, |r| format!(
        "   Compiling {}-token v0.{}.{} (/home/dev/{})",
        r.word(),
        r.below(40),
        r.below(9),
        r.word()
    ))),
    sort!("webpack build", |r| lines(r, 12, |r| format!(
        "asset static/js/{}.{}.chunk.js {} KiB [emitted] [immutable] [minimized]",
        r.word(),
        r.hex(20),
        r.below(900)
    ))),
    sort!("test run", |r| lines(r, 15, |r| format!(
        "test auth::{}::rejects_a_{}_of_{} ... ok ({} ms)",
        r.word(),
        r.pick(NAMES),
        r.word(),
        r.below(90)
    ))),
    sort!("hexdump", |r| {
        (0..16)
            .map(|i| {
                let bytes: Vec<String> = r.bytes(16).iter().map(|b| format!("{b:02x}")).collect();
                format!("{:08x}  {}  {}  |................|\n", i * 16, bytes[..8].join(" "), bytes[8..].join(" "))
            })
            .collect()
    }),
    sort!("xxd -p", |r| lines(r, 12, |r| r.hex(60))),
    sort!("SSH public keys", |r| lines(r, 4, |r| {
        format!(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{} dev@{}\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{} dev@laptop",
            value("<b:44>", r),
            r.word(),
            value("<b:340>", r)
        )
    })),
    sort!("SSH fingerprints, known hosts", |r| lines(r, 5, |r| {
        let print = base64(&r.bytes(32));
        format!(
            "256 SHA256:{} dev@{} (ED25519)\n|1|{}|{} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{}",
            print.trim_end_matches('='),
            r.word(),
            base64(&r.bytes(20)),
            base64(&r.bytes(20)),
            value("<b:44>", r)
        )
    })),
    sort!("public key in PEM", |r| block("PUBLIC KEY", 294, r)),
    sort!("certificate", |r| block("CERTIFICATE", 1100, r)),
    sort!("openssl x509 -text", |r| {
        let pairs = |r: &mut Random, n| r.bytes(n).iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":");
        format!(
            "        Serial Number:\n            {}\n        Subject: CN = {}.io\n                Modulus:\n                    \
             00:{}\n    X509v3 Subject Key Identifier:\n        {}\n",
            pairs(r, 16),
            r.word(),
            pairs(r, 14),
            pairs(r, 20).to_uppercase()
        )
    }),
    sort!("PGP signature", |r| block("PGP SIGNATURE", 400, r)),
    sort!("i18n file", |r| lines(r, 8, |r| {
        format!(
            "  \"login.password\": \"Password\",\n  \"login.forgot_password\": \"Forgot your password?\",\n  \"settings.{}.api_key\": \
             \"API key for the {} service\",\n  \"errors.token_expired\": \"Your token has expired. Log in again.\",",
            r.word(),
            r.word()
        )
    })),
    sort!("i18n file in German", |r| lines(r, 6, |r| {
        format!(
            "passwort: Bitte geben Sie Ihr Passwort ein\ntoken_hinweis: Das Token für {} ist abgelaufen\nsecret: Geheimnis",
            r.word()
        )
    })),
    sort!("OpenAPI", |r| lines(r, 4, |r| {
        format!(
            "  /{0}/tokens:\n    post:\n      operationId: create{0}Token\n      security:\n        - api_key: []\n      \
             requestBody:\n        content:\n          application/json:\n            schema:\n              required: [password, \
             client_secret]\n              properties:\n                password:\n                  type: string\n                  \
             format: password\n                token:\n                  $ref: '#/components/schemas/{0}Token'",
            r.word()
        )
    })),
    sort!("source map", |r| {
        let mappings = (0..200).map(|_| r.string(b"ACEGIKMOQSUWYBDFHJacegikm", 4)).collect::<Vec<_>>().join(",");
        format!(
            "{{\"version\":3,\"file\":\"{}.js\",\"sources\":[\"token.ts\",\"key.ts\"],\"names\":[\"apiKey\",\"password\"],\"mappings\":\"{mappings};\"}}\n",
            r.word()
        )
    }),
    sort!("data URI", |r| {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(r.bytes(900));
        format!("<img alt=\"{}\" src=\"data:image/png;base64,{}\">\n", r.word(), base64(&png))
    }),
    sort!("Subresource integrity", |r| lines(r, 5, |r| {
        format!(
            "<script src=\"/js/{}.min.js\" integrity=\"sha384-{}\" crossorigin=\"anonymous\"></script>",
            r.word(),
            base64(&r.bytes(48))
        )
    })),
    sort!("CSV of ids", |r| "id,uuid,sha,key,created\n".to_owned()
        + &lines(r, 15, |r| {
            format!("{},{},{},{}-{},2026-03-02", r.below(99_999), r.uuid(), r.hex(40), r.word(), r.word())
        })),
    sort!("stack trace, Java", |r| lines(r, 12, |r| {
        format!(
            "\tat com.{}.security.TokenProvider$PasswordEncoder.{}(TokenProvider.java:{})",
            r.word(),
            r.word(),
            r.below(900)
        )
    })),
    sort!("stack trace, Node", |r| lines(r, 12, |r| {
        format!(
            "    at Object.get{} (/app/node_modules/jsonwebtoken/lib/{}.js:{}:{})",
            r.pick(NAMES),
            r.word(),
            r.below(900),
            r.below(90)
        )
    })),
    sort!("stack trace, Rust", |r| lines(r, 12, |r| {
        format!(
            "  {}: 0x{} - core::ops::function::FnOnce::call_once{{{{vtable.shim}}}}::h{}\n             at /rustc/{}/library/core/src/ops/function.rs:250:5",
            r.below(40),
            r.hex(12),
            r.hex(16),
            r.hex(40)
        )
    })),
    sort!("minified JavaScript", |r| lines(r, 4, |r| {
        (0..20)
            .map(|_| {
                format!(
                    "function {}(e,t){{var n=e.token||t.apiKey,r={{key:n,password:t.password}};return {}(r.key)}}",
                    value("<c:2>", r),
                    value("<c:2>", r)
                )
            })
            .collect::<String>()
    })),
    sort!("SQL dump", |r| lines(r, 6, |r| {
        format!(
            "CREATE TABLE {0}_tokens (\n  id bigint NOT NULL,\n  token_hash bytea,\n  password varchar(255) DEFAULT NULL,\n  PRIMARY KEY \
             (id),\n  KEY {0}_key (user_id)\n);\nINSERT INTO {0} VALUES ({1}, '{2}', 'active');",
            r.word(),
            r.below(9999),
            r.uuid()
        )
    })),
    sort!("changelog", |r| lines(r, 10, |r| {
        format!(
            "- **auth:** fix {} when the token is empty ([#{}](https://github.com/x/y/issues/{}), {}) by @{}",
            r.word(),
            r.below(9999),
            r.below(9999),
            r.hex(7),
            r.word()
        )
    })),
    sort!("Prometheus metrics", |r| lines(r, 15, |r| {
        format!(
            "{}_tokens_total{{instance=\"10.0.0.{}:9100\",key=\"{}\",le=\"0.5\"}} {}",
            r.word(),
            r.below(255),
            r.word(),
            r.below(99_999)
        )
    })),
    sort!("HTML form", |r| lines(r, 5, |r| {
        format!(
            "<label for=\"password\">Password</label>\n<input type=\"password\" name=\"password\" id=\"{0}-password\" \
             autocomplete=\"current-password\" placeholder=\"Password\">\n<a href=\"/{0}/reset-password\">Forgot it?</a>",
            r.word()
        )
    })),
    sort!("CSS", |r| lines(r, 12, |r| format!(
        ".{}-key {{ color: #{}; background: url(/img/{}.{}.svg); }}",
        r.word(),
        r.hex(6),
        r.word(),
        r.hex(8)
    ))),
    sort!("settings without values", |r| lines(r, 5, |r| {
        format!(
            "password_file: /run/secrets/{0}_password\ntoken_path = \"/var/lib/{0}/token\"\nsecret_name: {0}-tls\nkey_type: \
             ed25519\nmax_tokens: {1}\ntoken_limit = 4096\npassword_min_length: 12\nssh_key: ~/.ssh/id_ed25519\nprivate_key_path: ./certs/{0}.key",
            r.word(),
            r.below(8192)
        )
    })),
    sort!("language model usage", |r| lines(r, 10, |r| {
        format!(
            "{{\"model\":\"small\",\"usage\":{{\"prompt_tokens\":{},\"completion_tokens\":{},\"total_tokens\":{}}},\"id\":\"chatcmpl-{}\"}}",
            r.below(9999),
            r.below(999),
            r.below(9999),
            value("<w:29>", r)
        )
    })),
    sort!("AWS resources", |r| lines(r, 8, |r| {
        format!(
            "{{\"InstanceId\": \"i-0{}\", \"SubnetId\": \"subnet-0{}\", \"KeyName\": \"{}-key\", \"Arn\": \
             \"arn:aws:kms:eu-west-1:{}:key/{}\"}}",
            r.hex(16),
            r.hex(16),
            r.word(),
            value("<d:12>", r),
            r.uuid()
        )
    })),
    sort!("publishable keys", |r| lines(r, 4, |r| {
        format!(
            "STRIPE_PUBLISHABLE_KEY=pk_live_51{}\nnext_public_posthog: phc_{}\ngtag('config', 'G-{}');",
            value("<w:97>", r),
            value("<w:43>", r),
            value("<A:10>", r)
        )
    })),
    sort!("OAuth client ids", |r| lines(r, 5, |r| {
        format!(
            "client_id: {}-{}.apps.googleusercontent.com\ntenant_id: {}\nAZURE_CLIENT_ID={}",
            value("<d:12>", r),
            value("<a:32>", r),
            r.uuid(),
            r.uuid()
        )
    })),
    sort!("jupyter notebook", |r| lines(r, 5, |r| {
        format!(
            "  {{\n   \"cell_type\": \"code\",\n   \"execution_count\": {},\n   \"id\": \"{}\",\n   \"source\": [\n    \"tokens = tokenizer({})\"\n   ]\n  }},",
            r.below(99),
            r.hex(8),
            r.word()
        )
    })),
    sort!("ps aux", |r| lines(r, 12, |r| {
        format!(
            "dev      {:>6}  0.{}  1.2 712345 98123 ?  Ssl  10:14  0:0{} /usr/bin/{}-agent --key-file /etc/{}.key --token-ttl 3600",
            r.below(99_999),
            r.below(9),
            r.below(9),
            r.word(),
            r.word()
        )
    })),
    sort!("find and wc", |r| lines(r, 15, |r| format!(
        "{:>6} ./src/{}/{}_token_test.go",
        r.below(999),
        r.word(),
        r.word()
    ))),
    sort!("ripgrep results", |r| lines(r, 12, |r| format!(
        "src/{}.ts:{}:  const {} = get{}(ctx);",
        r.word(),
        r.below(900),
        r.pick(NAMES),
        r.word()
    ))),
    sort!("GraphQL schema", |r| lines(r, 6, |r| {
        let name = r.word();
        format!(
            "type {name}Token {{\n  id: ID!\n  token: String!\n  secret: String @deprecated\n}}\nmutation login($password: String!) {{ {name}(password: $password) {{ token }} }}"
        )
    })),
    sort!("protobuf", |r| lines(r, 6, |r| format!(
        "message {}Request {{\n  string api_key = 1;\n  bytes token = 2;\n  string password = {};\n}}",
        r.word(),
        r.below(90)
    ))),
    sort!("crontab and systemd", |r| lines(r, 6, |r| format!(
        "ExecStart=/usr/bin/{} --config /etc/{}.toml\nLoadCredential=token:/etc/credstore/{}\nEnvironmentFile=-/etc/default/secret",
        r.word(),
        r.word(),
        r.word()
    ))),
    sort!("licence text", |r| lines(r, 3, |r| format!(
        "Permission is hereby granted, free of charge, to any person obtaining a copy of {} and associated documentation files, to deal in the Software without restriction, including the key rights.",
        r.word()
    ))),
    sort!("addresses and hashes of a chain", |r| lines(r, 8, |r| format!(
        "tx 0x{} from 0x{} to 0x{} block {}",
        r.hex(64),
        r.hex(40),
        r.hex(40),
        r.below(9_999_999)
    ))),
    sort!("ETags and cache keys", |r| lines(r, 10, |r| format!(
        "< etag: W/\"{}\"\n< x-request-id: {}\n< cf-ray: {}-FRA\n< x-cache-key: /{}/{}",
        r.hex(32),
        r.uuid(),
        r.hex(16),
        r.word(),
        r.below(999)
    ))),
];

fn block(label: &str, bytes: usize, random: &mut Random) -> String {
    let coded = base64(&random.bytes(bytes));
    let body: Vec<_> = coded.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", body.join("\n"))
}
