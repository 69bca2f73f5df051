//! Each vendor's command against its documented contract: how it is called, with which environment, and what is made of its
//! answer. The command is a stand-in (`stub.sh`); tests/backends has those that can be had for real.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::file;
use vault::{Environment, Reference, Vault};

/// A home in which one command does as it is told.
struct Stub {
    home: tempfile::TempDir,
    variables: Vec<(String, String)>,
    sources: String,
}

impl Stub {
    fn of(program: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stub.sh"), home.path().join("bin").join(program))
            .unwrap();
        Self { home, variables: Vec::new(), sources: String::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Lays out a file: `out`, `err`, `code`, `script`, `reads`.
    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn sources(mut self, text: &str) -> Self {
        self.sources = text.to_owned();
        self
    }

    fn vault(&self) -> Result<Vault, String> {
        let home = self.home.path().to_str().unwrap().to_owned();
        let path = format!("{home}/bin:/usr/bin:/bin");
        let usual = [("HOME".to_owned(), home), ("PATH".to_owned(), path)];
        let environment = Environment::of(usual.into_iter().chain(self.variables.clone()));
        let sources = file::parse(Path::new("config.toml"), &self.sources).unwrap().sources;
        Vault::new(environment, &sources).map_err(|error| error.to_string())
    }

    /// The value, or the error as a person reads it.
    fn fetch(&self, reference: &str) -> Result<String, String> {
        let vault = self.vault()?;
        let fetched = vault.fetch(&Reference::parse(reference).map_err(|error| error.to_string())?);
        match fetched {
            Ok(value) => Ok(value.expose(|bytes| String::from_utf8(bytes.to_vec()).unwrap())),
            Err(error) => {
                assert_eq!(error.to_string(), format!("{error:?}"));
                Err(error.to_string())
            }
        }
    }

    /// Why there is none, as an agent is told.
    fn for_agents(&self, reference: &str) -> String {
        self.vault().unwrap().fetch(&Reference::parse(reference).unwrap()).map(drop).unwrap_err().for_agents()
    }

    /// How the command was called, its own name without the folder.
    fn called(&self) -> Vec<String> {
        let called = fs::read_to_string(self.path("called")).unwrap();
        let mut words: Vec<String> = called.trim_end_matches('\0').split('\0').map(str::to_owned).collect();
        words[0] = words[0].rsplit('/').next().unwrap().to_owned();
        words
    }

    fn env(&self) -> Vec<String> {
        fs::read_to_string(self.path("env")).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Made up while the test runs, so that a scanner has nothing to find here.
fn value() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("v4lu3-{:x}-{:?}", now.as_nanos(), std::thread::current().id()).replace(['(', ')'], "")
}

#[test]
fn every_preset_is_called_as_its_vendor_documents() {
    // Reference; the command line; a variable that it is configured by; what it writes, `$` being the value.
    let cases = [
        ("pass:agents/github", "pass show agents/github", "PASSWORD_STORE_DIR", "$\nlogin: bot\n"),
        ("keepassxc:~/a.kdbx#/git hub", "keepassxc-cli show -q -s -a Password ~/a.kdbx /git hub", "", "$\n"),
        ("op://Work/CI item/token", "op read --no-newline op://Work/CI item/token", "OP_SERVICE_ACCOUNT_TOKEN", "$"),
        ("bw:3f0c-1", "bw get password 3f0c-1 --nointeraction", "BW_SESSION", "$"),
        ("rbw:github", "rbw get --field password github", "RBW_PROFILE", "$\n"),
        (
            "bws:3f0c-1",
            "bws secret get 3f0c-1 --output json",
            "BWS_ACCESS_TOKEN",
            r#"{"id": "3f0c-1", "key": "k", "value": "$"}"#,
        ),
        (
            "aws-sm:prod/ci",
            "aws secretsmanager get-secret-value --secret-id prod/ci --query SecretString --output text",
            "AWS_PROFILE",
            "$\n",
        ),
        (
            "gcp-sm:acme/ci",
            "gcloud secrets versions access latest --secret=ci --project=acme",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "$",
        ),
        (
            "gcp-kms:acme/global/ring/key#/tmp/x",
            "gcloud kms decrypt --project=acme --location=global --keyring=ring --key=key --ciphertext-file=/tmp/x --plaintext-file=-",
            "CLOUDSDK_CONFIG",
            "$",
        ),
        (
            "az-kv:acme/ci",
            "az keyvault secret show --vault-name acme --name ci --query value --output tsv",
            "AZURE_CONFIG_DIR",
            "$\n",
        ),
        ("doppler:TOKEN", "doppler secrets get TOKEN --plain --silent", "DOPPLER_TOKEN", "$\n"),
        (
            "doppler:app/prod/TOKEN",
            "doppler secrets get TOKEN --plain --silent --project app --config prod",
            "DOPPLER_TOKEN",
            "$\n",
        ),
        ("infisical:prod/TOKEN", "infisical secrets get TOKEN --plain --silent --env prod", "INFISICAL_TOKEN", "$\n"),
        (
            "infisical:p1/prod/TOKEN",
            "infisical secrets get TOKEN --plain --silent --env prod --projectId p1",
            "INFISICAL_TOKEN",
            "$\n",
        ),
        ("akeyless:/ci/token", "akeyless get-secret-value --name /ci/token", "AKEYLESS_ACCESS_ID", "$\n"),
        (
            "sops:~/s.yaml#ci/token",
            "sops --decrypt --output-type json ~/s.yaml",
            "SOPS_AGE_KEY_FILE",
            r#"{"ci": {"token": "$"}, "other": "x"}"#,
        ),
        ("age:/s.age#~/key.txt", "age --decrypt --identity ~/key.txt /s.age", "", "$\n"),
        ("age:~/s.age", "age --decrypt --identity ~/.config/age/keys.txt ~/s.age", "", "$\n"),
    ];
    for (reference, command, variable, out) in cases {
        let value = value();
        let command: Vec<&str> = command.split(' ').collect();
        let stub = Stub::of(command[0]).with("out", out.replace('$', &value));
        let stub = stub.variable(variable, "configured").variable("SOMETHING_ELSE", "of no concern to it");
        assert_eq!(stub.fetch(reference).as_deref(), Ok(value.as_str()), "{reference}");
        let home = stub.home.path().to_str().unwrap();
        assert_eq!(stub.called().join(" "), command.join(" ").replace('~', home), "{reference}");
        let env = stub.env();
        assert!(variable.is_empty() || env.contains(&format!("{variable}=configured")), "{reference}: {env:?}");
        assert!(!env.iter().any(|line| line.contains("SOMETHING_ELSE") || line.contains(&value)), "{reference}");
        let folder = fs::read_to_string(stub.path("folder")).unwrap();
        assert_eq!(fs::canonicalize(folder.trim()).unwrap(), fs::canonicalize(home).unwrap(), "{reference}");
    }
}

#[test]
fn keys_of_clouds_give_base64() {
    use base64::Engine as _;
    let value = value();
    let encoded = base64::prelude::BASE64_STANDARD.encode(&value);
    let aws = Stub::of("aws").with("out", format!("{encoded}\n"));
    assert_eq!(aws.fetch("aws-kms:/tmp/x").as_deref(), Ok(value.as_str()));
    let command = "aws kms decrypt --ciphertext-blob fileb:///tmp/x --query Plaintext --output text";
    assert_eq!(aws.called().join(" "), command);
    let azure = Stub::of("az").with("out", format!("{encoded}\n"));
    assert_eq!(azure.fetch("az-kms:acme/key#Q0lQSEVS").as_deref(), Ok(value.as_str()));
    let command = "az keyvault key decrypt --vault-name acme --name key --algorithm RSA-OAEP-256 --data-type base64 \
                   --value Q0lQSEVS --query result --output tsv";
    assert_eq!(azure.called().join(" "), command);
    let wrong = Stub::of("aws").with("out", "not base64!\n").fetch("aws-kms:/tmp/x").unwrap_err();
    assert!(wrong.contains("aws wrote no base64"), "{wrong}");
}

#[test]
fn bitwarden_is_told_where_its_data_is() {
    let stub = Stub::of("bw").with("out", "x");
    stub.fetch("bw:1").unwrap();
    let config = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    let folder = format!("BITWARDENCLI_APPDATA_DIR={}/{config}/Bitwarden CLI", stub.home.path().display());
    assert!(stub.env().contains(&folder), "{:?}", stub.env());
    let stub = stub.variable("BITWARDENCLI_APPDATA_DIR", "/elsewhere");
    stub.fetch("bw:1").unwrap();
    assert!(stub.env().contains(&"BITWARDENCLI_APPDATA_DIR=/elsewhere".to_owned()), "{:?}", stub.env());
}

#[test]
fn what_a_command_reads_comes_from_another_source() {
    let (master, value) = (value(), value());
    let stub =
        Stub::of("keepassxc-cli").with("reads", "").with("out", format!("{value}\n")).variable("MASTER", &master);
    let stub = stub.sources("[sources.preset.keepassxc]\nstdin = \"env:MASTER\"\n");
    assert_eq!(stub.fetch("keepassxc:/a.kdbx#/x").as_deref(), Ok(value.as_str()));
    assert_eq!(fs::read_to_string(stub.path("stdin")).unwrap(), format!("{master}\n"));
    assert!(!stub.env().iter().any(|line| line.contains(&master)), "it is in the environment");
    let stub = stub.sources("[sources.preset.keepassxc]\nstdin = \"env:NOT_THERE\"\n");
    let wrong = stub.fetch("keepassxc:/a.kdbx#/x").unwrap_err();
    assert!(wrong.contains("what it reads on standard input, env:NOT_THERE: the variable is not set"), "{wrong}");
    let stub = stub.sources("[sources.preset.keepassxc]\nstdin = \"pass:x\"\n");
    let wrong = stub.fetch("keepassxc:/a.kdbx#/x").unwrap_err();
    assert!(wrong.starts_with("config.toml:1:17: `stdin` comes from a keyring"), "{wrong}");
}

#[test]
fn a_failure_says_what_it_means_and_never_what_was_said() {
    let value = value();
    for (program, reference, code, said, expected) in [
        ("bw", "bw:x", "1", "You are not logged in.", "nobody is logged in to Bitwarden here; log in"),
        ("bw", "bw:x", "1", "Not found.", "the vault has no such item"),
        ("pass", "pass:x", "1", "Error: x is not in the password store.", "the password store has no such entry"),
        ("aws", "aws-sm:x", "254", "An error (AccessDeniedException)", "AWS refuses"),
        (
            "op",
            "op://a/b/c",
            "1",
            "something new",
            "op ended with exit code 1; see what it says when you run it yourself: op read --no-newline op://a/b/c",
        ),
        (
            "rbw",
            "rbw:a b",
            "3",
            "",
            "rbw ended with exit code 3; see what it says when you run it yourself: rbw get --field password 'a b'",
        ),
    ] {
        let stub = Stub::of(program).with("code", code).with("err", format!("{said} {value}")).with("out", &value);
        let wrong = stub.fetch(reference).unwrap_err();
        assert!(wrong.starts_with(&format!("{reference}: ")) && wrong.contains(expected), "{wrong}");
        assert!(!wrong.contains(&value), "{wrong}");
        // An agent would run the command, which may print the value.
        let (wrong, place) = (stub.for_agents(reference), reference.split_once(':').unwrap().1);
        assert!(wrong.contains(":…: ") && !wrong.contains(": op read") && !wrong.contains(": rbw get"), "{wrong}");
        assert!(!wrong.contains(&format!(":{place}")), "{wrong}");
    }
}

#[test]
fn what_is_no_value_is_refused() {
    let value = value();
    for (reference, program, out, expected) in [
        ("pass:x", "pass", String::new(), "pass wrote nothing"),
        ("pass:x", "pass", format!("\n{value}"), "pass wrote nothing"),
        ("op://a/b/c", "op", "\n".to_owned(), "op wrote nothing"),
        ("op://a/b/c", "op", value.repeat(9000), "op wrote more than 65536 bytes"),
        ("bws:1", "bws", value.clone(), "bws wrote no JSON"),
        ("bws:1", "bws", format!("{{\"key\": \"{value}\"}}"), "JSON with no text at /value"),
        ("bws:1", "bws", format!("{{\"value\": [\"{value}\"]}}"), "JSON with no text at /value"),
    ] {
        let wrong = Stub::of(program).with("out", &out).fetch(reference).unwrap_err();
        assert!(wrong.contains(expected) && !wrong.contains(&value[..12]), "{wrong}");
    }
    // Only one line end is not the value's.
    assert_eq!(Stub::of("op").with("out", "a\n\n").fetch("op://a/b/c").as_deref(), Ok("a\n"));
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let wrong = Stub::of("something").fetch("op://a/b/c").unwrap_err();
    assert!(wrong.contains("op is not installed, or not in PATH; install it"), "{wrong}");
}

#[test]
fn when_the_time_is_over_everything_that_it_started_ends() {
    let script = "sleep 300 & echo $! > \"$HOME/pid\"; wait";
    let stub = Stub::of("op").with("script", script).sources("[sources.preset.op]\nseconds = 1\n");
    let began = Instant::now();
    let wrong = stub.fetch("op://a/b/c").unwrap_err();
    assert!(wrong.contains("op was not done within 1 seconds and was ended"), "{wrong}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let pid = fs::read_to_string(stub.path("pid")).unwrap();
    let runs = || {
        let shown = std::process::Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]).output().unwrap();
        !shown.stdout.is_empty() && !shown.stdout.starts_with(b"Z")
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    while runs() {
        assert!(Instant::now() < deadline, "{pid} still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_is_left_running_is_not_waited_for() {
    // Something that closes its output is an agent, as several of these programs have one.
    let agent =
        Stub::of("rbw").with("out", "x\n").with("script", "sleep 300 > /dev/null 2>&1 & echo $! > \"$HOME/pid\"");
    assert_eq!(agent.fetch("rbw:x").as_deref(), Ok("x"));
    let holds = Stub::of("rbw").with("out", "x\n").with("script", "sleep 300 & echo $! > \"$HOME/pid\"");
    let wrong = holds.fetch("rbw:x").unwrap_err();
    assert!(wrong.contains("left something running that holds its output"), "{wrong}");
    for stub in [agent, holds] {
        let pid = fs::read_to_string(stub.path("pid")).unwrap();
        std::process::Command::new("kill").arg(pid.trim()).status().unwrap();
    }
}

#[test]
fn a_preset_of_the_users_own_is_data_as_well() {
    let value = value();
    let stub = Stub::of("acme").with("out", format!("{{\"found\": [{{\"it\": \"{value}\"}}]}}"));
    let stub = stub.variable("ACME_URL", "https://acme").sources(
        "[sources.preset.acme]\nrun = [\"acme\", \"--space\", \"{space}\", \"get\", \"{name}\"]\nref = \"{space}/{name}\"\n\
         env = [\"ACME_URL\"]\nset = { ACME_HOME = \"{home}/acme\" }\noutput = \"json\"\npointer = \"/found/0/it\"\n",
    );
    assert_eq!(stub.fetch("command:acme/team/ci; rm -rf $HOME").as_deref(), Ok(value.as_str()));
    assert_eq!(stub.called(), ["acme", "--space", "team", "get", "ci; rm -rf $HOME"]);
    let home = stub.home.path().display();
    for expected in ["ACME_URL=https://acme".to_owned(), format!("ACME_HOME={home}/acme")] {
        assert!(stub.env().contains(&expected), "{:?}", stub.env());
    }
    let wrong = stub.fetch("command:acme/team").unwrap_err();
    assert!(wrong.contains("the reference is incomplete"), "{wrong}");
    let wrong = stub.fetch("command:other/x").unwrap_err();
    assert!(wrong.contains("there is no such preset; write [sources.preset.NAME]"), "{wrong}");
    for (sources, expected) in [
        ("[sources.preset.acme]\nrun = [\"acme\", \"{nam}\"]\n", "config.toml:1:17: has a placeholder {nam}"),
        ("[sources.preset.acme]\nseconds = 3\n", "has no `run`"),
        (
            "[sources.preset.acme]\nrun = [\"acme\", \"{home}\"]\nref = \"{home}/{name}\"\n",
            "they have a meaning of their own",
        ),
        ("[sources.preset.op]\nrun = [\"op\", \"x\"]\n", "`run` is the program alone"),
        ("[sources.preset.op]\noutput = \"raw\"\n", "are its own; choose another name"),
    ] {
        let wrong = Stub::of("acme").sources(sources).fetch("command:acme/x").unwrap_err();
        assert!(wrong.contains(expected), "{wrong}");
    }
}

#[test]
fn a_built_in_preset_is_changed_where_it_may_be() {
    let stub = Stub::of("my-op").with("out", "x").variable("OP_DEBUG", "1");
    let program = stub.path("bin/my-op");
    let sources = format!("[sources.preset.op]\nrun = [{program:?}]\nenv = [\"OP_DEBUG\"]\n");
    let stub = stub.sources(&sources);
    assert_eq!(stub.fetch("op://a/b/c").as_deref(), Ok("x"));
    assert_eq!(stub.called().join(" "), "my-op read --no-newline op://a/b/c");
    assert!(stub.env().contains(&"OP_DEBUG=1".to_owned()));
}

#[test]
fn several_are_fetched_at_the_same_time_and_each_once() {
    // Neither ends before the other has begun.
    let script = "echo \"$1\" >> \"$HOME/calls\"\n\
                  until grep -q a \"$HOME/calls\" && grep -q b \"$HOME/calls\"; do sleep 0.05; done\necho \"value of $1\"\n";
    let stub = Stub::of("meet")
        .with("script", script)
        .sources("[sources.preset.meet]\nrun = [\"meet\", \"{ref}\"]\nseconds = 60\n");
    let references = ["command:meet/a", "command:meet/b", "command:meet/a"].map(|text| Reference::parse(text).unwrap());
    let fetched = stub.vault().unwrap().fetch_all(&references, |_, _| ());
    assert_eq!(fetched.len(), 2);
    for (reference, value) in &fetched {
        let value = value.as_ref().unwrap_or_else(|error| panic!("{error}"));
        assert!(value.expose(|bytes| bytes.ends_with(&reference.as_str().as_bytes()[13..])), "{reference}");
    }
    let mut calls: Vec<String> = fs::read_to_string(stub.path("calls")).unwrap().lines().map(str::to_owned).collect();
    calls.sort();
    assert_eq!(calls, ["a", "b"]);
}

/// What others of them write, or are given to read, goes through descriptors of this process at the same time.
#[cfg(target_os = "linux")]
#[test]
fn one_has_no_descriptor_of_another() {
    // Both are there when each looks.
    let script = "echo x >> \"$HOME/calls\"\nuntil [ \"$(wc -l < \"$HOME/calls\")\" = 2 ]; do sleep 0.05; done\nls /proc/self/fd";
    let stub = Stub::of("meet")
        .with("script", script)
        .sources("[sources.preset.meet]\nrun = [\"meet\", \"{ref}\"]\nseconds = 60\n");
    let references = ["command:meet/a", "command:meet/b"].map(|text| Reference::parse(text).unwrap());
    // The test itself may have been started with more than the usual three.
    let usual =
        std::process::Command::new("ls").arg("/proc/self/fd").stdin(std::process::Stdio::null()).output().unwrap();
    for (reference, listed) in stub.vault().unwrap().fetch_all(&references, |_, _| ()) {
        listed.unwrap().expose(|listed| assert_eq!(listed, usual.stdout.trim_ascii_end(), "{reference}"));
    }
}
