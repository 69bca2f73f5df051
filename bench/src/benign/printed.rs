//! What commands print.

use super::{NAMES, Sort, lines};
use crate::format::{base64, value};
use crate::random::Random;

/// What commands print.
pub(super) const PRINTED: &[Sort] = &[
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
    sort!("Prometheus metrics", |r| lines(r, 15, |r| {
        format!(
            "{}_tokens_total{{instance=\"10.0.0.{}:9100\",key=\"{}\",le=\"0.5\"}} {}",
            r.word(),
            r.below(255),
            r.word(),
            r.below(99_999)
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
    sort!("OAuth client ids", |r| lines(r, 5, |r| {
        format!(
            "client_id: {}-{}.apps.googleusercontent.com\ntenant_id: {}\nAZURE_CLIENT_ID={}",
            value("<d:12>", r),
            value("<a:32>", r),
            r.uuid(),
            r.uuid()
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
