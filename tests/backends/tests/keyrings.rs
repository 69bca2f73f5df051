//! `stanch store`, `list` and `forget` with a real gnome-keyring and with the kernel's keyring, and what they say where there
//! is none, or it is locked, or it does not answer.

use std::fs;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use stanch_backends::secret_service::Bus;
use stanch_backends::{Home, made_up, needs};

#[test]
fn what_is_stored_in_gnome_keyring_is_there_until_it_is_forgotten() {
    needs("secret-tool", "libsecret-tools");
    let mut home = Home::new();
    let mut bus = Bus::start(&mut home);
    bus.keyring(&home, true);
    let (first, second) = (made_up("first"), made_up("second"));

    let said = home.stanch(&["list"], "");
    assert!(said.out.contains("nothing is stored yet"), "{}", said.all());
    let said = home.stanch(&["store", "agents/github"], &format!("{first}\n"));
    assert_eq!(
        said.out,
        format!("stored, {} bytes; its source is keyring:agents/github\n", first.len()),
        "{}",
        said.all()
    );
    // Another program finds it by the same attributes.
    let lookup = ["lookup", "service", "stanch", "username", "agents/github"];
    assert_eq!(home.run("secret-tool", &lookup, ""), first);

    let said = home.stanch(&["store", "agents/github"], &second);
    assert_eq!((said.code, said.err.contains("--force agents/github` replaces it")), (2, true), "{}", said.all());
    assert_eq!(home.run("secret-tool", &lookup, ""), first);
    let said = home.stanch(&["store", "--force", "agents/github"], &second);
    assert_eq!(said.code, 0, "{}", said.all());
    assert_eq!(home.run("secret-tool", &lookup, ""), second);

    let said = home.stanch(&["list", "--check"], "");
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.contains("agents/github  keyring:agents/github  just now"), "{}", said.out);
    assert!(said.out.contains(&format!("never           ok, {} bytes", second.len())), "{}", said.out);
    let said = home.stanch(&["list", "--json"], "");
    for expected in ["\"name\": \"agents/github\"", "\"source\": \"keyring:agents/github\"", "\"created\": \"20"] {
        assert!(said.out.contains(expected), "{}", said.out);
    }
    for value in [&first, &second] {
        assert_eq!(home.files_with(value), Vec::<std::path::PathBuf>::new(), "a value stands in a file");
        assert!(!said.all().contains(value.as_str()));
    }

    let said = home.stanch(&["forget", "agents/github"], "");
    assert!(said.out.starts_with("forgotten"), "{}", said.all());
    assert!(!home.command("secret-tool", &lookup).output().expect("it runs").status.success());
    let said = home.stanch(&["forget", "agents/github"], "");
    assert_eq!((said.code, said.err.contains("there is no credential of that name")), (2, true), "{}", said.all());

    // What others have stored; and a name that the index has lost.
    let value = made_up("other");
    let label = ["store", "--label=x"];
    home.run("secret-tool", &[&label[..], &["service", "gh:github.com", "username", "octocat"]].concat(), &value);
    let said = home.stanch(&["list", "--check", "keyring://gh:github.com/octocat", "keyring:nosuch"], "");
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.out.contains(&format!("keyring://gh:github.com/octocat  ok, {} bytes", value.len())), "{}", said.out);
    assert!(said.out.contains("! the keyring has no such entry; `stanch store NAME`"), "{}", said.out);
    home.run("secret-tool", &[&label[..], &["service", "stanch", "username", "lost"]].concat(), &value);
    let said = home.stanch(&["forget", "lost"], "");
    assert!(said.out.contains("though the index did not know it"), "{}", said.all());
}

#[test]
fn a_locked_keyring_is_refused_at_once_where_no_dialog_can_be_shown() {
    let mut home = Home::new();
    let mut bus = Bus::start(&mut home);
    bus.keyring(&home, true);
    let value = made_up("locked");
    assert_eq!(home.stanch(&["store", "x"], &value).code, 0);
    bus.keyring(&home, false);
    for arguments in [&["list", "--check"][..], &["store", "y"], &["store", "--force", "x"], &["forget", "x"]] {
        let said = home.stanch(arguments, "something else");
        assert_ne!(said.code, 0, "{arguments:?}: {}", said.all());
        assert!(said.all().contains("the keyring is locked, and there is no display"), "{arguments:?}: {}", said.all());
        assert!(said.all().contains("unlock it"), "{arguments:?}: {}", said.all());
        assert!(said.took < Duration::from_secs(30), "{arguments:?}: {:?}", said.took);
    }
    // With a display it is tried; here nobody can show the dialog, and the keyring says so itself.
    home.set("DISPLAY", ":99");
    let said = home.stanch(&["list", "--check"], "");
    assert!(said.out.contains("the keyring is locked, or its dialog was closed without a password"), "{}", said.all());
    bus.keyring(&home, true);
    let said = home.stanch(&["list", "--check"], "");
    assert!(said.out.contains(&format!("ok, {} bytes", value.len())), "{}", said.all());
}

