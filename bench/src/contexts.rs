//! Where a named value stands: the texts that tools print.
//!
//! Every context knows the name (as its syntax spells names) and the value; the lines around them are of the kind that stands
//! there in earnest, ids and hashes included.

use crate::random::Random;

/// A named value in the syntax of one context.
pub struct Context {
    /// As the report names it.
    pub name: &'static str,
    /// Needs no name: only for values that carry a mark.
    pub bare: bool,
    /// The text, and how the value is spelled in it.
    write: fn(&Name, &str, &mut Random) -> (String, String),
}

impl Context {
    /// The text with the value in it, and the value as it is spelled there.
    pub fn write(&self, variable: &str, value: &str, random: &mut Random) -> (String, String) {
        (self.write)(&Name(variable.to_owned()), value, random)
    }
}

/// A variable's name, in the spelling that a syntax uses.
pub struct Name(String);

impl Name {
    /// `DD_API_KEY`
    fn upper(&self) -> &str {
        &self.0
    }

    /// `dd_api_key`
    fn snake(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// `dd-api-key`
    fn kebab(&self) -> String {
        self.snake().replace('_', "-")
    }

    /// `dd.api.key`
    fn dotted(&self) -> String {
        self.snake().replace('_', ".")
    }

    /// `ddApiKey`
    fn camel(&self) -> String {
        let pascal = self.pascal();
        pascal[..1].to_ascii_lowercase() + &pascal[1..]
    }

    /// `DdApiKey`
    fn pascal(&self) -> String {
        self.capitals().concat()
    }

    /// `Dd-Api-Key`
    fn header(&self) -> String {
        self.capitals().join("-")
    }

    fn capitals(&self) -> Vec<String> {
        let snake = self.snake();
        let capital = |w: &str| w[..1].to_ascii_uppercase() + &w[1..];
        snake.split('_').filter(|w| !w.is_empty()).map(capital).collect()
    }
}

macro_rules! context {
    ($name:literal, $write:expr) => {
        Context { name: $name, bare: false, write: $write }
    };
    (bare $name:literal, $write:expr) => {
        Context { name: $name, bare: true, write: $write }
    };
}

fn same(text: String, value: &str) -> (String, String) {
    (text, value.to_owned())
}

/// All contexts.
pub const CONTEXTS: &[Context] = &[
    context!("environment dump", |n, v, r| {
        let (build, host) = (r.uuid(), r.word());
        same(format!("HOME=/home/dev\nBUILD_ID={build}\n{}={v}\nHOSTNAME={host}-1\nLANG=C.UTF-8\n", n.upper()), v)
    }),
    context!("dotenv", |n, v, r| {
        same(format!("# {} settings\nPORT=8080\nexport {}=\"{v}\"\nDEBUG=false\n", r.word(), n.upper()), v)
    }),
    context!("dotenv in a diff", |n, v, r| {
        let (a, b) = (r.hex(7), r.hex(7));
        let upper = n.upper();
        let head =
            format!("diff --git a/.env b/.env\nindex {a}..{b} 100644\n--- a/.env\n+++ b/.env\n@@ -1,3 +1,4 @@\n");
        same(format!("{head} PORT=8080\n+{upper}={v}\n DEBUG=false\n"), v)
    }),
    context!("JSON", |n, v, r| {
        let (id, host) = (r.uuid(), r.word());
        let key = n.camel();
        same(
            format!(
                "{{\n  \"id\": \"{id}\",\n  \"host\": \"{host}.internal\",\n  \"{key}\": \"{v}\",\n  \"retries\": 3\n}}\n"
            ),
            v,
        )
    }),
    context!("compact JSON", |n, v, r| {
        same(format!("{{\"id\":{},\"{}\":\"{v}\",\"on\":true}}\n", r.below(100_000), n.snake()), v)
    }),
    context!("JSON in a JSON string", |n, v, r| {
        let inner = format!("{{\"{}\":\"{v}\",\"id\":\"{}\"}}", n.snake(), r.hex(12));
        same(format!("{{\"statusCode\":200,\"body\":{}}}\n", quoted(&inner)), v)
    }),
    context!("JSON in JSON in a JSON string", |n, v, r| {
        let inner = format!("{{\"{}\":\"{v}\",\"id\":\"{}\"}}", n.snake(), r.hex(12));
        let middle = format!("{{\"statusCode\":200,\"body\":{}}}", quoted(&inner));
        same(format!("{{\"log\":{},\"stream\":\"stdout\"}}\n", quoted(&middle)), v)
    }),
    context!("YAML", |n, v, r| {
        let (word, key) = (r.word(), n.snake());
        same(format!("{word}:\n  host: db.internal\n  {key}: \"{v}\"\n  replicas: 2\n"), v)
    }),
    context!("YAML, plain scalar", |n, v, r| {
        same(format!("{}:\n  {}: {v}\n  port: 5432\n", r.word(), n.kebab()), v)
    }),
    context!("Kubernetes env list", |n, v, r| {
        let (word, upper) = (r.word(), n.upper());
        same(
            format!(
                "  containers:\n  - name: {word}\n    env:\n    - name: {upper}\n      value: \"{v}\"\n    ports: []\n"
            ),
            v,
        )
    }),
    context!("TOML", |n, v, r| {
        same(format!("[{}]\nurl = \"https://api.internal\"\n{} = \"{v}\"\ntimeout = 30\n", r.word(), n.snake()), v)
    }),
    context!("INI", |n, v, r| same(
        format!("[{}]\nregion = eu-west-1\n{} = {v}\noutput = json\n", r.word(), n.snake()),
        v
    )),
    context!(".properties", |n, v, r| {
        same(format!("server.port=8080\n{}.{}={v}\nlogging.level.root=INFO\n", r.word(), n.dotted()), v)
    }),
    context!("curl -v headers", |n, v, r| {
        let (host, trace) = (r.word(), r.hex(32));
        let header = n.header();
        same(
            format!(
                "> GET /v1/{host} HTTP/2\n> Host: api.{host}.io\n> user-agent: curl/8.5.0\n> X-{header}: {v}\n> \
                 traceparent: 00-{trace}-01\n> accept: */*\n>\n< HTTP/2 200\n"
            ),
            v,
        )
    }),
    context!("error trace", |n, v, r| {
        let (word, key) = (r.word(), n.snake());
        same(
            format!(
                "Traceback (most recent call last):\n  File \"/srv/{word}/client.py\", line 88, in connect\n    raise \
                 AuthError(msg)\nAuthError: 401 from api.{word}.io (key=7, {key}={v}) after 3 tries\n"
            ),
            v,
        )
    }),
    context!("Python traceback with locals", |n, v, r| {
        same(format!("  {:<14} = {}\n  {:<14} = '{v}'\n  timeout        = 30\n", "attempt", r.below(9), n.snake()), v)
    }),
    context!("CSV row under a header", |n, v, r| {
        let (key, word, id) = (n.snake(), r.word(), r.below(9000));
        same(format!("id,name,{key},active\n{id},{word},{v},true\n"), v)
    }),
    context!("shell history", |n, v, r| {
        let upper = n.upper();
        same(format!("  501  cd {}\n  502  export {upper}='{v}'\n  503  make deploy\n", r.word()), v)
    }),
    context!("command with an option", |n, v, r| {
        let (word, option) = (r.word(), n.kebab());
        same(format!("+ ./bin/{word} --region eu-west-1 --{option} '{v}' --verbose\n"), v)
    }),
    context!("docker run -e", |n, v, r| {
        same(format!("$ docker run --rm -p 8080:80 -e {}={v} registry.io/{}:1.4\n", n.upper(), r.word()), v)
    }),
    context!("docker inspect", |n, v, r| {
        let (id, upper) = (r.hex(64), n.upper());
        same(
            format!(
                "[\n  {{\n    \"Id\": \"{id}\",\n    \"Config\": {{\n      \"Env\": [\n        \"PATH=/usr/bin:/bin\",\n        \
                 \"{upper}={v}\",\n        \"LANG=C\"\n      ]\n    }}\n  }}\n]\n"
            ),
            v,
        )
    }),
    context!("Terraform plan", |n, v, r| {
        let (word, key) = (r.word(), n.snake());
        same(
            format!(
                "  # module.{word}.service.main will be created\n  + resource \"service\" \"main\" {{\n      + id      = (known \
                 after apply)\n      + {key} = \"{v}\"\n      + name    = \"{word}\"\n    }}\n"
            ),
            v,
        )
    }),
    context!("Python source", |n, v, r| same(
        format!("import {}\n\n{} = \"{v}\"\n\ndef main():\n", r.word(), n.upper()),
        v
    )),
    context!("Python keyword argument", |n, v, r| {
        same(format!("client = Client(host=\"{}\", {}=\"{v}\", timeout=5)\n", r.word(), n.snake()), v)
    }),
    context!("JavaScript source", |n, v, r| {
        same(format!("const {} = '{v}';\nmodule.exports = {{ {} }};\n", n.camel(), r.word()), v)
    }),
    context!("JavaScript object", |n, v, r| {
        same(format!("const config = {{\n  host: '{}',\n  {}: '{v}',\n}};\n", r.word(), n.camel()), v)
    }),
    context!("Go source", |n, v, r| {
        same(format!("\tcfg := Config{{\n\t\tHost: \"{}\",\n\t\t{}: \"{v}\",\n\t}}\n", r.word(), n.pascal()), v)
    }),
    context!("Java source", |n, v, r| {
        let upper = n.upper();
        same(format!("public class {} {{\n    private static final String {upper} = \"{v}\";\n", r.word()), v)
    }),
    context!("log line, key=value", |n, v, r| {
        let (word, key, ms) = (r.word(), n.snake(), r.below(900));
        same(format!("2026-03-02T10:14:07.113Z WARN {word} retrying status=401 {key}={v} elapsed={ms}ms\n"), v)
    }),
    context!("log line, words", |n, v, r| {
        let words = n.snake().replace('_', " ");
        same(format!("[{}] INFO using {words}: {v}\n", r.word()), v)
    }),
    context!("URL query", |n, v, r| {
        let spelled = percent(v);
        let text = format!("GET https://api.{}.io/v2/items?page=2&{}={spelled}&limit=50 200\n", r.word(), n.snake());
        (text, spelled)
    }),
    context!("SQL insert", |n, v, r| {
        let (word, key) = (r.word(), n.snake());
        same(format!("INSERT INTO {word} (id, name, {key}, created) VALUES (17, 'main', '{v}', '2026-01-04');\n"), v)
    }),
    context!("SQL result table", |n, v, r| {
        let (key, word) = (n.snake(), r.word());
        let (bar, rule) = (v.len().max(key.len()), "-".repeat(v.len().max(key.len()) + 2));
        same(format!(" id | name     | {key:<bar$}\n----+----------+{rule}\n  1 | {word:<8} | {v:<bar$}\n(1 row)\n"), v)
    }),
    context!("XML element", |n, v, r| {
        let key = n.camel();
        same(format!("<{0}>\n  <host>db.internal</host>\n  <{key}>{v}</{key}>\n</{0}>\n", r.word()), v)
    }),
    context!("XML attribute", |n, v, r| same(format!("<add name=\"{}\" {}=\"{v}\" />\n", r.word(), n.camel()), v)),
    context!("XML key and value", |n, v, _| same(format!("  <add key=\"{}\" value=\"{v}\" />\n", n.pascal()), v)),
    context!("GitHub Actions log", |n, v, r| {
        let upper = n.upper();
        same(
            format!("2026-03-02T10:14:07.1131212Z   {upper}: {v}\n2026-03-02T10:14:07.1131533Z   CI: {}\n", r.word()),
            v,
        )
    }),
    context!("Dockerfile", |n, v, r| same(format!("FROM {}:3\nENV {} {v}\nRUN make\n", r.word(), n.upper()), v)),
    context!("Markdown table", |n, v, _| {
        same(format!("| Variable | Value |\n| --- | --- |\n| `{}` | `{v}` |\n", n.upper()), v)
    }),
    context!("coloured terminal", |n, v, r| {
        same(format!("\x1b[32m{}\x1b[0m \x1b[1m{}\x1b[0m=\x1b[33m{v}\x1b[0m\n", r.word(), n.upper()), v)
    }),
    context!(bare "bare, in a log line", |_, v, r| {
        same(format!("2026-03-02 10:14:07 INFO {} answered to {v} in {} ms\n", r.word(), r.below(900)), v)
    }),
    context!(bare "bare, in prose", |_, v, r| {
        same(format!("For the {} I put {v} into the field, and it worked.\n", r.word()), v)
    }),
    context!(bare "bare, in a Markdown code span", |_, v, r| same(format!("- {}: use `{v}`\n", r.word()), v)),
    context!(bare "bare, in an array of strings", |_, v, r| {
        same(format!("[\"{}\", \"{v}\", \"{}\"]\n", r.word(), r.word()), v)
    }),
    context!(bare "bare, as an argument", |_, v, r| same(format!("$ {} login {v} --quiet\n", r.word()), v)),
    context!(bare "bare, a file of its own", |_, v, _| same(format!("{v}\n"), v)),
    context!(bare "bare, after an escaped line break", |_, v, r| {
        same(format!("{{\"text\":\"{} line\\n{v}\\tdone\"}}\n", r.word()), v)
    }),
];

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// As a form sends it.
fn percent(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
