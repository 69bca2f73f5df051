//! `stanch config`, `allow` and `rules import`, run as a person runs them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use common::{fed, token};

/// A user with a project in `app`.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("app/.git")).unwrap();
        Self(home)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command.args(arguments).current_dir(self.path("app")).env("HOME", self.0.path()).env_remove("XDG_CONFIG_HOME");
        fed(&mut command, input.as_bytes())
    }

    /// What a command says, which is to succeed.
    fn says(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// How a command refuses.
    fn refuses(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        said
    }
}

const CONFIG: &str = ".config/stanch/config.toml";

#[test]
fn an_allowed_value_is_left_in_its_project_until_it_is_taken_back() {
    let (user, text) = (User::new(), format!("a {} b\n", token()));
    fs::create_dir_all(user.path(".config/stanch")).unwrap();
    fs::write(user.path(CONFIG), "# mine\n[redact.tools.Bash]\narguments = \"ask\" # sometimes\n").unwrap();
    assert!(user.says(&["redact"], &text).contains("stanch_github_pat"));
    let said = user.says(&["allow", "--reason", "made up"], &format!("{}\n", token()));
    assert!(said.contains("is allowed in ") && !said.contains(&token()), "{said}");
    assert_eq!(user.says(&["redact"], &text), text);
    let again = user.says(&["allow", "--reason", "made up"], &token());
    assert!(again.contains("was allowed already"), "{again}");

    let written = user.read(CONFIG);
    assert!(written.starts_with("# mine\n[redact.tools.Bash]\narguments = \"ask\" # sometimes\n"), "{written}");
    assert!(!written.contains(&token()) && written.contains("made up"), "{written}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(user.path(".config/stanch/allow.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }

    let listed = user.says(&["allow", "--list"], "");
    let digest = listed.split_whitespace().next().unwrap().to_owned();
    fs::create_dir_all(user.path("app/elsewhere/.git")).unwrap();
    assert!(user.refuses(&["allow", "--remove", "zzzz"], "").contains("no entry"));
    user.says(&["allow", "--remove", &digest], "");
    assert!(user.says(&["redact"], &text).contains("stanch_github_pat"));
    assert_eq!(user.says(&["allow", "--list"], ""), "");
}

#[test]
fn allow_refuses_what_it_cannot_mean_and_never_shows_the_value() {
    let user = User::new();
    for (arguments, input, why) in [
        (&["allow", "--reason", " "][..], token(), "give a reason"),
        (&["allow", "--reason", "r"], String::new(), "no value"),
        (&["allow", "--reason", "r"], "abc\n".to_owned(), "too short"),
        (&["allow", "--reason", "r"], "stanch_github_pat".to_owned(), "placeholder"),
        (&["allow", "--reason", "r"], "x".repeat(70_000), "is a file"),
        (&["allow"], token(), "--reason"),
    ] {
        let said = user.refuses(arguments, &input);
        assert!(said.contains(why) && !said.contains(&token()), "{why}: {said}");
    }
    let reason = format!("it is {}", token());
    let said = user.refuses(&["allow", "--reason", &reason], &token());
    assert!(said.contains("kept in clear"), "{said}");
    assert!(!user.path(CONFIG).exists());
}

#[test]
fn a_gitleaks_file_is_imported_and_finds() {
    let user = User::new();
    let rules = "title = 'ours'\n[[rules]]\nid = 'shop-ticket'\ndescription = 'Shop ticket'\nregex = '''ticket:([0-9a-z]{10})'''\nkeywords = ['ticket']\n[[rules]]\nid = 'by-path'\npath = '\\.pem$'\n";
    fs::write(user.path("app/.gitleaks.toml"), rules).unwrap();
    assert!(user.says(&["rules", "check", ".gitleaks.toml"], "").contains("ok"));
    let said = user.says(&["rules", "import", ".gitleaks.toml"], "");
    assert!(said.contains("own_shop_ticket") && said.contains("1 rules"), "{said}");
    user.says(&["rules", "import", ".gitleaks.toml"], "");
    assert_eq!(user.read(CONFIG).matches("rules/gitleaks.toml").count(), 1);
    assert_eq!(user.says(&["redact"], "x ticket:8wbn5mycd7 y\n"), "x ticket:stanch_own_shop_ticket y\n");
    assert!(user.says(&["rules", "show", "own_shop_ticket"], "").contains("Shop ticket"));
    assert!(user.says(&["rules", "list"], "").contains("own_shop_ticket"));
    assert!(user.says(&["config", "show", "--effective"], "").contains("own_shop_ticket"));

    fs::write(user.path("app/.gitleaks.toml"), rules.replace("ticket:", "(?<!x)ticket:")).unwrap();
    assert!(user.refuses(&["rules", "import", ".gitleaks.toml"], "").contains("rule 'shop-ticket'"));
    fs::write(user.path("app/.gitleaks.toml"), rules.replace("{10}", "{11}")).unwrap();
    assert!(user.refuses(&["rules", "import", ".gitleaks.toml"], "").contains("--replace"));
    user.says(&["rules", "import", "--replace", ".gitleaks.toml"], "");
}

#[test]
fn config_says_where_each_setting_comes_from() {
    let user = User::new();
    fs::create_dir_all(user.path(".config/stanch")).unwrap();
    fs::write(user.path(CONFIG), "[redact.tools.WebFetch]\narguments = \"ask\"\n").unwrap();
    fs::write(user.path("app/.stanch.toml"), "[redact.tools]\nBash = { arguments = \"pass\", output = \"stop\" }\n")
        .unwrap();
    let said = user.says(&["config", "show", "--effective"], "");
    let line =
        |start: &str| said.lines().find(|line| line.contains(start)).unwrap_or_else(|| panic!("{start}: {said}"));
    assert!(line("\"WebFetch\".arguments = \"ask\"").ends_with("stanch/config.toml:2:13"), "{said}");
    assert!(line("\"WebSearch\".arguments = \"replace\"").ends_with("# built in"), "{said}");
    assert!(line("\"Bash\".output = \"stop\"").contains("app/.stanch.toml:2:"), "{said}");
    assert!(line("\"Bash\".arguments = \"pass\"").starts_with("# ignored"), "{said}");
    assert!(line("\"Bash\".arguments = \"deny\"").ends_with("# built in"), "{said}");
    assert!(user.says(&["config", "check"], "").ends_with("ok\n"));

    fs::write(user.path("app/.stanch.toml"), "[redact]\nrules = 7\n").unwrap();
    for arguments in [&["config", "check"][..], &["config", "show"], &["redact"], &["allow", "--list"]] {
        let said = user.refuses(arguments, "");
        assert!(said.contains(".stanch.toml:2:9: "), "{arguments:?}: {said}");
    }
}