#[test]
fn without_a_keyring_the_kernels_is_used_and_that_is_said() {
    let mut home = Home::new();
    let name = made_up("test");
    let mut bus = None;
    for why in ["there is no D-Bus session", "no keyring (Secret Service) answers"] {
        let said = home.stanch(&["store", "--force", "--in", "keyring", &name], "value");
        assert_eq!(said.code, 2, "{}", said.all());
        assert!(said.err.contains(why) && said.err.contains("use keyutils:"), "{}", said.err);
        assert!(said.took < Duration::from_secs(30), "{:?}", said.took);
        let said = home.stanch(&["store", "--force", &name], "value");
        assert_eq!(said.code, 0, "{}", said.all());
        assert!(said.out.contains(&format!("its source is keyutils:{name}")), "{}", said.out);
        assert!(
            said.out.contains("because there is no desktop's keyring here: it is lost at a reboot"),
            "{}",
            said.out
        );
        bus = bus.or_else(|| Some(Bus::start(&mut home)));
    }
    let said = home.stanch(&["forget", &name], "");
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn a_bus_that_does_not_answer_is_not_waited_for() {
    let mut home = Home::new();
    let socket = home.path().join("run/silent");
    let _listens = UnixListener::bind(&socket).expect("a socket");
    home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
    let said = home.stanch(&["list", "--check", "keyring:x"], "");
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.out.contains("the keyring has not answered within 10 seconds; unlock it"), "{}", said.all());
    assert!(said.err.contains("waiting for keyring:x since "), "{}", said.err);
    assert!(said.took < Duration::from_secs(60), "{:?}", said.took);
}

#[test]
fn the_kernels_keyring_keeps_a_value_from_one_process_to_the_next() {
    needs("keyctl", "keyutils");
    let home = Home::new();
    let (name, value) = (made_up("test"), made_up("kernel"));
    let said = home.stanch(&["store", "--in", "keyutils", &name], &value);
    assert_eq!(said.code, 0, "{}", said.all());
    let source = format!("keyutils:{name}");
    // Without a session keyring, and with a new one, which is what a service or a cron job has.
    let said = home.stanch(&["list", "--check"], "");
    assert!(said.out.contains(&format!("ok, {} bytes", value.len())), "{}", said.all());
    let stanch = Home::stanch_path().to_str().expect("a path");
    let listed = home.run("keyctl", &["session", "-", stanch, "list", "--check", &source], "");
    assert!(listed.contains(&format!("{source}  ok, {} bytes", value.len())), "{listed}");
    assert_eq!(home.fetch(&source, "").as_ref(), Ok(&value));
    assert_eq!(home.files_with(&value), Vec::<std::path::PathBuf>::new());
    // It has no settings here but its own.
    assert!(fs::metadata(home.path().join(".local/state/stanch/credentials.json")).is_ok());
    let said = home.stanch(&["forget", &name], "");
    assert_eq!(said.code, 0, "{}", said.all());
    let wrong = home.fetch(&source, "").expect_err("forgotten");
    assert!(wrong.contains("the kernel's keyring has no such entry (it is empty after a reboot"), "{wrong}");
}

#[test]
fn a_value_on_the_command_line_is_refused_and_not_shown() {
    let home = Home::new();
    let value = made_up("argument");
    let token = ["ghp", "_k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat();
    let assigned = format!("github={value}");
    let option = format!("--value={value}");
    for arguments in [
        &["store", "github", &value][..],
        &["store", "github", "--", &value],
        &["store", "github", &option],
        &["store", "github", "--value", &value],
        &["store", "--value", &value, "github"],
        &["store", &assigned],
        &["store", &token],
        &["list", "--check", &value],
    ] {
        let said = home.stanch(arguments, "");
        assert_ne!(said.code, 0, "{arguments:?}");
        assert!(!said.all().contains(&value) && !said.all().contains(&token), "{arguments:?}: {}", said.all());
    }
    for arguments in [&["store", "github", &value][..], &["store", &assigned]] {
        let said = home.stanch(arguments, "");
        assert!(
            said.err.contains("every process on this machine can read it") && said.err.contains("revoke"),
            "{}",
            said.err
        );
    }
    for (input, expected) in
        [("", "no value came"), ("\n", "no value came"), ("stanch_github_pat\n", "is a placeholder")]
    {
        let said = home.stanch(&["store", "github"], input);
        assert_eq!((said.code, said.err.contains(expected)), (2, true), "{}", said.all());
    }
}

#[test]
fn what_is_typed_is_not_shown() {
    needs("python3", "python3");
    let home = Home::new();
    let (name, value) = (made_up("test"), made_up("typed"));
    // A terminal of its own; the value is typed when it is asked for.
    let typist = "import os, pty, sys\n\
                  pid, fd = pty.fork()\n\
                  if pid == 0: os.execv(sys.argv[1], sys.argv[1:4] + ['--in', 'keyutils'])\n\
                  said = b''\n\
                  while b'(not shown): ' not in said: said += os.read(fd, 1024)\n\
                  os.write(fd, sys.argv[4].encode() + b'\\n')\n\
                  try:\n\
                  \x20   while True: said += os.read(fd, 1024) or sys.exit('closed')\n\
                  except OSError: print(said.decode())\n";
    let stanch = Home::stanch_path().to_str().expect("a path");
    let said = home.run("python3", &["-c", typist, stanch, "store", &name, &value], "");
    assert!(said.contains(&format!("stored, {} bytes", value.len())) && !said.contains(&value), "{said}");
    assert_eq!(home.fetch(&format!("keyutils:{name}"), "").as_ref(), Ok(&value));
    assert_eq!(home.stanch(&["forget", &name], "").code, 0);
}
