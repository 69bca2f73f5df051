//! Password managers that can be had: pass with gpg, KeePassXC, age.

use std::fs;
use std::time::Duration;

use stanch_backends::{Home, made_up, needs};

#[test]
fn pass_and_gpg() {
    needs("pass", "pass");
    needs("gpg", "gnupg");
    let mut home = Home::new();
    let keys = home.path().join("keys");
    fs::create_dir(&keys).expect("a folder");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&keys, mode).expect("a private folder");
    home.set("GNUPGHOME", keys.to_str().expect("a path"));
    let value = made_up("pass");
    home.run(
        "gpg",
        &["--batch", "--passphrase", "", "--quick-gen-key", "bot@example.org", "default", "default", "never"],
        "",
    );
    home.run("pass", &["init", "bot@example.org"], "");
    home.run("pass", &["insert", "--multiline", "agents/github"], &format!("{value}\nlogin: bot\n"));
    assert_eq!(home.fetch("pass:agents/github", "").as_ref(), Ok(&value));
    let wrong = home.fetch("pass:agents/nosuch", "").expect_err("nothing there");
    assert!(wrong.contains("the password store has no such entry; `pass ls`"), "{wrong}");

    let said = home.stanch(&["list", "--check", "pass:agents/github"], "");
    assert_eq!(said.out, format!("pass:agents/github  ok, {} bytes\n", value.len()), "{}", said.all());

    // A key with a passphrase, and nobody to ask.
    let passphrase = made_up("phrase");
    let arguments =
        ["--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0", "--quick-gen-key", "locked@example.org"];
    home.run("gpg", &[&arguments[..], &["default", "default", "never"]].concat(), &passphrase);
    home.run("pass", &["init", "--path=locked", "locked@example.org"], "");
    home.run("pass", &["insert", "--multiline", "locked/x"], &value);
    home.run("gpgconf", &["--kill", "gpg-agent"], "");
    let said = home.stanch(&["list", "--check", "pass:locked/x"], "");
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.out.contains("unlock the key first"), "{}", said.all());
    assert!(said.took < Duration::from_secs(50), "{:?}", said.took);
    assert!(!said.all().contains(&value) && !said.all().contains(&passphrase));
    home.run("gpgconf", &["--kill", "all"], "");
}

#[test]
fn keepassxc() {
    needs("keepassxc-cli", "keepassxc");
    let mut home = Home::new();
    home.set("QT_QPA_PLATFORM", "offscreen");
    let (master, value) = (made_up("master"), made_up("kdbx"));
    home.run("keepassxc-cli", &["db-create", "-q", "-p", "agents.kdbx"], &format!("{master}\n{master}\n"));
    home.run("keepassxc-cli", &["add", "-q", "-p", "agents.kdbx", "/git hub"], &format!("{master}\n{value}\n"));
    let sources = "[sources.preset.keepassxc]\nstdin = \"env:MASTER\"\n";
    home.set("MASTER", &master);
    assert_eq!(home.fetch("keepassxc:~/agents.kdbx#/git hub", sources).as_ref(), Ok(&value));
    let wrong = home.fetch("keepassxc:~/agents.kdbx#/nosuch", sources).expect_err("nothing there");
    assert!(wrong.contains("no such entry"), "{wrong}");
    home.set("MASTER", made_up("wrong"));
    let wrong = home.fetch("keepassxc:~/agents.kdbx#/git hub", sources).expect_err("the wrong password");
    assert!(wrong.contains("password"), "{wrong}");
    assert!(!wrong.contains(&master) && !wrong.contains(&value), "{wrong}");
    let wrong = home.fetch("keepassxc:~/agents.kdbx#/git hub", "").expect_err("no password");
    assert!(wrong.contains("stdin = \"keyring:keepassxc\""), "{wrong}");
}

#[test]
fn age() {
    needs("age", "age");
    let home = Home::new();
    let value = made_up("age");
    home.run("age-keygen", &["-o", "key.txt"], "");
    let recipient = home.run("age-keygen", &["-y", "key.txt"], "");
    home.run("age", &["-r", &recipient, "-o", "token.age"], &format!("{value}\n"));
    assert_eq!(home.fetch("age:~/token.age#~/key.txt", "").as_ref(), Ok(&value));
    home.run("age-keygen", &["-o", "other.txt"], "");
    let wrong = home.fetch("age:~/token.age#~/other.txt", "").expect_err("another key");
    assert!(wrong.contains("the file is not encrypted to this key"), "{wrong}");
    let wrong = home.fetch("age:~/token.age", "").expect_err("no key");
    assert!(wrong.contains("age:FILE#KEYFILE"), "{wrong}");
    fs::create_dir_all(home.path().join(".config/age")).expect("a folder");
    fs::rename(home.path().join("key.txt"), home.path().join(".config/age/keys.txt")).expect("moved");
    assert_eq!(home.fetch("age:~/token.age", "").as_ref(), Ok(&value));
}

#[test]
fn a_command_that_asks_on_the_terminal_is_ended() {
    needs("script", "bsdutils");
    let home = Home::new();
    fs::create_dir_all(home.path().join(".config/stanch")).expect("a folder");
    let preset = "[sources.preset.asks]\nrun = [\"sh\", \"-c\", \"read answer < /dev/tty\"]\nseconds = 300\n";
    fs::write(home.path().join(".config/stanch/config.toml"), preset).expect("a file");
    let command = format!("{} list --check command:asks", Home::stanch_path().display());
    // `script` gives it a terminal of its own.
    let output = home.command("script", &["-qec", &command, "/dev/null"]).stdin(std::process::Stdio::null()).output();
    let said = String::from_utf8_lossy(&output.expect("it runs").stdout).into_owned();
    assert!(said.contains("sh asks for something on the terminal, and was ended; unlock it first"), "{said}");
}
