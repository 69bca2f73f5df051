//! What stands in files.

use super::{NAMES, Sort, lines};
use crate::format::{base64, value};
use crate::random::Random;

/// What stands in files.
pub(super) const WRITTEN: &[Sort] = &[
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
    sort!("SSH public keys", |r| lines(r, 4, |r| {
        format!(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{} dev@{}\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{} dev@laptop",
            value("<b:44>", r),
            r.word(),
            value("<b:340>", r)
        )
    })),
    sort!("public key in PEM", |r| block("PUBLIC KEY", 294, r)),
    sort!("certificate", |r| block("CERTIFICATE", 1100, r)),
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
    sort!("publishable keys", |r| lines(r, 4, |r| {
        format!(
            "STRIPE_PUBLISHABLE_KEY=pk_live_51{}\nnext_public_posthog: phc_{}\ngtag('config', 'G-{}');",
            value("<w:97>", r),
            value("<w:43>", r),
            value("<A:10>", r)
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
];

fn block(label: &str, bytes: usize, random: &mut Random) -> String {
    let coded = base64(&random.bytes(bytes));
    let body: Vec<_> = coded.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", body.join("\n"))
}
